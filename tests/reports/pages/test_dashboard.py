"""The dashboard: its sentence, its totals, what it costs to ask, who may see it."""

import html
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
import time_machine
from django.test import Client as Browser
from django.utils.html import strip_tags

from campaigns.models import Agency, Campaign, JobRun, Platform, StaleMark
from campaigns.models.agency import MODEL_CHOICES, Basis
from campaigns.models.catalogue import Purpose
from core import money
from core.lookups import MOST_LISTED
from core.weeks import Week
from reports.attribution import rollups
from reports.figures import formatting
from reports.figures.data_quality import rates_path
from reports.figures.query import By, Period, ReportFilters, figures_by
from reports.figures.totals import Figures
from reports.models import Credit, Flag, FlagKind, Verdict
from reports.statistics.results import ReturnLag
from reports.statistics.states import VerdictState
from reports.verdicts import wording
from reports.verdicts.case import case_from_json
from tests import factories
from tests.reports.verdicts.spoken import flag as raise_flag
from tests.reports.verdicts.spoken import speak
from tests.reports.verdicts.test_weekly_changes import FOUND
from tests.reports.world import LAST, NOW, settle
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db
LOSING = FOUND[VerdictState.LOSING]


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def web(director):
    director.logs_hours = False
    director.save()
    web = Browser()
    web.force_login(director)
    return web


def text(response):
    """What the page says, without its tags."""
    return re.sub(r"\s+", " ", strip_tags(response.content.decode())).replace("&#x27;", "'")


def plain(answer):
    """Spaces of all widths as one kind."""
    return answer.replace("\u202f", " ").replace("\xa0", " ")


# -- totals -----------------------------------------------------------------------------------------------------------


FILTERS = ["", "platform=facebook", "platform=none", "campaign=shop", "client=acme", "client=own", "purpose=keep"]


def address(world, model, basis, narrowed):
    name, _sign, value = narrowed.partition("=")
    numbers = {"facebook": world.facebook.pk, "shop": world.shop.pk, "acme": world.acme.pk}
    return {"model": model, "basis": basis, **({name: numbers.get(value, value)} if name else {})}


def test_the_page_adds_up_under_every_model_basis_and_filter(world, web):
    for look in product(dict(MODEL_CHOICES), Basis.values, FILTERS):
        context = web.get("/", address(world, *look)).context
        lines, form = context["dashboard"].rows, context["form"]
        assert not form.problems
        expected = figures_by(form.period, By.PLATFORM, form.filters)
        parts = [*lines.platforms, lines.unattributed, lines.keeping]
        assert Figures.total(row.figures for row in parts) == lines.total.figures == expected.total, look
        whole = {row.key: row.figures + row.beside for row in lines.platforms}
        assert whole == {row.key: row.figures for row in expected.rows if row.key is not None}, look
        assert lines.general.figures == expected.general, look
        weeks = [
            context["dashboard"].report.figures.of_week(week.monday)
            for week in Week.range(form.period.first, form.period.last)
        ]
        assert Figures.total(weeks) == lines.total.figures, look


def test_the_totals_are_those_of_the_rows(world, web):
    period = Period.ending(LAST, 13)
    entries = list(TimeEntry.objects.in_weeks(period.first, period.last))
    for model, basis in product(dict(MODEL_CHOICES), Basis.values):
        total = web.get("/", {"model": model, "basis": basis}).context["dashboard"].rows.total.figures
        assert total.minutes == sum(entry.minutes for entry in entries)
        assert total.labour_cent_minutes == sum(entry.minutes * (entry.hourly_cents or 0) for entry in entries)
        week = "money_week" if basis == Basis.CASH else "work_week"
        credits = [credit for credit in Credit.objects.all() if getattr(credit, week) in period]
        assert total.revenue_cents == sum(getattr(credit, f"cents_{model}") for credit in credits)
        assert total.leads_millionths == sum(getattr(credit, f"share_{model}") for credit in credits if credit.lead_id)
        if basis == Basis.CASH:
            assert total.revenue_cents == 100_000 + 55_555 + 33_333 - 10_000 + 20_001 + 9_999


def test_filters_by_client_split_the_whole(world, web):
    whole = web.get("/").context["dashboard"].rows.total.figures
    parts = [
        web.get("/", {"client": client}).context["dashboard"].rows.total.figures for client in ("own", world.acme.pk)
    ]
    missing = whole - Figures.total(parts)
    assert missing == web.get("/", {"platform": "none"}).context["dashboard"].rows.total.figures


def test_the_own_brand_may_be_named_by_its_number(world, web):
    by_number = web.get("/", {"client": world.hiring.client_id}).context
    assert not by_number["form"].problems
    assert by_number["form"].filters == web.get("/", {"client": "own"}).context["form"].filters


# -- what is said -----------------------------------------------------------------------------------------------------


def simple(*, cents=130_000):
    """An hour a week at 100.00 on Facebook for 20 weeks, one sale in the last of them."""
    member = factories.RateFactory(hourly_cents=10_000, member__logs_hours=False).member
    facebook = factories.PlatformFactory(name="Facebook")
    for back in range(20):
        factories.EntryFactory(member=member, platform=facebook, day=LAST.plus(-back).monday, minutes=60)
    if cents:
        factories.SaleFactory(platform=facebook, sold_on=LAST.monday, amount_cents=cents)
    settle()
    return facebook


def answer(web, **query):
    return plain(web.get("/", query).context["dashboard"].headline.as_text)


def english():
    Agency.objects.update(country="GB")


def test_the_answer_says_what_it_cost_and_brought(web):
    simple()
    english()
    assert answer(web) == (
        "Over the last 13 weeks, 1 hour a week cost €1,300 and brought back €1,300: €1.00 for each euro."
    )


def test_the_answer_names_the_platform_that_lost_most(web):
    simple(cents=50_000)
    english()
    linkedin = factories.PlatformFactory(name="LinkedIn")
    factories.SaleFactory(platform=linkedin, sold_on=LAST.monday, amount_cents=40_000)
    settle()
    speak(Platform.objects.get(name="Facebook"), LOSING)
    board = web.get("/").context["dashboard"]
    assert board.headline.as_text.endswith("Facebook cost €800 more than it brought.")
    rest = web.get("/", {"platform": linkedin.pk}).context["dashboard"]
    assert rest.headline.loss == ""


def test_hours_that_serve_customers_are_no_loss(web):
    facebook = simple(cents=50_000)
    english()
    service = factories.CampaignFactory(purpose=Purpose.SERVE)
    day = {"starts_on": LAST.monday, "ends_on": LAST.monday}
    factories.SpendFactory(platform=facebook, campaign=service, amount_cents=20_000, **day)
    factories.SaleFactory(platform=factories.PlatformFactory(), sold_on=LAST.monday, amount_cents=40_000)
    settle()
    speak(facebook, LOSING)
    assert answer(web).endswith("Facebook cost €800 more than it brought.")
    (row, _other), keeping = rows_of(web).platforms, rows_of(web).keeping
    assert (row.loss_cents, row.beside.cost_cents, keeping.figures.cost_cents) == (80_000, 20_000, 20_000)


@pytest.mark.parametrize(
    "state", [VerdictState.WATCH, VerdictState.EARNING, VerdictState.INSUFFICIENT, VerdictState.TOO_EARLY]
)
def test_only_a_platform_that_is_judged_as_losing_is_said_to_have_lost(web, state):
    facebook = simple(cents=50_000)
    speak(facebook, FOUND[state])
    assert web.get("/").context["dashboard"].headline.loss == ""


def rows_of(web, **query):
    return web.get("/", query).context["dashboard"].rows


def test_the_loss_opens_the_row_it_comes_from_to_the_cent(world, web):
    speak(world.facebook, LOSING)
    board = web.get("/").context["dashboard"]
    (address,) = re.findall(r'href="([^"]+)"', board.headline.loss)
    explanation = web.get(html.unescape(address)).context["explanation"]
    row = board.rows.platforms[0]
    assert explanation.value == money.format_money(row.loss_cents)
    assert row.loss_cents == row.figures.cost_cents - row.figures.revenue_cents
    rest = board.rows.total.figures - row.figures
    assert any(formatting.per_unit(rest.return_per_unit(Fraction(1))) in remark for remark in explanation.remarks)


def test_every_figure_of_the_headline_opens_how_it_was_computed(world, web):
    board = web.get("/", {"weeks": "26"}).context["dashboard"]
    total = board.rows.total.figures
    expected = {
        "hours": formatting.exact_hours(total.minutes),
        "cost": money.format_money(total.cost_cents),
        "revenue": money.format_money(total.revenue_cents),
        "return": formatting.per_unit(total.return_per_unit(Fraction(1))),
    }
    links = re.findall(r'href="([^"]+)"', "".join(board.headline.sentences))
    addresses = [address for address in links if "figure=" in address]
    assert [address for address in links if address not in addresses] == [rates_path(board.missing)]
    opened = [web.get(html.unescape(address)).context["explanation"] for address in addresses]
    assert {explanation.figure.name: explanation.value for explanation in opened} == expected


@pytest.mark.parametrize("narrowed", ["", "purpose=keep", "platform=facebook"])
def test_every_figure_of_a_row_opens_the_same_figure(world, web, narrowed):
    page = web.get("/", address(world, "linear", "cash", narrowed)).content.decode()
    table = re.search(r'<table class="platforms.*?</table>', page, re.DOTALL)[0]
    links = re.findall(r'class="figure" href="([^"]+figure=(?:cost|revenue)&[^"]*)">\s*([^<]+?)\s*<', table)
    assert links
    for href, shown in links:
        explanation = web.get(html.unescape(href)).context["explanation"]
        assert abs(amount(explanation.value) - amount(shown)) <= Decimal("0.5"), href


def amount(written):
    """The number in an amount of money as the page writes it."""
    return Decimal(re.sub(r"[^0-9.]", "", html.unescape(written)))


def test_a_gross_margin_is_said(web):
    simple()
    english()
    Agency.objects.update(gross_margin="0.6")
    rollups.drain()
    assert "brought back €1,300 (€780 after a gross margin of 60 %): €0.60 for each euro." in answer(web)


def test_the_other_basis_is_said(web):
    simple()
    english()
    said = answer(web, basis="cohort")
    assert "and have so far brought back €1,300: €1.00 for each euro" in said


def test_by_the_week_of_the_work_it_is_said_how_much_of_it_is_in(web):
    facebook = simple()
    delay = ReturnLag(source="own", share=(0.1, 0.2, 0.3, 1.0), sales=40)
    speak(facebook, replace(FOUND[VerdictState.EARNING], delay=delay))
    # The thirteen weeks are 0 to 12 weeks old: four of each month, and one of the fourth.
    assert "Of what this work will bring, about 26 % is in." in answer(web, basis="cohort")
    assert "will bring" not in answer(web)
    speak(facebook, replace(FOUND[VerdictState.EARNING], delay=replace(delay, share=(0.97, 1.0))))
    assert "Nearly all of what this work will bring is in." in answer(web, basis="cohort")
    speak(facebook, FOUND[VerdictState.TOO_EARLY])
    assert "More may come; how much is not known yet." in answer(web, basis="cohort")


def test_other_weeks_are_named(web):
    simple()
    english()
    said = answer(web, **{"from": "2026-W30", "to": "2026-W40"})
    assert said.startswith("From 2026-W30 to 2026-W40, 1 hour a week cost ")


def test_one_platform_is_named(web):
    facebook = simple()
    assert "1 hour a week on Facebook cost" in answer(web, platform=facebook.pk)


@pytest.mark.parametrize(
    ("cents", "said"),
    [(0, "cost €1,300. No sale is recorded yet."), (1, "brought back €0: €0.00 for each")],
)
def test_little_and_nothing_are_told_apart(web, cents, said):
    simple(cents=cents)
    english()
    assert said in answer(web)


def test_hours_without_a_rate_cost_no_zero(web):
    factories.EntryFactory(day=LAST.monday, minutes=600)
    settle()
    assert "these hours have no rate, so what they cost is not known." in answer(web)


COSTS_OF_UNRATED_HOURS = ("/beyond/", "/explain/?figure=cost", "/explain/?figure=loss", "/")


@pytest.mark.parametrize("path", [*COSTS_OF_UNRATED_HOURS, "/platforms/{}/figures/", "/campaigns/{}/figures/"])
def test_no_page_calls_the_cost_of_hours_without_a_rate_nothing(web, path):
    platform = factories.PlatformFactory(name="Facebook")
    entry = factories.EntryFactory(day=LAST.monday, minutes=600, platform=platform)
    settle()
    key = entry.campaign.pk if "campaigns" in path else platform.pk
    html = plain(web.get(path.format(key)).content.decode())
    costs = re.findall(r'data-label="Cost">\s*(.*?)\s*</td>', html, re.DOTALL)
    costs += re.findall(r"<dt>Cost</dt>\s*<dd>\s*(.*?)\s*</dd>", html, re.DOTALL)
    assert not [cost for cost in costs if "0 €" in strip_tags(cost)]
    assert "10 h" in html


def test_what_is_known_of_a_cost_is_shown_with_the_hours_that_are_missing(web):
    facebook = simple()
    factories.EntryFactory(day=LAST.monday, minutes=630, platform=facebook)
    settle()
    html = plain(web.get(f"/platforms/{facebook.pk}/figures/").content.decode())
    assert "1,300 €" in html
    assert "without 10.5 h that have no rate" in html
    assert "10.5 h have no rate: what they cost is not known and not in these costs." in html


def test_a_cost_of_a_part_of_the_hours_is_told_as_the_least_with_the_way_to_who_has_no_rate(web):
    facebook = simple()
    entry = factories.EntryFactory(day=LAST.monday, minutes=630, platform=facebook)
    settle()
    english()
    assert "cost at least €1,300 and brought back" in answer(web)
    html = web.get("/").content.decode()
    assert f'<a href="/team/{entry.member_id}/rates/" title="10.5 h have no rate' in html
    assert html.count(">≥€1,300</a>") == 2  # of the platform, and of all


def test_the_currency_names_its_own_unit(web):
    simple()
    Agency.objects.update(currency="CAD", country="CA")
    assert "$1.00 for each Canadian dollar" in answer(web)


def test_the_page_speaks_french(web, director):
    simple()
    director.language = "fr"
    director.save()
    response = web.get("/")
    assert 'lang="fr"' in response.content.decode()
    assert "pour chaque" in response.content.decode() or "for each euro" in response.content.decode()


def test_markup_in_names_is_shown_as_text(web):
    facebook = simple(cents=10_000)
    Platform.objects.filter(pk=facebook.pk).update(name="<b onclick=x>Fb</b>")
    factories.SaleFactory(platform=factories.PlatformFactory(), sold_on=LAST.monday)
    settle()
    speak(facebook, LOSING)
    page = web.get("/").content.decode()
    assert "<b onclick" not in page
    assert "&lt;b onclick=x&gt;Fb&lt;/b&gt; cost" in page


def test_the_official_verdict_stands_whatever_the_weeks_and_is_not_shown_of_a_part(world, web):
    official = {verdict.platform_id: verdict.state for verdict in Verdict.objects.filter(week=LAST.monday)}
    assert "Judged on 18 November 2026, with figures until Sunday 15 November 2026." in text(web.get("/"))
    four_weeks = web.get("/", {"weeks": "4"})
    assert "The verdicts look at all work for new customers, whatever is chosen above." in text(four_weeks)
    assert {row.key: row.state for row in four_weeks.context["dashboard"].rows.platforms} == official
    for part in ({"campaign": world.shop.pk}, {"client": world.acme.pk}, {"purpose": "keep"}):
        narrowed = web.get("/", part)
        assert 'class="state' not in narrowed.content.decode().partition("</table>")[0]
        assert not any(row.verdict for row in narrowed.context["dashboard"].rows.platforms)


def test_what_is_missing_is_said_with_a_way_to_mend_it(world, web):
    page = web.get("/").content.decode()
    assert "Nora without a rate has had no cost rate since" in page
    assert re.search(r'href="/team/\d+/rates/"', page)
    assert "have not submitted week 2026-W46." in text(web.get("/"))


def test_sales_of_the_week_that_is_not_over_are_counted_beside_the_date(world, web):
    assert "since then" not in text(web.get("/"))
    factories.SaleFactory(sold_on=LAST.next.monday)
    assert "1 sale since then." in text(web.get("/"))
    so_far = web.get("/" + web.get("/").context["form"].so_far).context["form"].period
    assert so_far == Period(LAST.next, LAST.next)


def test_waiting_changes_are_said(world, web):
    JobRun.objects.create(name="sweep", finished_at=datetime(2026, 11, 18, 8, 58, tzinfo=UTC))
    assert "Figures as of 10:00" in text(web.get("/"))
    StaleMark.objects.create(everything=True)
    assert "Figures as of 09:58 · updating…" in text(web.get("/"))
    assert "updating…" in text(web.get("/freshness"))
    rollups.drain()
    assert "updating…" not in text(web.get("/freshness"))


def test_an_empty_agency_is_taught(web):
    page = text(web.get("/"))
    assert "11 steps until this page can say what your hours bring back." in page
    for step in ("What an hour costs", "First hours", "Leads", "Sales: since when are they all here?"):
        assert step in page


def test_hours_without_leads_say_what_is_missing(web):
    simple(cents=0)
    assert "No leads or sales stand beside these hours yet" in text(web.get("/"))


def test_weeks_without_figures_lead_back(world, web):
    response = web.get("/", {"from": "2020-W01", "to": "2020-W04"})
    assert response.status_code == 200
    assert "Nothing was logged, spent or sold in these weeks" in text(response)


# -- the verdicts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (VerdictState.LOSING, "Losing"),
        (VerdictState.WATCH, "Watch"),
        (VerdictState.EARNING, "Earning"),
        (VerdictState.INSUFFICIENT, "Too little to tell"),
        (VerdictState.TOO_EARLY, "Too early"),
    ],
)
def test_every_state_stands_in_the_table_with_one_clause(web, state, word):
    facebook = simple()
    english()
    spoken = speak(facebook, FOUND[state])
    page = text(web.get("/"))
    case = case_from_json(spoken.figures)
    with money.localised(language="en", country="GB", currency="EUR"):
        assert f"Facebook {word}" in page
        assert wording.clause(case) in page
    assert wording.sentence(case) not in page
    is_judged = state in (VerdictState.WATCH, VerdictState.EARNING)
    assert ("plain rule: losing" in page) == is_judged


def test_where_no_sale_is_recorded_nobody_is_accused(web):
    facebook = simple(cents=0)
    speak(facebook, FOUND[VerdictState.NO_SALES])
    page = text(web.get("/"))
    assert "No sales recorded yet" in page
    assert "losing" not in page.lower()
    assert web.get("/").context["dashboard"].headline.loss == ""


def test_a_verdict_of_the_plain_rule_says_so(web):
    facebook = simple()
    speak(facebook, None)
    page = text(web.get("/"))
    assert "by the plain rule alone" in page
    assert "plain rule:" not in page


def test_a_platform_nobody_judged_says_so(web):
    simple()
    Verdict.objects.all().delete()
    page = text(web.get("/"))
    assert "No data" in page
    assert "Judged on" not in page


@pytest.mark.once
def test_pages_load_no_statistics():
    """They read what the jobs found: none of it comes with the web process, nor what reads workbooks."""
    code = (
        "import django, sys; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns;"
        "print([name for name in ('numpy', 'scipy', 'statsmodels', 'openpyxl') if name in sys.modules])"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "EMBEDDED": "true", "DATABASE_URL": "sqlite://:memory:"}
    environment = {**os.environ, **settings, "SECRET_KEY": "for-checks-only-" + "7" * 40}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert run.stdout == "[]\n", run.stderr


# -- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "2026-W54"}, "is not a week"),
        ({"to": "2026-W00"}, "is not a week"),
        ({"from": "2026-W20", "to": "2026-W10"}, "2026-W20 is after 2026-W10"),
        ({"from": "0001-W01"}, "out of range"),
        ({"to": "9999-W52"}, "out of range"),
        ({"from": "2001-W01"}, "more than 260 weeks"),
        ({"model": "x"}, "is not one of the choices"),
        ({"basis": "\x00"}, "is not one of the choices"),
        ({"platform": "99999"}, "is not one of the choices"),
        ({"platform": "1' OR 1=1"}, "is not one of the choices"),
        ({"campaign": "²"}, "is not one of the choices"),
        ({"weeks": "-1"}, "is not one of the choices"),
        ({"weeks": "9" * 500}, "is not one of the choices"),
        ({"client": "<script>"}, "is not one of the choices"),
        ({"purpose": "x" * 1_000_000}, "is not one of the choices"),
    ],
    ids=str,
)
def test_nonsense_shows_the_usual_figures_and_says_so(web, query, said):
    simple()
    for path in ("/", "/explain/"):
        response = web.get(path, query)
        assert response.status_code == 200
        assert said in text(response)
        assert response.context["form"].period == Period.ending(LAST, 13)
        assert response.context["form"].filters == ReportFilters()
        assert "<script>" not in response.content.decode().split("</head>")[1]


@pytest.mark.parametrize(("query", "is_open"), [({}, False), ({"weeks": "4"}, False), ({"client": "x"}, True)], ids=str)
def test_the_choices_stand_open_when_one_of_them_was_refused(web, query, is_open):
    simple()
    page = web.get("/", query).content.decode()
    assert ('<details class="look" open>' in page, '<details class="look">' in page) == (is_open, not is_open)


@pytest.mark.parametrize("path", ["/export/figures.csv", "/explain/rows.xlsx", "/explain/rows.csv"])
def test_nonsense_is_said_on_the_page_and_never_a_file_of_something_else(web, path):
    simple()
    answer = web.get(path, {"from": "\x00", "figure": "x", "model": "y"})
    page = "/" if path.startswith("/export/") else "/explain/"
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, page)
    assert web.get(answer.url).status_code == 200


@pytest.mark.parametrize(("asked", "first"), [("4", "2026-W43"), ("26", "2026-W21"), ("52", "2025-W47")])
def test_presets_count_back_from_the_last_complete_week(web, asked, first):
    simple()
    period = web.get("/", {"weeks": asked}).context["form"].period
    assert period == Period(Week.parse(first), LAST)


def test_an_address_is_as_short_as_it_can_be_and_reads_back(world, web):
    form = web.get("/").context["form"]
    assert form.query() == ""
    query = {"from": "2026-W30", "to": "2026-W41", "platform": str(world.facebook.pk), "model": "decay"}
    form = web.get("/", query).context["form"]
    again = web.get("/" + form.query()).context["form"]
    assert (again.period, again.filters) == (form.period, form.filters)


# -- what it costs ----------------------------------------------------------------------------------------------------


def test_no_week_is_read_that_is_not_shown(world, web, django_assert_max_num_queries):
    with django_assert_max_num_queries(15) as captured:
        web.get("/", {"weeks": 4})
    (sums,) = [query["sql"] for query in captured.captured_queries if "revenue_linear" in query["sql"]]
    assert str(LAST.plus(-3).monday) in sums
    assert str(LAST.plus(-4).monday) not in sums
    assert str(LAST.plus(-7).monday) not in sums


def count_queries(web, django_assert_max_num_queries, **query):
    with django_assert_max_num_queries(60) as captured:
        assert web.get("/", query).status_code == 200
    return len(captured)


@pytest.mark.parametrize("query", [{}, {"purpose": "reach"}], ids=["coarse", "fine"])
def test_the_number_of_queries_does_not_grow(web, django_assert_max_num_queries, query):
    member = factories.RateFactory().member
    campaign = factories.CampaignFactory()
    facebook = factories.PlatformFactory()

    def log(platform, count):
        TimeEntry.objects.bulk_create(
            TimeEntry(
                member=factories.MemberFactory() if number % 700 == 0 else member,
                platform=platform,
                campaign=campaign,
                day=day,
                week=Week.containing(day).monday,
                minutes=1 + number % 60,
                hourly_cents=4_000,
            )
            for number, day in enumerate(LAST.plus(-number).monday for number in range(count))
        )

    Agency.current()
    Agency.objects.update(typical_sale_cents=100_000, sales_complete_since=LAST.plus(-9).monday)
    log(facebook, 10)
    factories.SaleFactory(platform=facebook, sold_on=LAST.monday)
    settle()
    few = count_queries(web, django_assert_max_num_queries, **query)
    for _number in range(12):
        other = factories.PlatformFactory(weekly_limit_minutes=1)
        log(other, 160)
        factories.SaleFactory(platform=other, sold_on=LAST.monday)
    settle()
    assert TimeEntry.objects.count() > 1_900
    assert count_queries(web, django_assert_max_num_queries, **query) == few
    assert few <= 15


@pytest.mark.parametrize("narrowed", FILTERS)
def test_a_dashboard_with_everything_on_it_is_read_in_fifteen_statements(
    world, web, django_assert_max_num_queries, monkeypatch, narrowed
):
    """Alerts of each kind, changes that wait, hours without a rate, odd sales; settings nobody has read yet."""
    Campaign.objects.filter(pk=world.shop.pk).update(budget_minutes=60, budget_cost_cents=100)
    budgets = {"used": 60, "budget": 60, "leads_m": 0}
    for kind in (FlagKind.HOURS_BUDGET, FlagKind.COST_BUDGET):
        Flag.objects.create(campaign=world.shop, kind=kind, threshold=100, raised_on=LAST.monday, figures=budgets)
    Flag.objects.create(kind=FlagKind.OWN_BRAND, raised_on=LAST.plus(-2).monday, figures={"minutes": 9, "own": 9})
    speak(world.facebook, LOSING)
    raise_flag(world.facebook, LOSING)
    raise_flag(world.linkedin, LOSING, week=LAST.previous)
    factories.LimitTrialFactory(platform=world.facebook)
    factories.LeadFactory(status="won")
    factories.SaleFactory(sold_on=LAST.monday, amount_cents=900_000_000)
    factories.EntryFactory(day=LAST.monday, hourly_cents=None)
    assert StaleMark.objects.exists()
    monkeypatch.setattr("timesheets.middleware._remembered", None)
    with django_assert_max_num_queries(15):
        shown = web.get("/", address(world, "linear", Basis.CASH, narrowed)).context["dashboard"]
    factories.CampaignFactory.create_batch(MOST_LISTED)
    monkeypatch.setattr("timesheets.middleware.REMEMBERED_SECONDS", 60.0)
    web.get("/", address(world, "linear", Basis.CASH, narrowed))
    with django_assert_max_num_queries(15):  # settings that are known, and which of many clients and campaigns are new
        web.get("/", address(world, "linear", Basis.CASH, narrowed))
    assert shown.freshness.is_updating
    assert len(shown.waiting) + len(shown.changes) >= 3
    assert not shown.missing.is_empty


def test_settings_that_another_process_changed_count_sales_of_the_right_week(world, web, director):
    """The request began with the settings of before; the figures are those of the week that is over in the new zone."""
    factories.SaleFactory(sold_on=NOW.date())
    with time_machine.travel(datetime(2026, 11, 22, 22, 30, tzinfo=UTC), tick=False):  # Sunday evening in Paris
        web.force_login(director)
        in_paris = web.get("/").context["dashboard"]
        Agency.objects.update(time_zone="Asia/Tokyo")
        in_tokyo = web.get("/").context["dashboard"]
    assert (in_paris.report.last_complete, in_tokyo.report.last_complete) == (LAST, LAST.next)
    assert (in_paris.sales_since, in_tokyo.sales_since) == (1, 0)


# -- who --------------------------------------------------------------------------------------------------------------


def sign_in(person):
    web = Browser()
    web.force_login(person)
    return web


def test_everyone_lands_where_they_work(member, manager, director):
    assert Browser().get("/").headers["Location"].startswith("/accounts/login/")
    assert sign_in(member).get("/").headers["Location"] == "/hours/"
    assert sign_in(manager).get("/").headers["Location"] == "/hours/"
    assert sign_in(director).get("/").status_code == 200


DIRECTORS_ONLY = [
    "/freshness",
    "/export/figures.csv",
    "/export/figures.xlsx",
    "/explain/",
    "/explain/rows.csv",
    "/explain/rows.xlsx",
    "/platforms/{platform}/figures/",
]
STEERING_ONLY = ["/platforms/{platform}/summary/", "/campaigns/{campaign}/figures/", "/flags/"]


@pytest.mark.parametrize("path", DIRECTORS_ONLY + STEERING_ONLY)
def test_addresses_are_for_their_roles(path, member, manager, director):
    campaign = factories.CampaignFactory()
    path = path.format(platform=factories.PlatformFactory().pk, campaign=campaign.pk)
    is_for_managers = path.endswith(("/summary/", f"/campaigns/{campaign.pk}/figures/", "/flags/"))
    assert Browser().get(path).status_code == 302
    assert sign_in(member).get(path).status_code == 403
    assert sign_in(manager).get(path).status_code == (200 if is_for_managers else 403)
    assert sign_in(director).get(path).status_code == 200


def test_a_manager_sees_no_cost_of_a_campaign(world, manager, director):
    path = f"/campaigns/{world.shop.pk}/figures/"
    for headers in ({}, {"HX-Request": "true"}):
        shown = sign_in(manager).get(path, headers=headers).content.decode()
        assert "Revenue" in shown
        assert not re.search(r">Cost|per lead|Back per 1|explain", shown.partition("<main")[2] or shown)
        assert "Cost" in sign_in(director).get(path, headers=headers).content.decode()


def test_the_platform_page_tells_its_verdict_and_its_parts(world, web):
    response = web.get(f"/platforms/{world.facebook.pk}/figures/")
    profile = response.context["profile"]
    assert profile.line.verdict.sentence in plain_html(response)
    assert profile.campaigns.total == profile.line.figures + profile.line.beside
    assert [spoken.week for spoken in profile.history] == [LAST, LAST.previous]
    assert "Anna" in text(response)


def plain_html(response):
    return response.content.decode().replace("&#x27;", "'")


def test_a_platform_without_figures_has_a_page(web):
    response = web.get(f"/platforms/{factories.PlatformFactory().pk}/figures/")
    assert response.status_code == 200
    assert web.get("/platforms/999999/figures/").status_code == 404


def test_open_flags_ask_for_attention(world, web):
    Flag.objects.all().delete()
    flag = raise_flag(world.facebook, LOSING)
    assert f'action="/flags/{flag.pk}/acknowledge"' in web.get("/").content.decode()
