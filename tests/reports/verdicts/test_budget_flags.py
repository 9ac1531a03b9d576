"""Alerts of budgets: raised at 80 and at 100 %, taken down when that is over, and shown to whom they are for."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from campaigns.models import Campaign
from operations import jobs
from reports.models import BUDGETS, BUDGETS_OF_MANAGERS, Flag, FlagCleared, FlagKind
from reports.verdicts import budget_flags
from reports.weekly_email import content
from tests import factories
from tests.api.asking import Asker, token_for
from tests.reports.pages.test_dashboard import text
from tests.reports.world import LAST, NOW
from timesheets.models import CostRate, TimeEntry

pytestmark = pytest.mark.django_db
HOURS, SPEND, COST, LEAD = BUDGETS
WEEK = LAST.next


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def anna():
    return factories.RateFactory(hourly_cents=6_000, member__name="Anna").member


@pytest.fixture
def shop():
    return factories.CampaignFactory(name="Shop", budget_minutes=600)


def work(member, campaign: Campaign, minutes: int, day=WEEK.monday) -> TimeEntry:
    return factories.EntryFactory(member=member, campaign=campaign, day=day, minutes=minutes)


def settle() -> None:
    jobs.drain(at=NOW)


def standing() -> list[tuple[str, int]]:
    return [(flag.kind, flag.threshold) for flag in Flag.objects.of_budgets()]


def web(user) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def test_an_hour_of_today_raises_the_alert_with_the_next_drain(anna, shop):
    work(anna, shop, 479)
    settle()
    assert standing() == []
    work(anna, shop, 1, day=WEEK.days[1])
    settle()
    assert standing() == [("hours", 80)]
    assert Flag.objects.get().raised_on == WEEK.monday


def test_at_100_the_alert_of_80_makes_way_and_a_second_look_changes_nothing(anna, shop):
    work(anna, shop, 599)
    settle()
    work(anna, shop, 1, day=WEEK.days[1])
    settle()
    budget_flags.update(at=NOW)
    assert standing() == [("hours", 100)]
    assert Flag.objects.get(threshold=80).cleared_because == FlagCleared.OVERTAKEN
    assert Flag.objects.count() == 2


def test_the_alert_falls_when_the_budget_is_raised_or_taken_away(anna, shop):
    work(anna, shop, 600)
    settle()
    Campaign.objects.update(budget_minutes=700)
    settle()
    assert standing() == [("hours", 80)]
    Campaign.objects.update(budget_minutes=7_000)
    settle()
    assert standing() == []
    assert Flag.objects.get(threshold=80).cleared_because == FlagCleared.WITHIN_LIMIT
    Campaign.objects.update(budget_minutes=600)
    settle()
    Campaign.objects.update(budget_minutes=None)
    settle()
    assert standing() == []
    assert Flag.objects.filter(cleared_because=FlagCleared.NO_BUDGET).count() == 1


def test_the_alert_falls_when_an_entry_is_moved(anna, shop):
    entry = work(anna, shop, 600)
    settle()
    entry.campaign = factories.CampaignFactory()
    entry.save()
    settle()
    assert standing() == []


def test_a_change_of_rates_moves_the_budget_of_costs_and_no_other(anna, shop):
    Campaign.objects.update(budget_minutes=100_000, budget_cost_cents=100_000, budget_spend_cents=50)
    work(anna, shop, 600)
    settle()
    assert standing() == []
    CostRate.objects.filter(member=anna).delete()
    CostRate(member=anna, starts_on=anna.joined_on, hourly_cents=8_000).save()
    settle()
    assert standing() == [("cost", 80)]


def test_bills_are_held_against_their_own_budget(shop):
    Campaign.objects.update(budget_spend_cents=10_000)
    factories.SpendFactory(campaign=shop, starts_on=WEEK.monday, ends_on=WEEK.sunday, amount_cents=10_000)
    settle()
    assert standing() == [("spend", 100)]


def test_what_a_lead_costs_waits_for_ten_leads_and_for_two_weeks(anna, shop):
    Campaign.objects.update(budget_minutes=None, target_lead_cents=1_000)
    work(anna, shop, 600, day=LAST.plus(-3).monday)
    platform = factories.PlatformFactory()

    def leads(count: int, week) -> None:
        for _number in range(count):
            at = NOW - timedelta(weeks=week)
            lead = factories.LeadFactory(received_at=at)
            factories.TouchFactory(lead=lead, platform=platform, campaign=shop, at=at - timedelta(days=1))

    leads(9, 3)
    settle()
    assert standing() == []
    leads(1, 3)
    settle()
    assert standing() == [("lead_cost", 100)]
    leads(90, 1)  # cheap at the end of the last week, dear at the end of the one before
    settle()
    assert standing() == [("lead_cost", 100)]
    with time_machine.travel(NOW + timedelta(weeks=1), tick=False):
        jobs.drain(at=NOW + timedelta(weeks=1))
    assert standing() == []


def test_nothing_is_read_while_no_campaign_has_a_budget(anna, shop):
    Campaign.objects.update(budget_minutes=None)
    work(anna, shop, 600)
    settle()
    assert not budget_flags.is_outdated(LAST, {LAST.monday})


def test_an_alert_is_of_a_campaign_and_stands_once(shop):
    flag = {"kind": HOURS, "threshold": 80, "raised_on": LAST.monday}
    Flag.objects.create(campaign=shop, **flag)
    for wrong in ({"campaign": shop, **flag}, {"campaign": None, **flag}, {"campaign": shop, **flag, "kind": "losing"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Flag.objects.create(**wrong)


# -- who sees what ----------------------------------------------------------------------------------------------------


@pytest.fixture
def all_over(anna, shop):
    """Every budget of the campaign is used up."""
    Campaign.objects.filter(pk=shop.pk).update(
        budget_minutes=600, budget_spend_cents=10_000, budget_cost_cents=10_000, target_lead_cents=100
    )
    platform = factories.PlatformFactory()
    work(anna, shop, 660, day=LAST.plus(-3).monday)
    factories.SpendFactory(
        campaign=shop, starts_on=LAST.plus(-3).monday, ends_on=LAST.plus(-3).sunday, amount_cents=12_345
    )
    for _number in range(10):
        at = NOW - timedelta(weeks=3)
        factories.TouchFactory(
            lead=factories.LeadFactory(received_at=at), platform=platform, campaign=shop, at=at - timedelta(days=1)
        )
    settle()
    assert sorted(standing()) == sorted((kind, 100) for kind in BUDGETS)
    return shop


def test_the_page_of_flags_shows_a_director_all_and_a_manager_hours_and_bills(all_over, director, manager):
    page = text(web(director).get("/flags/"))
    assert "Budget of hours · 100 %" in page
    assert page.count("110 %: 11 h of 10 h") == 1  # as it was raised and as it is now
    assert "Target cost per lead · 100 %" in page
    page = text(web(manager).get("/flags/"))
    assert "Shop: 110 % of its budget of hours is used (11 h of 10 h)." in page
    assert "Shop: 123 % of its budget of bills is used (" in page
    assert "costs" not in page
    assert "target" not in page


def test_the_dashboard_tells_them_in_one_line_that_opens(all_over, director):
    page = web(director).get("/").content.decode()
    [folded] = re.findall(r'<details class="still-open"[^>]*>.*?</ul>', page, re.DOTALL)
    assert "Still open: 4 budgets (4 used up)" in folded
    assert "Shop: 110 % of its budget of hours is used" in folded
    assert "budget of hours is used" not in page.replace(folded, "")


def test_a_director_answers_an_alert_like_any_flag_and_a_manager_none(all_over, director, manager):
    flag = Flag.objects.get(kind=HOURS)
    assert web(manager).post(f"/flags/{flag.pk}/acknowledge").status_code == 403
    assert web(director).post(f"/flags/{flag.pk}/acknowledge", {"note": "Asked for more"}).status_code == 302
    assert "Shop: 110 %" not in text(web(director).get("/"))
    assert "Shop: 123 %" in text(web(director).get("/"))
    assert web(director).post(f"/flags/{flag.pk}/undo").status_code == 302
    assert "Shop: Budget of hours" in text(web(director).get("/flags/"))


def test_the_campaigns_page_has_a_bar_for_each_budget_that_its_reader_may_know(all_over, director, manager):
    address = f"/campaigns/{all_over.pk}/budgets/"
    page = text(web(director).get(address))
    assert "110 % 11 h of 10 h · 1 h over Used up" in page
    assert "10 leads until Sunday 15 November 2026" in page
    assert web(director).get(address).content.decode().count('<svg class="budget') == 4
    seen = web(manager).get(address).content.decode()
    assert seen.count('<svg class="budget') == 2
    assert "Target" not in seen
    assert address in web(manager).get(f"/campaigns/{all_over.pk}/").content.decode()


def test_without_a_budget_its_page_says_so(anna, director, shop):
    Campaign.objects.update(budget_minutes=None)
    assert "None is set. Set a budget" in text(web(director).get(f"/campaigns/{shop.pk}/budgets/"))


def test_only_directors_are_sent_the_alerts_of_costs(all_over, director):
    review = content.look_back(LAST)
    for letter in (content.write(review, language="en"), content.write(review, language="fr")):
        assert len({line for line in letter.text.splitlines() if line.startswith("- Shop")}) == 4
        assert letter.html.count(f'/campaigns/{all_over.pk}/"') == 4
    outside = content.write(review, language="en", is_directors=False)
    assert len([line for line in outside.text.splitlines() if line.startswith("- Shop")]) == 2


def test_the_monday_mail_goes_by_the_address(all_over, director):
    factories.SubscriberFactory(email=director.email)
    factories.SubscriberFactory(email="partner@elsewhere.example")
    monday = NOW + timedelta(days=5)
    with time_machine.travel(monday, tick=False):
        jobs.sweep(at=NOW)
        jobs.sweep(at=monday)
    told = {letter.to[0]: letter.body.count("- Shop") for letter in mail.outbox if letter.subject.startswith("Week")}
    assert told == {director.email: 4, "partner@elsewhere.example": 2}


def test_an_alert_that_was_noted_is_not_mailed_again(all_over, director):
    Flag.objects.get(kind=COST).acknowledge(at=NOW, by=director, note="")
    Flag.objects.get(kind=SPEND).snooze(at=NOW, weeks=4)
    kinds = {alert.flag.kind for alert in content.look_back(LAST).alerts}
    assert kinds == {FlagKind.HOURS_BUDGET, FlagKind.LEAD_COST}


# -- the form ---------------------------------------------------------------------------------------------------------


def sent(campaign: Campaign, **more: str) -> dict[str, str]:
    return {"name": campaign.name, "client": str(campaign.client_id), "purpose": "reach", "counted": "leads", **more}


def test_a_director_sets_all_budgets_and_a_manager_hours_and_bills(shop, director, manager):
    everything = {
        "budget_minutes": "120",
        "budget_spend_cents": "1 500,50",
        "budget_cost_cents": "9000",
        "target_lead_cents": "75",
        "is_active": "on",
    }
    address = f"/campaigns/{shop.pk}/edit/"
    assert "budget_cost_cents" not in web(manager).get(address).content.decode()
    assert web(manager).post(address, sent(shop, **everything)).status_code == 302
    shop.refresh_from_db()
    assert (shop.budget_minutes, shop.budget_spend_cents) == (7_200, 150_050)
    assert (shop.budget_cost_cents, shop.target_lead_cents) == (None, None)
    assert web(director).post(address, sent(shop, **everything)).status_code == 302
    shop.refresh_from_db()
    assert (shop.budget_cost_cents, shop.target_lead_cents) == (900_000, 7_500)
    web(manager).post(address, sent(shop, is_active="on"))
    shop.refresh_from_db()
    assert (shop.budget_minutes, shop.budget_cost_cents, shop.target_lead_cents) == (None, 900_000, 7_500)


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("budget_minutes", "0", "Write a number from 0.25 to 1,000,000."),
        ("budget_minutes", "ten", "Write a number, like 7.5."),
        ("budget_spend_cents", "0", "Write an amount above 0."),
        ("budget_cost_cents", "-5", "Write an amount above 0."),
        ("target_lead_cents", "1.2345", "An amount has at most two decimals"),
    ],
)
def test_what_is_no_budget_is_refused_at_its_field(shop, director, field, typed, why):
    answer = web(director).post(f"/campaigns/{shop.pk}/edit/", sent(shop, **{field: typed}))
    assert answer.status_code == 422
    assert why in text(answer)
    shop.refresh_from_db()
    assert shop.budget_minutes == 600


def test_kinds_of_managers_are_those_that_follow_from_no_rate():
    assert set(BUDGETS_OF_MANAGERS) == {FlagKind.HOURS_BUDGET, FlagKind.SPEND_BUDGET}


def test_programs_of_directors_read_the_alerts_with_their_campaign(all_over, director):
    answer = Asker(token_for(director)).get("/flags")
    found = {row["kind"]: row for row in answer.json()["items"]}
    assert set(found) == {kind.value for kind in BUDGETS}
    assert {(row["campaign"], row["platform"], row["threshold"]) for row in found.values()} == {
        (all_over.pk, None, 100)
    }
    assert found["hours"]["now"].endswith("11\xa0h of 10\xa0h") or found["hours"]["now"].endswith("11 h of 10 h")


def test_programs_of_managers_set_hours_and_bills_and_read_no_more(all_over, manager):
    asker = Asker(token_for(manager))
    assert asker.get("/flags").status_code == 403
    row = asker.get(f"/campaigns/{all_over.pk}").json()
    assert {name for name in row if "budget" in name or "target" in name} == {"budget_minutes", "budget_spend"}
