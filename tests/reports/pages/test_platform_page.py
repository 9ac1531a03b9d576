"""A platform's page: what stands behind its verdict, drawn, in words and as tables."""

import math
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils.html import strip_tags

from campaigns.attribution import MODELS
from reports.attribution import rollups
from reports.models import Evaluation
from reports.pages import platform_verdict as behind
from reports.statistics.results import Quarter, Range, Refusal, ResponseLine, ReturnLag, to_json
from reports.statistics.states import VerdictState
from tests import factories
from tests.reports.statistics import assessments as made
from tests.reports.world import LAST, NOW, build

pytestmark = pytest.mark.django_db

QUERIES = 24


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def web(director):
    web = Browser()
    web.force_login(director)
    return web


@pytest.fixture
def linkedin(web):
    return factories.PlatformFactory(name="LinkedIn", colour=2)


def store(platform, assessment, *, week=LAST):
    Evaluation.objects.create(platform=platform, week=week.monday, results=to_json(assessment), evaluated_at=NOW)


def open_page(web, platform, **query):
    return web.get(f"/platforms/{platform.pk}/figures/", query)


def plain(shown):
    """Spaces of all widths as one kind."""
    return shown.replace("\xa0", " ").replace("\u202f", " ")


def amount(shown):
    """Money as it is written, as a number."""
    return float(plain(shown).split()[0].replace(",", ""))


def text(response, part=""):
    """What the page, or the section with this id, says without its tags."""
    html = response.content.decode()
    if part:
        html = re.search(rf'<section class="finding" id="{part}">.*?</section>', html, re.DOTALL)[0]
    said = re.sub(r"\s+", " ", strip_tags(re.sub(r"<(desc|small|td|th|dd)", r" <\1", html)))
    return plain(said.replace("&#x27;", "'"))


# -- parts of leads and sales -----------------------------------------------------------------------------------------


def test_the_first_part_of_a_lead_or_sale_on_a_page_leads_to_what_parts_are(web, linkedin):
    at = NOW - timedelta(weeks=3)
    sale = factories.SaleFactory(lead=factories.LeadFactory(received_at=at), sold_on=at.date())
    for platform in (linkedin, factories.PlatformFactory(name="Facebook")):
        factories.TouchFactory(lead=sale.lead, platform=platform, at=at - timedelta(days=1))
    rollups.drain()
    page = open_page(web, linkedin).content.decode()
    assert re.findall(r'>0\.5</a>\s*<a class="term" href="/glossary/#credit"', page)
    assert page.count("/glossary/#credit") == 1


def test_whole_counts_need_no_word(web, linkedin):
    at = NOW - timedelta(weeks=3)
    factories.TouchFactory(lead=factories.LeadFactory(received_at=at), platform=linkedin, at=at - timedelta(days=1))
    rollups.drain()
    assert "/glossary/#credit" not in open_page(web, linkedin).content.decode()


# -- what came back ---------------------------------------------------------------------------------------------------


def test_the_table_says_what_each_month_cost_and_brought_and_will_bring(web, linkedin):
    store(linkedin, made.earning(3, back=1.6))
    rows = open_page(web, linkedin).context["reasons"].payback.rows
    newest, *_others = rows
    share = made.pace()
    assert len(rows) == 3
    assert newest.work == "19 Oct – 15 Nov 2026"
    assert tuple(map(plain, (newest.cost, newest.back, newest.expected))) == ("4,000 €", "0.00 €", "1.60 €")
    assert plain(newest.bounds) == "0.88 € to 2.32 €"
    # 1.6 x p(age) reaches 1 in the seventh month after, which ends 32 weeks after the first day.
    reached = next(age for age, part in enumerate(share) if 1.6 * part >= 1)
    assert (reached, newest.outcome) == (7, "Expected in May 2027")


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({"breaks_even_at": 2, "age": 2}, "Reached in Jan 2027", id="reached"),
        pytest.param({"breaks_even_at": 3, "age": 2}, "Expected in Feb 2027", id="expected"),
        pytest.param({"breaks_even_at": None}, "Not expected", id="stays below the target"),
        pytest.param({"breaks_even_at": 9, "is_refused": True}, "Too uncertain to say", id="too wide for a month"),
        pytest.param({"breaks_even_at": None, "is_refused": True}, "Too uncertain to say", id="too wide"),
        pytest.param({"breaks_even_at": None, "expected": None}, "Too uncertain to say", id="nothing expected"),
        pytest.param({"cost_cents": 0.0}, "Cost nothing", id="no cost"),
    ],
)
def test_each_month_says_when_it_breaks_even_or_why_that_is_not_said(web, linkedin, changes, outcome):
    young = replace(made.cohorts(1, back=1.5)[0], **changes)
    store(linkedin, made.earning(cohorts=(made.cohorts(2, back=1.5)[0], young)))
    assert open_page(web, linkedin).context["reasons"].payback.rows[0].outcome == outcome


def test_a_month_that_is_refused_expects_nothing_in_its_row(web, linkedin):
    refused = replace(made.cohorts(1, back=1.5)[0], is_refused=True, breaks_even_at=None)
    store(linkedin, made.earning(cohorts=(refused,)))
    payback = open_page(web, linkedin).context["reasons"].payback
    assert (payback.rows[0].expected, payback.rows[0].bounds, payback.has_fans) == ("–", "", False)


def test_all_of_its_work_together_is_told_with_its_bounds(web, linkedin):
    store(linkedin, made.earning(total=Range(6e6, 5e6, 8e6), total_cost_cents=4e6))
    assert "All of its work together is expected to bring back 1.50 € for each euro; four times in five it is" in text(
        open_page(web, linkedin), "payback"
    )


@pytest.mark.parametrize("whole", [Range(math.inf, 1.0, math.inf), None])
def test_what_knows_no_end_is_not_told(web, linkedin, whole):
    cohort = replace(made.cohorts(1, back=1.5)[0], expected=whole)
    store(linkedin, made.earning(total=whole, cohorts=(cohort,)))
    page = open_page(web, linkedin)
    assert page.context["reasons"].payback.rows[0].expected == "–"
    assert "All of its work together" not in text(page, "payback")


def test_the_rows_behind_a_month_can_be_opened(web, linkedin):
    store(linkedin, made.earning(1))
    html = open_page(web, linkedin).content.decode().replace("&amp;", "&")
    week = f"from={LAST.plus(-3)}&to={LAST}"
    address = f"/explain/?figure=cost&platform={linkedin.pk}&purpose=reach&basis=cohort&{week}"
    assert f'href="{address}"' in html
    assert web.get(address).status_code == 200


@pytest.mark.parametrize("months", [1, 2, 12, 60])
def test_the_drawing_stays_readable(web, linkedin, months):
    store(linkedin, made.earning(months))
    wide, narrow = open_page(web, linkedin).context["reasons"].payback.drawings
    for drawing, most_named, most_fans in ((wide, 12, 3), (narrow, 5, 2)):
        assert len(drawing.courses) == months
        assert len(drawing.fans) == min(months, most_fans)
        # One more: the name of the line to reach.
        assert 1 < len(drawing.labels) <= most_named + 1
        places = [(float(label.x), float(label.y)) for label in drawing.labels]
        assert all(0 <= x <= drawing.plane.width and 0 <= y <= drawing.plane.height for x, y in places)
    assert wide.is_crowded == (months == 60)


def test_a_fan_goes_on_level_to_the_end_of_the_axis_once_nothing_is_to_come(web, linkedin):
    store(linkedin, made.earning(20))
    wide = open_page(web, linkedin).context["reasons"].payback.drawings[0]
    for fan in wide.fans:
        *_, before, last = [point.split(",") for point in fan.middle.split()]
        assert (last[0], last[1]) == (wide.plane.edges.right, before[1])


@pytest.mark.parametrize("back", [0.0, -0.5, 1e-6, 1e6], ids=["nothing", "refunds", "tiny", "huge"])
def test_any_amount_can_be_drawn(web, linkedin, back):
    store(linkedin, made.earning(8, back=back))
    for drawing in open_page(web, linkedin).context["reasons"].payback.drawings:
        points = " ".join([*(one.points for one in drawing.courses), *(fan.band for fan in drawing.fans)])
        coordinates = [tuple(map(float, point.split(","))) for point in points.split()]
        assert all(0 <= x <= drawing.plane.width and 0 <= y <= drawing.plane.height for x, y in coordinates)
        assert max(len(tick.text) for tick in drawing.ticks) <= 6


def test_the_target_is_named_where_it_is_not_break_even(web, linkedin):
    store(linkedin, made.earning(target=1.2))
    assert "target 1.20 €" in text(open_page(web, linkedin), "payback")


# -- how long it takes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "sentence"),
    [
        pytest.param(made.pace(), "After 6 months about 55 % of what work brings is in", id="half a year"),
        pytest.param(
            (0.0,) * 12 + (0.45, 0.9, 1.0), "After 12 months about 45 % of what work brings is in", id="a year"
        ),
        pytest.param((0.2, 0.6, 0.99, 1.0), "After 1 month about 60 % of what work brings is in", id="fast"),
        pytest.param((0.9, 1.0), "Within the month of the work about 90 %", id="at once"),
        pytest.param((1.0,), "Within the month of the work nearly all", id="a single age"),
    ],
)
def test_the_pace_is_said_in_a_sentence(web, linkedin, share, sentence):
    store(linkedin, made.earning(delay=ReturnLag(source="own", share=share, sales=84)))
    said = text(open_page(web, linkedin), "pace")
    assert sentence in said
    assert "Seen in 84 sales of LinkedIn itself." in said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("agency", "Seen in 84 sales of all platforms together"),
        ("guess", "Your own guess, from the settings"),
    ],
)
def test_the_pace_says_whose_it_is_and_why_not_the_platforms_own(web, linkedin, source, said):
    store(linkedin, made.earning(delay=ReturnLag(source=source, share=made.pace(), sales=84, refusals=made.TOO_FEW)))
    page = text(open_page(web, linkedin), "pace")
    assert said in page
    assert "Why not by the sales of LinkedIn alone?" in page
    assert "12" in page.partition("alone?")[2]


def test_what_is_missing_is_said_while_it_is_too_early(web, linkedin):
    store(linkedin, made.too_early())
    page = open_page(web, linkedin)
    assert "30 sales (12 so far)" in text(page, "pace")
    assert "What is still to come cannot be said yet" in text(page, "payback")
    assert {row.outcome for row in page.context["reasons"].payback.rows} == {"Not known yet how long returns take"}


@pytest.mark.parametrize("found", [float("nan"), float("inf")])
def test_what_is_missing_can_be_said_without_a_figure(web, linkedin, found):
    store(linkedin, made.too_early(refusals=(Refusal("wide_error", found, 0.5), Refusal("open_end", found, 0.2))))
    assert "The records do not yet show how long returns take." in text(open_page(web, linkedin), "pace")


# -- the next hour ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "said"),
    [(5.0, "next hour does not pay"), (14.0, "next hour stops paying"), (40.0, "next hour still pays"), (None, None)],
)
def test_the_line_in_the_drawing_says_what_it_is(web, linkedin, hours, said):
    store(linkedin, made.earning(line=made.line(break_even_hours=hours)))
    stop = open_page(web, linkedin).context["reasons"].next_hour.picture.stop
    assert (stop.text if stop else None) == said


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        pytest.param({}, "Beyond about 14 h a week the next hour does not pay; now it is 30 h.", id="too many"),
        pytest.param({"hours_now": 9.25}, "Up to about 14 h a week the next hour pays; now it is 9.3 h.", id="room"),
        pytest.param({"break_even_hours": 40.0}, "Up to 40 h a week, the most that was tried", id="at the most tried"),
        pytest.param({"break_even_hours": 5.0}, "Even at 5 h a week, the fewest tried", id="at the fewest tried"),
        pytest.param({"break_even_hours": None}, "What a lead brings is not known yet", id="no value of a lead"),
    ],
)
def test_where_the_next_hour_stops_paying_is_said(web, linkedin, changes, answer):
    store(linkedin, made.earning(line=made.line(**changes)))
    said = text(open_page(web, linkedin), "next-hour")
    assert answer in said
    assert "Twice the hours bring about 1.4 times the leads." in said
    assert "Hours may follow leads" in said


def test_the_next_lead_and_the_next_euro_stand_beside_the_average(web, linkedin):
    unbounded = Range(21_908.0, 18_800.0, float("inf"))
    store(linkedin, made.earning(line=made.line(marginal_lead_cents=unbounded)))
    said = text(open_page(web, linkedin), "next-hour")
    assert "A lead costs, on average 110 €" in said
    assert "The next lead costs 219 € (188 € or more)" in said
    assert "The next 1 € spent brings back 0.68 € (0.57 € to 0.80 €)" in said


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        (Refusal("few_weeks", 9, 13, weeks_more=4), "9 of the 13 weeks with hours"),
        (Refusal("no_return", 0, 1), "No lead came in these weeks"),
        (Refusal("same_hours", 0.0, 0.01, variation=0.2), "by turns of about 25 h and about 37 h"),
        (Refusal("wide_error", 0.4, 0.25, weeks_more=51), "about 51 more weeks like these"),
        (Refusal("wide_error", 0.9, 0.25, weeks_more=360), "about 7 more years of weeks like these"),
        (Refusal("wide_error", 2.0, 0.25, weeks_more=33_000, variation=3.6), "would not be enough in ten years"),
        (Refusal("not_below_one", 1.1, 1.0, weeks_more=9, variation=0.7), "about 9 more weeks like these, or as many"),
        (Refusal("not_below_one", 1.4, 1.0), "at least twice the leads"),
        (Refusal("some_new_reason", 1, 2), "do not say enough yet"),
    ],
    ids=lambda value: value.reason if isinstance(value, Refusal) else "",
)
def test_a_refused_line_says_why_and_what_would_be_enough(web, linkedin, refusal, why):
    store(linkedin, made.earning(line=made.line(refusal=refusal, marginal_return=None, marginal_lead_cents=None)))
    said = text(open_page(web, linkedin), "next-hour")
    assert "No line can be drawn yet." in said
    assert why in said
    assert "stops paying at" not in said


def test_without_any_weeks_there_is_no_chart_and_nothing_to_leave_out(web, linkedin):
    store(linkedin, made.earning(line=ResponseLine(refusal=Refusal("few_weeks", 0, 13, weeks_more=13))))
    shown = open_page(web, linkedin).context["reasons"]
    assert (shown.next_hour.picture, shown.instead) == (None, None)


# -- what if ----------------------------------------------------------------------------------------------------------


def test_fewer_hours_are_worked_out_from_the_stored_curve(web, linkedin):
    """2 x (√30 - √10) = 4.63 leads of 150.00 against 20 hours of 40.00."""
    store(linkedin, made.earning())
    words = open_page(web, linkedin, fewer="20").context["reasons"].instead.words
    assert tuple(plain(words[one]) for one in ("left", "saved", "leads", "given_up", "net")) == (
        "10 h", "800 €", "4.6", "694 €", "106 €",
    )  # fmt: skip
    assert words["leads_bounds"] != words["leads"]


@pytest.mark.parametrize(("typed", "left"), [("7,5", "23 h"), ("7:30", "23 h"), ("30", "0 h"), (" 20 h ", "10 h")])
def test_hours_are_read_as_people_write_them(web, linkedin, typed, left):
    store(linkedin, made.earning())
    assert open_page(web, linkedin, fewer=typed).context["reasons"].instead.words["left"] == left


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("many", "Write a number, like 7.5."),
        ("-5", "Write a number from 0.25 to 30."),
        ("31", "Write a number from 0.25 to 30."),
        ("1e9", "Write a number"),
        ("", "This field is required."),
        ("<b>", "Write a number"),
        ("9" * 5000, "Write a number"),
    ],
)
def test_what_is_no_such_number_gets_a_sentence_at_the_field(web, linkedin, typed, sentence):
    store(linkedin, made.earning())
    page = open_page(web, linkedin, fewer=typed, weeks="26")
    instead = page.context["reasons"].instead
    assert page.status_code == 200
    assert sentence in instead.form.errors["fewer"][0]
    assert instead.answer is None
    assert instead.form["fewer"].value() == typed
    assert 'aria-invalid="true"' in page.content.decode()


def test_hours_that_were_never_tried_are_marked(web, linkedin):
    store(linkedin, made.earning())
    assert "So few hours were never tried: the fewest in a week were 5 h." in text(
        open_page(web, linkedin, fewer="26"), "what-if"
    )
    assert "never tried" not in text(open_page(web, linkedin, fewer="25"), "what-if")


def test_without_a_line_only_the_money_saved_is_said(web, linkedin):
    store(linkedin, made.earning(line=made.refused_line()))
    page = open_page(web, linkedin, fewer="20")
    assert set(page.context["reasons"].instead.words) == {"fewer", "left", "saved"}
    assert "How many leads that would give up cannot be said" in text(page, "what-if")


def test_hours_without_a_rate_save_no_figure(web, linkedin):
    store(linkedin, made.earning(line=made.line(hour_cents=None)))
    page = open_page(web, linkedin, fewer="20")
    assert "saved" not in page.context["reasons"].instead.words
    assert "These hours have no rate." in text(page, "what-if")


def test_the_question_keeps_the_choices_of_the_page(web, linkedin):
    store(linkedin, made.earning())
    html = open_page(web, linkedin, fewer="3", weeks="26", basis="cohort").content.decode()
    form = re.search(r'<form class="what-if".*?</form>', html, re.DOTALL)[0]
    assert re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form) == [("weeks", "26"), ("basis", "cohort")]


# -- the models -------------------------------------------------------------------------------------------------------


def test_the_models_are_named_and_what_differs_is_marked(web, linkedin):
    store(linkedin, made.earning())
    shown = open_page(web, linkedin).context["reasons"]
    rows = {row.name: row for row in shown.models}
    assert list(rows) == [model.label for model in MODELS]
    assert [name for name, row in rows.items() if row.differs] == ["Last touch", "Would be missed (Markov)"]
    assert [name for name, row in rows.items() if row.plain_differs] == ["First touch"]
    assert [name for name, row in rows.items() if row.is_chosen] == ["Linear"]
    assert rows["Fair share (Shapley)"].refusal == "It can be worked out for up to 12 platforms; there are 14."
    assert shown.differing == 2
    assert "2 ways of sharing out the credit, taken alone, say otherwise" in text(open_page(web, linkedin), "models")


def test_models_that_agree_are_said_to(web, linkedin):
    store(linkedin, made.too_early())
    page = open_page(web, linkedin)
    assert "However the credit is shared out, the verdict is the same." in text(page, "models")
    assert "differs" not in text(page, "models")


def test_differences_are_those_from_the_verdict_whichever_model_is_chosen():
    rows = behind.model_rows(made.earning(), "last")
    assert [row.name for row in rows if row.differs] == ["Last touch", "Would be missed (Markov)"]


def test_version_1_judged_by_the_agencys_model():
    rows = behind.model_rows(made.earning(version=1), "last")
    as_the_last_touch = ("Last touch", "Would be missed (Markov)", "Fair share (Shapley)")
    assert [row.name for row in rows if not row.differs] == list(as_the_last_touch)


def test_what_is_in_the_pipe_is_told_by_quarter(web, linkedin):
    quarter = Quarter(first_day="2027-01-01", last_day="2027-03-31", expected=Range(3_100_000, 2_200_000, 4_100_000))
    store(linkedin, made.earning(quarters=(quarter,)))
    assert "Already in the pipe, from work that is done: Q1 2027: 31,000" in text(open_page(web, linkedin), "payback")


def test_half_of_what_work_brings_is_dated(web, linkedin):
    half = Range(7.8, 5.1, 11.7)
    delay = ReturnLag(source="agency", share=made.pace(), sales=84, half_months=half, taught=0.9)
    store(linkedin, made.earning(delay=delay))
    said = "Half of it is in after about 8 months: four times in five, between 5 and 12."
    assert said in text(open_page(web, linkedin), "pace")


# -- the page ---------------------------------------------------------------------------------------------------------


def test_a_platform_that_was_not_evaluated_teaches(web, linkedin):
    page = open_page(web, linkedin, fewer="3")
    assert page.context["reasons"] is None
    assert "Nothing behind the verdict yet" in text(page)


def test_what_an_older_version_stored_is_left_out(web, linkedin):
    Evaluation.objects.create(platform=linkedin, week=LAST.monday, results={"version": 0}, evaluated_at=NOW)
    assert open_page(web, linkedin).context["reasons"] is None


def test_the_newest_evaluation_is_shown_but_none_of_the_week_that_runs(web, linkedin):
    for back, week in ((1, LAST.previous), (2, LAST), (3, LAST.next)):
        store(linkedin, made.earning(1, back=back), week=week)
    assert open_page(web, linkedin).context["reasons"].payback.rows[0].expected == "2.00\xa0€"


def test_the_page_of_a_judged_platform_holds_all_its_parts(web):
    world = build()
    page = open_page(web, world.facebook)
    said = text(page)
    verdict = page.context["profile"].line.verdict
    assert VerdictState(verdict.state) is not VerdictState.NO_DATA
    assert "Judged with the figures until Sunday 15 November 2026." in said
    assert "Plain rule" in said
    for part in ("payback", "pace", "next-hour", "what-if", "models"):
        assert text(page, part)


def test_a_months_figures_are_those_of_the_rows_behind_them(web):
    world = build()
    html = open_page(web, world.facebook).content.decode().replace("&amp;", "&")
    links = re.findall(r'href="(/explain/\?figure=(?:cost|return)&platform=[^"]+&basis=cohort[^"]+)">([^<]+)<', html)
    assert len(links) >= 8
    for address, shown in links:
        explained = web.get(address).context["explanation"].value
        assert amount(shown) == pytest.approx(amount(explained), abs=0.5 if "figure=cost" in address else 0.005), (
            address
        )


def test_a_long_name_is_shown_as_it_is(web):
    platform = factories.PlatformFactory(name="<b>Forum der Verbraucherzentralen & Handelskammern</b>"[:60])
    store(platform, made.earning())
    html = open_page(web, platform).content.decode()
    assert platform.name not in html
    assert "&lt;b&gt;Forum der Verbraucherzentralen &amp; Handelskammern" in html


def test_the_queries_do_not_grow_with_what_was_found(web, linkedin, django_assert_num_queries):
    pinterest = factories.PlatformFactory(name="Pinterest")
    store(linkedin, made.earning(1))
    store(pinterest, made.earning(60))
    open_page(web, linkedin)
    for platform in (linkedin, pinterest):
        with django_assert_num_queries(QUERIES):
            open_page(web, platform)


@pytest.mark.parametrize("role", ["manager", "member"])
def test_only_a_director_reads_it(linkedin, role, request):
    store(linkedin, made.earning())
    other = Browser()
    other.force_login(request.getfixturevalue(role))
    assert open_page(other, linkedin).status_code == 403


@pytest.mark.parametrize(
    ("path", "name"), [("/platforms/{}/summary/", "platform"), ("/campaigns/{}/figures/", "campaign")]
)
def test_what_a_page_is_about_is_no_filter_of_it_that_could_be_taken_away(web, path, name):
    world = build()
    address = path.format((world.facebook if name == "platform" else world.shop).pk)
    page = web.get(address).content.decode()
    assert f'<select name="{name}">' not in page
    assert "Show everything" not in page
    narrowed = strip_tags(web.get(address, {"purpose": "keep"}).content.decode())
    assert re.search(r"Only:\s+Purpose Keep existing customers\s+·\s+Show everything", narrowed)
