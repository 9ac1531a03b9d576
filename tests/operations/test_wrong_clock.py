"""A clock that jumps: nothing is decided by it until a director confirms the date, and then all goes on."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from campaigns import erasure, retention, trusted_clock
from campaigns.models import Hold, HoldNotice, JobRun, Lead
from core.weeks import Week
from operations import hold_notices, jobs
from reports.models import SummaryDelivery, Verdict
from reports.verdicts import evaluation
from tests import factories
from tests.reports import world
from timesheets.models import Reminder, TimeEntry

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
AHEAD = AT + 14 * DAY
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)  # eight o'clock in Paris


@pytest.fixture(autouse=True)
def own_log(tmp_path, settings):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"


@pytest.fixture
def agency(director):
    """At work, with somebody who reads the summary and somebody who has submitted nothing."""
    world.rows()
    factories.SubscriberFactory(email="reader@bank.example")
    jobs.sweep(at=AT)


def decided() -> tuple[int, int, object]:
    verdicts = Verdict.objects.order_by("-week").values_list("week", flat=True).first()
    return SummaryDelivery.objects.count(), Reminder.objects.count(), verdicts


def test_nothing_is_decided_by_a_clock_that_jumped_until_it_is_right_again(agency):
    before = decided()
    jobs.sweep(at=AHEAD)
    assert decided() == before
    assert Hold.objects.open().get().last_sweep_at == AT
    jobs.sweep(at=AT + timedelta(minutes=2))
    assert not Hold.objects.open().exists()
    jobs.sweep(at=MONDAY)
    [letter] = SummaryDelivery.objects.all()
    assert (letter.week, letter.state) == (Week.parse("2026-W47").monday, "sent")


def test_saves_and_erasing_on_request_go_on_and_the_figures_with_them(agency, member):
    jobs.sweep(at=AHEAD)
    factories.EntryFactory(member=member, minutes=77, day=AT.date())
    lead = factories.LeadFactory(received_at=AT)
    erasure.erase_now(lead, at=AHEAD)
    jobs.drain(at=AHEAD)
    assert TimeEntry.objects.filter(minutes=77).exists()
    assert Lead.objects.get(pk=lead.pk).erased_at == AHEAD


def test_a_drain_beside_the_sweep_judges_nothing_either(agency, monkeypatch):
    """A save wakes it at once, before the sweep has seen the clock."""
    judged = []
    monkeypatch.setattr(evaluation, "evaluate", lambda week, *, at: judged.append(week))
    evaluation.request_evaluation(at=AT)
    jobs.drain(at=AHEAD)
    assert judged == []
    jobs.drain(at=AT + timedelta(minutes=5))
    assert len(judged) == 1, "what waited to be judged still waits"


def test_once_a_director_confirms_all_goes_on(agency, director):
    jobs.sweep(at=AHEAD)
    trusted_clock.confirm(Hold.objects.open().get(), at=AHEAD, by=director)
    jobs.sweep(at=AHEAD)
    states = dict(SummaryDelivery.objects.values_list("week", "state"))
    assert states == {Week.parse("2026-W47").monday: "skipped", Week.parse("2026-W48").monday: "sent"}


def test_a_summary_that_waits_is_not_called_old_by_a_clock_that_jumped(agency):
    letter = SummaryDelivery.objects.create(
        subscriber=factories.SubscriberFactory(), week=Week.parse("2026-W46").monday, next_attempt_at=AT, text="It"
    )
    jobs.sweep(at=AHEAD)
    letter.refresh_from_db()
    assert letter.state == "pending"
    jobs.sweep(at=AT + timedelta(minutes=2))
    letter.refresh_from_db()
    assert letter.state == "sent"


def test_a_clock_that_is_put_back_after_it_was_confirmed_asks_once_more(agency, director):
    trusted_clock.watch(at=AHEAD)
    trusted_clock.confirm(Hold.objects.open().get(), at=AHEAD, by=director)
    trusted_clock.watch(at=AT)
    assert not trusted_clock.is_trusted(AT)
    assert Hold.objects.open().get().last_sweep_at == AHEAD


def test_two_workers_ask_once(agency):
    for _worker in range(2):
        trusted_clock.watch(at=AHEAD)
    assert Hold.objects.count() == 1


def test_a_night_that_a_wrong_clock_has_set_is_pulled_back():
    JobRun.objects.create(name="nightly", next_due=AT + 900 * DAY)
    jobs.nightly(at=AT)
    assert JobRun.objects.get(name="nightly").next_due == datetime(2026, 11, 19, 2, tzinfo=UTC)


def test_a_job_that_a_wrong_clock_has_set_aside_is_tried():
    run = JobRun.objects.create(name="deliveries", failures=3, set_aside_until=AT + 900 * DAY)
    assert not run.is_backed_off(AT)
    assert run.begin(at=AT, started_at=AT)


# -- telling the directors --------------------------------------------------------------------------------------------


def test_each_director_is_told_once_and_nobody_else(agency, director, manager, mailoutbox):
    other = factories.DirectorFactory(language="fr", name="Hélène")
    factories.DirectorFactory(is_active=False)
    for minute in range(3):
        jobs.sweep(at=AHEAD + minute * timedelta(minutes=1))
    jobs.sweep(at=AHEAD + DAY)
    told = {message.to[0]: message for message in mailoutbox}
    assert len(mailoutbox) == 2
    assert set(told) == {director.email, other.email}
    english, french = told[director.email].body, told[other.email].body
    assert "2 Dec 2026, 13:00" in english
    assert "18 Nov 2026, 13:00" in english
    assert "/jobs/" in english
    assert "nothing is erased by time" in english
    assert "2 déc. 2026" in french


def test_they_are_told_of_many_leads_with_the_number(director, mailoutbox):
    for _number in range(60):
        factories.LeadFactory(received_at=AT - 1200 * DAY)
    retention.purge(at=AT)
    hold_notices.send_due(at=AT)
    [message] = mailoutbox
    assert "60 leads" in message.body
    assert "36 months after" in message.body


def test_a_notice_that_is_not_needed_any_more_is_not_sent(agency, mailoutbox):
    trusted_clock.watch(at=AHEAD)
    with time_machine.travel(AHEAD, tick=False):
        for hold in Hold.objects.open():
            HoldNotice.objects.create(hold=hold, member=factories.DirectorFactory(), next_attempt_at=AHEAD)
    trusted_clock.watch(at=AT)
    hold_notices.send_due(at=AHEAD)
    assert mailoutbox == []
    assert HoldNotice.objects.get().state == "dropped"
