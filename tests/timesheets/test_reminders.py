"""Reminders by e-mail: who gets one, when, once, and how they stop."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail

from campaigns.models import Agency, JobRun
from core import outbox, smtp
from core.weeks import Week
from operations import jobs
from tests import factories
from timesheets import reminders
from timesheets.models import Reminder, Timesheet, User

pytestmark = pytest.mark.django_db

WEEK = Week(date(2026, 11, 16))
# Paris is an hour ahead of UTC in November.
FRIDAY_15 = datetime(2026, 11, 20, 14, tzinfo=UTC)
MONDAY_9 = datetime(2026, 11, 23, 8, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
State = Reminder.State


@pytest.fixture
def running():
    """A system whose sweep has run since Monday."""
    Agency.current()
    reminders.send_due(at=FRIDAY_15 - timedelta(days=4))
    assert not Reminder.objects.exists()


def recipients() -> list[str]:
    return [message.to[0] for message in mail.outbox]


def test_on_friday_at_three_those_who_have_not_submitted_are_reminded_once(running):
    late, done, quiet, idle = (factories.MemberFactory() for _each in range(4))
    factories.TimesheetFactory(member=done, submitted_at=FRIDAY_15 - HOUR)
    factories.TimesheetFactory(member=late, week=WEEK.previous.monday, submitted_at=FRIDAY_15 - HOUR)
    User.objects.filter(pk=quiet.pk).update(gets_reminders=False)
    User.objects.filter(pk=idle.pk).update(logs_hours=False)
    reminders.send_due(at=FRIDAY_15 - MINUTE)
    assert recipients() == []
    for minutes in range(3):
        reminders.send_due(at=FRIDAY_15 + minutes * MINUTE)
    assert recipients() == [late.email]
    one = Reminder.objects.get()
    assert (one.member, one.week, one.kind, one.state) == (late, WEEK.monday, "friday", State.SENT)


def test_on_monday_at_nine_the_week_before_is_asked_for(running, member):
    reminders.send_due(at=FRIDAY_15)
    reminders.send_due(at=MONDAY_9 - MINUTE)
    reminders.send_due(at=MONDAY_9)
    assert recipients() == [member.email] * 2
    assert Reminder.objects.filter(week=WEEK.monday, state=State.SENT).count() == 2
    assert {one.kind for one in Reminder.objects.all()} == {"friday", "monday"}


def test_the_hour_is_the_agencys_across_a_clock_change(member):
    """Summer time ends in Paris on Sunday 25 October 2026: 09:00 is 07:00 UTC before it, 08:00 after."""
    Agency.current()
    reminders.send_due(at=datetime(2026, 10, 19, 6, tzinfo=UTC))
    reminders.send_due(at=datetime(2026, 10, 19, 7, tzinfo=UTC))
    assert Reminder.objects.filter(kind="monday").count() == 1
    reminders.send_due(at=datetime(2026, 10, 26, 7, 59, tzinfo=UTC))
    assert Reminder.objects.filter(kind="monday").count() == 1
    reminders.send_due(at=datetime(2026, 10, 26, 8, tzinfo=UTC))
    assert Reminder.objects.filter(kind="monday").count() == 2


def test_another_time_zone_moves_the_hour_and_sends_nothing_by_itself(running, member):
    Agency.objects.update(time_zone="America/Toronto")  # 15:00 there is 20:00 UTC
    reminders.send_due(at=FRIDAY_15 - MINUTE)
    reminders.send_due(at=FRIDAY_15 + MINUTE)
    assert recipients() == []
    reminders.send_due(at=FRIDAY_15 + 6 * HOUR)
    assert recipients() == [member.email]


def test_the_first_sweep_ever_reminds_nobody(member):
    reminders.send_due(at=FRIDAY_15 + MINUTE)
    assert recipients() == []
    assert JobRun.objects.filter(name__startswith="reminders-").count() == 2


@pytest.mark.parametrize(("late", "sent"), [(11 * HOUR, 1), (13 * HOUR, 0)])
def test_after_an_outage_a_reminder_comes_late_or_not_at_all(running, member, late, sent):
    reminders.send_due(at=FRIDAY_15 + late)
    assert len(mail.outbox) == Reminder.objects.count() == sent


def test_what_changed_between_deciding_and_sending_counts(running, monkeypatch):
    """The mail server is away; meanwhile one submits, one turns reminders off, one leaves."""
    people = [factories.MemberFactory(name=f"Person {number}") for number in range(4)]
    send = smtp.send
    monkeypatch.setattr(smtp, "send", lambda message: (_ for _ in ()).throw(smtp.TemporaryFailure("away")))
    reminders.send_due(at=FRIDAY_15)
    assert set(Reminder.objects.values_list("state", "reason")) == {(State.WAITING, "away")}
    monkeypatch.setattr(smtp, "send", send)
    Timesheet.of(people[0], WEEK).submit(at=FRIDAY_15)
    User.objects.filter(pk=people[1].pk).update(gets_reminders=False)
    User.objects.filter(pk=people[2].pk).update(is_active=False)
    reminders.send_due(at=FRIDAY_15 + timedelta(seconds=59))
    assert recipients() == []
    reminders.send_due(at=FRIDAY_15 + MINUTE)
    assert recipients() == [people[3].email]
    assert Reminder.objects.filter(state=State.DROPPED).count() == 3


def test_a_refusal_is_repeated_ever_later_until_it_is_too_late(running, member, monkeypatch):
    monkeypatch.setattr(smtp, "send", lambda message: (_ for _ in ()).throw(smtp.TemporaryFailure("away")))
    at, waits = FRIDAY_15, []
    while True:
        reminders.send_due(at=at)
        reminder = Reminder.objects.get()
        if reminder.state != State.WAITING:
            break
        waits.append((reminder.next_attempt_at - at) // MINUTE)
        at = reminder.next_attempt_at
    table = list(outbox.BACKOFF_MINUTES)
    assert (waits[: len(table)], set(waits[len(table) :])) == (table, {30})
    assert (reminder.state, at) == (State.DROPPED, FRIDAY_15 + reminders.TOO_LATE + 30 * MINUTE)


def test_one_whose_worker_died_says_so_and_one_that_was_cut_off_keeps_its_words(running, member):
    reminder = reminders.ask(member, WEEK, by=member, at=FRIDAY_15)
    assert reminders.OUTBOX.claim(reminder.pk, at=FRIDAY_15)
    for reason in ("The worker stopped while it was sending.", "cut off"):
        reminders.OUTBOX.mark_lost(at=FRIDAY_15 + 16 * MINUTE)
        reminder.refresh_from_db()
        assert (reminder.state, reminder.reason) == (State.UNKNOWN, reason)
        Reminder.objects.update(reason="cut off")


def test_a_server_that_stays_away_ends_in_silence(running, member, monkeypatch):
    monkeypatch.setattr(smtp, "send", lambda message: (_ for _ in ()).throw(smtp.TemporaryFailure("away")))
    reminders.send_due(at=FRIDAY_15)
    monkeypatch.undo()
    reminders.send_due(at=FRIDAY_15 + 13 * HOUR)
    assert recipients() == []
    assert Reminder.objects.get().state == State.DROPPED


@pytest.mark.parametrize(
    ("error", "state"),
    [(smtp.DeliveryUnknown("cut"), State.UNKNOWN), (smtp.PermanentFailure("550 no"), State.FAILED)],
)
def test_what_may_have_arrived_or_never_will_is_not_sent_again(running, member, monkeypatch, error, state):
    monkeypatch.setattr(smtp, "send", lambda message: (_ for _ in ()).throw(error))
    reminders.send_due(at=FRIDAY_15)
    monkeypatch.undo()
    reminders.send_due(at=FRIDAY_15 + HOUR)
    assert recipients() == []
    assert Reminder.objects.get().state == state


def test_two_workers_send_one_and_one_that_dies_sends_none_later(running, member, monkeypatch):
    handed = []

    def send(message) -> None:
        handed.append(message)
        if len(handed) == 1:
            reminders.send_due(at=FRIDAY_15)  # the other worker, while this one talks to the server
            raise KeyboardInterrupt

    monkeypatch.setattr(smtp, "send", send)
    with pytest.raises(KeyboardInterrupt):
        reminders.send_due(at=FRIDAY_15)
    reminders.send_due(at=FRIDAY_15 + HOUR)
    assert len(handed) == 1
    assert Reminder.objects.get().state == State.UNKNOWN


def test_a_week_reopened_after_the_hour_brings_no_reminder_at_night(running, member):
    sheet = Timesheet.of(member, WEEK)
    sheet.submit(at=FRIDAY_15 - HOUR)
    reminders.send_due(at=FRIDAY_15)
    sheet.reopen(reason="a mistake")
    reminders.send_due(at=FRIDAY_15 + HOUR)
    assert recipients() == []


def test_the_sweep_sends_reminders(running, member):
    jobs.sweep(at=FRIDAY_15)
    assert member.email in recipients()


# -- the message ------------------------------------------------------------------------------------------------------


def test_it_says_what_is_missing_in_the_persons_language_and_how_to_stop(running, client):
    member = factories.MemberFactory(name="Hélène", language="fr")
    factories.EntryFactory(member=member, day=WEEK.monday, minutes=90)
    reminders.send_due(at=FRIDAY_15)
    (message,) = mail.outbox
    assert "16" in message.subject
    assert "novembre 2026" in message.subject
    assert "1:30" in message.body
    assert "35:00" in message.body
    assert f"http://testserver/hours/{WEEK}/" in message.body
    (place,) = re.findall(r"http://testserver(/reminders/\S+)", message.body)
    assert message.extra_headers["List-Unsubscribe"] == f"<http://testserver{place}>"
    assert client.get(place).status_code == 200
    assert User.objects.get(pk=member.pk).gets_reminders
    assert client.post(place).status_code == 200
    assert not User.objects.get(pk=member.pk).gets_reminders


@pytest.mark.parametrize("token", ["1", "1:forged", "x:y", "999999999999999999999:z"])
def test_a_link_that_was_not_made_here_turns_nothing_off(client, member, token):
    assert client.post(f"/reminders/{token}/off").status_code == 404
    assert User.objects.get(pk=member.pk).gets_reminders


def test_the_profile_turns_them_off_and_on(client, member):
    client.force_login(member)
    profile = {"name": "Anne", "language": "", "theme": "auto", "duration_style": "clock"}
    client.post("/profile/", profile)
    assert not User.objects.get(pk=member.pk).gets_reminders
    client.post("/profile/", profile | {"gets_reminders": "on"})
    assert User.objects.get(pk=member.pk).gets_reminders


# -- asked for --------------------------------------------------------------------------------------------------------


def ask(client, member, at: str) -> str:
    with time_machine.travel(at, tick=False):
        return client.post(f"/team/{member.pk}/{WEEK}/remind", follow=True).content.decode()


def test_a_manager_reminds_one_person_at_most_once_a_day(client, manager, member, django_capture_on_commit_callbacks):
    client.force_login(manager)
    assert "on its way" in ask(client, member, "2026-11-23T10:00Z")
    assert "within the last day" in ask(client, member, "2026-11-24T09:59Z")
    assert Reminder.objects.count() == 1
    assert "on its way" in ask(client, member, "2026-11-24T10:01Z")
    first, second = Reminder.objects.order_by("pk")
    assert (first.asked_by, first.kind) == (manager, "asked")
    reminders.OUTBOX.send(second.pk, at=second.due_at)
    reminders.OUTBOX.send(second.pk, at=second.due_at)
    assert recipients() == [member.email]
    assert f"{manager} asks you" in mail.outbox[0].body
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers


def test_nobody_is_reminded_of_a_week_they_have_submitted(client, manager, member):
    Timesheet.of(member, WEEK).submit(at=FRIDAY_15)
    client.force_login(manager)
    assert "has submitted this week" in ask(client, member, "2026-11-23T10:00Z")
    assert not Reminder.objects.exists()


def test_the_team_page_shows_that_a_reminder_failed(client, manager, member):
    client.force_login(manager)
    ask(client, member, "2026-11-23T10:00Z")
    Reminder.objects.update(state=State.FAILED, reason="550 no such mailbox")
    with time_machine.travel("2026-11-23T10:01Z"):
        assert "550 no such mailbox" in client.get(f"/team/?week={WEEK}").content.decode()
    assert "on its way" in ask(client, member, "2026-11-23T10:02Z")
