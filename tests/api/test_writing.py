"""What programs write goes through the forms of the pages: the same checks, the same words, the same records."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from campaigns import erasure
from campaigns.models import Campaign, IdempotentAnswer, ImportRun, Lead, Outcome, Platform, Sale, Spend, Touch
from tests import factories
from tests.api.asking import Asker, is_problem, messages_of, token_for
from timesheets.models import TimeEntry

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


# -- leads and touchpoints --------------------------------------------------------------------------------------------


def test_a_lead_is_added_with_where_it_came_through(as_manager):
    facebook = factories.PlatformFactory(name="Facebook")
    body = {"name": "Maison Dupré", "received_at": "2026-11-17T09:30:25+01:00", "platform": facebook.pk}
    answer = as_manager.post("/leads", body)
    assert answer.status_code == 201
    lead = Lead.objects.get(pk=answer.json()["id"])
    assert answer["Location"] == f"/api/v1/leads/{lead.pk}"
    assert lead.received_at == datetime(2026, 11, 17, 8, 30, 25, tzinfo=UTC)
    assert [touch.platform for touch in lead.touches.all()] == [facebook]
    assert as_manager.get(answer["Location"]).json() == answer.json()


def test_a_lead_that_nobody_knows_is_refused_in_the_words_of_the_form(as_manager):
    answer = as_manager.post("/leads", {"received_at": "2026-11-17T09:30:00Z"})
    sentence = "Give a name, a company, an e-mail, a phone or an external id, to know who it is."
    assert messages_of(answer) == [("name", sentence)]
    assert messages_of(as_manager.post("/leads", {"name": "X", "received_at": "2026-11-20T09:30:00Z"})) == [
        ("received_at", "This is in the future.")
    ]
    assert messages_of(as_manager.post("/leads", {"nme": "X"})) == [("nme", "There is no such field.")]
    assert not Lead.objects.exists()


def test_a_change_says_only_what_it_changes_and_which_version_was_seen(as_manager):
    lead = factories.LeadFactory(name="Maison Dupré", email="dupre@example.com", received_at=NOW - timedelta(days=1))
    address = f"/leads/{lead.pk}"
    assert is_problem(as_manager.patch(address, {"phone": "1"}), 428)
    seen = as_manager.get(address)["ETag"]
    answer = as_manager.patch(address, {"phone": "0102030405"}, If_Match=seen)
    assert answer.status_code == 200
    assert (answer.json()["phone"], answer.json()["email"]) == ("0102030405", "dupre@example.com")
    lead.refresh_from_db()
    assert lead.received_at == NOW - timedelta(days=1)
    assert is_problem(as_manager.patch(address, {"phone": "2"}, If_Match=seen), 412)
    assert as_manager.patch(address, {"phone": "2"}, If_Match=answer["ETag"]).status_code == 200


def test_what_is_only_said_of_a_new_lead_cannot_be_changed_in_passing(as_manager):
    lead = factories.LeadFactory(received_at=NOW)
    answer = as_manager.patch(f"/leads/{lead.pk}", {"status": "won"}, If_Match="*")
    assert messages_of(answer) == [("status", "This cannot be changed here.")]


def test_a_status_leaves_its_record_with_who_changed_it(as_manager):
    lead = factories.LeadFactory(received_at=NOW)
    assert is_problem(as_manager.post(f"/leads/{lead.pk}/status", {"status": "disqualified"}), 422)
    answer = as_manager.post(f"/leads/{lead.pk}/status", {"status": "won"})
    assert answer.json()["status"] == "won"
    [change] = lead.status_changes.all()
    assert (change.after, str(change.by)) == ("won", "Marc")


def test_an_erased_lead_cannot_be_changed(as_manager):
    lead = factories.LeadFactory(erased_at=NOW, received_at=NOW)
    assert is_problem(as_manager.patch(f"/leads/{lead.pk}", {"name": "X"}, If_Match="*"), 409)


def test_a_touchpoint_is_voided_and_another_added(as_manager):
    lead, facebook = factories.LeadFactory(received_at=NOW), factories.PlatformFactory()
    body = {"lead": lead.pk, "at": "2026-11-17T10:00:00Z", "platform": facebook.pk}
    made = as_manager.post("/touchpoints", body).json()
    assert Touch.objects.get(pk=made["id"]).at == datetime(2026, 11, 17, 10, tzinfo=UTC)
    assert is_problem(as_manager.patch(f"/touchpoints/{made['id']}", {"platform": None}, If_Match="*"), 405)
    voided = as_manager.post(f"/touchpoints/{made['id']}/void", {"reason": "wrong platform"}).json()
    assert voided["void_reason"] == "wrong platform"
    assert as_manager.get("/touchpoints").json()["items"] == []
    assert as_manager.post(f"/touchpoints/{made['id']}/restore").json()["voided_at"] is None
    assert messages_of(as_manager.post("/touchpoints", {**body, "lead": 7777})) == [("lead", "There is no such lead.")]


# -- money ------------------------------------------------------------------------------------------------------------


def test_a_sale_and_its_refund(as_manager):
    lead = factories.LeadFactory(name="Maison Dupré", received_at=NOW)
    body = {"amount": "1234.50", "currency": "EUR", "sold_on": "2026-11-17", "lead": lead.pk}
    sale = as_manager.post("/sales", body).json()
    assert Sale.objects.get(pk=sale["id"]).amount_cents == 123_450
    assert Sale.objects.get(pk=sale["id"]).history.get().history_user.name == "Marc"
    refunds = f"/sales/{sale['id']}/refunds"
    refund = as_manager.post(refunds, {"amount": "234.5", "sold_on": "2026-11-18"}).json()
    assert (refund["amount"], refund["refund_of"], refund["lead"]) == ("-234.50", sale["id"], lead.pk)
    assert is_problem(as_manager.post(refunds, {"amount": "1000.01", "sold_on": "2026-11-18"}), 422)
    assert is_problem(as_manager.post(f"/sales/{refund['id']}/refunds", {"amount": "1", "sold_on": "2026-11-18"}), 409)
    as_manager.post(f"/sales/{refund['id']}/void", {})
    as_manager.post(refunds, {"amount": "1234.50", "sold_on": "2026-11-18"})
    assert is_problem(as_manager.post(f"/sales/{refund['id']}/restore"), 409)


@pytest.mark.parametrize("amount", ["1,5", "1 000", "1.234", "1e3", "", "abc", "-5", 5, "٣"])
def test_an_amount_is_never_guessed(as_manager, amount):
    assert is_problem(as_manager.post("/sales", {"amount": amount, "sold_on": "2026-11-17"}), 422)
    assert not Sale.objects.exists()


def test_another_currency_is_refused_where_nothing_converts_it(as_manager):
    answer = as_manager.post("/sales", {"amount": "5", "currency": "USD", "sold_on": "2026-11-17"})
    assert messages_of(answer) == [
        ("currency", "Amounts are in EUR here. Other currencies are converted when rows are sent together.")
    ]


def test_spend_and_an_outcome(as_manager):
    facebook, campaign = factories.PlatformFactory(), factories.CampaignFactory()
    spend = {"platform": facebook.pk, "amount": "70", "starts_on": "2026-11-09", "ends_on": "2026-11-15"}
    made = as_manager.post("/spend", spend).json()
    assert Spend.objects.get(pk=made["id"]).amount_cents == 7000
    changed = as_manager.patch(f"/spend/{made['id']}", {"amount": "80.10"}, If_Match="*").json()
    assert (changed["amount"], changed["starts_on"]) == ("80.10", "2026-11-09")
    outcome = {"platform": facebook.pk, "campaign": campaign.pk, "week": "2026-W46", "measure": "followers", "count": 7}
    first = as_manager.post("/outcomes", outcome)
    assert Outcome.objects.get(pk=first.json()["id"]).week == date(2026, 11, 9)
    assert is_problem(as_manager.post("/outcomes", outcome), 422)
    assert is_problem(as_manager.post("/outcomes", {**outcome, "week": "2026-W54"}), 422)


# -- the catalogue ----------------------------------------------------------------------------------------------------


def test_a_platform_a_client_and_a_campaign(as_manager):
    body = {"name": "Bluesky", "weekly_limit_minutes": 480, "aliases": ["bsky.app", "BSky"]}
    made = as_manager.post("/platforms", body).json()
    platform = Platform.objects.get(pk=made["id"])
    assert (platform.weekly_limit_minutes, platform.is_active) == (480, True)
    assert made["aliases"] == ["bsky", "bsky.app"]
    closed = as_manager.patch(f"/platforms/{platform.pk}", {"is_active": False}, If_Match="*").json()
    assert (closed["is_active"], closed["weekly_limit_minutes"], closed["aliases"]) == (False, 480, made["aliases"])
    assert messages_of(as_manager.post("/platforms", {"name": " bluesky"})) == [("name", "“bluesky” exists already.")]
    client = as_manager.post("/clients", {"name": "Acme"}).json()
    campaign = as_manager.post("/campaigns", {"name": "Autumn", "client": client["id"], "compared_by": "sales"}).json()
    assert Campaign.objects.get(pk=campaign["id"]).counted == "sales"
    answer = as_manager.patch(f"/campaigns/{campaign['id']}", {"starts_on": "2026-11-02"}, If_Match="*").json()
    assert (answer["starts_on"], answer["compared_by"]) == ("2026-11-02", "sales")


def test_what_a_change_does_not_name_stays_and_a_directors_budgets_are_no_managers(as_manager):
    budgets = {"budget_minutes": 4800, "budget_spend_cents": 150_000, "budget_cost_cents": 900_000}
    campaign = factories.CampaignFactory(**budgets)
    address = f"/campaigns/{campaign.pk}"
    shown = as_manager.get(address).json()
    assert (shown["budget_minutes"], shown["budget_spend"]) == (4800, "1500.00")
    assert not [name for name in shown if "cost" in name or "lead" in name]
    as_manager.patch(address, {"goal": "more sites"}, If_Match="*")
    campaign.refresh_from_db()
    assert {name: getattr(campaign, name) for name in budgets} == budgets
    answer = as_manager.patch(address, {"budget_minutes": 45, "budget_spend": "1.50"}, If_Match="*").json()
    assert (answer["budget_minutes"], answer["budget_spend"]) == (45, "1.50")


# -- hours ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def cell():
    return f"/hours/2026-11-17/{factories.PlatformFactory().pk}/{factories.CampaignFactory().pk}"


def test_hours_are_logged_with_the_version_that_was_seen(as_member, cell):
    assert is_problem(as_member.put(cell, {"minutes": 90}), 428)
    empty = as_member.get(cell)
    assert (empty.json()["minutes"], empty.json()["version"]) == (0, "")
    first = as_member.put(cell, {"minutes": 90, "note": "posts"}, If_None_Match="*")
    assert (first.status_code, first.json()["minutes"]) == (200, 90)
    assert TimeEntry.objects.get().note == "posts"
    second = as_member.put(cell, {"minutes": 60}, If_Match=first["ETag"])
    assert (second.json()["minutes"], second.json()["note"]) == (60, "posts")
    stale = as_member.put(cell, {"minutes": 30}, If_Match=first["ETag"])
    assert is_problem(stale, 412)
    assert (stale.json()["minutes"], stale["ETag"]) == (60, second["ETag"])
    assert is_problem(as_member.put(cell, {"minutes": 30}, If_None_Match="*"), 412)
    assert as_member.put(cell, {"minutes": 0}, If_Match=second["ETag"]).json()["version"] == ""
    assert not TimeEntry.objects.exists()


def test_a_submitted_day_and_a_day_that_is_full_take_no_hours(as_member, camille, cell):
    factories.EntryFactory(member=camille, day=date(2026, 11, 17), minutes=1400)
    assert is_problem(as_member.put(cell, {"minutes": 60}, If_None_Match="*"), 422)
    factories.TimesheetFactory(member=camille, week=date(2026, 11, 16), submitted_at=NOW)
    assert is_problem(as_member.put(cell, {"minutes": 10}, If_None_Match="*"), 409)


def test_a_service_has_no_hours_of_its_own(as_service, cell):
    assert is_problem(as_service.put(cell, {"minutes": 60}, If_None_Match="*"), 403)


@pytest.mark.parametrize("path", ["/hours/0026-11-17/1/1", "/hours/2026-02-30/1/1", "/hours/today/1/1"])
def test_a_day_that_cannot_be_is_nowhere(as_member, path):
    assert is_problem(as_member.put(path, {"minutes": 60}, If_None_Match="*"), 404)


# -- once, and many at once -------------------------------------------------------------------------------------------


def test_a_post_that_is_sent_twice_writes_once(as_manager):
    body = {"amount": "5", "sold_on": "2026-11-17"}
    first = as_manager.post("/sales", body, Idempotency_Key="order-7")
    again = as_manager.post("/sales", body, Idempotency_Key="order-7")
    assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
    assert again["Idempotency-Replayed"] == "true"
    assert Sale.objects.count() == 1
    assert is_problem(as_manager.post("/sales", {**body, "amount": "6"}, Idempotency_Key="order-7"), 422)
    assert as_manager.post("/sales", body, Idempotency_Key="order-8").status_code == 201


def test_another_token_may_use_the_same_key(as_manager, as_service):
    body = {"amount": "5", "sold_on": "2026-11-17"}
    for program in (as_manager, as_service):
        assert program.post("/sales", body, Idempotency_Key="order-7").status_code == 201
    assert Sale.objects.count() == 2


def test_a_token_that_only_writes_is_told_again_where_it_is(db):
    writer = Asker(token_for(None, scopes=["sales:write"]))
    body = {"amount": "5", "sold_on": "2026-11-17"}
    first = writer.post("/sales", body, Idempotency_Key="order-7")
    again = writer.post("/sales", body, Idempotency_Key="order-7")
    assert (again.status_code, again["Location"]) == (204, first["Location"])
    assert is_problem(writer.get(first["Location"]), 403)


def test_what_was_refused_may_be_sent_again_with_the_same_key(as_manager):
    assert is_problem(as_manager.post("/sales", {"amount": "0.001"}, Idempotency_Key="order-7"), 422)
    assert not IdempotentAnswer.objects.exists()
    body = {"amount": "5", "sold_on": "2026-11-17"}
    assert as_manager.post("/sales", body, Idempotency_Key="order-7").status_code == 201


def test_a_key_holds_for_a_day(as_manager):
    body = {"amount": "5", "sold_on": "2026-11-17"}
    as_manager.post("/sales", body, Idempotency_Key="order-7")
    with time_machine.travel(NOW + timedelta(hours=25), tick=False):
        assert as_manager.post("/sales", body, Idempotency_Key="order-7").status_code == 201
    assert Sale.objects.count() == 2


def test_erasing_somebody_empties_what_was_kept_of_requests(as_manager):
    lead = factories.LeadFactory(received_at=NOW)
    body = {"name": "Nadia", "received_at": "2026-11-17T09:30:00Z"}
    first = as_manager.post("/leads", body, Idempotency_Key="form-7")
    assert first.status_code == 201
    kept = IdempotentAnswer.objects.get()
    assert "Nadia" not in str(IdempotentAnswer.objects.values().get())
    assert kept.body_hash
    erasure.erase([lead], at=NOW, why="request")
    assert IdempotentAnswer.objects.get().body_hash == ""
    assert is_problem(as_manager.post("/leads", body, Idempotency_Key="form-7"), 410)
    assert Lead.objects.filter(name="Nadia").count() == 1


def test_many_rows_are_all_written_or_none_with_what_is_wrong_at_each(as_manager):
    factories.PlatformFactory(name="Facebook")
    good = {"external_id": "L1", "received_at": "2026-11-17T09:30:00Z", "name": "Maison Dupré", "platform": "Facebook"}
    bad = {"external_id": "L2", "received_at": "yesterday", "name": "Nadia", "platform": "Facebook"}
    answer = as_manager.post("/leads/bulk", {"rows": [good, bad]})
    assert is_problem(answer, 422)
    [error] = answer.json()["errors"]
    assert (error["row"], error["field"]) == (1, "received_at")
    assert error["message"].startswith("“yesterday” is not a day.")
    assert not Lead.objects.exists()
    assert not ImportRun.objects.exists()
    made = as_manager.post("/leads/bulk", {"rows": [good, {**good, "external_id": "L2", "name": None}]})
    assert made.status_code == 201
    assert (made.json()["created"], Lead.objects.count(), Touch.objects.count()) == (2, 2, 2)
    again = as_manager.post("/leads/bulk", {"rows": [good]})
    assert (again.json()["created"], again.json()["unchanged"]) == (0, 1)
    assert as_manager.get(made["Location"]).json() == made.json()
    assert (made.json()["source"], made.json()["file_name"]) == ("generic", "api.csv")


def test_a_name_that_nobody_knows_is_no_guess(as_manager):
    row = {"external_id": "L1", "received_at": "2026-11-17T09:30:00Z", "name": "Nadia", "platform": "Nowhere"}
    answer = as_manager.post("/leads/bulk", {"rows": [row]})
    assert is_problem(answer, 422)
    assert any("Nowhere" in message for _field, message in messages_of(answer))
    assert messages_of(as_manager.post("/leads/bulk", {"rows": [{"nme": "x"}]})) == [("nme", "There is no such field.")]


def test_many_sales_may_be_in_another_currency(as_manager):
    from decimal import Decimal

    from campaigns.models import ExchangeRate

    ExchangeRate.objects.create(currency="USD", day=date(2026, 11, 16), rate=Decimal("0.9"))
    row = {"external_id": "S1", "sold_on": "2026-11-17", "amount": "100.00", "currency": "USD"}
    assert as_manager.post("/sales/bulk", {"rows": [row]}).status_code == 201
    [sale] = as_manager.get("/sales").json()["items"]
    assert (sale["amount"], sale["original_amount"], sale["original_currency"]) == ("90.00", "100.00", "USD")


# -- what is not JSON -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"x"', "1", '{"name": "\\ud800"}', '{"name": "a\\u0000b"}'])
def test_what_is_no_object_is_said_in_words(as_manager, content):
    headers = {"Authorization": f"Bearer {as_manager.token}"}
    answer = as_manager.client.generic(
        "POST", "/api/v1/clients", content, content_type="application/json", headers=headers
    )
    assert answer.status_code in (400, 422)
    assert is_problem(answer, answer.status_code)


def test_only_json_is_taken(as_manager):
    headers = {"Authorization": f"Bearer {as_manager.token}"}
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
        answer = as_manager.client.generic(
            "POST", "/api/v1/clients", '{"name": "x"}', content_type=kind, headers=headers
        )
        assert is_problem(answer, 415), kind
