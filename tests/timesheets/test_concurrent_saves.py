"""Saves at the same instant, on a real PostgreSQL."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.weeks import Week
from tests import factories
from tests.waiting import PATIENCE, happens
from timesheets import hours
from timesheets.hours import HoursCell
from timesheets.models import TimeEntry, Timesheet, User

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

DAY = date(2026, 11, 18)
WEEK = Week.containing(DAY)


def at_once(*jobs: Callable[[], object]) -> None:
    """Run each job in a thread of its own, all started together; raise what one of them raised."""
    barrier, errors = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], object]) -> None:
        try:
            barrier.wait(PATIENCE)
            job()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors


def new_cell() -> HoursCell:
    return HoursCell(DAY, factories.PlatformFactory().pk, factories.CampaignFactory().pk)


def test_of_many_writers_of_a_cell_each_success_is_one_version_and_one_record():
    member, cell = factories.MemberFactory(), new_cell()
    outcomes: Counter[str] = Counter()
    guard = threading.Lock()

    def write(writer: int) -> None:
        seen = hours.NO_ENTRY
        for number in range(12):
            try:
                seen = hours.log(member=member, cell=cell, minutes=1 + writer * 12 + number, expected_version=seen).etag
                outcome = "saved"
            except hours.Stale as stale:
                seen, outcome = stale.theirs.etag, "stale"
            with guard:
                outcomes[outcome] += 1

    at_once(*[lambda writer=writer: write(writer) for writer in range(8)])
    entry = TimeEntry.objects.get()
    assert outcomes["saved"] + outcomes["stale"] == 96
    assert outcomes["saved"] == entry.version == entry.history.count()
    assert outcomes["stale"] > 0


def test_saves_of_a_day_at_once_never_pass_24_hours():
    member = factories.MemberFactory()
    refused: list[hours.HoursRefused] = []

    def write(cell: HoursCell) -> None:
        try:
            hours.log(member=member, cell=cell, minutes=300)
        except hours.HoursRefused as refusal:
            refused.append(refusal)

    cells = [new_cell() for _each in range(8)]
    at_once(*[lambda cell=cell: write(cell) for cell in cells])
    assert TimeEntry.objects.minutes() == 1200
    assert len(refused) == 4


def test_statements_about_the_same_people_wait_for_each_other_in_one_order():
    """Many rows of two members in one statement, in both orders: nobody waits for ever, and no day is too long."""
    people, refused = factories.MemberFactory.create_batch(2), []

    def write(cell: HoursCell, members: list[User]) -> None:
        place = {"platform_id": cell.platform_id, "campaign_id": cell.campaign_id}
        entries = [TimeEntry(member=member, day=DAY, week=WEEK.monday, minutes=300, **place) for member in members]
        try:
            with transaction.atomic():
                TimeEntry.objects.bulk_create(entries)
        except IntegrityError as refusal:
            refused.append(refusal)

    cells = [new_cell() for _each in range(8)]
    orders = [people, people[::-1]]
    at_once(*[lambda cell=cell, n=n: write(cell, orders[n % 2]) for n, cell in enumerate(cells)])
    assert [TimeEntry.objects.of(member).minutes() for member in people] == [1200, 1200]
    assert len(refused) == 4


# -- a lock against saves in flight ------------------------------------------------------------------------------------

LOCKS = [25, pytest.param(1000, marks=pytest.mark.soak)]


@dataclass
class Writer:
    """Saves one cell after another until told to stop, and counts the answers."""

    member: User
    cell: HoursCell
    stop: threading.Event
    saved: int = 0
    locked: int = 0

    def __call__(self) -> None:
        while not self.stop.is_set():
            try:
                # Always a change: what is there already is none, and leaves no record.
                hours.log(member=self.member, cell=self.cell, minutes=1 + self.saved % 60)
                self.saved += 1
            except hours.Locked:
                self.locked += 1

    def will_have_begun_and_ended(self) -> Callable[[], bool]:
        """Return the question whether it did so since now: what is in flight now is the one save that may not count."""
        ended = self.saved + self.locked
        return lambda: self.saved + self.locked >= ended + 2


def lock_again_and_again(timesheet: Timesheet, times: int, writers: list[Writer], through: date | None) -> None:
    """Submit and reopen while the writers write; each lock is held until every writer has begun under it and ended."""
    stop = writers[0].stop

    def lock() -> None:
        try:
            for _each in range(times):
                time.sleep(random.random() / 200)  # anywhere within a save
                timesheet.submit(at=timezone.now(), through=through)
                assert all(happens(met, every=0.001) for met in [one.will_have_begun_and_ended() for one in writers])
                timesheet.reopen(reason="again")
        finally:
            stop.set()

    at_once(lock, *writers)


def spans_locked(timesheet: Timesheet) -> list[tuple[datetime, datetime]]:
    """From when to when the week was locked, whole or in part, by its history."""
    records = list(timesheet.history.order_by("history_id"))
    locks = [one.history_date for one in records if one.submitted_at or one.submitted_through]
    opens = [one.history_date for one in records if one.reopen_reason]
    return list(zip(locks, opens, strict=True))


def neighbours(member: User) -> list[tuple[object, ...]]:
    """All that stands in the weeks before and after."""
    around = [WEEK.previous.monday, WEEK.next.monday]
    entries = TimeEntry.objects.filter(member=member, week__in=around).order_by("pk")
    sheets = Timesheet.objects.filter(member=member, week__in=around).order_by("pk")
    return [*entries.values_list(), *sheets.values_list()]


def with_neighbours() -> User:
    member = factories.MemberFactory()
    for week in (WEEK.previous, WEEK.next):
        factories.EntryFactory(member=member, day=week.monday)
        factories.TimesheetFactory(member=member, week=week.monday, submitted_at=timezone.now())
    return member


@pytest.mark.parametrize("times", LOCKS)
def test_a_week_locked_against_saves_in_flight_takes_each_wholly_before_or_not_at_all(times, record_property):
    member, stop = with_neighbours(), threading.Event()
    before = neighbours(member)
    writers = [Writer(member, new_cell(), stop) for _each in range(3)]
    timesheet = Timesheet.of(member, WEEK)
    lock_again_and_again(timesheet, times, writers, None)
    spans = spans_locked(timesheet)
    assert len(spans) == times
    record_property("locks", times)
    records = list(TimeEntry.history.filter(day=DAY).values_list("history_date", flat=True))
    assert not [at for at in records if any(first <= at <= last for first, last in spans)]
    assert len(records) == sum(writer.saved for writer in writers)
    assert all(writer.locked for writer in writers)
    assert neighbours(member) == before


@pytest.mark.parametrize("times", LOCKS)
def test_days_locked_against_saves_in_flight_leave_the_others_alone(times, record_property):
    member, stop = with_neighbours(), threading.Event()
    before = neighbours(member)
    early = Writer(member, new_cell(), stop)
    late = Writer(member, replace(new_cell(), day=DAY + timedelta(days=1)), stop)
    timesheet = Timesheet.of(member, WEEK)
    lock_again_and_again(timesheet, times, [early, late], DAY)
    spans = spans_locked(timesheet)
    assert len(spans) == times
    record_property("locks", times)
    records = list(TimeEntry.history.filter(day=DAY).values_list("history_date", flat=True))
    assert not [at for at in records if any(first <= at <= last for first, last in spans)]
    assert len(records) == early.saved
    assert early.locked >= times
    assert (late.locked, TimeEntry.history.filter(day=late.cell.day).count()) == (0, late.saved)
    assert late.saved > 0
    assert neighbours(member) == before
