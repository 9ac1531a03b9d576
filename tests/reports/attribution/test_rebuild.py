"""The rebuild goes on batch by batch: it tells how far it is, keeps what it put right, and finds nothing twice."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from campaigns.models import JobRun, Lead, StaleMark
from core.weeks import Week
from operations import jobs
from operations.job_status import STEPS
from reports.attribution import cell_sums, rollups
from reports.attribution.sums import SUM_COLUMNS
from reports.models import CampaignWeek, Credit, PlatformWeek
from tests import factories
from tests.killing import KILLED, die, how_it_ended, worker
from tests.reports.attribution import recount
from tests.reports.attribution.changing import World, mark_everything
from tests.reports.attribution.plain_credits import all_credits, stored_credits

MONDAY = date(2026, 11, 16)
TABLES = (CampaignWeek, PlatformWeek, Credit)


def content() -> list[set[tuple]]:
    """Both rollups and the credits, without their numbers."""
    columns = {
        table: [field.attname for field in table._meta.concrete_fields if not field.primary_key] for table in TABLES
    }
    return [set(table.objects.values_list(*columns[table])) for table in TABLES]


def rows() -> list[set[tuple]]:
    return [set(table.objects.values_list()) for table in TABLES]


@pytest.fixture
def settled(db) -> World:
    world = World()
    rollups.drain()
    recount.check()
    return world


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(rollups, "LEADS_AT_ONCE", 2)
    monkeypatch.setattr(rollups, "MARKS_AT_ONCE", 3)
    monkeypatch.setattr(rollups, "WEEKS_AT_ONCE", 1)


@pytest.mark.django_db
def test_a_second_rebuild_writes_nothing(settled, small_batches):
    before = rows()
    assert rollups.rebuild() == []
    assert rollups.rebuild() == []
    assert rows() == before


@pytest.fixture
def told(monkeypatch) -> list[tuple]:
    """What the row of the job was told: step, done, of, and what differed so far."""
    told = []
    report = JobRun.report

    def reported(name: str, **progress) -> None:
        report(name, **progress)
        told.append(tuple(progress[key] for key in ("step", "done", "of", "detail")))

    monkeypatch.setattr(JobRun, "report", reported)
    return told


@pytest.mark.django_db
def test_it_tells_how_far_it_is(settled, small_batches, told):
    rollups.rebuild()
    leads, weeks = Lead.objects.count(), len(rollups._all_weeks())
    steps = {name: [(done, of) for step, done, of, _found in told if step == name] for name in STEPS}
    assert steps["leads"] == [(0, leads), *((min(done, leads), leads) for done in range(2, leads + 2, 2))]
    assert steps["sales"][-1] == (steps["sales"][0][1],) * 2
    assert steps["weeks"] == [(done, weeks) for done in range(weeks + 1)]
    *told, end = told
    assert end == ("", 0, 0, "")
    assert [step for step, *_rest in told] == sorted((step for step, *_rest in told), key=[*STEPS].index)
    assert {found for *_progress, found in told} == {""}


@pytest.mark.django_db
def test_it_tells_what_differed_with_the_batch_that_put_it_right(settled, small_batches, told):
    wrong = Credit.objects.exclude(lead=None).order_by("-lead").first()
    Credit.objects.filter(pk=wrong.pk).update(share_linear=7)
    StaleMark.objects.all().delete()
    defects = rollups.rebuild()
    assert defects
    assert told[0][3] == ""
    assert [found for step, *_progress, found in told if step == "leads"][-1] == "\n".join(defects)
    assert stored_credits() == all_credits()
    recount.check()


@pytest.mark.django_db
@pytest.mark.parametrize("table", [CampaignWeek, PlatformWeek])
def test_whatever_a_rollup_holds_that_is_wrong_is_found_in_its_week(settled, table):
    factories.SaleFactory(sold_on=MONDAY)  # of unknown origin
    rollups.drain()
    weeks = rollups._all_weeks()
    assert cell_sums.wrong_weeks(table, weeks) == set()
    for row in (table.objects.exclude(platform=None).first(), table.objects.filter(platform=None).first()):
        for column in SUM_COLUMNS:
            table.objects.filter(pk=row.pk).update(**{column: F(column) - 1})
            assert cell_sums.wrong_weeks(table, weeks) == {row.week}, column
            table.objects.filter(pk=row.pk).update(**{column: F(column) + 1})
        assert cell_sums.wrong_weeks(table, weeks) == set()
        row.delete()
        assert cell_sums.wrong_weeks(table, weeks) == {row.week}
        row.save()
        never = weeks[-1] + timedelta(weeks=5)
        table.objects.create(**dict.fromkeys(SUM_COLUMNS, 0), week=never, basis="cash")
        assert cell_sums.wrong_weeks(table, [*weeks, never]) == {never}
        table.objects.filter(week=never).delete()


@pytest.mark.django_db
@pytest.mark.parametrize("table", [CampaignWeek, PlatformWeek])
def test_a_rollup_that_is_wrong_is_put_right_and_told(settled, table):
    right = content()
    row = table.objects.first()
    table.objects.filter(pk=row.pk).update(minutes=F("minutes") + 1)
    assert rollups.rebuild() == [f"{table._meta.verbose_name} {Week(row.week)} differed"]
    assert content() == right
    assert rollups.rebuild() == []


@pytest.mark.django_db
def test_what_differs_in_several_batches_is_told_once(settled, small_batches):
    Credit.objects.all().delete()
    StaleMark.objects.all().delete()
    defects = rollups.rebuild()
    assert len(defects) == len(set(defects)) > 1


@pytest.mark.django_db
def test_leads_whose_numbers_lie_far_apart_are_all_looked_at(settled, monkeypatch):
    far = factories.TouchFactory(lead=factories.LeadFactory(pk=9_000_000_000_000))
    rollups.drain()
    Credit.objects.filter(lead=far.lead).update(share_last=1)
    StaleMark.objects.all().delete()
    assert rollups.rebuild()
    assert stored_credits() == all_credits()


@pytest.mark.django_db
def test_a_rebuild_of_many_leads_writes_no_week_for_a_batch_of_them(settled, small_batches):
    Credit.objects.all().delete()
    rollups.drain()
    with CaptureQueriesContext(connection) as captured:
        rollups.Rebuild().credits()
    statements = [query["sql"] for query in captured]
    assert Credit.objects.exists()
    assert not any(table._meta.db_table in sql for sql in statements for table in (CampaignWeek, PlatformWeek))


@pytest.mark.django_db
def test_the_number_of_statements_does_not_grow_with_the_leads(settled):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            rollups.Rebuild().credits()
        return len(captured)

    few = statements()
    for _number in range(60):
        factories.TouchFactory()
    rollups.drain()
    assert statements() == few


@pytest.mark.django_db
def test_all_credits_are_marked_by_two_statements_and_a_drain_takes_them_in_large_batches(
    settled, django_assert_num_queries
):
    for _number in range(30):
        factories.TouchFactory()
    rollups.drain()
    with django_assert_num_queries(2):
        rollups._mark_all_credits()
    assert StaleMark.objects.filter(lead_id__isnull=False).count() == Lead.objects.count()
    before = rows()
    rollups.drain()
    assert rows() == before
    assert not StaleMark.objects.exists()


# -- the job ----------------------------------------------------------------------------------------------------------

AT = recount.datetime(2026, 11, 20, 2, tzinfo=recount.UTC)


@pytest.mark.django_db
def test_the_job_says_since_when_it_runs_and_what_it_found(settled, small_batches, told):
    Credit.objects.all().delete()
    StaleMark.objects.all().delete()
    defects = jobs.rebuild(at=AT)
    run = JobRun.objects.get(name="rebuild")
    assert (run.started_at, run.step, run.detail) == (AT, "", "\n".join(defects))
    assert defects


@pytest.mark.django_db
def test_of_many_things_that_were_found_whole_lines_are_kept():
    JobRun.objects.create(name="rebuild")
    lines = [f"credits of the week {number} differed" for number in range(100)]
    JobRun.report("rebuild", step="leads", done=1, of=2, detail="\n".join(lines))
    kept = rollups.Rebuild.after_one_cut_off().defects
    assert kept == lines[: len(kept)]
    assert len(kept) > 40


@pytest.mark.django_db
def test_what_one_that_was_cut_off_had_put_right_is_told_by_the_next(settled, small_batches, monkeypatch):
    JobRun.objects.create(name="rebuild")
    Credit.objects.all().delete()
    StaleMark.objects.all().delete()
    monkeypatch.setattr(rollups, "_rebuild_weeks", None)
    with pytest.raises(TypeError):
        rollups.rebuild()
    assert JobRun.objects.get(name="rebuild").step == "weeks"
    monkeypatch.undo()
    defects = rollups.rebuild()
    assert any("credits of the week" in defect for defect in defects)
    assert rollups.rebuild() == []


# -- kills ------------------------------------------------------------------------------------------------------------


def dies_at(number: int):
    """Return what ends the process before its statement of this number, or before the commit that would be it."""

    def plant() -> None:
        seen = iter(range(number))
        commit = connection.commit

        def step() -> None:
            if next(seen, None) is None:
                die()

        def statement(execute, sql, parameters, many, context):
            step()
            return execute(sql, parameters, many, context)

        def commit_after() -> None:
            step()
            commit()

        connection.execute_wrappers.append(statement)
        connection.commit = commit_after

    return plant


def kill_at_each_step(work, prepare, *, stride: int) -> int:
    """Prepare, and kill the work at its first step; again at a later one, until it comes to its end."""
    step = 0
    while True:
        prepare()
        if how_it_ended(worker(work, dies_at(step))) != KILLED:
            return step
        rollups.drain()
        rollups.rebuild()
        recount.check()
        assert stored_credits() == all_credits()
        step += stride


STRIDES = [11, pytest.param(1, marks=pytest.mark.soak)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stride", STRIDES)
def test_a_rebuild_killed_at_any_step_is_put_right_by_the_next(small_batches, record_property, stride):
    World()
    rollups.drain()
    right = content()

    def spoil() -> None:
        assert content() == right
        Credit.objects.filter(pk__in=list(Credit.objects.values_list("pk", flat=True)[::3])).delete()
        Credit.objects.filter(pk__in=list(Credit.objects.values_list("pk", flat=True)[::4])).update(share_first=3)
        CampaignWeek.objects.update(minutes=1)
        StaleMark.objects.all().delete()

    steps = kill_at_each_step(rollups.rebuild, spoil, stride=stride)
    assert steps > 50
    assert content() == right
    assert rollups.rebuild() == []
    record_property("kills", steps // stride)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stride", STRIDES)
def test_a_drain_killed_at_any_step_loses_no_mark(small_batches, record_property, stride):
    World()
    rollups.drain()
    right = content()

    def change() -> None:
        assert content() == right
        mark_everything()
        for table in TABLES:
            table.objects.all().delete()

    step = 0
    while True:
        change()
        if how_it_ended(worker(rollups.drain, dies_at(step))) != KILLED:
            break
        rollups.drain()
        assert content() == right
        step += stride
    assert content() == right
    assert rollups.rebuild() == []
    record_property("kills", step // stride)
