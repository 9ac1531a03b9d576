"""What was done to a row, by whom and when; and a lead's way in time with what forms captured of it."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from campaigns import erasure, merge_leads
from tests import factories
from tests.api.asking import Asker, is_problem, token_for
from timesheets.models import Timesheet

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


# -- a lead in time ---------------------------------------------------------------------------------------------------


@pytest.fixture
def lead():
    return factories.LeadFactory(received_at=NOW.replace(day=2), how_heard="Podcast")


def captured(lead, **fields):
    key = factories.CaptureKeyFactory(name="Contact page")
    return factories.CapturedContactFactory(key=key, lead=lead, kind="repeat", at=NOW.replace(day=9), **fields)


def test_who_wrote_again_is_told_with_time_words_origin_and_consent(as_manager, lead):
    written = {"name": "Ada Example", "message": "still interested"}
    origin = {"last": {"utm_source": "linkedin", "at": ""}}
    agreed = {"consent_at": NOW.replace(day=9), "consent_text": "You may write to me."}
    again = captured(lead, values=written, origin=origin, **agreed)
    told = as_manager.get(f"/leads/{lead.pk}/journey").json()
    assert [step["kind"] for step in told["steps"]] == ["received", "contact"]
    assert (told["steps"][1]["contact"], told["steps"][1]["days"]) == (again.pk, 7)
    [contact] = told["contacts"]
    assert (contact["kind"], contact["form"], contact["at"]) == ("repeat", "Contact page", "2026-11-09T12:00:00Z")
    nothing = {"email": "", "phone": "", "company": "", "how_heard": ""}
    assert contact["written"] == {**nothing, **written}
    assert (contact["origin"], contact["consent_text"]) == (origin, "You may write to me.")
    assert contact["consent_at"] == "2026-11-09T12:00:00Z"


def test_the_answer_to_how_they_heard_is_held_against_what_was_tracked(as_manager, lead):
    address = f"/leads/{lead.pk}/journey"
    assert as_manager.get(address).json()["agreement"] == "unknown"
    podcast = factories.PlatformFactory(name="Podcast")
    assert as_manager.get(address).json()["agreement"] == "alone"
    factories.TouchFactory(lead=lead, platform=factories.PlatformFactory(name="Facebook"))
    assert as_manager.get(address).json()["agreement"] == "differs"
    factories.TouchFactory(lead=lead, platform=podcast)
    assert as_manager.get(address).json()["agreement"] == "agrees"
    silent = factories.LeadFactory(received_at=NOW, how_heard="")
    assert as_manager.get(f"/leads/{silent.pk}/journey").json()["agreement"] == ""


def test_each_step_says_what_it_is_about_and_who_did_it(as_manager, lead):
    touch = factories.TouchFactory(lead=lead, at=NOW.replace(day=1))
    as_manager.post(f"/leads/{lead.pk}/status", {"status": "won"})
    sale = factories.SaleFactory(lead=lead, sold_on=date(2026, 11, 18))
    steps = as_manager.get(f"/leads/{lead.pk}/journey").json()["steps"]
    assert [step["kind"] for step in steps] == ["touch", "received", "status", "sale"]
    assert (steps[0]["touchpoint"], steps[3]["sale"], steps[3]["at"]) == (touch.pk, sale.pk, None)
    assert (steps[2]["before"], steps[2]["after"], steps[2]["by_name"]) == ("new", "won", "Marc")


def test_a_token_that_reads_no_sales_is_told_of_none(lead):
    factories.SaleFactory(lead=lead, sold_on=date(2026, 11, 18))
    only_leads = Asker(token_for(None, scopes=["leads:read"]))
    steps = only_leads.get(f"/leads/{lead.pk}/journey").json()["steps"]
    assert [step["kind"] for step in steps] == ["received"]


def test_a_lead_that_was_merged_says_into_which_and_one_that_was_erased_says_nothing(as_manager, lead):
    other = factories.LeadFactory(received_at=NOW)
    captured(lead, values={"message": "still interested"}, consent_text="You may.", consent_at=NOW)
    merge_leads.merge(survivor_id=other.pk, merged_id=lead.pk, by=None, at=NOW)
    assert as_manager.get(f"/leads/{lead.pk}/journey").json()["part_of"] == other.pk
    erasure.erase([other], at=NOW, why="request")
    answer = as_manager.get(f"/leads/{other.pk}/journey")
    [contact] = answer.json()["contacts"]
    assert set(contact["written"].values()) == {""}
    assert contact["consent_text"] == ""
    assert "interested" not in answer.content.decode()


# -- versions ---------------------------------------------------------------------------------------------------------


def test_a_sale_tells_who_changed_what_from_what_to_what(as_manager, as_director):
    sale = as_manager.post("/sales", {"amount": "1234.50", "sold_on": "2026-11-17"}).json()
    lead = factories.LeadFactory(received_at=NOW)
    changes = {"amount": "1000", "lead": lead.pk, "sold_on": "2026-11-16"}
    as_director.patch(f"/sales/{sale['id']}", changes, If_Match="*")
    newest, first = as_manager.get(f"/sales/{sale['id']}/history").json()
    assert (first["is_first"], first["by_name"], first["changes"]) == (True, "Marc", [])
    assert (newest["is_first"], newest["by_name"], newest["at"]) == (False, "Helene", "2026-11-18T12:00:00Z")
    told = {change["field"]: (change["before"], change["after"]) for change in newest["changes"]}
    assert told == {
        "amount": ("1234.50", "1000.00"),
        "lead": (None, lead.pk),
        "sold_on": ("2026-11-17", "2026-11-16"),
    }
    assert is_problem(as_manager.get("/sales/7777/history"), 404)


def test_the_value_of_an_outcome_tells_its_history_to_directors_alone(as_manager, as_director):
    body = {"measure": "Followers", "week": "2026-W46", "value": "0.50", "reason": "a guess"}
    made = as_director.post("/outcome-values", body)
    assert made.status_code == 201, made.content
    as_director.patch(made["Location"], {"value": "0.75", "week": "2026-W45"}, If_Match="*")
    address = f"/outcome-values/{made.json()['id']}/history"
    changes = as_director.get(address).json()[0]["changes"]
    assert {"field": "value", "before": "0.50", "after": "0.75"} in changes
    assert {"field": "week", "before": "2026-W46", "after": "2026-W45"} in changes
    assert is_problem(as_manager.get(address), 403)


def test_a_week_tells_who_handed_it_in_approved_and_reminded(as_member, as_manager, camille):
    address = f"/people/{camille.pk}/weeks/2026-W46"
    assert as_manager.get(f"{address}/history").json() == {"steps": [], "reminders": []}
    as_manager.post(f"{address}/remind")
    as_member.post("/weeks/2026-W46/submit")
    as_manager.post(f"{address}/approve", If_Match=as_manager.get(address)["ETag"])
    told = as_manager.get(f"{address}/history").json()
    assert Timesheet.objects.get().approved_at
    assert [step["by_name"] for step in told["steps"]] == ["Marc", "Camille", "Camille"]
    approved = {change["field"]: change["after"] for change in told["steps"][0]["changes"]}
    assert (approved["approved_by"], approved["approved_at"][:10]) == (
        Timesheet.objects.get().approved_by_id,
        "2026-11-18",
    )
    [reminder] = told["reminders"]
    assert (reminder["kind"], reminder["asked_by"]) == ("asked", approved["approved_by"])
    assert is_problem(as_member.get(f"{address}/history"), 403)
