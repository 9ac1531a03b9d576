"""Many leads by one act, and what forms brought that looks like spam."""

from datetime import UTC, datetime

import pytest
import time_machine

from campaigns.models import BulkChange, CapturedContact, Lead, Touch
from tests import factories
from tests.api.asking import is_problem, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def leads(db):
    return factories.LeadFactory.create_batch(3, received_at=NOW)


def seen(leads, **fields):
    return [{"id": lead.pk, "status": "new", **fields} for lead in leads]


# -- moves ------------------------------------------------------------------------------------------------------------


def test_many_leads_are_moved_and_moved_back(as_manager, leads):
    leads[2].move_to("qualified", at=NOW)
    to = {"status": "disqualified", "disqualified_reason": "spam"}
    made = as_manager.post("/lead-moves", {"leads": seen(leads), "to": to}, Idempotency_Key="move-1")
    assert made.status_code == 201, made.content
    moved = made.json()
    assert (moved["changed"], moved["left"]) == ([leads[0].pk, leads[1].pk], [leads[2].pk])
    assert as_manager.get(made["Location"]).json()["changed"] == moved["changed"]
    assert BulkChange.objects.count() == 1
    leads[0].refresh_from_db()
    assert (leads[0].status, leads[0].disqualified_reason) == ("disqualified", "spam")
    leads[0].move_to("lost", at=NOW)
    undone = as_manager.post(f"/lead-moves/{moved['id']}/undo").json()
    assert (undone["changed"], undone["left"], bool(undone["undone_at"])) == ([leads[1].pk], [leads[0].pk], True)
    assert is_problem(as_manager.post(f"/lead-moves/{moved['id']}/undo"), 409)


def test_leads_without_a_touchpoint_get_their_platform(as_manager, leads):
    facebook = factories.PlatformFactory()
    factories.TouchFactory(lead=leads[0])
    moved = as_manager.post("/lead-moves", {"leads": seen(leads), "platform": facebook.pk}).json()
    assert (moved["changed"], moved["left"]) == ([leads[1].pk, leads[2].pk], [leads[0].pk])
    as_manager.post(f"/lead-moves/{moved['id']}/undo")
    assert not Touch.objects.live().filter(platform=facebook).exists()


def test_what_is_not_meant_is_refused_and_nothing_moves(as_manager, leads):
    won, reasonless = {"status": "won"}, {"status": "disqualified"}
    for body, field in (
        ({}, "to"),
        ({"to": won, "platform": 1}, "to"),
        ({"to": won}, "to"),
        ({"to": reasonless}, "to"),
        ({"to": {**won, "disqualified_reason": "spam"}}, "to"),
        ({"platform": 7777}, "platform"),
    ):
        answer = as_manager.post("/lead-moves", {"leads": seen(leads), **body})
        assert [name for name, _told in messages_of(answer)] == [field], body
    wrong = as_manager.post("/lead-moves", {"leads": seen(leads, disqualified_reason="spam"), "to": {"status": "lost"}})
    assert [name for name, _told in messages_of(wrong)] == ["leads.0"]
    assert set(Lead.objects.values_list("status", flat=True)) == {"new"}


def test_what_others_moved_is_not_there(as_manager, as_director, as_service, leads):
    body = {"leads": seen(leads), "to": {"status": "lost"}}
    number = as_manager.post("/lead-moves", body).json()["id"]
    assert is_problem(as_director.post(f"/lead-moves/{number}/undo"), 404)
    assert is_problem(as_service.post(f"/lead-moves/{number}/undo"), 403)
    assert set(Lead.objects.values_list("status", flat=True)) == {"lost"}


# -- spam -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def spam(db):
    values = {"name": "Ada Example", "email": "ada@client.example", "message": "a real question"}
    return factories.CapturedContactFactory(values=values, at=NOW)


def test_what_was_no_spam_becomes_a_lead(as_manager, spam):
    [item] = as_manager.get("/quarantine").json()["items"]
    assert (item["id"], item["written"]["message"]) == (spam.pk, "a real question")
    lead = as_manager.post(f"/quarantine/{spam.pk}/release").json()
    assert (lead["name"], lead["note"]) == ("Ada Example", "a real question")
    assert as_manager.get("/quarantine").json()["items"] == []
    assert is_problem(as_manager.post(f"/quarantine/{spam.pk}/release"), 404)


def test_spam_is_deleted_and_nothing_else_is(as_manager, spam):
    contact = factories.CapturedContactFactory(kind="repeat", lead=factories.LeadFactory(received_at=NOW))
    assert is_problem(as_manager.ask("DELETE", f"/quarantine/{contact.pk}", If_Match="*"), 404)
    assert is_problem(as_manager.ask("DELETE", f"/quarantine/{spam.pk}"), 428)
    version = as_manager.get(f"/quarantine/{spam.pk}")["ETag"]
    assert as_manager.ask("DELETE", f"/quarantine/{spam.pk}", If_Match=version).status_code == 204
    assert list(CapturedContact.objects.all()) == [contact]


# -- refunds ----------------------------------------------------------------------------------------------------------


def test_a_sale_says_what_was_given_back_and_what_is_left(as_manager):
    sale = as_manager.post("/sales", {"amount": "100", "sold_on": "2026-11-17"}).json()["id"]
    for amount in ("30", "20"):
        refund = as_manager.post(f"/sales/{sale}/refunds", {"amount": amount, "sold_on": "2026-11-18"}).json()["id"]
    as_manager.post(f"/sales/{refund}/void")
    told = as_manager.get(f"/sales/{sale}/refunds").json()
    assert (told["left"], told["currency"]) == ("70.00", "EUR")
    assert [(item["amount"], bool(item["voided_at"])) for item in told["items"]] == [
        ("-30.00", False),
        ("-20.00", True),
    ]
