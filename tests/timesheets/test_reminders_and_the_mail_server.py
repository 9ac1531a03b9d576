"""Reminders over a real connection: trouble at each step, and a worker killed at each. Nobody gets two, none is lost in
silence, and a director can send again what did not arrive.
"""

import os
import signal
from datetime import UTC, date, datetime, timedelta
from smtplib import SMTP

import pytest

from campaigns.models import Agency
from core import smtp
from core.outbox import Outbox
from core.weeks import Week
from tests import factories
from tests.killing import KILLED, dies_after, dies_before, how_it_ended, worker
from tests.mailserver import BEFORE_THE_DOT, HANG_UP, SILENCE, MailServer, Trouble
from tests.waiting import happens
from timesheets import reminders
from timesheets.models import Reminder

WEEK = Week(date(2026, 11, 16))
FRIDAY_15 = datetime(2026, 11, 20, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
State = Reminder.State
PERSON = "anne@example.com"
REPEATS = [1, pytest.param(20, marks=pytest.mark.soak)]


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = smtp.SMTP_BACKEND
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 10
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def friday(server, db):
    """A reminder that is due to one person on Friday at three."""
    Agency.current()
    member = factories.MemberFactory(email=PERSON)
    return lambda: _decided(server, member)


def _decided(server: MailServer, member) -> None:
    Reminder.objects.all().delete()
    server.held.clear()
    Reminder.objects.create(member=member, week=WEEK.monday, kind="friday", due_at=FRIDAY_15, next_attempt_at=FRIDAY_15)


def send() -> None:
    reminders.send_due(at=FRIDAY_15)


def sweeps_go_on(*, minutes: int = 120) -> None:
    for minute in (*range(1, 16), *range(20, minutes + 1, 10)):
        reminders.send_due(at=FRIDAY_15 + minute * MINUTE)


def how_it_stands(server) -> tuple[int, str]:
    return server.held[PERSON], Reminder.objects.get().state


# -- trouble ----------------------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("does", [SILENCE, HANG_UP, "421 closing", "451 not now"])
@pytest.mark.parametrize("step", [step for step in BEFORE_THE_DOT if step != "message"])
def test_a_reminder_refused_for_now_comes_once_the_server_is_back(server, settings, friday, step, does):
    friday()
    server.trouble = Trouble(step, does)
    settings.EMAIL_TIMEOUT = 0.2 if does == SILENCE else 10
    send()
    assert how_it_stands(server) == (0, State.WAITING)
    server.trouble, settings.EMAIL_TIMEOUT = None, 10
    sweeps_go_on(minutes=30)
    assert how_it_stands(server) == (1, State.SENT)


@pytest.mark.once
@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("does", [SILENCE, HANG_UP])
def test_a_reminder_of_which_nothing_is_known_after_its_dot_is_not_sent_again(server, monkeypatch, friday, does, keeps):
    friday()
    server.trouble = Trouble("dot", does, keeps)
    monkeypatch.setattr(smtp, "SCANNING_FACTOR", 0.02 if does == SILENCE else 3)
    send()
    server.trouble = None
    sweeps_go_on()
    assert how_it_stands(server) == (int(keeps), State.UNKNOWN)


@pytest.mark.once
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_reminder_refused_for_good_is_not_tried_again(server, friday, step):
    friday()
    server.trouble = Trouble(step, "550 no such person")
    send()
    server.trouble = None
    sweeps_go_on()
    assert how_it_stands(server) == (0, State.FAILED)
    assert Reminder.objects.get().reason == "550 no such person"


# -- kills ------------------------------------------------------------------------------------------------------------

# Where the worker dies, how many copies the server then holds, and what is known.
POINTS = {
    "claimed": (dies_after(Outbox, "claim"), 0, State.UNKNOWN),
    "connected": (dies_after(smtp, "_connect"), 0, State.UNKNOWN),
    "DATA begun": (dies_after(SMTP, "docmd"), 0, State.UNKNOWN),
    "before the dot": (dies_before(smtp, "_hand_over"), 0, State.UNKNOWN),
    "accepted": (dies_after(smtp, "_hand_over"), 1, State.UNKNOWN),
    "recorded": (dies_after(Outbox, "_finish"), 1, State.SENT),
}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_while_it_reminds_leaves_at_most_one_copy_and_a_word(
    server, friday, point, repeats, record_property
):
    plant, held, state = POINTS[point]
    for _number in range(repeats):
        friday()
        assert how_it_ended(worker(send, plant)) == KILLED
        sweeps_go_on()
        assert how_it_stands(server) == (held, state)
        record_property("kills", 1)
        record_property("copies held", held)
        record_property("second copies", max(server.held[PERSON] - 1, 0))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("repeats", REPEATS)
def test_a_worker_killed_after_the_dot_of_a_reminder_is_not_followed_by_a_second_copy(
    server, friday, repeats, record_property
):
    for _number in range(repeats):
        friday()
        server.trouble = Trouble("dot", SILENCE, keeps=True)
        pid = worker(send)
        assert happens(lambda: server.held[PERSON])
        os.kill(pid, signal.SIGKILL)
        assert how_it_ended(pid) == KILLED
        server.trouble = None
        sweeps_go_on()
        assert how_it_stands(server) == (1, State.UNKNOWN)
        record_property("kills", 1)
        record_property("second copies", server.held[PERSON] - 1)


# -- sending again ----------------------------------------------------------------------------------------------------

LATER = FRIDAY_15 + timedelta(days=2)


@pytest.mark.django_db
def test_one_that_failed_is_sent_again_once_when_asked_for_however_late(server, friday):
    friday()
    server.trouble = Trouble("RCPT", "550 no such person")
    send()
    server.trouble = None
    one = Reminder.objects.get()
    assert reminders.resend(one.pk, at=LATER)
    assert not reminders.resend(one.pk, at=LATER)
    for minute in range(3):
        reminders.send_due(at=LATER + minute * MINUTE)
    assert how_it_stands(server) == (1, State.SENT)
    assert not reminders.resend(one.pk, at=LATER + MINUTE)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.WAITING, State.SENT, State.DROPPED])
def test_no_other_reminder_is_sent_again(friday, state):
    friday()
    Reminder.objects.update(state=state)
    assert not reminders.resend(Reminder.objects.get().pk, at=LATER)


@pytest.mark.django_db
def test_one_that_a_worker_may_still_be_sending_is_not_sent_again(friday, server, monkeypatch):
    friday()
    one = Reminder.objects.get()
    asked = []

    def while_it_is_sent(_message) -> None:
        asked.extend(reminders.resend(one.pk, at=FRIDAY_15 + minutes * MINUTE) for minutes in (1, 15))

    monkeypatch.setattr(smtp, "send", while_it_is_sent)
    send()
    assert asked == [False, False]
    assert Reminder.objects.get().state == State.SENT


@pytest.mark.django_db
def test_a_worker_that_comes_to_its_end_late_does_not_undo_what_a_director_asked_for(friday, monkeypatch):
    friday()
    one = Reminder.objects.get()
    again = FRIDAY_15 + 16 * MINUTE
    monkeypatch.setattr(smtp, "send", lambda _message: reminders.resend(one.pk, at=again))
    send()
    one.refresh_from_db()
    assert (one.state, one.due_at) == (State.WAITING, again)


@pytest.mark.django_db
def test_of_two_workers_told_of_the_same_reminder_one_sends_it(friday, monkeypatch):
    friday()
    one = Reminder.objects.get()
    handed = []

    def hand_over(message) -> None:
        handed.append(message)
        if len(handed) == 1:
            reminders.OUTBOX.send(one.pk, at=FRIDAY_15)  # the other worker, while this one talks to the server

    monkeypatch.setattr(smtp, "send", hand_over)
    send()
    reminders.OUTBOX.send(one.pk, at=FRIDAY_15)
    assert len(handed) == 1
