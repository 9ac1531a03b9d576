"""A file that ends each worker that reads it is given up after three times; any other is carried on with."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.imports import runner
from campaigns.models import ImportedRow, ImportRun

AT = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
Status = ImportRun.Status

pytestmark = pytest.mark.django_db


def run_in(status: str, **known) -> ImportRun:
    return ImportRun.objects.create(
        kind="hours", file="imports/hours.csv", file_name="hours.csv", status=status, **known
    )


def lose_a_worker(run: ImportRun, number: int) -> bool:
    """A worker takes the run and is never heard of again; True when it got it."""
    return runner.acquire(ImportRun.objects.get(pk=run.pk), run.status, AT + number * timedelta(minutes=3))


@pytest.mark.parametrize(
    ("status", "ends_as", "told"),
    [
        pytest.param(Status.CHECKING, Status.FAILED, "trouble", id="checking"),
        pytest.param(Status.IMPORTING, Status.UNDOING, "failed", id="importing: what was written is taken back"),
        pytest.param(Status.UNDOING, Status.FAILED, "trouble", id="undoing"),
    ],
)
def test_a_run_whose_workers_are_lost_three_times_at_one_place_is_given_up(status, ends_as, told):
    run = run_in(status)
    assert [lose_a_worker(run, number) for number in range(4)] == [True, True, True, False]
    run.refresh_from_db()
    assert (run.status, run.alive_at) == (ends_as, None)
    assert "3 times" in run.counts[told]


def test_a_run_that_gets_on_between_its_workers_is_not(db):
    run = run_in(Status.IMPORTING)
    for number in range(6):
        assert lose_a_worker(run, number)
        ImportRun.objects.filter(pk=run.pk).update(rows_done=number * 200)


def test_a_run_that_was_handed_on_counts_nothing():
    run = run_in(Status.IMPORTING)
    for number in range(6):
        assert lose_a_worker(run, number)
        ImportRun.objects.filter(pk=run.pk).update(alive_at=None)


def test_a_failed_check_can_be_tried_again():
    run = run_in(Status.FAILED, counts={"lost": {"part": ["checking", 0], "times": 3}, "trouble": "It broke off."})
    assert runner.try_again(run)
    run.refresh_from_db()
    assert (run.status, run.counts) == (Status.CHECKING, {})
    assert not runner.try_again(run)


def test_a_failed_run_that_left_rows_goes_on_taking_them_back():
    run = run_in(Status.FAILED)
    ImportedRow.objects.create(run=run, line=2, kind="hours")
    assert runner.try_again(run)
    run.refresh_from_db()
    assert run.status == Status.UNDOING


@pytest.mark.parametrize("status", [Status.DONE, Status.IMPORTING, Status.READY])
def test_what_has_not_failed_is_not_tried_again(status):
    assert not runner.try_again(run_in(status))


def test_a_file_that_is_gone_cannot_be_tried_again():
    run = run_in(Status.FAILED)
    ImportRun.objects.update(file="")
    run.refresh_from_db()
    assert not runner.try_again(run)
