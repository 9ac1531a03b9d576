"""Jobs that fail: counted, backed off, tried again; the others go on."""

from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
import time_machine
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.utils import timezone

from campaigns.models import JobRun, Retry
from core.outages import is_outage
from operations import jobs
from reports.attribution import rollups
from reports.models import SummaryDelivery
from reports.weekly_email import delivery
from tests.factories import SubscriberFactory
from timesheets import reminders

AT = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


class Poison:
    """A job that fails for as long as it is told to, and counts how often it was tried."""

    def __init__(self, error: BaseException) -> None:
        self.error: BaseException | None = error
        self.tried = 0

    def __call__(self, *, at: datetime) -> None:
        self.tried += 1
        if self.error:
            raise self.error


@pytest.fixture
def poison(monkeypatch):
    poison = Poison(ValueError("the row of anna@example.com"))
    monkeypatch.setattr(delivery, "send_due", poison)
    return poison


def job() -> JobRun:
    return JobRun.objects.get(name="deliveries")


def sweep_for(minutes: int, *, start: datetime = AT) -> None:
    for minute in range(minutes):
        jobs.sweep(at=start + minute * MINUTE)


def test_a_job_that_keeps_failing_is_backed_off_after_three_attempts(poison):
    sweep_for(3)
    assert (poison.tried, job().failures, job().error) == (3, 3, "ValueError")
    assert job().is_backed_off(AT + 3 * MINUTE)
    sweep_for(4, start=AT + 3 * MINUTE)
    assert poison.tried == 3


def test_the_pauses_grow_to_an_hour(poison):
    at, pauses = AT, []
    for _attempt in range(8):
        jobs.sweep(at=at)
        until = job().set_aside_until
        pauses.append((until - at) // MINUTE if until else 0)
        at = until or at + MINUTE
    assert pauses == [0, 0, 5, 10, 20, 40, 60, 60]


def test_the_other_jobs_are_not_delayed_by_one_that_fails(poison, monkeypatch):
    tried = []
    monkeypatch.setattr(reminders, "send_due", lambda *, at: tried.append(at))
    sweep_for(6)
    assert tried == [AT + minute * MINUTE for minute in range(6)]


def test_the_sweep_says_what_fails_without_anybody_s_data(poison):
    jobs.sweep(at=AT)
    assert JobRun.objects.get(name="sweep").detail == "deliveries: ValueError"


def test_a_job_that_ends_well_has_its_failures_forgotten(poison):
    sweep_for(2)
    poison.error = None
    jobs.sweep(at=AT + 2 * MINUTE)
    assert (job().failures, job().error, job().set_aside_until) == (0, "", None)
    assert JobRun.objects.get(name="sweep").detail == ""


def test_an_attempt_that_kills_its_worker_counts_as_failed(poison):
    poison.error = SystemExit()  # nothing of ours runs after it, as after a kill
    for minute in range(5):
        with pytest.raises(SystemExit) if minute < 3 else nullcontext():
            jobs.sweep(at=AT + minute * MINUTE)
    assert (poison.tried, job().failures) == (3, 3)


def test_a_task_does_not_get_past_a_job_that_is_backed_off(poison):
    sweep_for(3)
    jobs.attempt("deliveries", delivery.send_due, at=AT + 3 * MINUTE)
    assert poison.tried == 3


def test_a_retry_tries_at_once_and_says_who_wanted_it(poison, director):
    sweep_for(3)
    jobs.retry("deliveries", at=AT + 3 * MINUTE, by=director)
    assert (Retry.objects.get().what, Retry.objects.get().by) == ("deliveries", director)
    jobs.sweep(at=AT + 3 * MINUTE)
    assert poison.tried == 4


def test_a_retry_of_tonight_s_check_does_not_wait_for_the_next_night(director, monkeypatch):
    def fail() -> None:
        raise IntegrityError("UNIQUE constraint failed")

    jobs.nightly(at=AT - timedelta(days=1))  # sets the hour
    monkeypatch.setattr(rollups, "rebuild", fail)
    jobs.nightly(at=AT)
    monkeypatch.undo()
    assert JobRun.objects.get(name="rebuild").error.startswith("IntegrityError")
    jobs.retry("rebuild", at=AT + MINUTE, by=director)
    jobs.nightly(at=AT + MINUTE)
    rebuilt = JobRun.objects.get(name="rebuild")
    assert (rebuilt.error, rebuilt.failures) == ("", 0)


def test_an_evaluation_that_fails_leaves_the_figures_right(monkeypatch):
    def fail(week, *, at) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("reports.verdicts.evaluation.is_outdated", lambda week: True)
    monkeypatch.setattr("reports.verdicts.evaluation.evaluate", fail)
    sweep_for(3)
    assert JobRun.objects.get(name="evaluate").error == "ZeroDivisionError"
    assert JobRun.objects.get(name="figures").error == ""


# -- several workers --------------------------------------------------------------------------------------------------


def attempt_beside(first: JobRun, *, ends_with: str | None = "") -> bool:
    """Another worker's attempt while the first is at work: it ends well, with an error, or (None) not at all."""
    other = JobRun.objects.get(pk=first.pk)
    has_begun = other.begin(at=AT, started_at=AT + timedelta(seconds=1))
    if has_begun and ends_with is not None:
        other.end(finished_at=AT + timedelta(seconds=2), error=ends_with)
    return has_begun


@pytest.fixture
def begun():
    job = JobRun.objects.create(name="deliveries")
    job.begin(at=AT, started_at=AT)
    return job


def test_attempts_side_by_side_are_counted_each_so_that_no_fourth_begins(begun):
    assert [attempt_beside(begun, ends_with=None) for _worker in range(3)] == [True, True, False]
    assert job().failures == 3


@pytest.mark.parametrize("number_beside", [1, 2])
def test_an_attempt_that_ends_well_does_not_forget_one_beside_it_that_fails(begun, number_beside):
    for _worker in range(number_beside):
        attempt_beside(begun)
    begun.end(finished_at=AT + timedelta(seconds=3), error="ValueError")
    assert (job().failures, job().set_aside_until) == (1, None)


def test_an_attempt_that_ends_well_does_not_forget_one_that_began_later_and_killed_its_worker(begun):
    attempt_beside(begun, ends_with=None)
    begun.end(finished_at=AT + timedelta(seconds=3))
    assert job().failures == 1


def test_an_attempt_that_ends_well_does_not_forget_an_earlier_one_that_is_never_heard_of_again(begun):
    attempt_beside(begun)
    assert job().failures == 1


def test_a_failure_counts_even_when_others_have_ended_well_and_forgotten_all_before_them(begun):
    attempt_beside(begun, ends_with="ValueError")
    attempt_beside(begun)
    assert job().failures == 0
    begun.end(finished_at=AT + timedelta(seconds=3), error="ValueError")
    assert job().failures == 1


def test_attempts_side_by_side_that_all_end_well_leave_nothing_behind(begun):
    attempt_beside(begun)
    attempt_beside(begun)
    begun.end(finished_at=AT + timedelta(seconds=3))
    assert (job().failures, job().set_aside_until) == (0, None)


def test_a_job_that_was_backed_off_and_then_ends_well_has_its_failures_forgotten(poison):
    poison.error = SystemExit()
    for minute in range(3):
        with pytest.raises(SystemExit):
            jobs.sweep(at=AT + minute * MINUTE)
    poison.error = None
    JobRun.objects.filter(name="deliveries").update(started_at=AT + 2 * MINUTE)
    with time_machine.travel(AT + 7 * MINUTE, tick=False):
        jobs.sweep(at=AT + 7 * MINUTE)
    assert (poison.tried, job().failures, job().set_aside_until) == (4, 0, None)


def test_a_job_that_kills_its_worker_is_tried_after_the_others_the_next_time(poison, monkeypatch):
    poison.error, tried = SystemExit(), []
    monkeypatch.setattr(reminders, "send_due", lambda *, at: tried.append(at))
    for minute in range(3):
        with pytest.raises(SystemExit):
            jobs.sweep(at=AT + minute * MINUTE)
    assert tried == [AT + MINUTE, AT + 2 * MINUTE]


# -- outages ----------------------------------------------------------------------------------------------------------


def gone(state: str | None = None, kind: type[Exception] = OperationalError) -> Exception:
    """What Django raises when PostgreSQL says this, or (None) when the connection itself broke."""
    error = kind("the connection is closed")
    error.__cause__ = psycopg.OperationalError()
    error.__cause__.sqlstate = state
    return error


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        pytest.param(gone(), True, id="broken connection"),
        pytest.param(gone(kind=InterfaceError), True, id="closed connection"),
        pytest.param(gone("57P01"), True, id="the server is stopped"),
        pytest.param(gone("57P03"), True, id="the server is starting"),
        pytest.param(gone("08006"), True, id="connection failure"),
        pytest.param(gone("57014"), False, id="a statement that took too long"),
        pytest.param(gone("40P01"), False, id="deadlock"),
        pytest.param(gone("53100"), False, id="disk full"),
        pytest.param(OperationalError("database is locked"), False, id="SQLite"),
        pytest.param(ValueError(), False, id="another error"),
    ],
)
def test_an_outage_is_told_from_an_error(error, is_one):
    assert is_outage(error) == is_one


def test_an_attempt_that_lost_the_database_is_no_failure_of_the_job(poison):
    poison.error = gone("57P01")
    sweep_for(5)
    assert (poison.tried, job().failures, job().error) == (5, 0, "")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_postgresql_ends_under_a_job_is_an_outage_and_is_taken_back_with_the_next_attempt():
    def lose(*, at: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    jobs.attempt("figures", lose, at=AT)
    connection.close()
    assert JobRun.objects.get(name="figures").failures == 1  # nobody could write it yet
    jobs.attempt("imports", lambda *, at: None, at=AT)
    lost = JobRun.objects.get(name="figures")
    assert (lost.failures, lost.error, lost.set_aside_until, jobs.CUT_OFF) == (0, "", None, [])


@pytest.fixture
def database_is_away(monkeypatch):
    """Nobody can write how an attempt ended, until this is undone."""

    def refuse(*_args, **_kwargs) -> None:
        raise gone()

    with monkeypatch.context() as patched:
        patched.setattr(JobRun, "end", refuse)
        patched.setattr(JobRun, "take_back", refuse)
        yield patched
    jobs.CUT_OFF.clear()


def test_attempts_side_by_side_in_an_outage_do_not_back_the_job_off(poison, database_is_away):
    """As when PostgreSQL is stopped under three workers: each had counted its attempt and can take nothing back."""
    begun = [JobRun.objects.get_or_create(name="deliveries")[0] for _worker in range(3)]
    for worker in begun:
        assert worker.begin(at=AT, started_at=AT)
    assert job().is_backed_off(AT)
    jobs.CUT_OFF.extend(begun)
    with pytest.raises(OperationalError):
        jobs.attempt("deliveries", delivery.send_due, at=AT)  # it is away still
    database_is_away.undo()
    poison.error = None
    jobs.attempt("deliveries", delivery.send_due, at=AT + MINUTE)
    assert (poison.tried, job().failures, job().set_aside_until, jobs.CUT_OFF) == (1, 0, None, [])


def test_an_attempt_whose_good_end_could_not_be_written_is_taken_back_later(poison, database_is_away):
    poison.error = None
    jobs.attempt("deliveries", delivery.send_due, at=AT)
    assert job().failures == 1
    database_is_away.undo()
    jobs.attempt("figures", jobs.drain, at=AT + MINUTE)
    assert (job().failures, jobs.CUT_OFF) == (0, [])


def cut_off(name: str, worker: str, **known) -> None:
    JobRun.objects.create(name=name, worker=worker, started_at=AT - MINUTE, **{"failures": 3, **known})


def test_what_the_end_of_a_worker_cut_off_is_forgiven_when_that_one_starts_again(monkeypatch):
    enqueued = []
    monkeypatch.setattr("core.task_queue.enqueue_on_commit", lambda task, **_arguments: enqueued.append(task))
    cut_off("figures", "celery@one", set_aside_until=AT + MINUTE)
    cut_off("deliveries", "celery@two")
    cut_off("reminders", "celery@one", error="ValueError")
    jobs.resume_worker(worker="celery@one", since=AT)
    failures = dict(JobRun.objects.values_list("name", "failures"))
    assert failures == {"figures": 0, "deliveries": 3, "reminders": 3}
    assert JobRun.objects.get(name="figures").set_aside_until is None
    assert enqueued == ["reports.sweep"]


def test_a_job_that_ends_its_whole_worker_each_time_is_backed_off_all_the_same(poison, monkeypatch):
    monkeypatch.setattr("core.task_queue.worker_name", lambda: "celery@one")
    poison.error = SystemExit()
    for minute in range(8):
        with suppress(SystemExit), time_machine.travel(AT + minute * MINUTE, tick=False):
            jobs.resume_worker(worker="celery@one", since=timezone.now())
            jobs.sweep(at=AT + minute * MINUTE)
    assert poison.tried == 4  # one was forgiven
    assert job().is_backed_off(AT + 6 * MINUTE)


def test_what_ends_a_process_of_the_worker_s_pool_is_not_forgiven_though_the_start_is_heard_of_late():
    cut_off("deliveries", "celery@one")
    jobs.resume_worker(worker="celery@one", since=AT - 2 * MINUTE)  # it began after that
    assert job().failures == 3


def test_a_good_end_lets_a_later_cut_be_forgiven_anew(poison, monkeypatch):
    monkeypatch.setattr("core.task_queue.worker_name", lambda: "celery@one")
    cut_off("deliveries", "celery@one", failures=1)
    jobs.resume_worker(worker="celery@one", since=AT)
    assert job().was_forgiven
    poison.error = None
    jobs.sweep(at=AT)
    assert not job().was_forgiven


# -- the night --------------------------------------------------------------------------------------------------------


def test_a_night_whose_worker_was_killed_is_made_up_for_and_once(monkeypatch):
    done = []

    def rebuild() -> list[str]:
        done.append("rebuild")
        if done == ["rebuild"]:
            raise SystemExit  # as after a kill
        return []

    monkeypatch.setattr(rollups, "rebuild", rebuild)
    monkeypatch.setattr("campaigns.retention.purge", lambda *, at: done.append("purge"))
    JobRun.objects.create(name="nightly", next_due=AT)
    with pytest.raises(SystemExit):
        jobs.attempt("nightly", jobs.nightly, at=AT)
    for minute in range(1, 90):
        jobs.attempt("nightly", jobs.nightly, at=AT + minute * MINUTE)
    assert done == ["rebuild", "purge", "rebuild"]
    assert JobRun.objects.get(name="nightly").next_due == datetime(2026, 11, 19, 2, 0, tzinfo=UTC)


def test_a_night_is_asked_for_while_it_is_due_and_not_once_somebody_has_it(monkeypatch):
    enqueued = []
    monkeypatch.setattr("core.task_queue.enqueue_on_commit", lambda task, **_arguments: enqueued.append(task))
    jobs.request_nightly(at=AT)  # nobody has planned one yet
    JobRun.objects.create(name="nightly", next_due=AT + MINUTE)
    jobs.request_nightly(at=AT)
    assert enqueued == [jobs.NIGHT_TASK]
    jobs.request_nightly(at=AT + MINUTE)
    assert jobs.acquire("nightly", at=AT + MINUTE)
    for minute in range(2, 60):
        jobs.request_nightly(at=AT + minute * MINUTE)
    assert enqueued == [jobs.NIGHT_TASK] * 2


# -- a new start ------------------------------------------------------------------------------------------------------


def test_what_a_stop_cut_off_goes_on_at_the_start_and_what_failed_stays_backed_off(monkeypatch):
    enqueued = []
    monkeypatch.setattr("core.task_queue.purge", lambda: enqueued.append("purge"))
    monkeypatch.setattr("core.task_queue.enqueue_on_commit", lambda task, **_arguments: enqueued.append(task))
    cut_off = {"failures": 3, "set_aside_until": AT + MINUTE, "started_at": AT - MINUTE}
    JobRun.objects.create(name="figures", **cut_off)
    JobRun.objects.create(name="reminders", error="ValueError", **cut_off)
    letter = SummaryDelivery.objects.create(
        subscriber=SubscriberFactory(), week=date(2026, 11, 9), state="sending", claimed_at=AT - MINUTE
    )
    jobs.resume_after_start(at=AT)
    failures = dict(JobRun.objects.values_list("name", "failures"))
    assert (failures["figures"], failures["reminders"]) == (0, 3)
    letter.refresh_from_db()
    assert letter.state == "unknown"
    assert enqueued == ["purge", "reports.sweep"]
