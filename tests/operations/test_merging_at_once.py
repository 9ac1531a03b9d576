"""Somebody writes while two platforms become one, on a connection of their own: it lands, or a sentence says no."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from campaigns.imports import runner
from campaigns.models import ImportRun, Platform, Spend, StaleMark, Touch
from operations import merge_platforms
from reports.attribution import rollups
from reports.models import Verdict
from reports.verdicts import evaluation
from tests import factories
from tests.campaigns.imports.conftest import own_uploads  # noqa: F401
from tests.campaigns.imports.importing import started, ticking, written
from tests.reports import world
from tests.waiting import PATIENCE
from timesheets import hours, timers, week_rows
from timesheets.models import PinnedRow, TimeEntry, Timer, TimesheetRow

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.once]

NOW, LAST = world.NOW, world.LAST
MONDAY = LAST.next.monday
WRITERS = 20


@pytest.fixture
def places():
    return world.rows()


def begun_before(statement: str) -> Callable[[int, str], bool]:
    """Whether a statement of this beginning comes next."""
    return lambda _number, sql: sql.startswith(statement)


def holding(text: str) -> Callable[[int, str], bool]:
    """Whether a statement that holds this comes next."""
    return lambda _number, sql: text in sql


def merge(places: world.World) -> None:
    """Make Facebook part of LinkedIn."""
    director = factories.DirectorFactory()
    merge_platforms.merge(gone_id=places.facebook.pk, into_id=places.linkedin.pk, by=director, at=NOW)


def merge_while(places: world.World, writes: list[Callable[[], Any]], *, is_time: Callable[[int, str], bool]) -> list:
    return meanwhile(lambda: merge(places), writes, is_time=is_time)


def meanwhile(work: Callable[[], Any], writes: list[Callable[[], Any]], *, is_time: Callable[[int, str], bool]) -> list:
    """Do the work; before each of its statements for which `is_time`, one of the writes begins elsewhere.

    The work goes on when that write has come to its end, or has to wait for the work. Those that are left begin when
    it is over. Returns what each write returned, in their order.
    """
    waiting = list(writes)
    begun: list[Future] = []
    number = 0

    def step(execute, sql, parameters, many, context):
        nonlocal number
        if waiting and is_time(number, sql):
            begun.append(pool.submit(_and_close, waiting.pop(0)))
            _wait_for(begun, watch)
        number += 1
        return execute(sql, parameters, many, context)

    with ThreadPoolExecutor(len(writes)) as pool, _beside() as watch:
        with connection.execute_wrapper(step):
            work()
        assert len(begun) > len(writes) // 2, "most must begin while it goes on"
        begun += [pool.submit(_and_close, write) for write in waiting]
        return [one.result() for one in begun]


@contextmanager
def _beside() -> Iterator[Any]:
    """A cursor outside of the merge's transaction."""
    beside = connection.copy()
    with closing(beside), beside.cursor() as cursor:
        yield cursor


def _wait_for(begun: list[Future], watch: Any) -> None:
    """Until each of these is done or waits for a lock."""
    until = time.monotonic() + PATIENCE
    while (going_on := sum(not one.done() for one in begun)) and time.monotonic() < until:
        watch.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        if watch.fetchone()[0] >= going_on:
            return
        time.sleep(0.002)
    assert not going_on, "somebody neither ends nor waits"


def _and_close(write: Callable[[], Any]) -> Any:
    try:
        return write()
    finally:
        connection.close()


def every_third(number: int, _sql: str) -> bool:
    return number % 3 == 0


def settles() -> None:
    """The figures are those of the rows."""
    rollups.drain()
    assert not StaleMark.objects.exists()
    assert rollups.rebuild() == []


def test_hours_that_are_saved_meanwhile_land_on_the_other(places):
    rollups.drain()
    before = TimeEntry.objects.minutes()
    cells = [
        hours.HoursCell(MONDAY + timedelta(days=day), places.facebook.pk, places.shop.pk) for day in range(WRITERS)
    ]
    writes = [
        lambda cell=cell: hours.log(member=places.anna, cell=cell, minutes=10, expected_version="") for cell in cells
    ]
    saved = merge_while(places, writes, is_time=every_third)
    assert [one.minutes for one in saved] == [10] * WRITERS
    assert TimeEntry.objects.minutes() == before + 10 * WRITERS
    assert set(TimeEntry.objects.values_list("platform__name", flat=True)) == {"LinkedIn"}
    settles()


def test_hours_that_are_changed_meanwhile_on_an_old_page_are_changed_on_the_other(places):
    entries = [factories.EntryFactory(platform=places.facebook, minutes=60) for _each in range(WRITERS)]
    writes = [
        lambda one=one: hours.log(
            member=one.member,
            cell=hours.HoursCell(one.day, places.facebook.pk, one.campaign_id),
            minutes=75,
            expected_version=one.etag,
        )
        for one in entries
    ]
    merge_while(places, writes, is_time=every_third)
    changed = TimeEntry.objects.filter(pk__in=[one.pk for one in entries])
    assert {(one.minutes, one.platform, one.version) for one in changed} == {(75, places.linkedin, 2)}
    settles()


def test_rows_pins_and_timers_of_that_moment_land_on_the_other(places):
    members = [factories.MemberFactory() for _each in range(WRITERS)]
    gone = Platform.objects.get(pk=places.facebook.pk)
    place = {"platform": gone, "campaign": places.shop}
    ways = (
        lambda member: week_rows.add_row(member=member, week=LAST, today=NOW.date(), **place),
        lambda member: week_rows.pin(member=member, week=LAST, **place),
        lambda member: timers.start(member=member, at=NOW, **place),
    )
    writes = [lambda way=ways[number % 3], member=member: way(member) for number, member in enumerate(members)]
    merge_while(places, writes, is_time=every_third)
    rows = [*TimesheetRow.objects.all(), *PinnedRow.objects.all(), *Timer.objects.all()]
    assert len(rows) == WRITERS
    assert {row.platform for row in rows} == {places.linkedin}


def answers(places: world.World, requests: list[Callable[[Client], Any]]) -> list[int]:
    """What a manager's browsers were answered, when each sent a form while the merge went on."""
    manager = factories.ManagerFactory()
    browsers = [Client() for _request in requests]
    for browser in browsers:
        browser.force_login(manager)  # before: it writes into the person's row, and would wait for the merge
    sent = [lambda pair=pair: pair[0](pair[1]).status_code for pair in zip(requests, browsers, strict=True)]
    found = merge_while(places, sent, is_time=every_third)
    assert set(found) == {302, 422}, "some come in time, others too late"
    return found


def test_spend_that_is_entered_meanwhile_moves_or_is_refused_with_a_sentence(places):
    spent = {"platform": places.facebook.pk, "starts_on": "2026-11-16", "ends_on": "2026-11-17", "amount_cents": "5"}
    before = Spend.objects.count()
    found = answers(places, [lambda client: client.post(reverse("campaigns:spend_add"), spent)] * WRITERS)
    assert Spend.objects.count() == before + found.count(302)
    assert not Spend.objects.exclude(platform=places.linkedin).exists()
    settles()


def test_spend_that_is_put_there_meanwhile_moves_or_is_refused_with_a_sentence(places):
    elsewhere = factories.PlatformFactory(name="Mastodon")
    spends = [factories.SpendFactory(platform=elsewhere) for _each in range(WRITERS)]
    changed = {
        "platform": places.facebook.pk,
        "starts_on": "2026-11-16",
        "ends_on": "2026-11-22",
        "amount_cents": "700",
    }
    requests = [
        lambda client, pk=one.pk: client.post(reverse("campaigns:spend_edit", args=[pk]), changed) for one in spends
    ]
    found = answers(places, requests)
    assert Spend.objects.filter(platform=elsewhere).count() == found.count(422)
    settles()


def test_touches_that_are_entered_meanwhile_move_or_are_refused_with_a_sentence(places):
    leads = [factories.LeadFactory(received_at=datetime(2026, 11, 17, 9, tzinfo=UTC)) for _each in range(WRITERS)]
    sent = {"touch-at": "2026-11-16T10:00", "touch-platform": places.facebook.pk}
    before = Touch.objects.count()
    requests = [lambda client, pk=one.pk: client.post(reverse("campaigns:touch_add", args=[pk]), sent) for one in leads]
    found = answers(places, requests)
    assert Touch.objects.count() == before + found.count(302)
    assert not Touch.objects.filter(platform=places.facebook.pk).exists()
    settles()


def test_drains_and_evaluations_meanwhile_are_neither_lost_nor_in_the_way(places):
    rollups.drain()
    jobs = (rollups.drain, lambda: evaluation.evaluate(LAST, at=NOW))
    merge_while(places, [jobs[number % 2] for number in range(WRITERS)], is_time=every_third)
    assert set(Verdict.objects.values_list("platform__name", flat=True)) == {"LinkedIn"}
    settles()


@pytest.mark.parametrize(
    "statement",
    [
        'INSERT INTO "reports_platformweek"',
        'INSERT INTO "reports_campaignweek"',
        'FROM "reports_credit" WHERE',  # the last one before credits are written by COPY
    ],
)
def test_a_merge_amid_a_drain_waits_for_its_end(places, statement):
    """Else the drain would write sums of a platform that is gone, and fail."""
    meanwhile(rollups.drain, [lambda: merge(places)], is_time=holding(statement))
    assert not Platform.objects.filter(pk=places.facebook.pk).exists()
    settles()


def test_a_file_that_is_begun_meanwhile_is_written_to_the_other(places, tmp_path):
    text = f"date,email,platform,campaign,hours\n2026-11-20,{places.anna.email},Facebook,Shop,1.5\n"
    run = started(written(tmp_path, text), "hours")
    ImportRun.objects.update(status=ImportRun.Status.READY)

    def begin() -> str:
        runner.ask_for(run, ImportRun.Status.IMPORTING)
        runner.write(run, now=ticking())
        run.refresh_from_db()
        return str(run.status)

    assert merge_while(places, [begin], is_time=begun_before('DELETE FROM "campaigns_platform"')) == ["done"]
    assert TimeEntry.objects.get(member=places.anna, day="2026-11-20").platform == places.linkedin
    settles()
