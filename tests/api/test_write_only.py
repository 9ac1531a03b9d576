"""A token that may only write is told where a row is, and reads nothing by writing."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from campaigns.models import Lead, Sale
from tests import factories
from tests.api.asking import Asker, is_problem, token_for
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
DAY = "2026-11-17"


@pytest.fixture(autouse=True)
def a_wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def writer(manager) -> Asker:
    """May write whatever a manager may, and read nothing."""
    return Asker(token_for(manager, scopes=["leads:write", "sales:write", "hours:write"]))


@pytest.fixture
def lead() -> Lead:
    return factories.LeadFactory(name="Maison Dupré", email="dupre@example.com", received_at=NOW - timedelta(days=1))


def is_untold(answer, address: str) -> bool:
    """Whether it says that it was done, and where the row is, and nothing of what it holds."""
    assert (answer.status_code, answer.content) == (204, b""), answer.content
    return answer["Location"] == f"/api/v1{address}" and bool(answer["ETag"])


def test_a_row_that_is_changed_voided_or_restored_is_not_read(writer, lead):
    address = f"/leads/{lead.pk}"
    assert is_untold(writer.patch(address, {"phone": "1"}, If_Match="*"), address)
    assert is_untold(writer.post(f"{address}/void", {"reason": "twice"}), address)
    assert is_untold(writer.post(f"{address}/restore"), address)
    assert is_untold(writer.post(f"{address}/status", {"status": "won"}), address)
    lead.refresh_from_db()
    assert (lead.phone, lead.is_void, lead.status) == ("1", False, "won")


def test_the_version_of_an_untold_change_is_good_for_the_next_one(writer, lead):
    answer = writer.patch(f"/leads/{lead.pk}", {"phone": "1"}, If_Match="*")
    assert writer.patch(f"/leads/{lead.pk}", {"phone": "2"}, If_Match=answer["ETag"]).status_code == 204


def test_a_row_that_it_adds_is_told_as_it_was_sent(writer):
    answer = writer.post("/leads", {"name": "Maison Dupré", "received_at": f"{DAY}T09:30:25Z"})
    assert (answer.status_code, answer.json()["name"]) == (201, "Maison Dupré")


def test_a_row_that_it_added_is_not_told_again_since_others_may_have_changed_it(writer):
    body = {"name": "Maison Dupré", "received_at": f"{DAY}T09:30:25Z"}
    added = writer.post("/leads", body, Idempotency_Key="one").json()
    Lead.objects.update(note="of somebody else")
    again = writer.post("/leads", body, Idempotency_Key="one")
    assert again["Idempotency-Replayed"] == "true"
    assert is_untold(again, f"/leads/{added['id']}")


def test_a_refund_does_not_say_whose_sale_it_was(writer, lead):
    sale = factories.SaleFactory(lead=lead, amount_cents=10_000, sold_on="2026-11-17")
    answer = writer.post(f"/sales/{sale.pk}/refunds", {"amount": "10", "sold_on": "2026-11-18"})
    assert is_untold(answer, f"/sales/{Sale.objects.get(refund_of=sale).pk}")


def test_its_own_hours_are_told_as_they_were_sent_and_not_what_was_there(writer, manager):
    entry = factories.EntryFactory(member=manager, day=date.fromisoformat(DAY), minutes=75, note="Calls")
    cell = f"/hours/{DAY}/{entry.platform_id}/{entry.campaign_id}"
    answer = writer.put(cell, {"minutes": 90, "note": "more"}, If_Match='"another"')
    assert is_problem(answer, 412)
    assert answer.json().keys() == {"type", "title", "status", "detail"}
    answer = writer.put(cell, {"minutes": 90, "note": "more"}, If_Match=answer["ETag"])
    assert (answer.status_code, answer.json()["minutes"]) == (200, 90)
    assert TimeEntry.objects.get().minutes == 90


def test_whoever_may_read_is_told_all_of_it(as_manager, lead):
    assert as_manager.post(f"/leads/{lead.pk}/void", {}).json()["email"] == "dupre@example.com"
