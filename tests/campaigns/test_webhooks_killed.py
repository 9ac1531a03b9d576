"""A worker killed in the middle of a delivery: a program is told at least once, with one id; a chat at most once.

The worker is a process of its own, ended by SIGKILL. The receiver, in this process, keeps what came.
"""

import os
import random
import signal
import time
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any

import pytest
import time_machine

from campaigns.models import EventKind, Webhook, WebhookDelivery, WebhookEvent
from campaigns.webhooks import delivery, events
from core import outgoing_http
from core.outbox import Outbox
from operations import jobs
from tests.factories import LeadFactory
from tests.killing import KILLED, dies_after, dies_before, how_it_ended, worker
from tests.receiver import Receiver, receiving
from tests.waiting import PATIENCE

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.claim]
State = WebhookDelivery.State
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPEATS = [2, pytest.param(20, marks=pytest.mark.soak)]
LEADS = 2

# Where the worker dies, and how many messages the receiver then holds.
POINTS = {
    "handed out, not committed": (dies_after(WebhookDelivery.objects, "bulk_create"), 0),
    "handed out": (dies_after(events, "hand_out"), 0),
    "claimed": (dies_after(Outbox, "claim"), 0),
    "before the connection": (dies_before(outgoing_http, "_exchange"), 0),
    "connected": (dies_after(outgoing_http._Plain, "connect"), 0),
    "all of it sent": (dies_after(HTTPConnection, "request"), 1),
    "answered, not recorded": (dies_after(outgoing_http, "post"), 1),
    "recorded": (dies_after(Outbox, "_finish"), 1),
}
BEFORE_A_CLAIM = ("handed out, not committed", "handed out")


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    with receiving() as receiver:
        yield receiver


def send() -> None:
    delivery.send_due(at=NOW)


def happened(receiver: Receiver, form: str) -> None:
    """Two leads came in, and nobody was told yet."""
    Webhook.objects.all().delete()
    WebhookEvent.objects.all().delete()
    receiver.came.clear()
    webhook = Webhook(name="Receiver", events=[str(EventKind.LEAD_CREATED)], format=form)
    webhook.url = receiver.url()
    webhook.rotate_secret(at=None)
    webhook.save()
    LeadFactory.create_batch(LEADS)


def sweeps_go_on() -> None:
    """Other workers go on: the sweep asks every minute whether anything is to be sent, and only then it is."""
    for minute in (*range(1, 18), 30, 60, 240):
        at = NOW + timedelta(minutes=minute)
        with time_machine.travel(at, tick=False):
            if delivery.is_due(at=at):
                jobs.attempt("webhooks", delivery.send_due, at=at)


def ids(receiver: Receiver) -> list[str]:
    return [request.headers["webhook-id"] for request in receiver.came]


def comes_to(receiver: Receiver, count: int) -> bool:
    """Whether the receiver, which reads in a thread of its own, has that many by now or soon."""
    until = time.monotonic() + PATIENCE
    while len(receiver.came) < count and time.monotonic() < until:
        time.sleep(0.01)
    return len(receiver.came) == count


def check_told(receiver: Receiver, record_property: Any) -> None:
    """Each message at least once, under the id that it had from the beginning."""
    stored = sorted(WebhookDelivery.objects.values_list("message_id", flat=True))
    assert len(stored) == LEADS
    assert sorted(set(ids(receiver))) == stored
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {State.SENT}
    record_property("kills", 1)
    record_property("messages lost", 0)
    record_property("told again with the same id", len(receiver.came) - LEADS)


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("point", POINTS)
def test_a_program_is_told_at_least_once_wherever_a_worker_dies(receiver, point, repeats, record_property):
    plant, held = POINTS[point]
    for _number in range(repeats):
        happened(receiver, "standard")
        assert how_it_ended(worker(send, plant)) == KILLED
        assert comes_to(receiver, held)
        sweeps_go_on()
        check_told(receiver, record_property)


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("point", POINTS)
def test_a_chat_is_told_at_most_once_wherever_a_worker_dies(receiver, point, repeats, record_property):
    plant, held = POINTS[point]
    for _number in range(repeats):
        happened(receiver, "mattermost")
        assert how_it_ended(worker(send, plant)) == KILLED
        assert comes_to(receiver, held)
        sweeps_go_on()
        bodies = [request.body for request in receiver.came]
        assert len(set(bodies)) == len(bodies) == LEADS - (held == 0 and point not in BEFORE_A_CLAIM)
        first = State.SENT if point in ("recorded", *BEFORE_A_CLAIM) else State.UNKNOWN
        states = list(WebhookDelivery.objects.order_by("pk").values_list("state", flat=True))
        assert sorted(states) == sorted([first, State.SENT]), "what may be missing is said to be"
        record_property("kills", 1)
        record_property("second posts", len(bodies) - len(set(bodies)))


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("form", ["standard", "mattermost"])
def test_killed_by_the_receiver_before_it_answers(receiver, form, repeats, record_property):
    """All of it has arrived, and the answer never leaves."""
    for _number in range(repeats):
        happened(receiver, form)
        victim: Future[int] = Future()

        def kill(handler: Any, victim: Future[int] = victim) -> None:
            os.kill(victim.result(timeout=PATIENCE), signal.SIGKILL)
            handler.close_connection = True

        receiver.answer = kill
        pid = worker(send)
        victim.set_result(pid)
        assert how_it_ended(pid) == KILLED
        receiver.answer = 200
        assert comes_to(receiver, 1)
        sweeps_go_on()
        if form == "standard":
            check_told(receiver, record_property)
        else:
            assert len({request.body for request in receiver.came}) == len(receiver.came) == LEADS
            record_property("kills", 1)


@pytest.mark.parametrize("repeats", [5, pytest.param(100, marks=pytest.mark.soak)])
def test_killed_at_any_moment_no_message_is_lost(receiver, repeats, record_property):
    dice = random.Random(42)
    for _number in range(repeats):
        happened(receiver, "standard")
        pid = worker(send)
        time.sleep(dice.uniform(0, 0.05))
        os.kill(pid, signal.SIGKILL)
        assert how_it_ended(pid) in (KILLED, 0)
        sweeps_go_on()
        check_told(receiver, record_property)
