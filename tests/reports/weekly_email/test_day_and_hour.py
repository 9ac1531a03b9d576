"""The agency chooses when the summary goes out: no change of day, hour or zone loses a week or sends one twice."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import Agency, JobRun
from core import money
from core.weeks import Week
from reports.models import SummaryDelivery
from reports.verdicts import evaluation
from reports.weekly_email import content, delivery
from tests import factories

pytestmark = pytest.mark.django_db
State = SummaryDelivery.State
PARIS = ZoneInfo("Europe/Paris")
MONDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = 0, 2, 3, 4, 5
W46, W47 = Week.parse("2026-W46"), Week.parse("2026-W47")


@pytest.fixture
def only_decisions(monkeypatch):
    """Letters that say nothing but their week: when they are sent is the question."""
    monkeypatch.setattr(evaluation, "evaluate", lambda week, *, at: None)
    monkeypatch.setattr(content, "look_back", lambda week: SimpleNamespace(week=week))
    monkeypatch.setattr(content, "write", lambda review, **_: content.Letter(str(review.week), "text", "<p>text"))


@pytest.fixture
def reader():
    return factories.SubscriberFactory(email="reader@example.com")


def choose(weekday, hour=8, zone="Europe/Paris"):
    Agency.objects.update_or_create(
        pk=1, defaults={"summary_weekday": weekday, "summary_hour": hour, "time_zone": zone}
    )


def local(week, weekday, hour, minute=0):
    return datetime.combine(week.days[weekday], time(hour, minute), tzinfo=PARIS)


def sweep(*instants):
    for at in instants:
        delivery.decide_due(at=at)
        delivery.send_due(at=at)


def sent():
    """What was sent: the week, and when, on the agency's clock."""
    rows = SummaryDelivery.objects.filter(state=State.SENT).order_by("week", "sent_at")
    return [(str(Week(row.week)), f"{row.sent_at.astimezone(PARIS):%a %d %H:%M}") for row in rows]


@pytest.mark.usefixtures("only_decisions", "reader")
def test_it_goes_out_at_the_day_and_hour_that_were_chosen():
    choose(THURSDAY, 17)
    sweep(local(W46, MONDAY, 9), local(W47, THURSDAY, 16, 59))
    assert sent() == []
    sweep(local(W47, THURSDAY, 17))
    assert sent() == [("2026-W46", "Thu 19 17:00")]
    assert JobRun.objects.get(name="summary").next_due == local(W47.next, THURSDAY, 17)


@pytest.mark.usefixtures("only_decisions", "reader")
def test_a_later_day_chosen_after_it_was_sent_counts_from_the_next_week_on():
    choose(MONDAY)
    sweep(local(W46, WEDNESDAY, 9), local(W47, MONDAY, 8))
    choose(FRIDAY)
    sweep(local(W47, WEDNESDAY, 10))
    assert JobRun.objects.get(name="summary").next_due == local(W47.next, FRIDAY, 8)
    sweep(local(W47, FRIDAY, 8), local(W47.next, MONDAY, 8))
    assert sent() == [("2026-W46", "Mon 16 08:00")], "W46 is not sent again, W47 waits for its Friday"
    sweep(local(W47.next, FRIDAY, 8))
    assert sent() == [("2026-W46", "Mon 16 08:00"), ("2026-W47", "Fri 27 08:00")]


@pytest.mark.usefixtures("only_decisions", "reader")
def test_an_earlier_day_chosen_before_it_was_sent_has_it_sent_at_once():
    choose(FRIDAY)
    sweep(local(W46, WEDNESDAY, 9), local(W47, WEDNESDAY, 9))
    choose(MONDAY)
    sweep(local(W47, WEDNESDAY, 10), local(W47, FRIDAY, 8))
    assert sent() == [("2026-W46", "Wed 18 10:00")]
    sweep(local(W47.next, MONDAY, 8))
    assert sent()[1:] == [("2026-W47", "Mon 23 08:00")]


@pytest.mark.usefixtures("only_decisions", "reader")
def test_after_an_outage_over_the_day_only_the_last_week_whose_hour_has_come_is_sent():
    choose(FRIDAY)
    sweep(local(W46, SATURDAY, 9), local(W47.next, WEDNESDAY, 9))
    assert list(SummaryDelivery.objects.values_list("week", "state", "is_missed")) == [
        (W46.monday, State.DROPPED, True)
    ]
    sweep(local(W47.next, FRIDAY, 8))
    assert sent() == [("2026-W47", "Fri 27 08:00")]


ZONES = ("Europe/Paris", "America/Toronto", "UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago")


# One that stays in its zone, and one that moves, which is tried on both databases.
SHORT = [pytest.param(0, marks=pytest.mark.once), 1]


@pytest.mark.usefixtures("only_decisions", "reader")
@pytest.mark.parametrize("seed", [*SHORT, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 40))])
def test_whatever_is_chosen_and_when_each_week_is_decided_once_and_after_it_is_over(mailoutbox, seed):
    """Over both ends of summer time and week 53: another day, hour or zone at any moment."""
    dice = random.Random(seed)  # noqa: S311 (no secret)
    first, last = Week.containing(date(2026, 10, 5)), Week.containing(date(2027, 4, 12))
    choose(MONDAY)
    at = datetime.combine(first.days[WEDNESDAY], time(9), tzinfo=UTC)
    end = datetime.combine(last.days[6], time(), tzinfo=UTC)
    while at < end:
        if dice.random() < 0.012:
            zone = dice.choice(ZONES) if seed % 2 else "Europe/Paris"
            choose(dice.randrange(6), dice.randrange(5, 23), zone)
        sweep(at)
        at += timedelta(hours=2)
    rows = SummaryDelivery.objects.order_by("week")
    weeks = [row.week for row in rows]
    # The week before the first is told of where a later day was chosen before its hour had ever come.
    assert weeks == [week.monday for week in Week.range(Week(weeks[0]), Week(weeks[-1]))]
    assert weeks[0] <= first.monday
    assert weeks[-1] >= last.plus(-2).monday
    assert {row.state for row in rows} == {State.SENT}
    assert set(Counter(message.subject for message in mailoutbox).values()) == {1}
    # In the east a week is over up to 14 hours earlier than in UTC.
    assert all(row.sent_at >= _over(row.week) - timedelta(hours=14) for row in rows)


def _over(monday):
    return datetime.combine(monday + timedelta(days=7), time(), tzinfo=UTC)


@pytest.mark.parametrize("wrong", [{"summary_weekday": 6}, {"summary_hour": 4}, {"summary_hour": 23}])
def test_no_day_or_hour_is_kept_that_cannot_be_chosen(wrong):
    Agency.current()
    with pytest.raises(IntegrityError), transaction.atomic():
        Agency.objects.update(**wrong)


def test_the_mail_and_the_pages_say_the_day_and_hour_in_the_readers_language(client, director, reader):
    choose(SATURDAY, 6)
    Agency.objects.update(currency="EUR", country="FR")
    review = content.look_back(W46)
    assert "Sent every Saturday at 6:00." in content.write(review, language="en").text
    assert "Envoyé chaque samedi à 6\u00a0h." in content.write(review, language="fr").html.replace("&nbsp;", "\u00a0")
    client.force_login(director)
    for path in ("/summaries/", "/summaries/subscribers/", delivery.unsubscribe_url(reader).split("8000")[-1]):
        page = client.get(path).content.decode()
        assert "Saturday" in page
        assert "Monday" not in page
    with money.localised(language="fr", country="FR", currency="EUR"):
        assert (Agency.current().summary_day, Agency.current().summary_clock) == ("samedi", "6\u00a0h")


def test_the_settings_ask_for_day_and_hour(client, director):
    client.force_login(director)
    page = client.get("/settings/").content.decode()
    assert 'name="summary_weekday"' in page
    assert "Saturday" in page
    assert '<option value="22">22:00</option>' in page
    assert '<option value="23">' not in page
