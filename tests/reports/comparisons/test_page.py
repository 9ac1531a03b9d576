"""Before and after on a campaign's page: who sees it, what it says, what it asks of the database."""

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import Agency, Campaign
from core import money
from reports.attribution import rollups
from reports.comparisons import wording as words
from reports.comparisons.records import (
    ComparisonData,
    ComparisonRecord,
    ComparisonResult,
    ComparisonSpec,
    Control,
    Money,
    Neighbourhood,
    NotComparable,
    NotComparableReason,
    to_json,
)
from reports.models import Comparison
from tests import factories
from tests.reports.world import LAST, NOW

SPEC = ComparisonSpec(
    counted="leads",
    purpose="reach",
    baseline_starts_on="2026-08-03",
    baseline_ends_on="2026-09-27",
    starts_on="2026-09-28",
    ends_on="",
    until="2026-11-09",
    model="linear",
    margin=0.4,
)
DATA = ComparisonData(
    weeks=tuple(str(date(2026, 8, 3) + timedelta(weeks=index)) for index in range(15)),
    during=(False,) * 8 + (True,) * 7,
    counts=(5.0,) * 8 + (11.5,) * 7,
    control=(12.0,) * 15,
    control_of=Control.PLATFORMS,
    platforms=(1,),
    others=(2,),
    unrecorded=0,
    unit_cents=41_200.0,
    invested_cents=900_000.0,
    unrated_minutes=0,
)
ALIKE = Neighbourhood(finding="alike", autocorrelation=0.48, p_value=0.0007, widening=1.8)
RESULT = ComparisonResult(
    ratio=1.9,
    low=1.18,
    high=4.1,
    units=38.1,
    units_low=12.3,
    units_high=60.9,
    plain=1.92,
    dispersion=1.3,
    has_season=False,
    expected=(5.0,) * 8 + (6.12,) * 7,
    money=Money(gain=-272_112, low=-697_296, high=103_632, roi=-0.302),
)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False), money.localised(language="en", country="FR", currency="EUR"):
        yield


@pytest.fixture
def campaign(db):
    return factories.CampaignFactory(
        name="Spring",
        baseline_starts_on="2026-08-03",
        baseline_ends_on="2026-09-27",
        starts_on="2026-09-28",
    )


@pytest.fixture
def facebook(db):
    return factories.PlatformFactory(name="Facebook")


def store(campaign, facebook, *, result=RESULT, refusal=None, **data):
    spec = replace(SPEC, margin=1.0)
    known = replace(DATA, platforms=(facebook.pk,), others=(), **data)
    compared = ComparisonRecord(spec=spec, data=known, refusal=refusal, result=result)
    Comparison.objects.create(campaign=campaign, results=to_json(compared), until=LAST.monday, evaluated_at=NOW)


def text_of(client, person, campaign, **headers):
    client.force_login(person)
    response = client.get(reverse("reports:campaign_comparison", args=[campaign.pk]), headers=headers)
    assert response.status_code == 200
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(words).replace("\xa0", " ").split())


# -- who sees what ----------------------------------------------------------------------------------------------------


def test_a_director_reads_the_answer_what_it_is_held_against_and_the_gain(client, director, campaign, facebook):
    store(campaign, facebook)
    text = text_of(client, director, campaign)
    assert "Since it started, 38 leads more than expected (12 to 61), 1.90 times as many." in text
    assert "Against what the other platforms did in the same weeks." in text
    assert "with its cost of 9,000 € taken off, -2,721 € is the best estimate" in text
    assert "38.1 units on top of what was expected × 412.00 €" in text
    assert "Computed 18 Nov 2026, 10:00, on the weeks to 2026-W46." in text


def test_what_it_cost_leads_to_its_rows(client, director, campaign, facebook):
    anna = factories.RateFactory().member
    for week in (date(2026, 9, 28), date(2026, 11, 9), date(2026, 11, 16)):
        factories.EntryFactory(member=anna, platform=facebook, campaign=campaign, day=week, minutes=60)
    rollups.drain()
    store(campaign, facebook, invested_cents=8_000.0)
    client.force_login(director)
    page = client.get(reverse("reports:campaign_comparison", args=[campaign.pk])).content.decode()
    link = html.unescape(re.search(r'href="([^"]*figure=cost[^"]*)"', page)[1])
    explained = client.get(link).content.decode().replace("\xa0", " ").replace("&nbsp;", " ")
    assert "80.00 €" in re.search(r'<h2 class="explained">.*?</h2>', explained, re.DOTALL)[0]


def test_a_manager_reads_the_units_and_nothing_that_follows_from_rates(client, manager, campaign, facebook):
    store(campaign, facebook)
    text = text_of(client, manager, campaign)
    assert "38 leads more than expected" in text
    assert "Leads credited to Facebook" in text
    assert not re.search(r"€|ROI|gain |cost|412|9,000", text)


def test_a_member_is_refused(client, member, campaign):
    client.force_login(member)
    assert client.get(reverse("reports:campaign_comparison", args=[campaign.pk])).status_code == 403


def test_general_presence_and_what_is_not_there_have_none(client, director):
    client.force_login(director)
    general = Campaign.objects.general()
    for pk in (general.pk, general.pk + 99):
        assert client.get(reverse("reports:campaign_comparison", args=[pk])).status_code == 404


def test_the_campaigns_page_asks_for_it_and_has_a_link_without_javascript(client, manager, campaign):
    client.force_login(manager)
    url = reverse("reports:campaign_comparison", args=[campaign.pk])
    page = client.get(campaign.get_absolute_url()).content.decode()
    assert f'hx-get="{url}"' in page
    assert f'href="{url}"' in page
    assert url not in client.get(Campaign.objects.general().get_absolute_url()).content.decode()
    assert "<html" in client.get(url).content.decode()
    assert "<html" not in client.get(url, headers={"HX-Request": "true"}).content.decode()


# -- what is missing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"baseline_starts_on": None, "baseline_ends_on": None}, "It has no baseline yet."),
        ({"starts_on": None}, "It is not said on which day its run starts."),
    ],
    ids=["no baseline", "no start"],
)
def test_missing_dates_are_taught_with_the_way_to_set_them(client, manager, campaign, changes, said):
    Campaign.objects.filter(pk=campaign.pk).update(**changes)
    client.force_login(manager)
    page = client.get(reverse("reports:campaign_comparison", args=[campaign.pk])).content.decode()
    assert said in page
    assert "Six whole weeks are the least" in page
    assert f'href="{reverse("campaigns:campaign_edit", args=[campaign.pk])}#id_baseline_starts_on"' in page


def test_until_the_jobs_have_answered_it_says_so_and_asks_again(client, manager, campaign, facebook):
    client.force_login(manager)
    url = reverse("reports:campaign_comparison", args=[campaign.pk])
    waiting = client.get(url).content.decode()
    assert "Being computed" in waiting
    assert f'hx-get="{url}" hx-trigger="load delay:5s"' in waiting
    store(campaign, facebook)
    assert "Being computed" not in client.get(url).content.decode()
    Campaign.objects.filter(pk=campaign.pk).update(starts_on="2026-10-05")
    assert "Being computed" in client.get(url).content.decode()


def test_an_answer_to_last_weeks_question_is_shown_until_the_night(client, manager, campaign, facebook):
    store(campaign, facebook)
    with time_machine.travel(NOW + timedelta(days=7), tick=False):
        assert "38 leads more" in text_of(client, manager, campaign)


@pytest.mark.parametrize(
    ("refusal", "data", "said"),
    [
        (
            NotComparable(reason=NotComparableReason.FEW_BEFORE, found=5, needed=6),
            {"unrecorded": 3},
            "5 whole weeks with figures; at least 6 are needed. 3 weeks of it lie before anything was recorded here",
        ),
        (
            NotComparable(reason=NotComparableReason.FEW_DURING, found=1, needed=3),
            {},
            "The run has 1 whole week so far; at least 3",
        ),
        (
            NotComparable(reason=NotComparableReason.NOTHING_BEFORE),
            {},
            "No leads in the baseline, so there is nothing to hold the 81",
        ),
        (
            NotComparable(reason=NotComparableReason.NOTHING_DURING),
            {},
            "No leads in the run, after 40 leads in the baseline.",
        ),
        (NotComparable(reason=NotComparableReason.NOT_BEFORE), {}, "The baseline must end before the run starts"),
        (NotComparable(reason=NotComparableReason.SERVES), {}, "This campaign serves customers"),
        (NotComparable(reason=NotComparableReason.NO_PLATFORM), {}, "no hours, spend or contacts yet"),
        (NotComparable(reason="something new"), {}, "These weeks cannot be compared."),
    ],
    ids=lambda value: getattr(value, "reason", None),
)
def test_each_refusal_says_what_is_missing(client, director, campaign, facebook, refusal, data, said):
    store(campaign, facebook, result=None, refusal=refusal, **data)
    text = text_of(client, director, campaign)
    assert said in text
    assert "Change the dates" in text


# -- sentences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "result", "said"),
    [
        ({}, {}, "Since it started, 38 leads more than expected (12 to 61), 1.90 times as many."),
        (
            {"ends_on": "2026-11-15"},
            {},
            "While it ran, 38 leads more than expected (12 to 61), 1.90 times as many.",
        ),
        (
            {"counted": "sales"},
            {"ratio": 0.5, "low": 0.3, "high": 0.9, "units": -20.0, "units_low": -46.7, "units_high": -2.2},
            "Since it started, 20 sales fewer than expected (2.2 to 47), 0.50 times as many.",
        ),
        (
            {"counted": "qualified"},
            {"low": 0.9, "units": 1.0, "units_low": -4.2},
            "Since it started, no clear effect: 1 qualified lead more than expected, but anything from 4.2 fewer to"
            " 61 more is possible.",
        ),
        (
            {},
            {"ratio": 0.97, "low": 0.9, "high": 1.04, "units": -3.0, "units_low": -9.6, "units_high": 4.1},
            "Since it started, no clear effect: 3 leads fewer than expected, but anything from 9.6 fewer to 4.1 more"
            " is possible.",
        ),
        (
            {},
            {"low": 0.1, "high": 20.0},
            "Since it started, too few leads came to tell whether it changed anything.",
        ),
        (
            {},
            {"low": 0.1, "high": 20.0, "neighbours": ALIKE},
            "Since it started, too few leads came to tell whether it changed anything.",
        ),
        (
            {},
            {"low": 0.5, "high": 20.0, "neighbours": ALIKE},
            "Since it started, good and bad weeks came in spells too long to tell whether it changed anything.",
        ),
    ],
    ids=["more", "over", "fewer", "one, unclear", "fewer, unclear", "wide", "wide without spells", "wide by spells"],
)
def test_the_answer_in_one_sentence(spec, result, said):
    assert words.answer(replace(SPEC, **spec), replace(RESULT, **result)) == said


def test_too_wide_bounds_say_nothing_about_money_either(client, director, campaign, facebook):
    store(campaign, facebook, result=replace(RESULT, low=0.3, high=8.0))
    text = text_of(client, director, campaign)
    assert "too few leads came to tell" in text
    assert "ROI" not in text
    assert "taken off" not in text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"control_of": Control.SALES}, "Against all other sales in the same weeks."),
        ({"control_of": Control.NONE}, "Before/after only: the other platforms had weeks with nothing"),
        ({"control_of": Control.NONE, "others": ()}, "Before/after only: the campaign is on every platform"),
    ],
)
def test_what_it_is_held_against_is_said(data, said):
    assert words.against(replace(DATA, **data)).startswith(said)


@pytest.mark.parametrize(
    ("control", "plain", "said"),
    [
        (Control.PLATFORMS, 1.92, ""),
        (Control.PLATFORMS, 1.034, "The plain before/after ratio is 1.03: it leaves out where things were going, here"),
        (Control.NONE, 3.4, "The plain before/after ratio is 3.4: it leaves out where things were going before."),
    ],
)
def test_the_plain_ratio_is_named_as_such_where_it_differs(control, plain, said):
    sentence = words.plain_ratio(replace(DATA, control_of=control), replace(RESULT, plain=plain))
    assert sentence.startswith(said)
    assert bool(sentence) == bool(said)


def test_a_plain_ratio_of_the_wrong_sign_is_told_however_near():
    assert words.plain_ratio(DATA, replace(RESULT, ratio=0.98, plain=1.01))


@pytest.mark.parametrize(
    ("neighbours", "said"),
    [
        pytest.param(
            ALIKE,
            "They are alike: beyond what is expected, the correlation of a week with the next is 0.48. Weeks that have"
            " nothing to do with each other show as much in at most 1 of 100 cases. The bounds are 1.80 times as wide"
            " as for weeks that have nothing to do with each other.",
            id="alike",
        ),
        pytest.param(
            replace(ALIKE, finding="alternating", autocorrelation=-0.4, p_value=0.021, widening=1.02),
            "Good and bad ones take turns: beyond what is expected, the correlation of a week with the next is -0.40."
            " Weeks that have nothing to do with each other show as much in at most 3 of 100 cases. The bounds are 1.02"
            " times as wide as for weeks that have nothing to do with each other.",
            id="alternating",
        ),
        pytest.param(
            replace(ALIKE, finding="no_sign", autocorrelation=0.08, p_value=0.6, widening=1.2),
            "Nothing shows that they are alike (correlation 0.08). That it may not show is allowed for. The bounds are"
            " 1.20 times as wide as for weeks that have nothing to do with each other.",
            id="no sign",
        ),
    ],
)
def test_what_neighbouring_weeks_have_to_do_with_each_other_is_told(
    client, manager, campaign, facebook, neighbours, said
):
    store(campaign, facebook, result=replace(RESULT, neighbours=neighbours))
    text = text_of(client, manager, campaign)
    assert f"Neighbouring weeks {said}" in text
    told_below_the_answer = "the bounds allow for it, and are 1.80 times as wide as they would be otherwise."
    assert (told_below_the_answer in text) == (neighbours is ALIKE)


def test_what_was_stored_when_weeks_were_taken_for_independent_says_nothing_of_neighbours(
    client, manager, campaign, facebook
):
    store(campaign, facebook)
    text = text_of(client, manager, campaign)
    assert "They hold the truth about 19 times in 20." in text
    assert "Neighbouring weeks" not in text


@pytest.mark.parametrize(
    ("result", "data", "said"),
    [
        (
            {"money": Money(gain=90_000, low=1_000, high=200_000, roi=0.1)},
            {},
            "With its cost of 9,000 € taken off, it gained 900 € (10 € to 2,000 €). That is 1.10 € for each euro,"
            " ROI 10 %.",
        ),
        (
            {"money": Money(gain=-90_000, low=-200_000, high=-1_000, roi=-0.1)},
            {},
            "With its cost of 9,000 € taken off, it lost 900 € (-2,000 € to -10 €). That is 0.90 € for each euro,"
            " ROI -10 %.",
        ),
        (
            {"units": -3.0, "money": Money(gain=-990_000, low=-1_200_000, high=-901_000, roi=-1.1)},
            {"unrated_minutes": 120},
            "With its cost of 9,000 € taken off, it lost 9,900 € (-12,000 € to -9,010 €). 2 h have no rate, so the"
            " true cost is higher.",
        ),
        (
            {"money": Money(gain=90_000, low=-1_000, high=200_000, roi=0.1)},
            {},
            "Whether it paid for itself is not clear: with its cost of 9,000 € taken off, 900 € is the best estimate,"
            " and anything from -10 € to 2,000 € is possible. By that estimate it is 1.10 € for each euro, ROI 10 %.",
        ),
        ({"money": None}, {}, "These platforms brought no revenue in these weeks, so it is not known what one"),
    ],
    ids=["gain", "loss", "fewer and no rate", "not clear", "no revenue"],
)
def test_the_gain_in_words(result, data, said):
    text = words.gain(SPEC, replace(DATA, **data), replace(RESULT, **result)).replace("\xa0", " ")
    assert text.startswith(said)


# -- the chart --------------------------------------------------------------------------------------------------------


def test_the_chart_shows_both_periods_and_its_figures_as_a_table(client, manager, campaign, facebook):
    store(campaign, facebook)
    client.force_login(manager)
    page = client.get(reverse("reports:campaign_comparison", args=[campaign.pk])).content.decode()
    assert page.count('<rect class="shade-') == 2
    assert 'class="line observed"' in page
    assert 'class="line expected"' in page
    rows = re.findall(r'<th scope="row">(.*?)</th>\s*((?:<td class="num">.*?</td>\s*)+)', page)
    assert len(rows) == 15
    assert rows[0][0] == "2026-W32"
    assert [html.unescape(cell) for cell in re.findall(r">([^<]+)<", rows[-1][1])] == ["Run", "11.5", "6.1"]


def test_a_gap_between_baseline_and_run_stays_empty(client, manager, campaign, facebook):
    weeks = [*DATA.weeks[:7], *DATA.weeks[9:]]
    during = (False,) * 7 + (True,) * 6
    result = replace(RESULT, expected=(5.0,) * 13)
    counts, control = (5.0,) * 13, (1.0,) * 13
    store(campaign, facebook, result=result, weeks=tuple(weeks), during=during, counts=counts, control=control)
    client.force_login(manager)
    page = client.get(reverse("reports:campaign_comparison", args=[campaign.pk])).content.decode()
    assert page.count('class="line observed"') == 2
    assert page.count('<th scope="row">') == 15


def test_the_page_asks_the_same_few_questions_for_any_number_of_weeks(
    client, director, campaign, facebook, django_assert_max_num_queries
):
    store(campaign, facebook)
    client.force_login(director)
    for number in range(20):
        factories.PlatformFactory(name=f"Platform {number}")
    Agency.current()  # made when the database is new
    with django_assert_max_num_queries(6):  # session with person, agency, campaign, comparison, platforms
        client.get(reverse("reports:campaign_comparison", args=[campaign.pk]))


def test_the_instant_is_told_in_the_agencys_time_zone(client, director, campaign, facebook):
    store(campaign, facebook)
    Comparison.objects.update(evaluated_at=datetime(2026, 11, 17, 23, 30, tzinfo=UTC))
    assert "Computed 18 Nov 2026, 00:30" in text_of(client, director, campaign)
