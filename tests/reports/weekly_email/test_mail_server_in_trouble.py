"""A mail server that refuses, says nothing or breaks off at each step of a conversation, over a real connection.

Before the last dot nothing has been delivered: the summary waits, and arrives within half an hour of the server's being
back. After it nobody knows: it stays unknown, and a second copy never goes by itself.
"""

from datetime import UTC, datetime, timedelta

import pytest

from core import smtp
from core.weeks import Week
from reports.models import SummaryDelivery
from reports.weekly_email import delivery
from tests import factories
from tests.mailserver import BEFORE_THE_DOT, HANG_UP, SILENCE, MailServer, Trouble
from tests.servers import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.once]
State = SummaryDelivery.State

MONDAY_8 = datetime(2026, 11, 16, 7, tzinfo=UTC)
W46 = Week.parse("2026-W46")
READER = "reader@example.com"
REPEATS = [1, pytest.param(20, marks=pytest.mark.soak)]

FOR_NOW = ("421 closing", "451 not now")
FOR_GOOD = ("550 no such reader",)
# Where a server may keep the message and lose its answer, it may also lose both.
AFTER_THE_DOT = [Trouble("dot", does, keeps) for does in (SILENCE, HANG_UP, "354 what?") for keeps in (True, False)]
# Breaks in the middle of a message, which has to be longer than what the system holds back for a connection.
MIDWAY = [Trouble("message", does) for does in (SILENCE, HANG_UP, "421 closing")]
SHORT = "The week.\n"
LONG = f"{'a line of a long letter':>63}\n" * 70_000


@pytest.fixture
def server(settings):
    settings.EMAIL_BACKEND = smtp.SMTP_BACKEND
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def letter(server, settings, monkeypatch):
    """Decide the reader's summary anew, with a server that is in this trouble."""
    reader = factories.SubscriberFactory(email=READER)

    def decide(trouble: Trouble | None) -> None:
        SummaryDelivery.objects.all().delete()
        server.held.clear()
        text = LONG if trouble in MIDWAY else SHORT
        SummaryDelivery.objects.create(
            subscriber=reader,
            week=W46.monday,
            next_attempt_at=MONDAY_8,
            subject="The week",
            text=text,
            html="<p>The week",
        )
        server.trouble = trouble
        # Patience only where silence is waited for: a busy machine must not look like a silent server.
        silent_at = trouble.step if trouble and trouble.does == SILENCE else ""
        settings.EMAIL_TIMEOUT = 0.2 if silent_at in BEFORE_THE_DOT else 10
        monkeypatch.setattr(smtp, "SCANNING_FACTOR", {"dot": 0.02, "QUIT": 0.2}.get(silent_at, 3))

    return decide


def sweeps(*minutes: int) -> None:
    """Sweeps so many minutes after eight."""
    for minute in minutes:
        delivery.send_due(at=MONDAY_8 + timedelta(minutes=minute))


def recovers(server, settings) -> None:
    server.trouble = None
    settings.EMAIL_TIMEOUT, settings.EMAIL_PORT = 10, server.port
    SummaryDelivery.objects.update(text=SHORT)


def how_it_stands(server) -> tuple[int, str]:
    """The copies that the server holds, and what the director is told."""
    return server.held[READER], SummaryDelivery.objects.get().state


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("does", [SILENCE, HANG_UP, *FOR_NOW])
@pytest.mark.parametrize("step", BEFORE_THE_DOT)
def test_trouble_before_the_dot_delays_a_summary_and_costs_nobody_a_copy(
    server, settings, letter, step, does, repeats, record_property
):
    for _number in range(repeats):
        letter(Trouble(step, does))
        sweeps(0, 1, 2)
        assert how_it_stands(server) == (0, State.WAITING)
        recovers(server, settings)
        sweeps(3, 4, 10, 20, 30)
        assert how_it_stands(server) == (1, State.SENT)
        record_property("delivered in half an hour", 1)


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("does", FOR_NOW)
def test_a_message_refused_for_now_after_its_dot_arrives_once(server, settings, letter, does, repeats, record_property):
    for _number in range(repeats):
        letter(Trouble("dot", does))
        sweeps(0, 1, 3, 7, 14)
        assert how_it_stands(server) == (0, State.WAITING)
        recovers(server, settings)
        sweeps(15, 16, 30)
        assert how_it_stands(server) == (1, State.SENT)
        record_property("delivered in half an hour", 1)


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("trouble", AFTER_THE_DOT, ids=str)
def test_what_happens_after_the_dot_is_unknown_and_nothing_is_sent_again(
    server, settings, letter, trouble, repeats, record_property
):
    for _number in range(repeats):
        letter(trouble)
        sweeps(0)
        assert how_it_stands(server) == (int(trouble.keeps), State.UNKNOWN)
        assert SummaryDelivery.objects.get().reason
        recovers(server, settings)
        seen = server.connections
        sweeps(1, 2, 14, 16, 30, 60, 250)
        assert (how_it_stands(server), server.connections) == ((int(trouble.keeps), State.UNKNOWN), seen)
        record_property("unknown", 1)
        record_property("second copies", server.held[READER] - int(trouble.keeps))


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("does", FOR_GOOD)
@pytest.mark.parametrize("step", [*BEFORE_THE_DOT, "dot"])
def test_a_refusal_for_good_at_any_step_is_shown_and_not_tried_again(
    server, settings, letter, step, does, repeats, record_property
):
    for _number in range(repeats):
        letter(Trouble(step, does))
        sweeps(0)
        assert how_it_stands(server) == (0, State.FAILED)
        assert SummaryDelivery.objects.get().reason == does
        recovers(server, settings)
        sweeps(1, 2, 14, 16, 30)
        assert how_it_stands(server) == (0, State.FAILED)
        record_property("failed, with the server's words", 1)


@pytest.mark.parametrize("does", [SILENCE, HANG_UP, "451 not so fast"])
def test_a_goodbye_that_goes_wrong_does_not_undo_what_was_accepted(server, letter, does):
    letter(Trouble("QUIT", does))
    sweeps(0, 1, 5, 16, 30)
    assert how_it_stands(server) == (1, State.SENT)


# Minutes that the server is down. When it is back within half an hour, the summary is there by then.
@pytest.mark.parametrize("minutes", [1, 5, 20, 29, 31, 61, 119, 200])
def test_after_any_time_without_a_server_the_summary_arrives_within_half_an_hour(
    server, settings, letter, minutes, record_property
):
    letter(None)
    settings.EMAIL_PORT = free_port()
    sweeps(*range(minutes))
    assert how_it_stands(server) == (0, State.WAITING)
    recovers(server, settings)
    sweeps(*range(minutes, 31 if minutes <= 30 else minutes + 30))
    assert how_it_stands(server) == (1, State.SENT)
    record_property("delivered in half an hour", 1)


def test_a_server_that_takes_a_message_and_answers_in_other_words_has_it(server, letter):
    letter(Trouble("dot", "251 taken elsewhere", keeps=True))
    sweeps(0, 1, 5, 16, 60)
    assert how_it_stands(server) == (1, State.SENT)


def test_a_connection_found_broken_at_the_dot_has_delivered_nothing(server, settings, letter, monkeypatch):
    letter(None)
    hand_over = smtp._hand_over

    def on_a_broken_one(smtp) -> None:
        smtp.sock.shutdown(1)
        hand_over(smtp)

    monkeypatch.setattr(smtp, "_hand_over", on_a_broken_one)
    sweeps(0)
    assert how_it_stands(server) == (0, State.WAITING)


def test_a_task_that_runs_out_of_time_at_the_goodbye_has_sent_what_it_sent(server, letter, monkeypatch):
    """Celery raises in the middle of whatever runs; after the server's yes that must not lead to another attempt."""

    class OutOfTime(Exception):
        pass

    monkeypatch.setattr("smtplib.SMTP.quit", lambda _smtp: (_ for _ in ()).throw(OutOfTime))
    letter(None)
    sweeps(0, 1, 5, 16, 30)
    assert how_it_stands(server) == (1, State.SENT)
