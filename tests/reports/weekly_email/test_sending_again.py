"""Send again: the four cases, in both languages, and who never gets one."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from campaigns.models import Agency, JobRun
from core.weeks import Week
from operations import jobs
from reports.models import Subscriber, SummaryDelivery
from reports.weekly_email import delivery
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

W46, W47, W48 = (Week.parse(f"2026-W{number}") for number in (46, 47, 48))
MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)  # after W46, eight o'clock in Paris
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
DAY = timedelta(days=1)
State = SummaryDelivery.State


@pytest.fixture
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(params=["en", "fr"])
def reader(request) -> Subscriber:
    """Someone outside the agency; the director reads the pages in the same language."""
    return factories.SubscriberFactory(email="reader@bank.example", language=request.param)


@pytest.fixture
def as_director(client, director, reader):
    type(director).objects.update(language=reader.language)
    client.force_login(director)
    return client


def words(reader: Subscriber, *, en: str, fr: str) -> str:
    return {"en": en, "fr": fr}[reader.language]


@pytest.fixture
def summary(reader) -> SummaryDelivery:
    delivery.decide(W46, at=MONDAY)
    SummaryDelivery.objects.update(text="as it was written then", html="<p>as it was written then")
    return SummaryDelivery.objects.get()


def set_state(summary: SummaryDelivery, state: str, **known) -> None:
    SummaryDelivery.objects.filter(pk=summary.pk).update(state=state, **known)


def path(summary: SummaryDelivery) -> str:
    return f"/summaries/sent/{summary.pk}/"


def read(client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def click(client, summary: SummaryDelivery, **data) -> str:
    answer = client.post(f"{path(summary)}resend", data, follow=True)
    delivery.send_due(at=NOW)
    return " ".join(answer.content.decode().split())


def later_copy() -> SummaryDelivery:
    return SummaryDelivery.objects.exclude(replaces=None).get()


# -- 1. failed and unknown: the stored copy ---------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.FAILED, State.UNKNOWN])
def test_what_failed_or_may_be_lost_goes_out_as_it_is_stored(as_director, director, summary, mailoutbox, state):
    set_state(summary, state)
    click(as_director, summary)
    [message] = mailoutbox
    assert message.body == "as it was written then"
    row = SummaryDelivery.objects.get()
    assert (row.state, row.resent_by, row.resent_at) == (State.SENT, director, NOW)


# -- 2. skipped by an outage: written anew ----------------------------------------------------------------------------


def test_what_an_outage_skipped_is_written_anew_with_its_day(as_director, reader, director, mailoutbox):
    JobRun.objects.create(name="summary", next_due=MONDAY - 7 * DAY)
    delivery.decide_due(at=MONDAY)
    skipped = SummaryDelivery.objects.get(week=W46.previous.monday)
    assert (skipped.state, skipped.is_missed) == (State.DROPPED, True)
    delivery.send_due(at=MONDAY)
    mailoutbox.clear()
    page = read(as_director, path(skipped))
    assert words(reader, en="It was not sent when it was due.", fr="Il n’a pas été envoyé à la date prévue.") in page
    said = click(as_director, skipped)
    assert words(reader, en="A new copy goes to reader@bank.example", fr="reader@bank.example") in said
    [message] = mailoutbox
    dated = words(
        reader,
        en="Written on 18 November 2026: this summary was not sent when it was due.",
        fr="Écrit le 18 novembre 2026\u00a0: ce résumé n’a pas été envoyé à la date prévue.",
    )
    assert dated in message.body
    assert dated in message.alternatives[0].content.replace("&nbsp;", "\u00a0")
    assert words(reader, en="week 45", fr="semaine 45") in message.body
    copy = later_copy()
    assert (copy.state, copy.week, copy.replaces, copy.resent_by) == (State.SENT, skipped.week, skipped, director)
    skipped.refresh_from_db()
    assert skipped.state == State.DROPPED, "the old row stays as it was"


def test_what_waited_until_another_week_was_over_is_written_anew_too(as_director, summary, mailoutbox):
    delivery.send_due(at=MONDAY + 8 * DAY)
    summary.refresh_from_db()
    assert (summary.state, summary.is_missed) == (State.DROPPED, True)
    click(as_director, summary)
    assert "as it was written then" not in mailoutbox[0].body
    assert SummaryDelivery.objects.get(pk=summary.pk).text == "as it was written then"


@pytest.mark.parametrize("reason", ["Unsubscribed before it was sent.", ""])
def test_what_was_skipped_for_the_readers_sake_is_not_sent_again(as_director, summary, mailoutbox, reason):
    set_state(summary, State.DROPPED, reason=reason)
    assert f"{path(summary)}resend" not in read(as_director, path(summary))
    click(as_director, summary)
    assert mailoutbox == []


# -- 3. sent before its week was over: written anew -------------------------------------------------------------------


def test_what_a_clock_that_was_ahead_sent_too_early_is_written_anew(as_director, reader, mailoutbox):
    """By a week: too little to be noticed while it lasts."""
    jobs.sweep(at=MONDAY - 3 * DAY)
    delivery.decide_due(at=MONDAY - 3 * DAY)
    jobs.sweep(at=MONDAY + DAY)  # it is Friday
    jobs.sweep(at=MONDAY - 3 * DAY + timedelta(minutes=2))
    [early] = SummaryDelivery.objects.all()
    assert (early.state, early.is_early, early.week) == (State.SENT, True, W46.monday)
    mailoutbox.clear()
    jobs.sweep(at=MONDAY)
    assert mailoutbox == [], "never a second one by itself"
    page = read(as_director, path(early))
    assert words(reader, en="Before its week was over", fr="Avant la fin de sa semaine") in page
    assert f'action="{path(early)}resend"' in page, "it asks nothing first"
    assert f'action="{path(early)}resend"' in read(as_director, "/jobs/")
    click(as_director, early)
    [message] = mailoutbox
    dated = words(
        reader,
        en="Written on 18 November 2026. It takes the place of the one that was sent before this week was over.",
        fr="Écrit le 18 novembre 2026. Il remplace celui qui a été envoyé avant la fin de cette semaine.",
    )
    assert dated in message.body
    stored = SummaryDelivery.objects.get(pk=early.pk)
    assert (stored.text, stored.sent_at) == (early.text, early.sent_at), "the old copy is kept"
    assert f'action="{path(early)}resend"' not in read(as_director, "/jobs/")


def test_a_week_that_is_not_over_is_not_written_anew_yet(as_director, reader, summary, mailoutbox):
    set_state(summary, State.SENT, is_early=True, week=W47.monday)
    said = click(as_director, summary)
    assert words(reader, en="This week is not over yet", fr="Cette semaine n’est pas encore terminée") in said
    assert mailoutbox == []


# -- 4. sent: asks first ----------------------------------------------------------------------------------------------


def test_what_was_sent_is_sent_again_only_after_a_question(as_director, reader, summary, mailoutbox):
    set_state(summary, State.SENT, sent_at=MONDAY)
    assert f'href="{path(summary)}resend"' in read(as_director, path(summary))
    asked = read(as_director, f"{path(summary)}resend")
    assert words(reader, en="Another copy says the same and makes two.", fr="en fait deux.") in asked
    assert words(reader, en="It was sent on 16 Nov 2026", fr="Il a été envoyé le 16 nov. 2026") in asked
    assert words(reader, en="Another copy", fr="Un autre exemplaire") in click(as_director, summary)
    assert mailoutbox == [], "a click elsewhere only asks"
    click(as_director, summary, second_copy="yes")
    [message] = mailoutbox
    assert message.body == "as it was written then"
    copy = later_copy()
    assert copy.message_id != summary.message_id
    assert (copy.state, copy.replaces) == (State.SENT, summary)
    page = read(as_director, path(summary))
    assert path(copy) in page
    assert f"{path(summary)}resend" not in page, "the newest copy alone"
    assert path(summary) in read(as_director, path(copy))


def test_two_clicks_make_one_copy(as_director, summary, mailoutbox):
    set_state(summary, State.SENT, sent_at=MONDAY)
    for _click in range(2):
        click(as_director, summary, second_copy="yes")
    assert len(mailoutbox) == 1
    assert SummaryDelivery.objects.count() == 2


# -- nobody else ------------------------------------------------------------------------------------------------------

CASES = {
    "failed": {"state": State.FAILED},
    "unknown": {"state": State.UNKNOWN},
    "missed": {"state": State.DROPPED, "is_missed": True},
    "early": {"state": State.SENT, "sent_at": MONDAY, "is_early": True},
    "sent": {"state": State.SENT, "sent_at": MONDAY},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("who", ["unsubscribed", "a manager by now"])
def test_never_to_who_unsubscribed_or_may_not_read(as_director, reader, summary, mailoutbox, case, who):
    set_state(summary, **case)
    if who == "unsubscribed":
        delivery.unsubscribe(reader, at=NOW)
    else:
        factories.ManagerFactory(email=reader.email)
    said = click(as_director, summary, second_copy="yes")
    if who == "unsubscribed":
        assert words(reader, en="nothing is sent", fr="rien n’est envoyé") in said
    else:
        assert words(reader, en="only directors get the summary", fr="seuls les directeurs") in said
    assert mailoutbox == []
    assert SummaryDelivery.objects.count() == 1


@pytest.mark.parametrize("state", [State.WAITING, State.CLAIMED])
def test_what_is_under_way_is_not_sent_again(as_director, summary, state):
    set_state(summary, state, claimed_at=NOW)
    click(as_director, summary, second_copy="yes")
    assert SummaryDelivery.objects.count() == 1


# -- a clock two weeks ahead ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", ["en"], indirect=True)
@pytest.mark.usefixtures("reader")
def test_an_hour_that_a_wrong_clock_has_set_is_pulled_back_and_no_monday_is_lost(mailoutbox):
    """Decided without a sweep to notice it: what was not sent is decided anew, what was sent is marked."""
    friday = MONDAY - 3 * DAY
    delivery.decide_due(at=friday)
    for at in (friday + 14 * DAY, friday + timedelta(minutes=1), MONDAY, MONDAY + 7 * DAY):
        delivery.decide_due(at=at)
        delivery.send_due(at=at)
    ended = dict(SummaryDelivery.objects.values_list("week", "state"))
    assert ended == {W46.monday: State.SENT, W47.monday: State.SENT}
    assert JobRun.objects.get(name="summary").next_due == MONDAY + 14 * DAY
    assert [row.is_early for row in SummaryDelivery.objects.order_by("week")] == [False, True]


@pytest.mark.parametrize("reader", ["en"], indirect=True)
@pytest.mark.usefixtures("reader")
def test_a_clock_that_is_right_again_on_the_very_monday_loses_it_not():
    """Ten minutes before eight, when the far hour is a week and ten minutes away."""
    JobRun.objects.create(name="summary", next_due=MONDAY + 7 * DAY)
    delivery.decide_due(at=MONDAY - timedelta(minutes=10))
    assert JobRun.objects.get(name="summary").next_due == MONDAY
    delivery.decide_due(at=MONDAY)
    assert [row.week for row in SummaryDelivery.objects.all()] == [W46.monday]


@pytest.mark.parametrize("reader", ["en"], indirect=True)
@pytest.mark.usefixtures("reader")
def test_a_week_that_is_not_over_cannot_be_sent_by_hand_either():
    Agency.current()
    with pytest.raises(CommandError, match="2026-W47 is not over yet"):
        call_command("summary", "--week", "2026-W47", "--send")
    assert not SummaryDelivery.objects.exists()


@pytest.mark.parametrize("reader", ["en"], indirect=True)
@pytest.mark.usefixtures("reader")
def test_nothing_is_sent_by_hand_while_the_clock_may_be_wrong():
    JobRun.note("clock", started_at=NOW - 30 * DAY, finished_at=NOW)
    with pytest.raises(CommandError, match="a director confirms the date"):
        call_command("summary", "--send")
