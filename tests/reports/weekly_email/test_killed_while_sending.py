"""A worker killed at each step of sending: nobody ever gets a second copy, and whatever may be missing is said to be.

The worker is a process of its own, ended by SIGKILL. The mail server, in this process, counts what it holds.
"""

import os
import random
import signal
import time
from collections import Counter
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from smtplib import SMTP

import pytest
from aiosmtpd.controller import Controller

from core import smtp
from core.outbox import Outbox
from core.weeks import Week
from reports.models import Subscriber, SummaryDelivery
from reports.weekly_email import delivery
from tests import factories
from tests.killing import KILLED, dies_after, dies_before, how_it_ended, worker
from tests.servers import free_port
from tests.waiting import PATIENCE

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
State = SummaryDelivery.State

MONDAY_8 = datetime(2026, 11, 16, 7, tzinfo=UTC)
W46 = Week.parse("2026-W46")
REPEATS = [2, pytest.param(20, marks=pytest.mark.soak)]
READERS = ("first@example.com", "second@example.com")


class Sink:
    """Accepts and counts by recipient; may kill the worker before it answers."""

    def __init__(self) -> None:
        self.held: Counter[str] = Counter()
        self.victim: Future[int] | None = None

    async def handle_DATA(self, server, session, envelope):
        self.held.update(envelope.rcpt_tos)
        if self.victim:
            os.kill(self.victim.result(timeout=PATIENCE), signal.SIGKILL)
            self.victim = None
        return "250 accepted"


@pytest.fixture
def sink(settings):
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = smtp.SMTP_BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = PATIENCE
    yield sink
    controller.stop()


# Where the worker dies, how many copies the server then holds, and what the director is told.
POINTS = {
    "claimed": (dies_after(Outbox, "claim"), 0, State.UNKNOWN),
    "connected": (dies_after(smtp, "_connect"), 0, State.UNKNOWN),
    "DATA begun": (dies_after(SMTP, "docmd"), 0, State.UNKNOWN),
    "before the dot": (dies_before(smtp, "_hand_over"), 0, State.UNKNOWN),
    "accepted": (dies_after(smtp, "_hand_over"), 1, State.UNKNOWN),
    "recorded": (dies_after(Outbox, "_finish"), 1, State.SENT),
}


def send() -> None:
    delivery.send_due(at=MONDAY_8)


def decided(sink: Sink) -> None:
    """A new week for both readers, and nothing sent yet."""
    SummaryDelivery.objects.all().delete()
    Subscriber.objects.all().delete()
    sink.held.clear()
    for email in READERS:
        factories.SubscriberFactory(email=email)
    delivery.decide(W46, at=MONDAY_8)


def sweeps_go_on() -> None:
    """Other workers keep sweeping for hours, on a clock of their own."""
    for minute in (*range(1, 18), 30, 60, 240):
        delivery.send_due(at=MONDAY_8 + timedelta(minutes=minute))


def states() -> list[str]:
    """The decisions about both readers."""
    return list(SummaryDelivery.objects.order_by("subscriber__email").values_list("state", flat=True))


def copies(sink: Sink) -> list[int]:
    return [sink.held[email] for email in READERS]


def count(sink: Sink, record_property) -> None:
    """For the table: one kill, and what it left."""
    record_property("kills", 1)
    record_property("copies held", sum(copies(sink)))
    record_property("unknown", states().count(State.UNKNOWN))
    record_property("second copies", sum(max(held - 1, 0) for held in copies(sink)))


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_step_leaves_at_most_one_copy_and_a_word(sink, point, repeats, record_property):
    plant, held, state = POINTS[point]
    for _number in range(repeats):
        decided(sink)
        assert how_it_ended(worker(send, plant)) == KILLED
        sweeps_go_on()
        assert (copies(sink), states()) == ([held, 1], [state, State.SENT])
        count(sink, record_property)


@pytest.mark.parametrize("repeats", REPEATS)
def test_a_worker_killed_after_the_dot_is_not_followed_by_a_second_copy(sink, repeats, record_property):
    for _number in range(repeats):
        decided(sink)
        sink.victim = Future()
        pid = worker(send)
        sink.victim.set_result(pid)
        assert how_it_ended(pid) == KILLED
        sweeps_go_on()
        assert (copies(sink), states()) == ([1, 1], [State.UNKNOWN, State.SENT])
        count(sink, record_property)


@pytest.mark.parametrize("repeats", [5, pytest.param(100, marks=pytest.mark.soak)])
def test_a_worker_killed_at_any_moment_leaves_at_most_one_copy_and_a_word(sink, repeats, record_property):
    dice = random.Random(46)
    for _number in range(repeats):
        decided(sink)
        pid = worker(send)
        time.sleep(dice.uniform(0, 0.05))
        os.kill(pid, signal.SIGKILL)
        assert how_it_ended(pid) in (KILLED, 0)
        sweeps_go_on()
        for held, state in zip(copies(sink), states(), strict=True):
            assert (held, state) in [(1, State.SENT), (1, State.UNKNOWN), (0, State.UNKNOWN)]
        record_property("workers ended at a moment of its own", 1)
