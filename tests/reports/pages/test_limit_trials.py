"""A trial of another weekly limit: begun, refused, looked at, ended, judged by, merged."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags

from campaigns.models import Agency, LimitTrial
from core.weeks import Week
from operations import jobs, merge_platforms
from reports.attribution import rollups
from reports.comparisons import limit_trials
from reports.models import Flag, TrialComparison, Verdict
from reports.pages.trial_page import trial_line
from reports.verdicts import evaluation
from reports.verdicts.case import case_from_json
from tests import factories
from tests.reports.world import LAST, NOW

pytestmark = pytest.mark.django_db

WEEK = LAST.next


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def facebook():
    return factories.PlatformFactory(name="Facebook")


@pytest.fixture
def anna():
    return factories.RateFactory(hourly_cents=7_319_377, member__name="Anna").member


@pytest.fixture
def signed_in(client, director):
    client.force_login(director)
    return client


def spend(platform, member, minutes, *, last=LAST):
    """So many minutes a week, in the weeks up to `last`."""
    for back, count in enumerate(reversed(minutes)):
        week = last.plus(-back)
        for day in range(-(-count // 600)):
            part = min(600, count - 600 * day)
            factories.EntryFactory(member=member, platform=platform, day=week.days[day], minutes=part)
    rollups.drain()


def ask(platform, counts, *, last=LAST):
    """So many leads in each week up to `last`, each met on the platform."""
    for back, count in enumerate(reversed(counts)):
        at = datetime.combine(last.plus(-back).days[3], time(12), UTC)
        for lead in [factories.LeadFactory(received_at=at) for _ in range(count)]:
            factories.TouchFactory(lead=lead, platform=platform, at=at - timedelta(hours=1))
    rollups.drain()


def started(platform, *, weeks_ago, minutes=1200):
    """A trial whose first week was so many weeks before the last complete one."""
    return factories.LimitTrialFactory(
        platform=platform, limit_minutes=minutes, first_week=LAST.plus(-weeks_ago).monday, started_at=NOW
    )


def text_of(answer):
    return " ".join(strip_tags(answer.content.decode()).split())


def add(client, platform, limit):
    return client.post(reverse("reports:limit_trial_add", args=[platform.pk]), {"limit_minutes": limit})


def refused(answer):
    assert answer.status_code == 422
    [error] = answer.context["form"].errors["limit_minutes"]
    return error


# -- begun ------------------------------------------------------------------------------------------------------------


def test_it_begins_next_monday_for_eight_whole_weeks(signed_in, director, facebook, anna):
    spend(facebook, anna, [1500, 1500])
    answer = add(signed_in, facebook, "20")
    trial = LimitTrial.objects.get()
    assert answer["Location"] == trial.get_absolute_url()
    assert (trial.limit_minutes, trial.earlier_limit_minutes) == (1200, None)
    assert (trial.first, trial.last) == (WEEK.next, WEEK.plus(8))
    assert (trial.started_by, trial.started_at) == (director, NOW)


def test_the_week_is_the_agencys_own(client, director, facebook, anna):
    """At half past eleven on Sunday in UTC it is Monday in Paris: next Monday is a week later."""
    spend(facebook, anna, [1500, 1500])
    with time_machine.travel(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), tick=False):
        client.force_login(director)
        add(client, facebook, "20")
    assert LimitTrial.objects.get().first_week == date(2026, 11, 30)


def test_the_advice_writes_its_number_into_the_form(signed_in, facebook, anna):
    spend(facebook, anna, [1500, 1500])
    page = signed_in.get(reverse("reports:limit_trial_add", args=[facebook.pk]), {"limit": "17"})
    assert 'value="17"' in page.content.decode()
    assert "Eight whole weeks, from Monday 23 November 2026 to Sunday 17 January 2027." in text_of(page)
    assert "no week of the last 26 had more than 25 h" in text_of(page)


def test_a_second_click_starts_no_second_one(signed_in, facebook, anna):
    spend(facebook, anna, [1500, 1500])
    sent = {"limit_minutes": "20", "once": "abc"}
    address = reverse("reports:limit_trial_add", args=[facebook.pk])
    first, second = (signed_in.post(address, sent) for _click in range(2))
    assert first["Location"] == second["Location"]
    assert LimitTrial.objects.count() == 1


# -- refused, each in a sentence at the field -------------------------------------------------------------------------


def test_not_on_a_platform_that_is_inactive(signed_in, facebook, anna):
    spend(facebook, anna, [1500])
    facebook.is_active = False
    facebook.save()
    expected = "Facebook is inactive, so no hours are logged there. Make it active first."
    assert refused(add(signed_in, facebook, "20")) == expected


@pytest.mark.parametrize("weeks_ago", [-2, 0, 6])
def test_one_at_a_time_planned_or_running(signed_in, facebook, anna, weeks_ago):
    spend(facebook, anna, [1500])
    started(facebook, weeks_ago=weeks_ago)
    assert "There is a trial on Facebook already: at most 20 h a week from Monday" in refused(
        add(signed_in, facebook, "10")
    )


def test_again_once_it_is_over_or_called_off(signed_in, director, facebook, anna):
    spend(facebook, anna, [1500])
    started(facebook, weeks_ago=7)
    started(facebook, weeks_ago=-3).end(week=WEEK, at=NOW, by=director)
    assert add(signed_in, facebook, "10").status_code == 302


def test_not_the_limit_that_holds_already(signed_in, facebook, anna):
    spend(facebook, anna, [1500])
    facebook.weekly_limit_minutes = 1200
    facebook.save()
    assert refused(add(signed_in, facebook, "20")) == "The limit is 20 h a week already. Write another number to try."


def test_not_one_that_would_change_nothing(signed_in, facebook, anna):
    spend(facebook, anna, [1500, 1400])
    for hours in ("25", "30"):
        assert refused(add(signed_in, facebook, hours)) == (
            "No week of the last 26 had more than 25 h on Facebook, so this limit would change nothing."
            " Write fewer hours."
        )


def test_a_limit_may_be_loosened_for_a_trial(signed_in, facebook, anna):
    spend(facebook, anna, [600])
    facebook.weekly_limit_minutes = 600
    facebook.save()
    assert add(signed_in, facebook, "15").status_code == 302


@pytest.mark.parametrize("typed", ["", "0", "-3", "many", "1e9", "99999"])
def test_no_number_of_hours_is_refused_and_kept(signed_in, facebook, typed):
    answer = add(signed_in, facebook, typed)
    assert refused(answer)
    assert not LimitTrial.objects.exists()
    assert f'value="{typed}"' in answer.content.decode() or not typed


# -- what is judged by it ---------------------------------------------------------------------------------------------


def over_limit_of(week):
    evaluation.evaluate(week, at=NOW)
    verdict = Verdict.objects.get(week=week.monday)
    return case_from_json(verdict.figures).judgement.over_limit_minutes


def test_a_week_is_held_against_the_limit_in_force_in_it(facebook, anna):
    spend(facebook, anna, [1500, 1500, 1500])
    factories.LimitTrialFactory(
        platform=facebook, limit_minutes=1200, first_week=LAST.previous.monday, last_week=LAST.previous.monday
    )
    assert [over_limit_of(week) for week in (LAST.plus(-2), LAST.previous, LAST)] == [0, 300, 0]


def test_a_flag_falls_after_two_weeks_each_within_its_own_limit(facebook, anna):
    """The week of the trial was above its limit, so the first week after it does not clear the flag; the next does."""
    spend(facebook, anna, [1500, 1500, 1500])
    factories.LimitTrialFactory(
        platform=facebook, limit_minutes=1200, first_week=LAST.plus(-2).monday, last_week=LAST.plus(-2).monday
    )
    states = []
    for week in (LAST.plus(-2), LAST.previous, LAST):
        evaluation.evaluate(week, at=NOW)
        states.append(Flag.objects.open().filter(kind="over_limit").exists())
    assert states == [True, True, False]


# -- its page ---------------------------------------------------------------------------------------------------------


def page_of(client, trial):
    return client.get(trial.get_absolute_url())


def test_the_page_tells_the_hours_kept_to_week_by_week(signed_in, facebook, anna):
    spend(facebook, anna, [1500] * 10 + [1200, 1290, 1100])
    page = page_of(signed_in, started(facebook, weeks_ago=2))
    assert "The limit was kept to in 2 of 3 weeks. On average 20 h a week, after 25 h in the weeks before." in (
        text_of(page)
    )
    weeks = page.context["page"].weeks
    assert [(each.minutes, each.minutes_over) for each in weeks] == [(1200, 0), (1290, 90), (1100, 0), (0, 0)]
    assert [each.is_complete for each in weeks] == [True, True, True, False]
    assert "week 4 of 8" in text_of(page)
    assert "1.5 h above" in text_of(page)


def test_leads_are_held_against_the_26_weeks_before_without_a_word_of_cause(signed_in, facebook, anna):
    spend(facebook, anna, [1500] * 26 + [1200] * 5)
    ask(facebook, [6] * 26 + [3] * 5)
    trial = started(facebook, weeks_ago=4)
    limit_trials.evaluate_trials(LAST, at=NOW)
    said = text_of(page_of(signed_in, trial))
    assert "15 leads in 5 weeks of the trial: 3 a week, after 6 a week before." in said
    assert "fewer than those weeks led to expect" in said
    assert "not what it came from" in said
    assert not re.search(r"because|effect|caused|thanks to|led by|due to", said)


def test_as_long_as_little_is_known_it_says_what_is_needed(signed_in, facebook, anna):
    spend(facebook, anna, [1500] * 26 + [1200])
    ask(facebook, [6] * 27)
    trial = started(facebook, weeks_ago=0)
    limit_trials.evaluate_trials(LAST, at=NOW)
    assert "1 whole week of the trial is over; with 3 its leads can be held against" in text_of(
        page_of(signed_in, trial)
    )


def test_weeks_before_anything_was_recorded_are_no_zeros(signed_in, facebook, anna):
    spend(facebook, anna, [1500] * 7)
    ask(facebook, [6] * 7)
    trial = started(facebook, weeks_ago=2)
    limit_trials.evaluate_trials(LAST, at=NOW)
    assert "Of the 26 weeks before, 4 have records; at least 6 are needed" in text_of(page_of(signed_in, trial))


def test_sales_are_not_told_before_their_time(signed_in, facebook, anna):
    """Eight months and four, as the settings have it: nine in ten are in after 13.1 months, which the lookback cuts."""
    spend(facebook, anna, [1500] * 3)
    trial = started(facebook, weeks_ago=1)
    assert limit_trials.sales_due_in(trial, Agency.current()) == trial.last.plus(53)
    assert "Sales are not told before Monday 3 January 2028" in text_of(page_of(signed_in, trial))


def test_sales_are_told_once_they_have_had_their_time(signed_in, facebook, anna):
    agency = Agency.current()
    agency.usual_delay_months, agency.usual_delay_spread_months = 1, 1
    agency.save()
    trial = started(facebook, weeks_ago=30)
    spend(facebook, anna, [600] * 58)
    for week in Week.range(trial.first.plus(-26), trial.last):
        factories.SaleFactory(platform=facebook, sold_on=week.days[2])
    rollups.drain()
    limit_trials.evaluate_trials(LAST, at=NOW)
    said = text_of(page_of(signed_in, trial))
    assert "8 sales in 8 weeks of the trial: 1 a week, after 1 a week before." in said
    assert "Sales are not told" not in said


def test_a_lead_of_these_weeks_has_it_computed_anew_by_the_sweep(facebook, anna):
    spend(facebook, anna, [1500] * 26 + [1200] * 4)
    ask(facebook, [6] * 30)
    trial = started(facebook, weeks_ago=3)
    jobs.sweep(at=NOW)
    before = TrialComparison.objects.get(trial=trial).results["leads"]["read"]["counts"]
    assert not limit_trials.is_outdated(LAST)
    ask(facebook, [2])
    assert limit_trials.is_outdated(LAST, [LAST.monday])
    limit_trials.evaluate_trials(LAST, at=NOW)
    after = TrialComparison.objects.get(trial=trial).results["leads"]["read"]["counts"]
    assert after[-1] == before[-1] + 2


def test_a_planned_one_and_one_called_off_have_pages_too(signed_in, director, facebook):
    trial = started(facebook, weeks_ago=-2)
    assert "planned" in text_of(page_of(signed_in, trial))
    trial.end(week=WEEK, at=NOW, by=director)
    said = text_of(page_of(signed_in, trial))
    assert "called off before it began" in said
    assert "It never began" in said


def test_the_page_takes_as_many_statements_with_one_week_as_with_eight(signed_in, facebook, anna):
    spend(facebook, anna, [1500] * 26 + [1200] * 8)
    ask(facebook, [6] * 34)
    counts = []
    for weeks_ago in (1, 6):
        LimitTrial.objects.all().delete()
        trial = started(facebook, weeks_ago=weeks_ago)
        limit_trials.evaluate_trials(LAST, at=NOW)
        page_of(signed_in, trial)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page_of(signed_in, trial)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 17


# -- ended, and listed for ever ---------------------------------------------------------------------------------------


def test_ended_early_it_stays_listed_and_says_so(signed_in, director, facebook, anna):
    spend(facebook, anna, [1500] * 4)
    trial = started(facebook, weeks_ago=2)
    answer = signed_in.post(reverse("reports:limit_trial_end", args=[trial.pk]), follow=True)
    assert "The earlier limit holds again from Monday 23 November 2026." in text_of(answer)
    trial.refresh_from_db()
    assert (trial.last, trial.ended_by) == (WEEK, director)
    again = signed_in.post(reverse("reports:limit_trial_end", args=[trial.pk]), follow=True)
    assert "It has ended already" in text_of(again)
    with time_machine.travel(NOW + timedelta(weeks=2), tick=False):
        signed_in.force_login(director)
        for address in (reverse("reports:limit_trials"), reverse("reports:platform", args=[facebook.pk])):
            assert "ended early, after 4 weeks" in text_of(signed_in.get(address))


def test_the_list_of_all_takes_one_statement_however_many(signed_in):
    signed_in.get(reverse("reports:limit_trials"))
    counts = []
    for _round in range(2):
        factories.LimitTrialFactory()
        with CaptureQueriesContext(connection) as queries:
            signed_in.get(reverse("reports:limit_trials"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_empty_list_says_how_one_begins(signed_in):
    assert "No trial yet" in text_of(signed_in.get(reverse("reports:limit_trials")))


def test_the_dashboard_leads_to_the_trial_instead_of_advising_the_same_again(signed_in, facebook, anna):
    spend(facebook, anna, [1500] * 5)
    evaluation.evaluate(LAST, at=NOW)
    trial = started(facebook, weeks_ago=2)
    page = signed_in.get(reverse("reports:dashboard")).content.decode()
    assert f'<a href="{trial.get_absolute_url()}"' in page
    assert "Trial of 20 h: week 4 of 8" in " ".join(page.split()) or "above its limit" in page


def test_how_far_a_trial_is_is_told_in_the_language_of_whoever_reads_it(facebook):
    line = trial_line(started(facebook, weeks_ago=2), WEEK)
    assert line.status == "week 4 of 8"
    with translation.override("fr"):
        assert line.status == "semaine 4 sur 8"


# -- platforms merged -------------------------------------------------------------------------------------------------


def test_a_merge_carries_trials_that_are_over(signed_in, director, facebook, anna):
    spend(facebook, anna, [1500] * 12)
    trial = started(facebook, weeks_ago=9)
    meta = factories.PlatformFactory(name="Meta")
    merge_platforms.merge(gone_id=facebook.pk, into_id=meta.pk, by=director, at=NOW)
    trial.refresh_from_db()
    assert trial.platform == meta
    assert "Facebook has become part of Meta since: hours and leads here are of both." in text_of(
        page_of(signed_in, trial)
    )


def test_a_platform_with_a_trial_under_way_is_not_merged_away(signed_in, facebook):
    started(facebook, weeks_ago=2)
    meta = factories.PlatformFactory(name="Meta")
    address = reverse("operations:merge_platform", args=[facebook.pk])
    answer = signed_in.post(address, {"into": meta.pk})
    assert "There is a trial on Facebook. End it first, and merge once it is over." in text_of(answer)
    with pytest.raises(merge_platforms.MergeRefused):
        merge_platforms.merge(gone_id=facebook.pk, into_id=meta.pk, by=answer.wsgi_request.user, at=NOW)


def test_a_trial_names_no_rate_and_sends_nothing(signed_in, facebook, anna):
    spend(facebook, anna, [1500] * 4)
    said = page_of(signed_in, started(facebook, weeks_ago=2)).content.decode()
    assert "7319377" not in re.sub(r"\D", "", said)
    assert "73,193" not in said
    assert not mail.outbox
