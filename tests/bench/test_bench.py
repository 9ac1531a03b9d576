"""The half of the bench that no other work of the machine can change: rows, figures, statements, what it says."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.db.models import F, Sum

from campaigns.models import StaleMark
from reports.models import CampaignWeek, Credit, PlatformWeek, Verdict
from tests.bench import __main__ as bench
from tests.bench import bare_save, correctness, figures, judged, kills, pages, phase, table, world
from tests.bench.figures import drains, rebuilds
from tests.bench.generator import PAGE_ROWS, Generator
from tests.bench.proportions import Calendar, Proportions
from tests.bench.rounds import Measured, Round, Slot, Work, count_statements, measure
from timesheets.models import TimeEntry

LAST = date(2026, 11, 16)
THE_WEEK_AFTER = datetime(2026, 11, 24, 10, tzinfo=UTC)
TINY = Proportions("tiny", people=2, platforms=3, campaigns=10, weeks=40)
# At most so many in one turn, however much is stored.
STATEMENTS = {
    "entries": 2,
    "drain_one_entry": 8,
    "drain_1000_cells": 12,
    "drain_spread_cells": 12,
    "drain_in_a_crowded_week": 8,
    "week_page": 9,  # seven, and the settings with their days, which no test remembers
    "save": 6,
    "dashboard": 14,
    "explain": 15,
    "search": 15,
    "search_everything": 10,
    "find_leads": 2,  # on SQLite its index is asked first
    "team_page": 15,
}
WORKS = figures.WORKS | pages.WORKS
DRAINS = ("drain_one_entry", "drain_1000_cells", "drain_spread_cells", "drain_in_a_crowded_week")


@pytest.fixture
def tiny(db, monkeypatch):
    monkeypatch.setattr(world, "SAVERS", 1)
    with time_machine.travel(THE_WEEK_AFTER):
        yield world.fill(TINY, LAST)


# -- the data ---------------------------------------------------------------------------------------------------------


def test_ten_million_hours_are_those_of_two_thousand_people():
    size = Proportions.of("10m")
    assert (size.people, size.platforms, size.campaigns, size.weeks) == (2_000, 12, 200, 260)
    assert (size.leads, size.sales) == (300_000, 56_000)


@pytest.mark.parametrize("text", ["", "m", "10", "1.5m", "0k", "-1m", "10g"])
def test_what_is_no_size_is_refused_with_examples(text):
    with pytest.raises(ValueError, match="Write 100k, 1m or 10m"):
        Proportions.of(text)


@pytest.mark.parametrize(("name", "value"), [("SIZE", "10g"), ("DATABASES", "postgresql,mysql")])
def test_who_asks_for_what_there_is_not_is_told_before_anything_is_filled(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"{name}: .*is n"):
        bench.asked()


def test_a_work_that_there_is_not_is_refused_with_all_names(monkeypatch):
    monkeypatch.setenv("ONLY", "save,sve")
    with pytest.raises(SystemExit, match="nothing is called sve. There are entries, drain_one_entry"):
        phase.works_asked()


def test_the_rows_are_always_the_same():
    first, second = (Generator(TINY, Calendar(LAST, TINY.weeks)) for _each in range(2))
    assert list(first.hours(0, TINY.weeks - 1)) == list(second.hours(0, TINY.weeks - 1))
    assert list(first.leads()) == list(second.leads())
    assert list(first.touches()) == list(second.touches())
    assert list(first.sales()) == list(second.sales())


def test_a_week_is_made_alone_as_it_is_among_the_others():
    generator = Generator(TINY, Calendar(LAST, TINY.weeks))
    monday = generator.calendar.monday(7)
    assert list(generator.hours(7, 7)) == [row for row in generator.hours(0, 20) if row.monday == monday]


def test_the_first_persons_last_week_has_fourteen_rows(tiny):
    mine = TimeEntry.objects.filter(member=tiny.people[0], week=LAST)
    assert mine.values("platform", "campaign").distinct().count() == PAGE_ROWS


# -- correctness ------------------------------------------------------------------------------------------------------


def test_the_figures_of_a_filled_database_are_right(tiny):
    fingerprint = correctness.check(tiny)
    assert fingerprint["entries"] == TimeEntry.objects.count()
    assert fingerprint["minutes"] == TimeEntry.objects.minutes()


def test_a_cell_with_other_minutes_is_told(tiny):
    TimeEntry.objects.filter(pk=TimeEntry.objects.first().pk).update(minutes=1)
    drains.drained()
    with pytest.raises(correctness.WrongFigures, match="1 cells have other hours"):
        correctness.check(tiny)


def test_a_total_that_is_a_cent_off_is_told(tiny):
    row = PlatformWeek.objects.filter(basis="cash", revenue_linear__gt=0).first()
    row.revenue_linear += 1
    row.save()
    with pytest.raises(correctness.WrongFigures, match="PlatformWeek, cash: revenue_linear is"):
        correctness.check(tiny)


def test_marks_that_are_left_are_told(tiny):
    TimeEntry.objects.filter(pk=TimeEntry.objects.first().pk).update(note="changed")
    with pytest.raises(correctness.WrongFigures, match="Marks are left"):
        correctness.check(tiny)


def test_databases_that_differ_are_told():
    same = {"entries": 3, "minutes": 90}
    assert bench.what_is_wrong({"postgresql": same, "sqlite": same}) == ""
    other = bench.what_is_wrong({"postgresql": same, "sqlite": same | {"minutes": 91}})
    assert other == "minutes is 90 on postgresql and 91 on sqlite."
    assert bench.what_is_wrong({"sqlite": {"wrong": "Marks are left."}}) == "sqlite: Marks are left."


# -- the works --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_work_sends_few_statements(tiny, name):
    work = WORKS[name](tiny)
    with work.around():
        count_statements(work)  # what a process asks once
        assert count_statements(work) <= STATEMENTS[name]


def test_the_dashboard_is_measured_with_all_that_it_shows(tiny):
    reader = pages.Reader(tiny)
    work = pages.dashboard(tiny)
    page = reader.client.get("/").content.decode()
    for shown in (
        "Judged on",
        "above its limit",
        "Trial of",
        "budget of hours is used",
        "has had no cost rate",
        "Keeping",
    ):
        assert shown in page, shown
    pages.dashboard(tiny)  # what was judged is not judged again
    assert Verdict.objects.values("week").distinct().count() == judged.WEEKS
    work.system()


@pytest.mark.parametrize("name", [*DRAINS, "credits", "credits_anew", "import"])
def test_a_work_and_its_floor_leave_right_figures(tiny, name):
    work = WORKS[name](tiny)
    with work.around():
        for _each in range(2):
            work.before()
            work.system()
            work.before_floor()
            with work.inside_floor():
                work.floor()
    drains.settle()
    rebuilds.rebuilt()


def test_spread_cells_are_of_all_weeks(tiny, monkeypatch):
    monkeypatch.setattr(drains, "CELLS", 80)
    work = drains.drain_spread_cells(tiny)
    work.before()
    assert work.units == 80
    assert StaleMark.objects.values("week_from").distinct().count() == TINY.weeks


def test_the_floor_of_a_rebuild_bears_entries_outside_its_weeks(tiny):
    entry = TimeEntry.objects.order_by("pk").first()
    for days in (-70, 70 + 7 * TINY.weeks):
        entry.pk, entry.day = None, tiny.generator.calendar.first + timedelta(days=days)
        entry.save()
    drains.settle()
    minutes, labour = rebuilds.hours_by_place(rebuilds.Places.read())
    assert minutes.sum() == TimeEntry.objects.minutes()
    assert labour.sum() == CampaignWeek.objects.filter(basis="cash").aggregate(sum=Sum("labour_cent_minutes"))["sum"]


# -- kills ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_kills_leave_right_figures(monkeypatch):
    monkeypatch.setattr(world, "SAVERS", 1)
    counts = kills.killed(world.fill(TINY, LAST), 10)
    assert counts["killed_drains"] + counts["killed_rebuilds"] <= 10
    assert (counts["cells"], counts["credits"]) == (CampaignWeek.objects.count(), Credit.objects.count())


@pytest.mark.django_db(transaction=True)
def test_a_figure_that_kills_spoil_is_told(monkeypatch):
    monkeypatch.setattr(world, "SAVERS", 1)
    world.fill(TINY, LAST)
    CampaignWeek.objects.filter(minutes__gt=0).update(minutes=F("minutes") + 1)
    with pytest.raises(AssertionError, match="Hours differ"):
        kills.compared()


# -- rounds and what they say -----------------------------------------------------------------------------------------


def a_round(*floors: float, system: float = 6.0) -> Round:
    return Round((Slot(floors[0], 0.0), Slot(floors[1], 0.0)), (Slot(system, 0.0),) * 2, 0)


def test_a_round_whose_floor_drifts_by_a_fifth_is_void():
    assert not a_round(1.0, 1.19).is_void
    assert a_round(1.0, 1.21).is_void
    assert a_round(1.21, 1.0).is_void


def a_measured(monkeypatch, *tried: Round, once: bool = False) -> Measured:
    rounds = iter(tried)
    monkeypatch.setattr("tests.bench.rounds.one_round", lambda *_arguments: next(rounds))
    monkeypatch.setattr("tests.bench.rounds.count_statements", lambda _work: 4)
    work = Work("save", "an empty view", system=lambda: None, floor=lambda: None, units=10, unit="saves", once=once)
    monkeypatch.setattr("tests.bench.rounds.turns_of", lambda _once: 1)
    return measure(work, size="1m", entries=1_000_000, database="sqlite")


def test_the_ratio_is_the_median_of_the_rounds_that_stand(monkeypatch):
    void = a_round(1.0, 2.0, system=90.0)
    result = a_measured(monkeypatch, void, *(a_round(1.0, 1.0, system=system) for system in (5.0, 4.0, 7.0, 3.0, 40.0)))
    assert (result.ratio, result.rounds, result.rounds_tried, result.is_void) == (5.0, 5, 6, False)
    assert result.per_second == 2.0


def test_what_is_done_once_is_done_again_where_its_floors_differed(monkeypatch):
    result = a_measured(monkeypatch, a_round(1.0, 2.0), a_round(1.0, 1.0), once=True)
    assert (result.ratio, result.rounds_tried, result.is_void) == (6.0, 2, False)
    assert a_measured(monkeypatch, *[a_round(1.0, 2.0)] * 2, once=True).is_void


def test_what_is_void_is_printed_as_void_and_never_as_a_figure(monkeypatch):
    result = a_measured(monkeypatch, *[a_round(1.0, 2.0)] * 20)
    assert (result.is_void, result.ratio, result.floor, result.system, result.per_second) == (True, *[None] * 4)
    assert table.line(result).split() == ["save", "void", "-", "-", "-", "4", "0/20"]


def test_the_file_is_a_list_of_objects_with_what_a_program_reads(monkeypatch, tmp_path):
    result = a_measured(monkeypatch, *[a_round(1.0, 1.0)] * 5)
    table.keep([vars(result)], tmp_path / "var" / "bench.json")
    (kept,) = json.loads((tmp_path / "var" / "bench.json").read_text())
    expected = {"work": "save", "size": "1m", "database": "sqlite", "ratio": 6.0, "floor": 1000.0, "statements": 4}
    assert expected.items() <= kept.items()
    assert "an empty view" in table.show([kept])


def test_each_work_that_the_file_promises_is_measured():
    promised = {"entries", *DRAINS, "credits", "rebuild", "import", "evaluation"}
    promised |= {"week_page", "save", "dashboard", "explain", "search", "find_leads", "team_page"}
    assert promised <= WORKS.keys()


def test_the_statements_of_a_save_are_recorded_from_its_lock_to_its_version(tiny):
    recorded = bare_save.recorded(pages.SavedCell(pages.Reader(tiny).client, tiny).save)
    asked = [sql for sql, _values in recorded if "SAVEPOINT" not in sql]  # of the test's own transaction
    locks = [number for number, sql in enumerate(asked) if bare_save.OF_A_LOCK in sql]
    assert locks == ([len(asked) - 4] if connection.vendor == "postgresql" else [])  # then state, entry and version
    assert asked[-1].startswith('INSERT INTO "timesheets_historicaltimeentry"')
