"""What people save is recomputed soon, not at the next sweep, and by one drain for all of it."""

import logging
import threading
from unittest.mock import Mock

import pytest
from django.urls import reverse

from core import logs, task_queue
from tests.factories import LeadFactory, PlatformFactory, SaleFactory, SpendFactory, TouchFactory
from tests.waiting import eventually


@pytest.fixture
def enqueued(monkeypatch):
    tasks: list[str] = []
    monkeypatch.setattr(task_queue, "_send", lambda task, _arguments: tasks.append(task))
    return tasks


SPEND = {"amount_cents": "7", "starts_on": "2026-11-16", "ends_on": "2026-11-16"}


@pytest.mark.parametrize(
    ("name", "row", "sent"),
    [
        ("spend_add", None, SPEND),
        ("spend_void", SpendFactory, {}),
        ("lead_status", LeadFactory, {"status-status": "won"}),
        ("touch_add", LeadFactory, {"touch-at": "2026-11-10T10:00"}),
        ("touch_void", TouchFactory, {}),
        ("refund_add", SaleFactory, {"amount_cents": "1", "sold_on": "2026-11-19"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_drain_is_enqueued_when_something_was_saved(
    client, manager, enqueued, django_capture_on_commit_callbacks, name, row, sent
):
    client.force_login(manager)
    url = reverse(f"campaigns:{name}", args=[row().pk] if row else [])
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {**sent, "platform": PlatformFactory().pk})
    assert enqueued == [task_queue.DRAIN]


def test_nothing_is_enqueued_by_a_form_that_was_refused(client, manager, enqueued, django_capture_on_commit_callbacks):
    client.force_login(manager)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("campaigns:spend_add"), {})
    assert enqueued == []


# -- one drain for all ------------------------------------------------------------------------------------------------


@pytest.fixture
def broker(monkeypatch):
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):  # of tests before this one
            thread.join()
    monkeypatch.setattr(task_queue, "GATHER_SECONDS", 0.05)
    broker = Mock()
    monkeypatch.setattr(task_queue, "current_app", broker)
    return broker


def is_sent() -> bool:
    return task_queue._drain.sender is None


def test_what_is_saved_within_a_moment_is_one_drain(broker, monkeypatch):
    monkeypatch.setattr(task_queue, "GATHER_SECONDS", 3600.0)
    for _each in range(50):
        task_queue.enqueue(task_queue.DRAIN)
    sender = task_queue._drain.sender
    assert not broker.send_task.called
    sender.cancel()
    sender.join()
    sender.function(*sender.args)  # an hour later
    broker.send_task.assert_called_once_with("reports.drain", kwargs={}, retry=False, ignore_result=True)
    assert is_sent()


def test_what_is_saved_later_is_another_drain(broker):
    for count in (1, 2):
        task_queue.enqueue(task_queue.DRAIN)
        eventually(lambda count=count: broker.send_task.call_count == count and is_sent())


def test_other_tasks_are_sent_at_once_each(broker):
    for number in (1, 2):
        task_queue.enqueue("timesheets.remind", reminder_id=number)
    assert [call.kwargs["kwargs"] for call in broker.send_task.call_args_list] == [
        {"reminder_id": 1},
        {"reminder_id": 2},
    ]


def test_a_drain_carries_the_number_of_the_request_that_asked_first(broker, monkeypatch):
    numbers: list[str] = []
    broker.send_task.side_effect = lambda *_task, **_options: numbers.append(logs.context_value("request"))
    monkeypatch.setattr(task_queue, "GATHER_SECONDS", 1.0)
    for number in ("first", "second"):
        with logs.log_context(request=number):
            task_queue.enqueue(task_queue.DRAIN)
    eventually(lambda: numbers == ["first"])


def test_a_broker_that_is_away_is_logged_and_asked_again_next_time(broker, caplog):
    broker.send_task.side_effect = OSError("away")
    with caplog.at_level(logging.WARNING):
        task_queue.enqueue(task_queue.DRAIN)
        eventually(lambda: "the sweep will" in caplog.text and is_sent())
    broker.send_task.side_effect = None
    task_queue.enqueue(task_queue.DRAIN)
    eventually(lambda: broker.send_task.call_count == 2)


def test_who_saves_is_told_nothing_of_a_thread_that_cannot_start(broker, monkeypatch, caplog):
    monkeypatch.setattr(threading, "Timer", Mock(side_effect=RuntimeError("can't start new thread")))
    task_queue.enqueue(task_queue.DRAIN)
    assert "the sweep will" in caplog.text
    monkeypatch.undo()
    assert is_sent()
