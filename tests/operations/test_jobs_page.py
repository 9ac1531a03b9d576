"""GET /jobs/ and its retries"""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import ImportRun, JobRun, Retry
from operations import jobs
from reports.models import SummaryDelivery
from reports.weekly_email import delivery
from tests.factories import MemberFactory, SubscriberFactory
from timesheets import reminders
from timesheets.models import Reminder, User

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def as_director(client, director):
    client.force_login(director)
    return client


def ran(name: str, *, ago: timedelta = MINUTE, took: timedelta = timedelta(seconds=2), **known) -> None:
    job = {"started_at": NOW - ago - took, "finished_at": NOW - ago, **known}
    JobRun.objects.update_or_create(name=name, defaults=job)


def page(client) -> str:
    answer = client.get("/jobs/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_new_installation_is_told_what_to_expect(as_director):
    said = page(as_director)
    assert "No job has run yet" in said
    assert "the worker or the scheduler is not running" in said


def test_a_quiet_day_says_that_all_is_well_and_when_each_job_ran(as_director):
    ran("sweep")
    ran("rebuild", ago=timedelta(hours=6), took=timedelta(seconds=42))
    ran("nightly", next_due=datetime(2026, 11, 19, 2, 0, tzinfo=UTC))
    said = page(as_director)
    assert "Everything that runs by itself is well." in said
    assert "42.0 s" in said
    assert "19 Nov 2026, 03:00" in said
    assert "Needs a look" not in said


def test_a_job_that_is_backed_off_shows_why_until_when_and_a_button(as_director):
    ran("sweep")
    ran("deliveries", failures=3, error="ValueError", set_aside_until=NOW + 5 * MINUTE)
    said = page(as_director)
    assert "One thing needs a look." in said
    assert "3 times" in said
    assert "<code>ValueError</code>" in said
    assert "18 Nov 2026, 10:05" in said
    assert 'action="/jobs/deliveries/retry"' in said


def test_a_job_that_ended_its_worker_says_so(as_director):
    ran("sweep")
    started = {"started_at": NOW - timedelta(minutes=20), "finished_at": NOW - timedelta(minutes=30)}
    JobRun.objects.create(name="figures", failures=1, **started)
    assert "The worker stopped in the middle of it." in page(as_director)


def test_a_job_under_way_has_not_failed(as_director):
    ran("sweep")
    JobRun.objects.create(name="figures", failures=1, started_at=NOW - MINUTE, finished_at=NOW - 2 * MINUTE)
    said = page(as_director)
    assert "Everything that runs by itself is well." in said
    assert "Running" in said


def test_a_job_that_has_just_ended_its_third_worker_is_not_taken_to_be_running(as_director):
    ran("sweep")
    begun = {"started_at": NOW - MINUTE, "finished_at": None, "set_aside_until": NOW + 4 * MINUTE}
    JobRun.objects.create(name="reminders", failures=3, **begun)
    said = page(as_director)
    assert "The worker stopped in the middle of it." in said
    assert 'action="/jobs/reminders/retry"' in said


def test_a_sweep_that_stands_still_is_said_without_a_button_that_could_not_help(as_director):
    ran("sweep", ago=timedelta(minutes=6))
    said = page(as_director)
    assert "Stands still" in said
    assert "Nothing runs by itself at present." in said
    assert "/jobs/sweep/retry" not in said


def test_what_the_nightly_check_found_is_shown(as_director):
    ran("sweep")
    ran("rebuild", detail="2026-W40, LinkedIn: minutes 60 instead of 0")
    assert "2026-W40, LinkedIn: minutes 60 instead of 0" in page(as_director)


def test_the_last_good_backup_is_shown_with_its_age_and_one_that_is_too_old_needs_a_look(as_director, settings):
    ran("sweep")
    ran("backup", detail="retour-20261118-010000.backup")
    assert "Not by schedule here" not in page(as_director)
    assert re.search(r"Last good backup: 18 Nov 2026, 02:00, 8.hours ago", page(as_director))
    assert "Everything that runs by itself is well." in page(as_director)
    settings.BACKUP_NIGHTLY = True
    ran("backup", detail="retour-20261115-010000.backup")
    said = page(as_director)
    assert "One thing needs a look." in said
    assert "Too old" in said
    assert "The last good backup is of 15 Nov 2026, 02:00." in said
    assert 'action="/jobs/backup/retry"' in said
    as_director.post("/jobs/backup/retry")
    assert JobRun.objects.get(name="backup").next_due == NOW


def test_where_no_backup_is_taken_by_schedule_the_page_says_so(as_director):
    ran("sweep")
    assert "Not by schedule here" in page(as_director)


def test_what_waits_is_counted(as_director):
    ran("sweep")
    SummaryDelivery.objects.create(subscriber=SubscriberFactory(), week=date(2026, 11, 9), state="pending")
    ImportRun.objects.create(kind="hours", file_name="hours.csv", status="importing")
    said = page(as_director)
    assert "<dt>Imports under way</dt><dd>1</dd>" in said
    assert "<dt>Summaries to send</dt><dd>1</dd>" in said
    assert "<dt>Reminders to send</dt><dd>0</dd>" in said


def broken_import(**known) -> ImportRun:
    facts = {"file": "imports/hours.csv", "file_name": "hours.csv", "counts": {"trouble": "It broke off."}, **known}
    return ImportRun.objects.create(kind="hours", status="failed", **facts)


def broken_reminder(*, state: str = "failed", at: datetime = NOW, **who) -> Reminder:
    facts = {"week": date(2026, 11, 9), "kind": "friday", "due_at": at, "next_attempt_at": at, "reason": "550 no"}
    return Reminder.objects.create(member=MemberFactory(**who), state=state, **facts)


def test_failed_imports_summaries_and_reminders_are_listed_with_what_can_be_done(as_director):
    ran("sweep")
    run = broken_import()
    letter = SummaryDelivery.objects.create(subscriber=SubscriberFactory(), week=date(2026, 11, 9), state="unknown")
    note = broken_reminder(name="Antoine")
    said = page(as_director)
    assert "3 things need a look." in said
    assert f'action="/jobs/imports/{run.pk}/retry"' in said
    assert f'action="/summaries/sent/{letter.pk}/resend"' in said
    assert "to Antoine" in said
    assert f'action="/jobs/reminders/{note.pk}/retry"' in said


def test_a_file_with_wrong_values_is_no_failure_of_the_system(as_director):
    ran("sweep")
    broken_import(counts={"errors": 12})
    assert "Needs a look" not in page(as_director)


def test_what_failed_months_ago_is_history(as_director):
    ran("sweep")
    SummaryDelivery.objects.create(subscriber=SubscriberFactory(), week=date(2026, 3, 2), state="failed")
    assert "Needs a look" not in page(as_director)


# -- trying again -----------------------------------------------------------------------------------------------------


def test_a_retry_runs_the_job_and_says_who_asked(
    as_director, director, monkeypatch, django_capture_on_commit_callbacks
):
    def fail(*, at) -> None:
        raise ValueError

    enqueued = []
    monkeypatch.setattr("core.task_queue._send", lambda task, arguments: enqueued.append(task))
    with monkeypatch.context() as failing:
        failing.setattr(delivery, "send_due", fail)
        for minute in range(3):
            jobs.sweep(at=NOW - (3 - minute) * MINUTE)
    with django_capture_on_commit_callbacks(execute=True):
        answer = as_director.post("/jobs/deliveries/retry", follow=True)
    assert "It is tried again within a minute." in answer.content.decode()
    assert enqueued == ["reports.sweep"]
    assert (Retry.objects.get().what, Retry.objects.get().by) == ("deliveries", director)
    jobs.sweep(at=NOW)
    assert JobRun.objects.get(name="deliveries").failures == 0
    said = page(as_director)
    assert "Everything that runs by itself is well." in said
    assert f"Sending · 18 Nov 2026, 10:00, {director}" in said


@pytest.mark.parametrize("name", ["sweep", "drain", "nonsense", "deliveries"])
def test_only_a_known_job_that_has_run_can_be_tried_again(as_director, name):
    JobRun.objects.exclude(name="sweep").delete()
    assert as_director.post(f"/jobs/{name}/retry").status_code == 404
    assert not Retry.objects.exists()


def test_a_failed_import_is_checked_again_and_once(as_director):
    run = broken_import()
    for _click in range(2):
        assert as_director.post(f"/jobs/imports/{run.pk}/retry").status_code == 302
    run.refresh_from_db()
    assert run.status == ImportRun.Status.CHECKING
    assert [retry.what for retry in Retry.objects.all()] == [f"import {run.pk}"]


@pytest.fixture
def enqueued(monkeypatch):
    """What the worker is asked for."""
    enqueued = []
    monkeypatch.setattr("core.task_queue._send", lambda task, arguments: enqueued.append((task, arguments)))
    return enqueued


def test_a_failed_reminder_is_sent_again_and_once(as_director, director, enqueued, django_capture_on_commit_callbacks):
    note = broken_reminder(email="antoine@example.com")
    said = []
    with django_capture_on_commit_callbacks(execute=True):
        for _click in range(2):
            said.append(as_director.post(f"/jobs/reminders/{note.pk}/retry", follow=True).content.decode())
    assert "A reminder is on its way to antoine@example.com." in said[0]
    assert "There is nothing to send again." in said[1]
    assert enqueued == [("timesheets.remind", {"reminder_id": note.pk})]
    note.refresh_from_db()
    assert (note.state, note.due_at) == ("waiting", NOW)
    assert [(retry.what, retry.by) for retry in Retry.objects.all()] == [(f"reminder {note.pk}", director)]
    ran("sweep")
    assert f"Reminder {note.pk} · 18 Nov 2026, 10:00, {director}" in page(as_director)


@pytest.mark.parametrize("change", [{"gets_reminders": False}, {"is_active": False}, {"logs_hours": False}])
def test_a_reminder_that_has_become_needless_is_said_to_be(as_director, enqueued, change):
    note = broken_reminder()
    User.objects.filter(pk=note.member_id).update(**change)
    answer = as_director.post(f"/jobs/reminders/{note.pk}/retry", follow=True)
    assert "nothing is sent" in answer.content.decode()
    reminders.send_due(at=NOW)
    note.refresh_from_db()
    assert note.state == "dropped"


@pytest.mark.parametrize(("minutes", "shown"), [(14, False), (16, True)])
def test_a_reminder_whose_worker_died_is_listed_once_nobody_can_be_at_it(as_director, minutes, shown):
    ran("sweep")
    note = broken_reminder(state="unknown", at=NOW - minutes * MINUTE)
    assert (f"/jobs/reminders/{note.pk}/retry" in page(as_director)) == shown


def test_a_click_needs_a_post(as_director):
    assert as_director.get("/jobs/reminders/1/retry").status_code == 405
    assert as_director.get("/jobs/deliveries/retry").status_code == 405
    assert as_director.get("/jobs/imports/1/retry").status_code == 405


def test_others_have_no_business_here(client, manager, member):
    for person in (manager, member):
        client.force_login(person)
        assert client.get("/jobs/").status_code == 403
        assert client.post("/jobs/deliveries/retry").status_code == 403
        assert client.post("/jobs/reminders/1/retry").status_code == 403


def fill(rows: int) -> None:
    for number in range(rows):
        broken_import(file_name=f"{number}.csv")
        SummaryDelivery.objects.create(subscriber=SubscriberFactory(), week=date(2026, 11, 9), state="failed")
        broken_reminder()
        Retry.objects.create(what="figures", at=NOW, by=MemberFactory())


def test_the_queries_do_not_grow_with_the_rows(as_director, django_assert_num_queries):
    ran("sweep")
    fill(1)
    as_director.get("/jobs/")
    with CaptureQueriesContext(connection) as few:
        as_director.get("/jobs/")
    fill(12)
    with django_assert_num_queries(len(few)):
        as_director.get("/jobs/")


def test_a_rebuild_under_way_says_what_it_does_how_far_it_is_and_since_when(as_director):
    ran("sweep")
    started = {"started_at": NOW - MINUTE, "finished_at": NOW - timedelta(days=1)}
    JobRun.objects.create(name="rebuild", step="leads", done=120_000, of=300_000, failures=1, **started)
    said = page(as_director)
    assert "Credits of leads: 120,000 of 300,000" in said
    assert "since 18 Nov 2026, 09:59" in said
    JobRun.objects.update(finished_at=NOW, failures=0)
    assert "Credits of leads" not in page(as_director)
