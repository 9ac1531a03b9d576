"""What the weekly e-mail says: the dashboard's figures, in the reader's language, whatever names there are."""

import email
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client as Browser
from django.utils.html import strip_tags

from campaigns.models import Agency, Platform
from core import money
from core.weeks import Week
from reports.attribution import rollups
from reports.figures.formatting import cash, hours, per_unit
from reports.figures.query import By, Period, ReportFilters, figures_by
from reports.models import SummaryDelivery, Verdict
from reports.pages.dashboard import read_dashboard
from reports.pages.figure_links import FigureLinks
from reports.pages.next_action import next_action
from reports.statistics.states import VerdictState
from reports.verdicts import evaluation
from reports.weekly_email import content
from tests import factories
from tests.reports.verdicts.spoken import speak
from tests.reports.verdicts.test_weekly_changes import FOUND

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NOW = datetime(2026, 11, 16, 7, tzinfo=UTC)
W46 = Week(date(2026, 11, 9))
LOSING, EARNING = FOUND[VerdictState.LOSING], FOUND[VerdictState.EARNING]


def log_hours(name, *, minutes=60, hourly_cents=10_000, weeks=30):
    """A platform with the same hours each week until 2026-W46."""
    rate = factories.RateFactory(hourly_cents=hourly_cents)
    platform, campaign = factories.PlatformFactory(name=name), factories.CampaignFactory()
    for back in range(weeks):
        day = W46.plus(-back).monday
        factories.EntryFactory(member=rate.member, platform=platform, campaign=campaign, day=day, minutes=minutes)
    return platform


def sell(platform, cents):
    factories.SaleFactory(platform=platform, sold_on=W46.monday, amount_cents=cents)


def letter(language="en", *, spoken=None, **options):
    """The letter of the week, with the verdicts that are `spoken` by hand: what was found, by platform."""
    rollups.drain()
    evaluation.evaluate(W46, at=NOW)
    for platform, found in (spoken or {}).items():
        speak(platform, found)
    return content.write(content.look_back(W46), language=language, **options)


@pytest.fixture
def two():
    """Facebook loses, LinkedIn earns, and something came from nowhere."""
    facebook, linkedin = log_hours("Facebook", minutes=600), log_hours("LinkedIn", minutes=90)
    sell(facebook, 371_250)
    sell(linkedin, 390_000)
    sell(None, 50_000)
    return facebook, linkedin


def plain(html):
    """What the letter says, without its tags."""
    return unescape(re.sub(r"\s+", " ", strip_tags(html).replace("\u00a0", "~"))).replace("~", "\u00a0")


# -- figures ----------------------------------------------------------------------------------------------------------


def test_the_week_before_is_told_of_a_window_of_one_week(two):
    agency = Agency.current()
    agency.window_weeks = 1
    agency.save()
    assert "(12 h the week before)" in letter().text


def test_the_figures_are_those_of_the_breakdown(two):
    written = letter()
    period = Period.ending(W46, 13)
    found = figures_by(period, By.PLATFORM, ReportFilters(model="linear"))
    with money.localised(language="en", country="FR", currency="EUR"):
        for figures in (*(row.figures for row in found.rows), found.total):
            for shown in (
                cash(figures.cost_cents),
                cash(figures.revenue_cents),
                hours(figures.hours * 60 / period.weeks),
            ):
                assert shown in written.html.replace("&nbsp;", "\u00a0")
                assert shown in written.text or figures == found.total


def test_the_dashboard_of_that_monday_shows_the_same(two):
    written = letter()
    agency = Agency.current()
    links = FigureLinks({})
    shown = read_dashboard(Period.ending(W46, 13), ReportFilters(model="linear"), links, agency=agency, at=NOW)
    review = content.look_back(W46)
    in_the_mail = review.report.figures  # which says of its week what it was the week before
    unread = {name: getattr(shown.report.figures, name) for name in ("before", "acquisition_before")}
    assert shown.report == replace(review.report, figures=replace(in_the_mail, **unread))
    with money.localised(language="en", country="FR", currency="EUR"):
        assert shown.headline.as_text in written.text
        for line in shown.rows.platforms:
            assert line.verdict.clause in written.text.lower()
            assert next_action(line).words in written.text


def test_the_subject_states_the_result_and_the_losses(two):
    facebook, linkedin = two
    written = letter(spoken={facebook: LOSING, linkedin: EARNING})
    review = content.look_back(W46)
    with money.localised(language="en", country="FR", currency="EUR"):
        back = per_unit(review.report.rows.total.returned).replace("\u00a0", " ")
    assert written.subject == f"Week 46: {back} for each euro, Facebook is losing"


@pytest.mark.parametrize(
    ("losing", "words"),
    [
        (0, "no platform is losing"),
        (1, "A0 is losing"),
        (2, "A0 and A1 are losing"),
        (3, "3 platforms are losing"),
    ],
)
def test_the_subject_counts_the_losses(losing, words):
    platforms = [log_hours(f"A{number}", weeks=1) for number in range(losing)]
    good = log_hours("Good", weeks=1)
    spoken = dict.fromkeys(platforms, LOSING) | {good: EARNING}
    assert letter(spoken=spoken).subject.endswith(f"each euro, {words}")


def test_a_cost_of_a_part_of_the_hours_is_told_as_the_least():
    facebook = log_hours("Facebook", weeks=1)
    factories.EntryFactory(day=W46.monday, minutes=630, platform=facebook)
    rollups.drain()
    written = letter()
    for part in (strip_tags(unescape(written.html)), written.text):
        assert "cost at least 100 €" in " ".join(part.split())
    assert "cost ≥100" in written.text
    assert len(re.findall(r">\s*≥100\s€", unescape(written.html))) == 2  # of the platform, and of all


def test_an_agency_without_figures_gets_a_subject_too():
    written = letter()
    assert written.subject == "Week 46: no cost and no return yet"
    assert "Platform</th>" not in written.html


def test_at_most_five_platforms_losses_first_and_the_rest_adds_up():
    good = [log_hours(f"Good {number}", weeks=1) for number in range(6)]
    for number, platform in enumerate(good):
        sell(platform, 200_000 + number)
    bad = log_hours("Bad", weeks=1, minutes=30)
    written = letter(spoken=dict.fromkeys(good, EARNING) | {bad: LOSING})
    names = re.findall(r"<b[^>]*><a[^>]*>(Good \d|Bad)</a></b>", written.html)
    assert names == ["Bad", "Good 5", "Good 4", "Good 3", "Good 2"]
    assert "2 more platforms" in written.html
    review = content.look_back(W46)
    shown = review.platforms[:5]
    rest = content._others(review.report.rows.total, review.platforms[5:])["line"]
    assert sum(line.figures.cost for line in shown) + rest.figures.cost == review.report.rows.total.figures.cost


def test_the_best_and_those_above_their_limit_have_a_line_of_their_own():
    losing = [log_hours(f"Bad {number}", minutes=60 + number) for number in range(6)]
    best = log_hours("Best", minutes=6)
    sell(best, 900_000)
    limited = log_hours("Limited", minutes=90)
    Platform.objects.filter(pk=limited.pk).update(weekly_limit_minutes=60)
    rollups.drain()
    evaluation.evaluate(W46, at=NOW)
    speak(best, EARNING)
    for platform in losing:
        speak(platform, LOSING)
    shown = [row.label for row in content.look_back(W46).shown]
    assert len(shown) == 7
    assert {"Best", "Limited"} < set(shown)


def test_a_week_that_nobody_judged_has_its_figures_and_no_verdict(two):
    rollups.drain()
    written = content.write(content.look_back(W46), language="en")
    assert "no platform is losing" in written.subject
    assert "Judged with figures" not in written.text
    assert not Verdict.objects.exists()


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (VerdictState.LOSING, "▼ Facebook: Losing"),
        (VerdictState.WATCH, "◆ Facebook: Watch"),
        (VerdictState.EARNING, "▲ Facebook: Earning"),
        (VerdictState.INSUFFICIENT, "○ Facebook: Too little to tell"),
        (VerdictState.TOO_EARLY, "◷ Facebook: Too early"),
    ],
)
def test_every_state_is_told_with_one_clause_and_the_rule_that_disagrees(state, word):
    facebook = log_hours("Facebook", weeks=1)
    written = letter(spoken={facebook: FOUND[state]})
    assert word in written.text
    assert word.replace(" Facebook: ", " ") in plain(written.html)
    with money.localised(language="en", country="FR", currency="EUR"):
        clause = content.look_back(W46).platforms[0].verdict.clause
    until = "Judged with figures until Sunday 15 November 2026, on campaigns that reach new customers."
    for part in (written.text, plain(written.html)):
        assert clause in part.lower()
        assert ("plain rule: losing" in part) == (state in (VerdictState.WATCH, VerdictState.EARNING))
        assert until in part


def test_where_no_sale_is_recorded_nobody_is_accused():
    facebook = log_hours("Facebook", weeks=1)
    written = letter(spoken={facebook: FOUND[VerdictState.NO_SALES]})
    for part in (written.text, plain(written.html)):
        assert "□ " in part
        assert "No sales recorded yet" in part
        assert "Plain rule" not in part


def test_verdicts_stored_by_the_plain_rule_alone_are_told_as_before():
    facebook = log_hours("Facebook", weeks=1)
    written = letter(spoken={facebook: None})
    assert "▼ Facebook: Losing" in written.text
    assert "By the plain rule alone" in written.text
    assert "plain rule:" not in written.text
    assert written.subject.endswith("Facebook is losing")


def test_what_was_stored_in_a_shape_of_the_past_has_its_state_and_no_reason():
    facebook = log_hours("Facebook", weeks=1)
    letter()
    Verdict.objects.filter(platform=facebook).update(state="losing", figures={"old": 1})
    written = content.write(content.look_back(W46), language="en")
    assert "▼ Facebook: Losing" in written.text


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        (-1, (0, 32, 0, 48)),
        (0, (0, 32, 0, 48)),
        (0.5, (16, 16, 0, 48)),
        (1, (32, 0, 0, 48)),
        (2, (32, 0, 32, 16)),
        (2.5, (32, 0, 48, 0)),
        (1000, (32, 0, 48, 0)),
    ],
)
def test_the_bar_grows_from_the_break_even_line(returned, expected):
    made = content.bar(returned)
    assert (made.blank, made.loss, made.gain, made.rest) == expected
    assert sum(expected) == content.BAR_WIDTH


# -- what changed, what is missing ------------------------------------------------------------------------------------


def test_what_changed_and_what_is_missing_are_told(two):
    late = factories.MemberFactory(name="Marc Lenoir")
    factories.EntryFactory(member=late, platform=two[0], day=W46.monday, minutes=120)
    rollups.drain()
    speak(two[1], FOUND[VerdictState.WATCH], week=W46.previous)
    written = letter(spoken={two[1]: EARNING})
    for part in (written.html, written.text):
        assert "Marc Lenoir" in part
        assert "no rate" in part
        assert "No origin is known" in part
    assert "- LinkedIn: earning, was watch. All in all, that makes" in written.text
    assert "No platform changed its state." not in written.text


def test_no_rate_of_anybody_is_in_it(two):
    """Totals by platform only: 100.00 an hour is nowhere."""
    written = letter()
    for part in (written.html, written.text):
        assert "100,00" not in part
        assert "100.00" not in part


# -- language, names, safety ------------------------------------------------------------------------------------------


def test_french_readers_get_french_dates_and_money(two):
    written = letter("fr")
    assert 'lang="fr"' in written.html
    assert "9–15 nov. 2026" in written.text
    assert "3\u202f713\u00a0€" in written.text


def test_the_money_is_that_of_the_agency_in_both_languages(two):
    agency = Agency.current()
    agency.currency, agency.country = "CAD", "CA"
    agency.save()
    assert "$3,713" in letter("en").text
    assert "3\u00a0713\u00a0$" in letter("fr").text


NAMES = [
    "<script>alert(1)</script>",
    "Face\r\nBcc: all@example.com",
    'Salons "professionnels" & conférences régionales de la Haute-Gaspé',
    "x" * 80,
    "{{ settings.SECRET_KEY }}",
    "<!--",
    "</style><img src=x>",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_breaks_out_of_its_place(name):
    log_hours(name, weeks=15)
    written = letter()
    assert "\n" not in written.subject
    assert "\r" not in written.subject
    assert len(written.subject) <= content.SUBJECT_LENGTH
    assert "<script" not in written.html
    assert "<img" not in written.html
    assert "Open the dashboard" in written.html
    if "\n" not in name:
        assert name in written.text


def test_the_e_mail_loads_nothing(two):
    written = letter(unsubscribe_url="https://retour.example.com/stop")
    assert "<img" not in written.html
    assert "url(" not in written.html
    assert "src=" not in written.html
    links = set(re.findall(r'href="([^"]+)"', written.html))
    assert {link for link in links if not link.startswith("http://testserver/")} == {"https://retour.example.com/stop"}
    assert "https://retour.example.com/stop" in written.text


def test_every_link_of_the_e_mail_opens_a_page(two, director):
    written = letter(unsubscribe_url="https://retour.example.com/stop")
    browser = Browser()
    browser.force_login(director)
    links = set(re.findall(r'href="http://testserver([^"]+)"', written.html))
    assert len(links) > 5
    for link in links:
        assert browser.get(unescape(link)).status_code == 200, link


def test_the_style_stands_in_the_elements_and_the_dark_stays(two):
    html = letter().html
    assert "prefers-color-scheme: dark" in html
    assert "max-width: 600px" in html.partition("<body")[2]
    assert html.index("charset") < 200


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries):
    for number in range(12):
        log_hours(f"P{number}", weeks=14)
    rollups.drain()
    evaluation.evaluate(W46, at=NOW)
    with django_assert_max_num_queries(20):
        review = content.look_back(W46)
    with django_assert_max_num_queries(0):
        content.write(review, language="en")


# -- the command ------------------------------------------------------------------------------------------------------


def test_the_command_prints_and_saves(two, tmp_path, capsys):
    with time_machine.travel(NOW):
        call_command("summary", week=W46, out=tmp_path / "new")
    printed = capsys.readouterr().out
    assert "Week 46:" in printed
    assert "Facebook" in printed
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["summary-2026-W46.eml", "summary-2026-W46.html", "summary-2026-W46.txt"]
    message = email.message_from_bytes((tmp_path / "new" / "summary-2026-W46.eml").read_bytes())
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert not SummaryDelivery.objects.exists()


def test_the_command_sends_once(two, mailoutbox, capsys):
    factories.SubscriberFactory(email="reader@example.com")
    with time_machine.travel(NOW):
        call_command("summary", week=W46, send=True)
        call_command("summary", week=W46, send=True)
    assert [message.to for message in mailoutbox] == [["reader@example.com"]]
    assert "reader@example.com: Sent" in capsys.readouterr().out


def test_the_command_sends_no_week_when_another_is_over(two, mailoutbox, capsys):
    factories.SubscriberFactory(email="reader@example.com")
    with time_machine.travel(NOW + timedelta(days=7)):
        call_command("summary", week=W46, send=True)
    assert mailoutbox == []
    assert "reader@example.com: Skipped Another week was over" in capsys.readouterr().out
