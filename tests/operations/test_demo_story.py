"""The story that the demo agency is there to tell.

It is loaded once and stays for this whole file, so tests that need an empty database stand in test_demo.py.
"""

import re
from collections import Counter
from datetime import UTC, datetime, time
from fractions import Fraction
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import models, transaction
from django.urls import reverse

from campaigns.imports import runner
from campaigns.models import (
    Agency,
    Campaign,
    CapturedContact,
    CaptureKey,
    Decision,
    ImportRun,
    Lead,
    LimitTrial,
    LinkClicks,
    Outcome,
    Sale,
    SavedView,
    StaleMark,
    StatusChange,
    Touch,
    TrackingLink,
    Webhook,
    WebhookDelivery,
)
from campaigns.models.capture import ContactKind, FormSource
from campaigns.models.funnel import DisqualifiedReason, LeadStatus
from core.access import Role
from core.weeks import Week
from operations.demo import story
from operations.demo.people import LOGINS, PASSWORD
from operations.demo.plan import at
from reports.attribution import rollups
from reports.comparisons.records import from_json as record_from_json
from reports.figures.purposes import split
from reports.figures.query import Period, ReportFilters
from reports.figures.time_allocation import own_limit, own_share
from reports.models import Comparison, Flag, FlagKind, PlatformWeek, Subscriber, SummaryDelivery, Verdict
from reports.pages.trial_page import read_trial
from reports.statistics.states import VerdictState
from reports.verdicts import evaluation
from tests.operations.test_demo import PLAIN_STATES, UNTIL, load, plan
from timesheets import missing_hours
from timesheets.expected_hours import expected_hours
from timesheets.models import Absence, CostRate, TimeEntry, Timesheet, User

pytestmark = pytest.mark.once
WINDOW = [week.monday for week in Week.range(UNTIL.plus(-12), UNTIL)]
# What the evidence says: of little work, too little; of X / Twitter, that it is near the line.
STATES = {
    "Facebook": VerdictState.LOSING,
    "X / Twitter": VerdictState.WATCH,
    "LinkedIn": VerdictState.EARNING,
    "Search": VerdictState.WATCH,
    "Newsletter": VerdictState.INSUFFICIENT,
    "Pinterest": VerdictState.INSUFFICIENT,
    "Referral": VerdictState.NO_DATA,
}
FOUR = ("Facebook", "X / Twitter", "LinkedIn", "Pinterest")


@pytest.fixture(scope="module")
def _loaded(django_db_setup, django_db_blocker):
    """The default demo, loaded once for all the tests below that only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(_loaded, db):
    return plan()


def test_each_platform_is_in_the_state_that_the_story_gives_it(demo):
    cases = {platform.name: case for platform, case in evaluation.compute(UNTIL).items()}
    assert {name: cases[name].state for name in STATES} == STATES
    assert {name: cases[name].judgement.state for name in PLAIN_STATES} == PLAIN_STATES
    returned = {name: cases[name].judgement.return_now for name in story.TARGETS}
    assert returned == {name: pytest.approx(target, abs=0.05) for name, target in story.TARGETS.items()}


def test_twitter_fell_below_its_target_by_the_plain_rule_this_very_week(demo):
    verdicts = Verdict.objects.filter(platform__name="X / Twitter").order_by("week")
    assert list(verdicts.values_list("plain_state", flat=True)) == [VerdictState.EARNING] * 12 + [VerdictState.WATCH]


def test_hours_that_were_varied_on_facebook_show_where_the_next_one_stops_paying(demo):
    lines = {
        platform.name: case.assessment.line for platform, case in evaluation.compute(UNTIL).items() if case.assessment
    }
    assert lines["Facebook"].refusal is None
    assert 0 < lines["Facebook"].b < lines["Facebook"].b_high < 1
    assert lines["LinkedIn"].refusal is not None


def test_linkedin_has_shown_for_all_these_weeks_that_it_earns(demo):
    states = Verdict.objects.filter(platform__name="LinkedIn").values_list("state", flat=True)
    assert list(states) == [VerdictState.EARNING] * 13


def test_facebook_is_flagged_and_nothing_else_is_but_pinterests_hours(demo):
    flags = Flag.objects.open().filter(campaign=None).values_list("platform__name", "kind")
    assert set(flags) == {
        ("Facebook", FlagKind.LOSING),
        ("Pinterest", FlagKind.OVER_LIMIT),
        (None, FlagKind.OWN_BRAND),
    }


def test_a_trial_of_fewer_hours_runs_on_facebook_and_its_page_says_something(demo):
    at = datetime.combine(UNTIL.next.days[1], time(12), UTC)
    trial = LimitTrial.objects.get()
    assert trial.platform.name == "Facebook"
    page = read_trial(trial, at=at)
    complete = [week for week in page.weeks if week.is_complete]
    assert len(complete) == 5
    assert not any(week.minutes_over for week in complete)
    assert page.line.status == "week 6 of 8"
    assert len(page.leads) == 3
    assert page.facts
    assert "Sales are not told before Monday" in page.sales[0]


def test_the_dashboard_says_which_week_the_running_trial_is_in(demo, client):
    with time_machine.travel(datetime.combine(UNTIL.next.days[1], time(12), UTC), tick=False):
        client.force_login(User.objects.get(email=LOGINS[Role.DIRECTOR]))
        page = client.get(reverse("reports:dashboard")).content.decode()
    places = re.findall(rf'href="{LimitTrial.objects.get().get_absolute_url()}"[^>]*>([^<]+)<', page)
    assert any("week 6 of 8" in words for words in places)


def test_what_was_decided_is_published(demo):
    decision = Decision.objects.get()
    assert decision.facts.startswith("A trial: at most ")
    assert decision.sentence
    assert decision.published_by.is_director


def test_the_own_brand_takes_a_little_more_than_its_share(demo):
    limit = own_limit(Agency.current())
    assert limit < own_share(UNTIL, limit).share < limit + Fraction(1, 10)


def test_each_purpose_has_its_work_and_what_it_is_judged_by(demo):
    found = split(Period.ending(UNTIL, 13), ReportFilters())
    reach, keep, serve = found.work
    assert all(line.figures.minutes for line in found.work)
    assert reach.figures.sales_millionths > keep.figures.sales_millionths > 0
    assert [measure.name for measure in serve.measures] == ["Tickets answered"]
    assert serve.measures[0].total.valued == serve.measures[0].total.count


def test_all_in_all_the_agency_gets_about_its_money_back(demo):
    rows = PlatformWeek.objects.filter(week__in=WINDOW, basis="cash")
    sums = rows.aggregate(
        labour=models.Sum("labour_cent_minutes"), spend=models.Sum("spend_cents"), revenue=models.Sum("revenue_linear")
    )
    cost = Fraction(sums["labour"], 60) + sums["spend"]
    assert 0.9 < sums["revenue"] / cost < 1.15


def test_the_four_platforms_take_about_220_hours_a_week(demo):
    minutes = TimeEntry.objects.filter(week__in=WINDOW, platform__name__in=FOUR).minutes()
    assert 200 < minutes / 60 / len(WINDOW) < 240


def test_facebook_takes_the_most_hours(demo):
    hours = Counter(dict(TimeEntry.objects.values_list("platform__name").annotate(models.Sum("minutes"))))
    assert hours.most_common(1)[0][0] == "Facebook"


def test_sales_lag_the_first_contact_by_months(demo):
    sales = Sale.objects.filter(refund_of=None).exclude(lead=None).annotate(first=models.Min("lead__touches__at"))
    lags = [(sale.sold_on - sale.first.date()).days for sale in sales]
    assert 120 < sum(lags) / len(lags) < 185


def test_those_who_cannot_afford_the_price_come_mostly_from_facebook(demo):
    poor = Lead.objects.filter(disqualified_reason=DisqualifiedReason.CANNOT_AFFORD)
    firsts = Counter(lead.touches.first().platform for lead in poor.prefetch_related("touches__platform"))
    assert poor.count() > Lead.objects.count() / 10
    assert sum(count for platform, count in firsts.items() if platform and platform.name == "Facebook") > (
        poor.count() / 2
    )


def test_some_of_everything_is_there(demo):
    of_lead = Counter(Sale.objects.filter(refund_of=None).exclude(lead=None).values_list("lead", flat=True))
    assert max(of_lead.values()) > 1
    assert Sale.objects.filter(lead=None, platform=None).exists()
    assert Sale.objects.filter(lead=None).exclude(platform=None).exists()
    assert Sale.objects.exclude(refund_of=None).count() == 1
    assert Lead.objects.exclude(voided_at=None).exists()
    assert Touch.objects.filter(platform=None).exists()
    assert Touch.objects.exclude(utm_campaign="").exists()
    assert User.objects.exclude(left_on=None).count() == 1
    assert CostRate.objects.values("member").annotate(count=models.Count("pk")).filter(count__gt=1).exists()
    assert not Campaign.objects.filter(is_general=False, measure="").exists()
    assert set(Lead.objects.values_list("status", flat=True)) == set(LeadStatus.values)
    assert Subscriber.objects.count() == 2


def test_what_is_missing_is_missing(demo):
    submitted = Timesheet.objects.filter(week=UNTIL.monday).exclude(submitted_at=None).values("member")
    assert User.objects.at_work(UNTIL).exclude(pk__in=submitted).count() == 2
    unrated = TimeEntry.objects.without_rate().filter(week__in=WINDOW)
    assert 30 <= unrated.minutes() / 60 <= 45
    assert unrated.values("member").distinct().count() == 1


def test_people_are_away_when_they_logged_nothing_and_hours_are_held_against_what_is_usual(demo):
    for absence in Absence.objects.filter(is_half=False, last_day__lte=demo.today):
        assert TimeEntry.objects.of(absence.member).in_week(absence.first_week).minutes() == 0
    assert Absence.objects.filter(is_half=True).exists()
    assert len(missing_hours.missing(UNTIL)) == 2
    people = list(User.objects.at_work(UNTIL))
    expected = expected_hours(people, UNTIL)
    usual = [expected[person.pk] for person in people if expected[person.pk].is_usual]
    assert len(usual) >= len(people) - 1  # but for the newcomer
    assert max(week.minutes for week in usual) < 20 * 60


def test_the_members_current_week_is_begun_and_open(demo):
    member = User.objects.get(email="member@demo.example")
    assert TimeEntry.objects.of(member).in_week(UNTIL.next).filter(day__lte=demo.today).minutes() > 0
    assert not TimeEntry.objects.filter(day__gt=demo.today).exists()
    assert not Timesheet.of(member, UNTIL.next).is_locked


def test_every_login_opens(demo):
    for role, email in LOGINS.items():
        user = User.objects.get(email=email)
        assert user.role == role
        assert user.check_password(PASSWORD)
    assert not any(user.has_usable_password() for user in User.objects.exclude(email__in=LOGINS.values()))


def test_history_says_that_hours_were_logged_on_their_day(demo):
    history = TimeEntry.history.all()
    assert history.count() == TimeEntry.objects.count()
    assert (
        history.filter(history_date__date=models.F("day"), history_user=models.F("member")).count() == history.count()
    )


def test_a_lead_is_as_its_status_changes_left_it(demo):
    assert not StatusChange.objects.filter(at__date__gt=UNTIL.sunday).exists()
    for lead in Lead.objects.prefetch_related("status_changes"):
        steps = list(lead.status_changes.all())
        assert [step.before for step in steps] == [LeadStatus.NEW, *(step.after for step in steps)][: len(steps)]
        assert lead.status == (steps[-1].after if steps else LeadStatus.NEW)
        assert (lead.qualified_at is not None) == (
            any(step.after in (LeadStatus.QUALIFIED, LeadStatus.WON) for step in steps)
        )


def test_nothing_is_left_to_drain_and_a_rebuild_finds_no_difference(demo):
    assert not StaleMark.objects.exists()
    assert rollups.rebuild() == []


def test_one_budget_is_nearly_used_up_and_one_exceeded(demo):
    standing = {(flag.campaign.name, flag.kind): flag.threshold for flag in Flag.objects.of_budgets()}
    assert standing["Tables on weekdays", FlagKind.HOURS_BUDGET] == 80
    assert standing["Lavender season", FlagKind.HOURS_BUDGET] == 100
    assert ("Websites for shops", FlagKind.HOURS_BUDGET) not in standing


def test_every_campaign_that_claims_a_baseline_has_a_comparison_with_it(demo):
    claiming = Campaign.objects.exclude(baseline_starts_on=None)
    found = {one.campaign: record_from_json(one.results) for one in Comparison.objects.select_related("campaign")}
    assert claiming.count() >= 4
    assert set(found) == set(claiming)
    assert {str(campaign): record.refusal for campaign, record in found.items() if record.result is None} == {}


def test_summaries_of_the_last_weeks_were_sent_and_no_mail_left(demo, mailoutbox):
    rows = SummaryDelivery.objects.order_by("week")
    assert set(rows.values_list("state", flat=True)) == {SummaryDelivery.State.SENT}
    weeks = list(dict.fromkeys(rows.values_list("week", flat=True)))
    assert weeks == [week.monday for week in Week.range(UNTIL.plus(-5), UNTIL)]
    assert rows.count() == 2 * len(weeks)
    assert all(row.sent_at.date() == Week(row.week).next.monday for row in rows)
    assert "Facebook" in rows.last().text
    assert mailoutbox == []


def test_two_files_were_imported_and_can_be_undone(demo):
    runs = ImportRun.objects.order_by("kind")
    assert [(run.kind, run.status) for run in runs] == [("leads", "done"), ("outcomes", "done")]
    assert all(run.rows.count() == run.rows_total > 0 for run in runs)
    assert all(run.created_at < run.finished_at < at(UNTIL.next.monday, 0) for run in runs)
    leads = Lead.objects.count()
    run = runs[0]
    runner.ask_for(run, ImportRun.Status.UNDOING, out_of=[ImportRun.Status.DONE])
    runner.undo(run, now=lambda: at(UNTIL.next.monday))
    assert (Lead.objects.count(), run.status) == (leads - run.rows_total, ImportRun.Status.UNDONE)


def test_the_manager_who_brought_them_finds_them_among_the_imports(demo, client):
    client.force_login(User.objects.get(email=LOGINS[Role.MANAGER]))
    page = client.get(reverse("campaigns:imports")).content.decode()
    assert all(run.file_name in page for run in ImportRun.objects.all())


def test_its_links_were_followed_and_are_counted_beside_money(demo):
    links = TrackingLink.objects.with_clicks()
    assert links.count() == 5
    assert all(link.clicks > 0 and link.target.startswith("https://www.studio-nord.example/") for link in links)
    assert not LinkClicks.objects.filter(day__gt=UNTIL.sunday).exists()
    counted = Outcome.objects.filter(measure="Clicks on links").aggregate(total=models.Sum("count"))["total"]
    assert counted == sum(link.clicks for link in links)


def test_leads_came_by_its_forms_and_something_waits_in_quarantine(demo):
    contacts = CapturedContact.objects.all()
    assert {contact.kind for contact in contacts} == set(ContactKind)
    assert contacts.filter(kind=ContactKind.NEW).exclude(lead=None).count() > 10
    assert contacts.quarantined().count() == 1
    assert {key.source for key in CaptureKey.objects.all()} == {FormSource.FORM, FormSource.TYPEFORM}


def test_its_webhooks_lead_nowhere_and_are_turned_off(demo):
    webhooks = Webhook.objects.all()
    assert {webhook.is_chat for webhook in webhooks} == {True, False}
    assert not any(webhook.is_active or webhook.is_for_directors for webhook in webhooks)
    assert all(urlsplit(webhook.url).hostname.endswith(".example") for webhook in webhooks)
    for webhook in webhooks:
        assert {message.state for message in webhook.deliveries.all()} == {WebhookDelivery.State.SENT}
        assert {message.kind for message in webhook.deliveries.all()} == set(webhook.events)
        assert all(message.sent_at < at(UNTIL.next.monday, 0) for message in webhook.deliveries.all())


def test_each_saved_view_finds_something_and_says_no_problem(demo, client):
    client.force_login(User.objects.get(email=LOGINS[Role.DIRECTOR]))
    views = SavedView.objects.filter(member__email=LOGINS[Role.DIRECTOR])
    assert {view.list_name for view in views} == {"leads", "sales", "spend", "campaigns"}
    for view in views:
        with time_machine.travel(at(demo.today), tick=False):
            page = client.get(view.address)
        assert page.context["listed"].problems == [], view.name
        assert page.context["listed"].count, view.name
        assert page.context["view_menu"].current == view
