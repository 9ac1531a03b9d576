"""The works that people wait for: pages, and the save of a cell, asked of the app in this process."""

import json
from collections.abc import Callable

from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client

from campaigns.models import Lead
from campaigns.views.leads import LEADS
from core.lists import ROWS_A_PAGE
from tests.bench import judged
from tests.bench.figures.bare import date_literal, read
from tests.bench.figures.drains import settle
from tests.bench.generator import name_of
from tests.bench.rounds import Work
from tests.bench.world import World
from timesheets.models import TimeEntry

EMPTY = "an empty signed-in view"
# What a save comes down to, in the same table with the same triggers and indexes.
UPSERT = (
    "INSERT INTO timesheets_timeentry "
    "(member_id, day, week, platform_id, campaign_id, minutes, hourly_cents, note, version) "
    "VALUES (%s, %s, %s, %s, %s, %s, 4000, '', 1) ON CONFLICT (member_id, day, platform_id, campaign_id) "
    "DO UPDATE SET minutes = excluded.minutes, version = timesheets_timeentry.version + 1"
)
SUMS_OF_WEEKS = (
    "SELECT platform_id, SUM(minutes), SUM(labour_cent_minutes), SUM(leads_linear), SUM(revenue_linear) "
    "FROM reports_platformweek WHERE week >= {first} AND basis = 'cash' GROUP BY platform_id"
)
SUMS_OF_PEOPLE = (
    "SELECT member_id, platform_id, SUM(minutes) FROM timesheets_timeentry WHERE week = {week} GROUP BY 1, 2"
)
ROWS_OF_WEEK = "SELECT * FROM timesheets_timeentry WHERE week = {week} ORDER BY day, id LIMIT 50"
LEAD = "SELECT * FROM campaigns_lead WHERE id = {number}"


class Reader:
    """The director, signed in, who also logs hours."""

    def __init__(self, world: World) -> None:
        settle()
        self.world, self.client = world, Client()
        self.client.force_login(world.director)

    def get(self, path: str) -> None:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    def page(self, name: str, path: str, statement: str = "", statement_is: str = "") -> Work:
        """A page beside an empty view, and beside the statement that it could not do without."""

        def floor() -> None:
            self.get("/nothing")
            if statement:
                read(statement)

        floor_is = f"{EMPTY} and {statement_is}" if statement else EMPTY
        return Work(name, floor_is, lambda: self.get(path), floor)

    def saving(self) -> Work:
        cell = SavedCell(self.client, self.world)

        def floor() -> None:
            self.get("/nothing")
            cell.upsert()

        return Work("save", f"{EMPTY} and the raw upsert, committed", cell.save, floor)


class SavedCell:
    """A cell of the week page, the first or the one of this number, saved again and again, each time another value."""

    def __init__(self, client: Client, world: World, number: int = 0) -> None:
        mine = TimeEntry.objects.filter(member=world.people[0], week=world.last_week.monday).order_by("day", "pk")
        self.entry, self.other = mine[number : number + 2]
        self.client, self.path = client, f"/hours/{world.last_week}/cell"
        self.count, self.seen = 0, self.entry.etag

    def save(self) -> None:
        self.count += 1
        place = {"platform": self.entry.platform_id, "campaign": self.entry.campaign_id, "seen": self.seen}
        answer = self.client.post(self.path, {**place, "d0": f"0:{1 + self.count % 50:02}", "note": str(self.count)})
        assert answer.status_code == 200, answer.content
        self.seen = json.loads(answer["HX-Trigger"])["hours:saved"]["tag"]

    def upsert(self) -> None:
        self.count += 1
        other = self.other
        place = [other.member_id, other.day, other.week, other.platform_id, other.campaign_id]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(UPSERT, [*place, 1 + self.count % 50])


# -- the works --------------------------------------------------------------------------------------------------------


def week_page(world: World) -> Work:
    return Reader(world).page("week_page", f"/hours/{world.last_week}/")


def save(world: World) -> Work:
    return Reader(world).saving()


def dashboard(world: World) -> Work:
    """With all that there is to show on it, in an agency that was judged each Monday."""
    judged.judge(world)
    first = date_literal(world.last_week.plus(-12).monday)
    return Reader(world).page("dashboard", "/", SUMS_OF_WEEKS.format(first=first), "the bare sums of its weeks")


def explain(world: World) -> Work:
    rows = ROWS_OF_WEEK.format(week=date_literal(world.last_week.monday))
    return Reader(world).page("explain", "/explain/?figure=cost", rows, "50 rows by index")


def search(world: World) -> Work:
    return _searched(world, "search", "/leads/")


def search_everything(world: World) -> Work:
    return _searched(world, "search_everything", "/search/")


def _searched(world: World, name: str, path: str) -> Work:
    number = world.generator.size.leads // 2
    words = name_of(number).replace(" ", "+")
    return Reader(world).page(name, f"{path}?q={words}", LEAD.format(number=number), "a bare indexed look-up")


def find_leads(world: World) -> Work:
    """What a search asks of the database, without the page around it."""
    number = world.generator.size.leads // 2
    asked = LEADS.read(QueryDict(f"q={name_of(number).replace(' ', '+')}"))

    def found() -> None:
        assert list(LEADS.narrowed(Lead.objects.all(), asked).values_list("pk")[:ROWS_A_PAGE])

    return Work(
        "find_leads", "a look-up of one lead by its index", found, lambda: Lead.objects.values_list("pk").get(pk=number)
    )


def team_page(world: World) -> Work:
    sums = SUMS_OF_PEOPLE.format(week=date_literal(world.last_week.monday))
    return Reader(world).page("team_page", f"/team/?week={world.last_week}", sums, "one grouped statement")


WORKS: dict[str, Callable[[World], Work]] = {
    each.__name__: each
    for each in (week_page, save, dashboard, explain, search, search_everything, find_leads, team_page)
}
