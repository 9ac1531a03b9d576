"""Saves at the same instant, on a real PostgreSQL."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.weeks import Week
from tests import factories
from timesheets import hours
from timesheets.hours import Cell
from timesheets.models import TimeEntry, Timesheet

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

DAY = date(2026, 11, 18)
PATIENCE = 60


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
        thread.join(PATIENCE)
    assert not errors, errors


def new_cell() -> Cell:
    return Cell(DAY, factories.PlatformFactory().pk, factories.CampaignFactory().pk)


def test_of_many_writers_of_a_cell_each_success_is_one_version_and_one_record():
    member, cell = factories.MemberFactory(), new_cell()
    outcomes: Counter[str] = Counter()
    guard = threading.Lock()

    def write(writer: int) -> None:
        seen = hours.NOTHING_SEEN
        for number in range(12):
            try:
                seen = hours.log(member=member, cell=cell, minutes=1 + writer * 12 + number, seen=seen).tag
                outcome = "saved"
            except hours.Stale as stale:
                seen, outcome = stale.theirs.tag, "stale"
            with guard:
                outcomes[outcome] += 1

    at_once(*[lambda writer=writer: write(writer) for writer in range(8)])
    entry = TimeEntry.objects.get()
    assert outcomes["saved"] + outcomes["stale"] == 96
    assert outcomes["saved"] == entry.version == entry.history.count()
    assert outcomes["stale"] > 0


def test_saves_of_a_day_at_once_never_pass_24_hours():
    member = factories.MemberFactory()
    refused: list[hours.Refused] = []

    def write(cell: Cell) -> None:
        try:
            hours.log(member=member, cell=cell, minutes=300)
        except hours.Refused as refusal:
            refused.append(refusal)

    cells = [new_cell() for _each in range(8)]
    at_once(*[lambda cell=cell: write(cell) for cell in cells])
    assert TimeEntry.objects.minutes() == 1200
    assert len(refused) == 4


@pytest.mark.parametrize("_attempt", range(10))
def test_a_save_that_meets_the_lock_is_wholly_before_it_or_refused(_attempt):
    member, cell, other = factories.MemberFactory(), new_cell(), new_cell()
    timesheet = Timesheet.of(member, Week.containing(DAY))
    answers: list[str] = []

    def write(place: Cell) -> None:
        try:
            hours.log(member=member, cell=place, minutes=60)
            answers.append("saved")
        except hours.Locked:
            answers.append("locked")

    at_once(lambda: timesheet.submit(at=timezone.now()), lambda: write(cell), lambda: write(other))
    submitted = Timesheet.objects.get(pk=timesheet.pk).history.filter(submitted_at__isnull=False).get().history_date
    assert TimeEntry.objects.count() == answers.count("saved")
    assert len(answers) == 2
    assert all(record.history_date <= submitted for record in TimeEntry.history.all())
