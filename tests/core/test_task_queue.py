"""What people save is recomputed at once, not at the next sweep."""

import pytest
from django.urls import reverse

from core import task_queue
from tests.factories import LeadFactory, PlatformFactory, SaleFactory, SpendFactory, TouchFactory


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
