"""Figures that lack something, a campaign before and after, and its budgets: a director's are no manager's."""

import html
from datetime import date
from decimal import Decimal
from typing import get_args

import pytest
import time_machine
from django.test import Client

from campaigns.models import Campaign, SavedView
from reports.api.figure_rows import FigureName
from reports.attribution import rollups
from reports.comparisons import compute
from reports.drilldown.figures import EXPLAINED
from reports.verdicts import budget_flags
from tests import factories
from tests.api.asking import Asker, is_problem, messages_of, token_for
from tests.reports import world
from tests.reports.world import LAST, NOW
from timesheets.models import CostRate

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


# -- what is not known ------------------------------------------------------------------------------------------------


def test_the_cost_of_hours_without_a_rate_is_null_and_not_nothing(as_director):
    entry = factories.EntryFactory(day=LAST.days[1], minutes=90)
    rollups.drain()
    total = as_director.get("/figures?weeks=4").json()["total"]
    assert (total["hours"], total["hours_without_rate"]) == ("1.50", "1.50")
    assert (total["labour_cost"], total["cost"], total["cost_per_lead"]) == (None, None, None)
    line = as_director.get("/figures?weeks=4&by=member").json()["lines"][0]
    assert (line["figures"]["labour_cost"], line["figures"]["cost"]) == (None, None)
    shown = as_director.get(f"/platforms/{entry.platform_id}/figures?weeks=4").json()["money_out"]
    assert (shown["labour_cost"], shown["cost"]) == (None, None)
    [row] = [row for row in as_director.get("/beyond/purposes?weeks=4").json()["rows"] if row["row"] == "total"]
    assert (row["minutes"], row["cost"]) == (90, None)


def test_nothing_done_costs_nothing_and_spend_is_known(as_director):
    total = as_director.get("/figures?weeks=4").json()["total"]
    assert (total["labour_cost"], total["cost"]) == ("0.00", "0.00")
    entry = factories.EntryFactory(day=LAST.days[1], minutes=90)
    factories.SpendFactory(platform=entry.platform, amount_cents=700, starts_on=LAST.days[0], ends_on=LAST.days[0])
    rollups.drain()
    total = as_director.get("/figures?weeks=4").json()["total"]
    assert (total["labour_cost"], total["cost"]) == (None, "7.00")


# -- beyond sales -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["purposes", "outcomes", "clients", "time", "quality"])
def test_each_table_beyond_sales_is_read_as_its_file_has_it(as_director, name):
    places = world.build()
    factories.OutcomeFactory(platform=places.facebook, campaign=places.shop, week=LAST.monday)
    rollups.drain()
    table = as_director.get(f"/beyond/{name}?weeks=13").json()
    assert table["rows"]
    assert table["to"] == str(LAST)
    assert is_problem(as_director.get("/beyond/everything"), 404)


# -- before and after -------------------------------------------------------------------------------------------------


def test_a_campaign_that_has_no_baseline_says_so(as_manager):
    campaign = factories.CampaignFactory()
    shown = as_manager.get(f"/campaigns/{campaign.pk}/comparison").json()
    assert (shown["missing"], shown["ratio"], shown["is_waiting"]) == (["It has no baseline yet."], None, False)
    assert is_problem(as_manager.get(f"/campaigns/{Campaign.objects.general().pk}/comparison"), 404)


def test_a_run_is_held_against_its_baseline_and_money_is_a_directors(as_manager, as_director):
    campaign = factories.CampaignFactory(
        baseline_starts_on=date(2026, 7, 6), baseline_ends_on=date(2026, 9, 27), starts_on=date(2026, 9, 28)
    )
    platform = factories.PlatformFactory()
    monday = LAST
    while monday.monday >= campaign.baseline_starts_on:
        for number in range(4 if monday.monday >= campaign.starts_on else 2):
            at = NOW.replace(year=monday.days[1].year, month=monday.days[1].month, day=monday.days[1].day)
            lead = factories.LeadFactory(received_at=at, name=f"{monday} {number}")
            factories.TouchFactory(lead=lead, platform=platform, campaign=campaign, at=at)
        monday = monday.previous
    rollups.drain()
    address = f"/campaigns/{campaign.pk}/comparison"
    assert as_manager.get(address).json()["is_waiting"]
    compute.evaluate_all(LAST, at=NOW)
    shown = as_manager.get(address).json()
    assert shown["missing"] == []
    assert shown["ratio"]["low"] <= shown["ratio"]["value"] <= shown["ratio"]["high"]
    assert shown["answer"]
    assert shown["money_out"] is None
    full = as_director.get(address).json()
    assert {**full, "money_out": None} == shown
    assert full["money_out"]["currency"] == "EUR"


# -- budgets ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def campaign():
    campaign = factories.CampaignFactory(
        budget_minutes=100, budget_spend_cents=1000, budget_cost_cents=5000, target_lead_cents=700
    )
    entry = factories.EntryFactory(campaign=campaign, day=LAST.days[1], minutes=90)
    CostRate(member=entry.member, starts_on=date(2026, 1, 1), hourly_cents=3000).save()
    rollups.drain()
    return campaign


def test_what_is_used_of_budgets(as_manager, as_director, campaign):
    address = f"/campaigns/{campaign.pk}/budgets"
    hours, spend = as_manager.get(address).json()
    assert (hours["kind"], hours["used_minutes"], hours["budget_minutes"], hours["percent"]) == ("hours", 90, 100, 90)
    assert (hours["alert"], hours["budget"]) == (80, None)
    assert (spend["kind"], spend["used"], spend["budget"], spend["percent"]) == ("spend", None, "10.00", None)
    cost = next(row for row in as_director.get(address).json() if row["kind"] == "cost")
    assert (cost["used"], cost["budget"], cost["percent"]) == ("45.00", "50.00", 90)


def test_the_cost_of_a_budget_is_null_where_no_hour_has_a_rate(as_director):
    campaign = factories.CampaignFactory(budget_cost_cents=5000)
    factories.EntryFactory(campaign=campaign, day=LAST.days[1], minutes=90)
    rollups.drain()
    [cost] = as_director.get(f"/campaigns/{campaign.pk}/budgets").json()
    assert (cost["used"], cost["percent"], cost["hours_without_rate"]) == (None, None, "1.50")


def test_alerts_of_cost_are_a_directors(as_manager, as_director, campaign):
    budget_flags.update(at=NOW)
    assert [(row["campaign"], row["kind"]) for row in as_manager.get("/budget-alerts").json()] == [
        (campaign.pk, "hours")
    ]
    assert {row["kind"] for row in as_director.get("/budget-alerts").json()} == {"hours", "cost"}


def test_a_director_sets_what_follows_from_rates_and_a_manager_meets_none_of_it(as_manager, as_director, campaign):
    address = f"/campaigns/{campaign.pk}"
    shown = as_director.get(address)
    assert shown.json()["money_out"] == {"budget_cost": "50.00", "target_cost_per_lead": "7.00"}
    before = as_manager.get(address)
    assert before.json()["money_out"] is None
    refused = as_manager.patch(address, {"budget_cost": "1"}, If_Match="*")
    assert messages_of(refused) == [("budget_cost", "This cannot be changed here.")]
    changed = as_director.patch(address, {"budget_cost": "60.50"}, If_Match=shown["ETag"])
    assert changed.json()["money_out"] == {"budget_cost": "60.50", "target_cost_per_lead": "7.00"}
    assert is_problem(as_director.patch(address, {"budget_cost": "1"}, If_Match=shown["ETag"]), 412)
    assert as_manager.get(address)["ETag"] == before["ETag"], "nothing moves that a manager sees"


# -- views ------------------------------------------------------------------------------------------------------------


def test_ones_own_saved_views_narrow_lists_here_too(as_service):
    marc = factories.ManagerFactory()
    SavedView.objects.create(member=marc, list_name="leads", name="Won", query="status=won")
    SavedView.objects.create(member=factories.ManagerFactory(), list_name="leads", name="Hers", query="")
    lead = factories.LeadFactory(status="won", received_at=NOW)
    factories.LeadFactory(received_at=NOW)
    program = Asker(token_for(marc))
    [view] = program.get("/saved-views").json()
    assert (view["list"], view["name"]) == ("leads", "Won")
    assert [row["id"] for row in program.get(f"/{view['list']}?{view['query']}").json()["items"]] == [lead.pk]
    assert as_service.get("/saved-views").json() == []


# -- how a figure came about ------------------------------------------------------------------------------------------


def test_a_figure_opens_its_formula_and_the_rows_that_add_up_to_it(as_director):
    world.build()
    told = as_director.get("/figures/rows?figure=leads&weeks=13&limit=200").json()
    total = as_director.get("/figures?weeks=13").json()["total"]
    [part] = told["parts"]
    assert (told["figure"], told["to"], told["next"], part["kind"]) == ("leads", str(LAST), "", "leads")
    assert part["share"] == total["leads"]
    assert sum(Decimal(row["share"]) for row in part["rows"]) == Decimal(total["leads"])
    first = as_director.get("/figures/rows?figure=leads&weeks=13&limit=1").json()
    second = as_director.get(f"/figures/rows?figure=leads&weeks=13&limit=1&cursor={first['next']}").json()
    assert first["parts"][0]["rows"] + second["parts"][0]["rows"] == part["rows"][:2]


def test_hours_behind_a_cost_are_a_sum_and_no_rate(as_director):
    world.build()
    told = as_director.get("/figures/rows?figure=cost&weeks=13&limit=200").json()
    hours, spend = told["parts"]
    assert [term["figure"] for term in told["formula"]] == ["hours", "spend"]
    assert (hours["kind"], hours["rows"], hours["minutes"] > 0) == ("hours", [], True)
    assert spend["rows"]
    assert "rate" not in str(sorted(hours))


def test_every_figure_that_a_page_explains_is_explained(as_director, as_manager):
    world.build()
    assert set(get_args(FigureName)) == set(EXPLAINED)
    for name in EXPLAINED:
        assert as_director.get(f"/figures/rows?figure={name}").status_code == 200, name
    assert is_problem(as_director.get("/figures/rows?figure=luck"), 422)
    assert is_problem(as_director.get("/figures/rows"), 422)
    assert is_problem(as_manager.get("/figures/rows?figure=leads"), 403)


# -- what the week says -----------------------------------------------------------------------------------------------


def in_one_line(text):
    return " ".join(text.split())


def test_what_the_week_changed_and_what_the_figures_lack_is_in_sentences(as_director, as_manager):
    world.build()
    told = as_director.get("/report?weeks=13").json()
    assert (told["to"], told["last_complete"], told["is_updating"]) == (str(LAST), str(LAST), False)
    assert told["as_of"]
    page = Client()
    page.force_login(factories.DirectorFactory())
    shown = in_one_line(html.unescape(page.get("/?weeks=13").content.decode()))
    assert told["changes"]
    for change in told["changes"]:
        assert in_one_line(change["sentence"]) in shown
    assert any(f"have not submitted week {LAST}" in sentence for sentence in told["missing"])
    assert is_problem(as_manager.get("/report"), 403)


def test_a_summary_is_read_before_it_is_sent(as_director, as_manager):
    world.build()
    letter = as_director.get(f"/summaries/preview/{LAST}").json()
    assert (letter["week"], bool(letter["subject"])) == (str(LAST), True)
    assert "Facebook" in letter["text"]
    for wrong in ("2026-W54", "0026-W01", "today"):
        assert is_problem(as_director.get(f"/summaries/preview/{wrong}"), 404)
    assert is_problem(as_manager.get(f"/summaries/preview/{LAST}"), 403)
