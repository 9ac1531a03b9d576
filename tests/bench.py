"""How long the pages that people wait for take: `make bench`.

On PostgreSQL and on SQLite, with 50 members and half a year of their hours. Each figure is a median, and stands beside
two others of the same run and database: an empty view behind the same sign-in, and the bare statement that the page
could not do without. The ratios mean something on any machine; the milliseconds only on this one.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

DATABASES = ("postgresql", "sqlite")
TIMES = 40
WEEKS = 26
MEMBERS = 50
ROWS = 20


def main() -> None:
    """Measure each database in a process of its own: Django knows one."""
    with tempfile.TemporaryDirectory(prefix="retour-bench-") as folder:
        urls = {"postgresql": os.environ["TEST_DATABASE_URL"], "sqlite": f"sqlite:///{Path(folder) / 'bench.sqlite3'}"}
        for name in DATABASES:
            environment = {**os.environ, "TEST_DATABASE_URL": urls[name]}
            subprocess.run([sys.executable, "-m", "tests.bench", name], env=environment, check=True)


def measure(name: str) -> None:
    """Make a database with the data, print the figures, and take the database away."""
    import tests.environment  # noqa: F401  (before Django reads its settings)

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import override_settings

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = connection.settings_dict["NAME"]  # a file, not memory
    kept = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        with override_settings(ROOT_URLCONF="tests.bench_urls"):
            report(name, Bench())
    finally:
        connection.creation.destroy_test_db(kept, verbosity=0)


def report(name: str, bench: "Bench") -> None:
    empty = bench.median(lambda: bench.get("/nothing"))
    upsert = bench.median(bench.upsert)
    raw_sum = bench.median(bench.raw_sum)
    print(f"\n{name}: {bench.entries:,} entries; medians of {TIMES}")
    print(f"{'':42}{'ms':>9}{'x empty view':>15}{'x bare statement':>19}")

    def line(what: str, seconds: float, bare: float | None = None) -> None:
        ratio = f"{seconds / bare:19.1f}" if bare else f"{'':19}"
        print(f"{what:42}{seconds * 1000:9.2f}{seconds / empty:15.1f}{ratio}")

    line("an empty view, signed in", empty)
    line("the raw upsert of one entry", upsert)
    line("the raw sum over entries by platform", raw_sum)
    line("save of a cell", bench.median(bench.save), upsert)
    line("the grid, 20 rows x 7 days", bench.median(lambda: bench.get(bench.week_page)), upsert)
    in_queries, elsewhere = bench.split(lambda: bench.get(bench.week_page))
    line("  of which in the database", in_queries)
    line("  of which elsewhere: Python and templates", elsewhere)
    line("  reading and arranging it, alone", bench.median(bench.build))
    line("  the template of its rows, alone", bench.median(bench.rows))
    line("the dashboard", bench.median(lambda: bench.get("/")), raw_sum)
    line("the drain of one changed entry", bench.median(bench.drain, before=bench.change), raw_sum)


class Bench:
    """The data, and what is measured on it."""

    def __init__(self) -> None:
        from django.test import Client

        from core.weeks import Week
        from reports.attribution import rollups
        from tests import factories
        from timesheets.models import TimeEntry

        self.last = Week(date(2026, 11, 16))
        self.week_page = f"/hours/{self.last}/"
        self.platforms = [factories.PlatformFactory() for _each in range(5)]
        self.campaigns = [factories.CampaignFactory() for _each in range(4)]
        members = [factories.RateFactory(member__role="director").member for _each in range(MEMBERS)]
        self.member = members[0]
        for member in members:
            self.log_hours(member)
        self.entries = TimeEntry.objects.count()
        self.entry = TimeEntry.objects.filter(member=self.member, week=self.last.monday).first()
        rollups.rebuild()
        self.analyse()
        self.client = Client()
        self.client.force_login(self.member)
        self.count = 0
        self.seen = self.entry.etag

    def log_hours(self, member: Any) -> None:
        """Twenty rows on each day of the last week for the one who looks; two rows a workday for everybody else."""
        from timesheets.models import TimeEntry, stamp

        places = [(platform, campaign) for platform in self.platforms for campaign in self.campaigns]
        entries = []
        for offset in range(WEEKS):
            week = self.last.plus(-offset)
            is_full = member == self.member and offset == 0
            for day in week.days if is_full else week.days[:5]:
                rows = places if is_full else [places[(member.pk + offset) % ROWS], places[(member.pk * 7) % ROWS]]
                for platform, campaign in dict.fromkeys(rows):
                    entries.append(TimeEntry(member=member, day=day, platform=platform, campaign=campaign, minutes=45))
        stamp(entries)
        TimeEntry.objects.bulk_create(entries, batch_size=2000)

    def analyse(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    # -- one turn of each ---------------------------------------------------------------------------------------------

    def get(self, path: str) -> None:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    def build(self) -> None:
        from timesheets import grid

        self.grid = grid.build(member=self.member, week=self.last, today=self.last.sunday)

    def rows(self) -> None:
        from django.template.loader import render_to_string

        render_to_string("timesheets/_rows.html", {"grid": self.grid, "rows": self.grid.rows, "locked": False})

    def save(self) -> None:
        self.count += 1
        entry = self.entry
        sent = {"platform": entry.platform_id, "campaign": entry.campaign_id, "d0": f"0:{1 + self.count % 50:02}"}
        answer = self.client.post(f"{self.week_page}cell", sent | {"note": str(self.count), "seen": self.seen})
        assert answer.status_code == 200, answer.content
        self.seen = json.loads(answer["HX-Trigger"])["hours:saved"]["tag"]

    def upsert(self) -> None:
        """What a save comes down to, in the same table with the same triggers and indexes."""
        from django.db import connection

        self.count += 1
        entry, day = self.entry, self.last.plus(1).monday
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO timesheets_timeentry "
                "(member_id, day, week, platform_id, campaign_id, minutes, hourly_cents, note, version) "
                "VALUES (%s, %s, %s, %s, %s, %s, 4000, '', 1) "
                "ON CONFLICT (member_id, day, platform_id, campaign_id) "
                "DO UPDATE SET minutes = excluded.minutes, version = timesheets_timeentry.version + 1",
                [entry.member_id, day, day, entry.platform_id, entry.campaign_id, 1 + self.count % 50],
            )

    def raw_sum(self) -> None:
        from django.db import connection

        first = self.last.monday - timedelta(weeks=13)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT platform_id, SUM(minutes), SUM(minutes * hourly_cents) FROM timesheets_timeentry "
                "WHERE week >= %s GROUP BY platform_id",
                [first],
            )
            assert len(cursor.fetchall()) == len(self.platforms)

    def change(self) -> None:
        from timesheets.models import TimeEntry

        self.count += 1
        TimeEntry.objects.filter(pk=self.entry.pk).update(minutes=1 + self.count % 50)

    def drain(self) -> None:
        from reports.attribution import rollups

        assert rollups.drain(), "nothing was stale"

    # -- timing -------------------------------------------------------------------------------------------------------

    def median(self, turn: Callable[[], object], *, before: Callable[[], object] = lambda: None) -> float:
        """Seconds of one turn, after a few that only warm up; `before` each is not counted."""
        seconds = []
        for _each in range(TIMES + 3):
            before()
            started = time.perf_counter()
            turn()
            seconds.append(time.perf_counter() - started)
        return statistics.median(seconds[3:])

    def split(self, turn: Callable[[], object]) -> tuple[float, float]:
        """The median seconds of a turn that pass in the database, and the rest."""
        from django.db import connection

        spent: list[float] = []

        def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return execute(*arguments)
            finally:
                spent[-1] += time.perf_counter() - started

        whole = []
        with connection.execute_wrapper(timed):
            for _each in range(TIMES):
                spent.append(0.0)
                started = time.perf_counter()
                turn()
                whole.append(time.perf_counter() - started)
        return statistics.median(spent), statistics.median(a - b for a, b in zip(whole, spent, strict=True))


if __name__ == "__main__":
    measure(sys.argv[1]) if sys.argv[1:] else main()
