"""A worker killed at each step of sending: nobody ever gets a second copy, and whatever may be missing is said to be.

The worker is a process of its own, forked so that thousands of kills take minutes, and ended by SIGKILL: nothing of it
gets to clean up. The mail server, in this process, counts what it holds.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from smtplib import SMTP

import pytest
from aiosmtpd.controller import Controller
from django.db import connections

from campaigns import postbox
from campaigns.weeks import Week
from reports import delivery
from reports.models import Subscriber, SummaryDelivery
from tests import factories
from tests.servers import free_port

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
State = SummaryDelivery.State

MONDAY_8 = datetime(2026, 11, 16, 7, tzinfo=UTC)
W46 = Week.parse("2026-W46")
REPEATS = [2, pytest.param(20, marks=pytest.mark.soak)]
READERS = ("first@example.com", "second@example.com")


class Sink:
    """Accepts and counts by recipient; may kill the worker before it answers, or refuse for a while."""

    def __init__(self) -> None:
        self.held: Counter[str] = Counter()
        self.victim: Future[int] | None = None
        self.now = self.refuses_until = MONDAY_8
        self.refusal = ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.now < self.refuses_until:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.held.update(envelope.rcpt_tos)
        if self.victim:
            os.kill(self.victim.result(timeout=10), signal.SIGKILL)
            self.victim = None
        return "250 accepted"


@pytest.fixture
def sink(settings):
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = postbox.SMTP_BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 5
    yield sink
    controller.stop()


def die(*_args: object, **_kwargs: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dies_after(owner: object, name: str) -> Callable[[], None]:
    """Return what makes the process die as soon as this function has done its work."""

    def plant() -> None:
        original = getattr(owner, name)

        def and_die(*args, **kwargs):
            original(*args, **kwargs)
            die()

        setattr(owner, name, and_die)

    return plant


def dies_before(owner: object, name: str) -> Callable[[], None]:
    return lambda: setattr(owner, name, die)


# Where the worker dies, how many copies the server then holds, and what the director is told.
POINTS = {
    "claimed": (dies_after(delivery, "claim"), 0, State.UNKNOWN),
    "connected": (dies_after(postbox, "_connect"), 0, State.UNKNOWN),
    "DATA begun": (dies_after(SMTP, "docmd"), 0, State.UNKNOWN),
    "before the dot": (dies_before(postbox, "_hand_over"), 0, State.UNKNOWN),
    "accepted": (dies_after(postbox, "_hand_over"), 1, State.UNKNOWN),
    "recorded": (dies_after(delivery, "_finish"), 1, State.SENT),
}


def worker(plant: Callable[[], None], *, at: datetime) -> int:
    """Run the sending in a process of its own and return its number; what is planted is its own too."""
    connections.close_all()
    if pid := os.fork():
        return pid
    try:
        plant()
        delivery.send_due(at=at)
    finally:
        os._exit(0)


def how_it_ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def decided(sink: Sink) -> None:
    """A new week for both readers, and nothing sent yet."""
    SummaryDelivery.objects.all().delete()
    Subscriber.objects.all().delete()
    sink.held.clear()
    for email in READERS:
        factories.SubscriberFactory(email=email)
    delivery.decide(W46, at=MONDAY_8)


def sweeps_go_on(sink: Sink, *, minutes: int) -> None:
    """Other workers keep sweeping, on a clock of their own."""
    for minute in range(1, minutes + 1):
        sink.now = MONDAY_8 + timedelta(minutes=minute)
        delivery.send_due(at=sink.now)


def states() -> list[str]:
    """The decisions about both readers."""
    return list(SummaryDelivery.objects.order_by("subscriber__email").values_list("state", flat=True))


def copies(sink: Sink) -> list[int]:
    return [sink.held[email] for email in READERS]


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_step_leaves_at_most_one_copy_and_a_word(sink, point, repeats, record_property):
    plant, held, state = POINTS[point]
    for _number in range(repeats):
        decided(sink)
        assert how_it_ended(worker(plant, at=MONDAY_8)) == -signal.SIGKILL
        record_property("kills", 1)
        sweeps_go_on(sink, minutes=60)
        assert (copies(sink), states()) == ([held, 1], [state, State.SENT])


@pytest.mark.parametrize("repeats", REPEATS)
def test_a_worker_killed_after_the_dot_is_not_followed_by_a_second_copy(sink, repeats):
    for _number in range(repeats):
        decided(sink)
        sink.victim = Future()
        pid = worker(lambda: None, at=MONDAY_8)
        sink.victim.set_result(pid)
        assert how_it_ended(pid) == -signal.SIGKILL
        sweeps_go_on(sink, minutes=60)
        assert (copies(sink), states()) == ([1, 1], [State.UNKNOWN, State.SENT])


@pytest.mark.parametrize("repeats", [5, pytest.param(100, marks=pytest.mark.soak)])
def test_a_worker_killed_at_any_moment_leaves_at_most_one_copy_and_a_word(sink, repeats):
    dice = random.Random(46)
    for _number in range(repeats):
        decided(sink)
        pid = worker(lambda: None, at=MONDAY_8)
        time.sleep(dice.uniform(0, 0.05))
        os.kill(pid, signal.SIGKILL)
        assert how_it_ended(pid) in (-signal.SIGKILL, 0)
        sweeps_go_on(sink, minutes=60)
        for held, state in zip(copies(sink), states(), strict=True):
            assert (held, state) in [(1, State.SENT), (1, State.UNKNOWN), (0, State.UNKNOWN)]


@pytest.mark.parametrize("refusal", ["421 closing", "451 not now"])
@pytest.mark.parametrize("minutes", [1, 5, 14])
def test_what_is_refused_for_a_while_arrives_within_half_an_hour(sink, refusal, minutes):
    decided(sink)
    sink.refusal, sink.refuses_until = refusal, MONDAY_8 + timedelta(minutes=minutes)
    delivery.send_due(at=MONDAY_8)
    assert states() == [State.PENDING, State.PENDING]
    sweeps_go_on(sink, minutes=30)
    assert (copies(sink), states()) == ([1, 1], [State.SENT, State.SENT])


def test_what_is_refused_for_good_is_not_tried_again_and_shown(sink):
    decided(sink)
    sink.refusal, sink.refuses_until = "550 no such reader", MONDAY_8 + timedelta(minutes=1)
    delivery.send_due(at=MONDAY_8)
    sweeps_go_on(sink, minutes=30)
    assert (copies(sink), states()) == ([0, 0], [State.FAILED, State.FAILED])
