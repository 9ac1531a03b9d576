"""What programs read: the rows of the pages, with their filters, page by page, in decimals and ISO weeks."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import lists
from tests import factories
from tests.api.asking import is_problem, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_list_is_read_page_by_page_behind_a_cursor_that_nothing_shifts(as_manager):
    leads = [factories.LeadFactory(name=f"Lead {number}") for number in range(5)]
    first = as_manager.get("/leads?limit=2").json()
    assert [item["id"] for item in first["items"]] == [lead.pk for lead in leads[:2]]
    leads[0].void(at=leads[0].received_at)
    second = as_manager.get(f"/leads?limit=2&cursor={first['next']}").json()
    assert [item["id"] for item in second["items"]] == [lead.pk for lead in leads[2:4]]
    last = as_manager.get(f"/leads?limit=2&cursor={second['next']}").json()
    assert ([item["id"] for item in last["items"]], last["next"]) == ([leads[4].pk], "")


def test_filters_are_named_as_on_the_screen_and_nothing_is_passed_over(as_manager):
    facebook = factories.PlatformFactory(name="Facebook")
    lead = factories.LeadFactory(status="qualified")
    factories.TouchFactory(lead=lead, platform=facebook)
    factories.LeadFactory()
    found = as_manager.get(f"/leads?status=qualified&platform={facebook.pk}&show=all").json()["items"]
    assert [item["id"] for item in found] == [lead.pk]
    assert is_problem(as_manager.get("/leads?status=gone"), 422)
    assert messages_of(as_manager.get("/leads?state=won")) == [("state", "There is no such parameter.")]
    assert messages_of(as_manager.get("/leads?cursor=x")) == [("cursor", "Send `next` of the page before.")]
    assert is_problem(as_manager.get("/leads?limit=201"), 422)


@pytest.mark.parametrize("name", ["campaign", "platform"])
@pytest.mark.parametrize("few", [0, 1000])
def test_few_leads_and_touchpoints_are_looked_up_and_many_gone_through(as_manager, monkeypatch, name, few):
    monkeypatch.setattr(lists, "FEW", few)
    touches = factories.TouchFactory.create_batch(2, campaign=factories.CampaignFactory())
    other = factories.TouchFactory(campaign=factories.CampaignFactory())
    value, nothing = getattr(touches[0], f"{name}_id"), getattr(other, f"{name}_id")
    touches = [touch for touch in touches if getattr(touch, f"{name}_id") == value]
    other.void(at=other.at)
    for noun, found in (("leads", [touch.lead_id for touch in touches]), ("touchpoints", [t.pk for t in touches])):
        with CaptureQueriesContext(connection) as statements:
            answer = as_manager.get(f"/{noun}?{name}={value}").json()
        assert [item["id"] for item in answer["items"]] == found
        assert any("EXISTS" in each["sql"] or f'"{name}_id" = ' in each["sql"] for each in statements[-1:]) == (
            few == 0
        )
        assert as_manager.get(f"/{noun}?{name}={nothing}").json()["items"] == []


def test_money_is_a_decimal_with_its_currency(as_manager):
    sale = factories.SaleFactory(amount_cents=123_450)
    shown = as_manager.get(f"/sales/{sale.pk}").json()
    assert (shown["amount"], shown["currency"]) == ("1234.50", "EUR")
    assert (shown["original_amount"], shown["original_currency"]) == (None, "")


def test_a_week_is_an_iso_week(as_manager):
    outcome = factories.OutcomeFactory(week=date(2026, 11, 16))
    assert as_manager.get(f"/outcomes/{outcome.pk}").json()["week"] == "2026-W47"


@pytest.mark.parametrize(
    "path", ["/leads/7777", "/leads/99999999999999999999999", "/leads/x", "/nothing", "/", "/api/", "/api/v2/leads"]
)
def test_what_there_is_not_is_said_in_words(as_manager, path):
    assert is_problem(as_manager.get(path), 404)


def test_a_method_that_an_address_does_not_take_is_said_in_words(as_manager):
    answer = as_manager.ask("DELETE", "/leads/1")
    assert is_problem(answer, 405)
    assert set(answer["Allow"].replace(" ", "").split(",")) >= {"GET", "PATCH"}


def test_what_has_not_changed_is_not_sent_again(as_manager):
    lead = factories.LeadFactory()
    for path in (f"/leads/{lead.pk}", "/leads"):
        first = as_manager.get(path)
        again = as_manager.get(path, If_None_Match=first["ETag"])
        assert (again.status_code, again.content) == (304, b"")
    factories.LeadFactory()
    assert as_manager.get("/leads", If_None_Match=first["ETag"]).status_code == 200


# -- hours ------------------------------------------------------------------------------------------------------------


def test_a_member_reads_their_own_hours_and_a_manager_everybodys(as_member, as_manager, camille):
    own = factories.EntryFactory(member=camille, day=date(2026, 11, 17), minutes=90, note="posts")
    other = factories.EntryFactory(day=date(2026, 11, 17))
    [shown] = as_member.get("/hours").json()["items"]
    assert shown == {
        "id": own.pk,
        "person": camille.pk,
        "day": "2026-11-17",
        "week": "2026-W47",
        "platform": own.platform_id,
        "campaign": own.campaign_id,
        "minutes": 90,
        "note": "posts",
        "version": own.etag,
    }
    assert {item["id"] for item in as_manager.get("/hours").json()["items"]} == {own.pk, other.pk}
    assert as_member.get(f"/hours?person={other.member_id}").json()["items"] == []


def test_hours_are_read_by_weeks(as_manager):
    for day in (date(2026, 11, 8), date(2026, 11, 9), date(2026, 11, 22), date(2026, 11, 23)):
        factories.EntryFactory(day=day)
    weeks = as_manager.get("/hours?first=2026-W46&last=2026-W47").json()["items"]
    assert [item["day"] for item in weeks] == ["2026-11-09", "2026-11-22"]
    assert is_problem(as_manager.get("/hours?first=2026-W54"), 422)


def test_hours_of_a_week_are_read_page_by_page_among_all_others(as_manager):
    """The first page looks among the numbers of that week alone; a later one goes on behind its cursor."""
    days = [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 10), date(2026, 11, 18)]
    entries = [factories.EntryFactory(day=day) for day in days]
    with CaptureQueriesContext(connection) as asked:
        first = as_manager.get("/hours?first=2026-W47&last=2026-W47&limit=2").json()
    assert any(f'"id" <= {entries[4].pk}' in query["sql"] for query in asked.captured_queries)
    second = as_manager.get(f"/hours?first=2026-W47&last=2026-W47&limit=2&cursor={first['next']}").json()
    read = [item["id"] for page in (first, second) for item in page["items"]]
    assert (read, second["next"]) == ([entries[number].pk for number in (1, 2, 4)], "")
    assert as_manager.get("/hours?first=2026-W40&last=2026-W41").json() == {"items": [], "next": ""}
    assert as_manager.get("/hours?first=2026-W47&last=2026-W46").json() == {"items": [], "next": ""}


def test_a_member_knows_what_hours_go_on_and_nothing_of_the_team(as_member, as_service):
    open_, closed = factories.PlatformFactory(), factories.PlatformFactory(is_active=False)
    choices = as_member.get("/hours/choices").json()
    numbers = {each["id"] for each in choices["platforms"]}
    assert open_.pk in numbers
    assert closed.pk not in numbers
    assert is_problem(as_member.get("/people"), 403)
    assert as_service.get("/people").status_code == 200


def test_weeks_say_where_they_stand(as_member, camille):
    factories.TimesheetFactory(member=camille, week=date(2026, 11, 16))
    factories.TimesheetFactory(week=date(2026, 11, 16))
    [week] = as_member.get("/weeks").json()["items"]
    assert (week["person"], week["week"]) == (camille.pk, "2026-W47")
