"""What is used of a campaign's budgets, and the exact moment at which a threshold is reached."""

import pytest

from campaigns.models import Agency
from reports.attribution import rollups
from reports.figures.budgets import BudgetUse, budget_uses
from reports.models import BUDGETS, FlagKind
from tests import factories
from tests.reports import world
from tests.reports.world import LAST

HOURS, SPEND, COST, LEAD = BUDGETS


def use(used: int | None, *, kind: FlagKind = HOURS, budget: int = 1_000, before: int | None = -1, leads: int = 10):
    before = used if before == -1 else before
    return BudgetUse(kind=kind, budget=budget, used=used, used_before=before, leads_millionths=leads * 1_000_000)


@pytest.mark.parametrize(
    ("used", "level", "percent", "filled"),
    [
        (None, 0, "–", 0),
        (1, 0, "0\xa0%", 0),
        (-50, 0, "0\xa0%", 0),
        (799, 0, "79\xa0%", 79),
        (800, 80, "80\xa0%", 80),
        (999, 80, "99\xa0%", 99),
        (1_000, 100, "100\xa0%", 100),
        (1_234, 100, "123\xa0%", 100),
    ],
)
def test_a_threshold_is_reached_at_the_very_percent(used, level, percent, filled):
    found = use(used)
    assert (found.level, found.percent_words.replace(" ", "\xa0"), found.filled) == (level, percent, filled)


def test_one_cent_below_is_below_whatever_the_size_of_the_budget():
    budget = 999_999_999_999_993
    at = -(-80 * budget // 100)
    assert (use(at - 1, kind=COST, budget=budget).level, use(at, kind=COST, budget=budget).level) == (0, 80)


def test_what_a_lead_costs_reaches_a_threshold_when_it_did_so_a_week_ago_too():
    assert use(1_000, kind=LEAD, before=799).level == 0
    assert use(1_000, kind=LEAD, before=850).level == 80
    assert use(850, kind=LEAD, before=1_000).level_kept == 100
    assert use(1_000, kind=LEAD, before=None).level == 0


def test_what_a_lead_costs_is_no_matter_for_an_alert_with_few_leads():
    assert use(5_000, kind=LEAD, leads=9).level == use(5_000, kind=LEAD, leads=9).level_kept == 0
    assert use(5_000, kind=LEAD, leads=10).level == 100


def test_what_is_left_is_said_and_by_how_much_it_is_exceeded(settings):
    assert (use(2_400, budget=2_400).left_words, use(2_430, budget=2_400).left_words) == ("0 h left", "0.5 h over")
    assert use(None, budget=2_400).left_words == "40 h left"
    assert use(None, kind=LEAD).left_words == ""
    assert use(900, kind=LEAD).left_words.endswith(" below")


@pytest.mark.django_db
def test_budgets_are_read_from_the_rollups_over_the_whole_campaign(django_assert_num_queries):
    places = world.build()
    shop = places.shop
    shop.budget_minutes, shop.budget_spend_cents, shop.budget_cost_cents, shop.target_lead_cents = 1, 2, 3, 4
    shop.save()
    agency = Agency.current()
    with django_assert_num_queries(1):
        uses = budget_uses([shop, places.hiring], week=LAST, agency=agency)
    assert set(uses) == {shop.pk}
    hours, spend, cost, lead = uses[shop.pk]
    assert hours.used == 16 * 601 + 45
    assert spend.used == 100_001
    labour = 16 * 601 * 4_001
    assert cost.used == (2 * labour + 60) // 120 + 100_001
    assert cost.unrated_minutes == 45
    assert lead.used is not None
    assert lead.until == LAST
    assert hours.used_before == hours.used


@pytest.mark.django_db
def test_this_week_counts_for_sums_and_not_for_what_a_lead_costs():
    places = world.build()
    shop = places.shop
    shop.budget_minutes, shop.target_lead_cents = 60, 4
    shop.save()
    agency = Agency.current()
    before = budget_uses([shop], week=LAST, agency=agency)[shop.pk]
    factories.EntryFactory(
        member=places.anna, platform=places.facebook, campaign=shop, day=LAST.next.monday, minutes=60
    )
    rollups.drain()
    after = budget_uses([shop], week=LAST, agency=agency)[shop.pk]
    assert after[0].used == before[0].used + 60
    assert after[1] == before[1]


@pytest.mark.django_db
def test_a_campaign_without_hours_or_leads_has_no_figure_and_not_0(django_assert_num_queries):
    campaign = factories.CampaignFactory(
        budget_minutes=60, budget_spend_cents=100, budget_cost_cents=100, target_lead_cents=100
    )
    uses = budget_uses([campaign], week=LAST, agency=Agency.current())[campaign.pk]
    assert [each.used_words for each in uses] == ["–"] * 4
    assert [each.percent_words for each in uses] == ["–"] * 4
    with django_assert_num_queries(0):
        assert budget_uses([factories.CampaignFactory.build(pk=9)], week=LAST, agency=Agency()) == {}
