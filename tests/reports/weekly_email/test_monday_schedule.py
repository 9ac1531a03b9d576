"""Years of Mondays on a frozen clock, with outages: each week is decided once, at eight, and the late ones honestly.

What is expected is worked out anew here, from the calendar and the sweeps that came: nothing of the schedule's own.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Agency, JobRun
from reports.models import Subscriber, SummaryDelivery
from reports.verdicts import evaluation
from reports.weekly_email import content, delivery

pytestmark = pytest.mark.django_db
State = SummaryDelivery.State
WEEK, DAY, SECOND = timedelta(weeks=1), timedelta(days=1), timedelta(seconds=1)

# Both ends of summer time, week 53 and week 1; all of the years in the long campaign.
SHORT = (date(2026, 10, 5), date(2027, 4, 19))
YEARS = (date(2026, 1, 5), date(2034, 1, 2))
ZONES = ("Europe/Paris", "America/Toronto", "UTC")
OUTAGES = (timedelta(0), timedelta(hours=1), timedelta(days=3), timedelta(weeks=3))


# -- what happens -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Life:
    """An agency over some years: where it is, when nothing runs, who reads. It moves on a Wednesday in the middle."""

    first: date
    last: date
    zones: tuple[str, ...]
    lasts: timedelta

    @cached_property
    def mondays(self) -> list[date]:
        """Those whose eight o'clock is lived through; the last day is not."""
        return [self.first + number * WEEK for number in range((self.last - self.first) // WEEK)]

    def wednesday(self, part: int, of: int) -> datetime:
        """Noon of the Wednesday after this part of the time."""
        day = self.mondays[len(self.mondays) * part // of] + 2 * DAY
        return datetime.combine(day, time(12), tzinfo=UTC)

    def zone(self, at: datetime) -> ZoneInfo:
        return ZoneInfo(self.zones[sum(move <= at for move in self._moves)])

    @cached_property
    def _moves(self) -> list[datetime]:
        return [self.wednesday(part, len(self.zones)) for part in range(1, len(self.zones))]

    def local(self, day: date, hour: int, minute: int = 0) -> datetime:
        zone = self.zone(datetime.combine(day, time(12), tzinfo=UTC))
        return datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)

    @cached_property
    def outages(self) -> list[tuple[datetime, datetime]]:
        """One every seven weeks: from before eight, from between deciding and sending at eight, from the day before."""
        if not self.lasts:
            return []
        starts = []
        for number, monday in enumerate(self.mondays[3:-4:7]):
            begins = (self.local(monday, 7, 30), self.local(monday, 8) + SECOND / 2, self.local(monday - DAY, 21))
            starts.append(begins[number % 3])
        return [(start, start + self.lasts) for start in starts]

    @cached_property
    def sweeps(self) -> list[datetime]:
        """When the worker looks: twice in a week, in the minutes around Monday's eight, and right after an outage."""
        away = self.outages
        times = {self.local(day, 11, 37) for monday in self.mondays for day in (monday + 2 * DAY, monday + 5 * DAY)}
        for monday in self.mondays:
            times |= {self.local(monday, *clock) for clock in ((0, 0), (7, 59), (8, 0), (8, 1), (8, 31))}
        times |= {end + timedelta(minutes=1) for _start, end in away}
        return [at for at in sorted(times) if at < self.local(self.last, 0) and self.is_awake(at)]

    def is_awake(self, at: datetime) -> bool:
        return not any(start <= at < end for start, end in self.outages)


@dataclass
class Reader:
    """Someone who gets the e-mail from one instant to another, perhaps again later."""

    address: str
    spans: list[tuple[datetime, datetime]]

    def reads(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self.spans)


def readers(life: Life) -> list[Reader]:
    ever, never = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    third, half, late = life.wednesday(1, 3), life.wednesday(1, 2), life.wednesday(3, 4)
    return [
        Reader("always@example.com", [(ever, never)]),
        Reader("joins@example.com", [(third, never)]),
        Reader("leaves@example.com", [(ever, half)]),
        Reader("returns@example.com", [(ever, third), (late, never)]),
    ]


def live(life: Life, people: list[Reader]) -> None:
    """Let the sweeps come, and people come and go. A sweep decides, and sends a second later."""
    zone, reading = None, set()
    for at in life.sweeps:
        if life.zone(at) != zone:
            zone = life.zone(at)
            Agency.objects.update_or_create(pk=1, defaults={"time_zone": zone.key})
        if (now := {one.address for one in people if one.reads(at)}) != reading:
            for address in now - reading:
                Subscriber.objects.update_or_create(email=address, defaults={"unsubscribed_at": None})
            for one in Subscriber.objects.filter(email__in=reading - now):
                delivery.unsubscribe(one, at=at)
            reading = now
        delivery.decide_due(at=at)
        if life.is_awake(at + SECOND):
            delivery.send_due(at=at + SECOND)


# -- what is right ----------------------------------------------------------------------------------------------------

Ends = dict[tuple[str, date], tuple[str, datetime | None]]


def expected(life: Life, people: list[Reader]) -> Ends:
    """For each reader and week how it must end: the state, and when it was sent.

    The first sweep at or after eight on Monday decides, for those who read then. It is sent at once, or, where the
    system stopped right then, when it is back; but never once another week is over, nor to someone who has left.
    """
    sending = [at + SECOND for at in life.sweeps if life.is_awake(at + SECOND)]
    ends: Ends = {}
    for monday in life.mondays:
        eight, another_week_is_over = life.local(monday, 8), life.local(monday + WEEK, 0)
        decided = life.sweeps[bisect_left(life.sweeps, eight)]
        sent = sending[bisect_left(sending, decided)]
        for one in people:
            if one.reads(decided):
                goes = sent < another_week_is_over and one.reads(sent)
                ends[one.address, monday - WEEK] = (State.SENT, sent) if goes else (State.DROPPED, None)
    return ends


def found() -> Ends:
    rows = SummaryDelivery.objects.values_list("subscriber__email", "week", "state", "sent_at")
    return {(email, week): (state, sent_at) for email, week, state, sent_at in rows}


def local_hours(life: Life, ends: Ends) -> set[time]:
    """The hours at which what was on time was sent."""
    sent = [at for _state, at in ends.values() if at]
    eights = {at: life.local(at.astimezone(life.zone(at)).date(), 8) for at in sent}
    in_time = [at for at, eight in eights.items() if life.is_awake(eight) and life.is_awake(eight + SECOND)]
    return {at.astimezone(life.zone(at)).time() for at in in_time if at.astimezone(life.zone(at)).weekday() == 0}


@pytest.fixture
def only_decisions(monkeypatch):
    """Letters that say nothing but their week: what they say is not the question here, and takes most of the time."""
    monkeypatch.setattr(evaluation, "evaluate", lambda week, *, at: None)
    monkeypatch.setattr(content, "look_back", lambda week: SimpleNamespace(week=week))
    monkeypatch.setattr(content, "write", lambda review, **_: content.Letter(str(review.week), "text", "<p>text"))


def check(life: Life, mailoutbox: list, record_property) -> None:
    people = readers(life)
    live(life, people)
    ends = found()
    assert ends == expected(life, people)
    assert {week for email, week in ends if email == "always@example.com"} == {one - WEEK for one in life.mondays}
    assert local_hours(life, ends) == {time(8, 0, 1)}
    assert not SummaryDelivery.objects.filter(state=State.DROPPED, reason="").exists()
    ended = Counter(state for state, _at in ends.values())
    copies = Counter(message.to[0] for message in mailoutbox)
    assert copies == Counter(email for (email, _week), (state, _at) in ends.items() if state == State.SENT)
    record_property("decisions", len(ends))
    record_property("sent", ended[State.SENT])
    record_property("skipped", ended[State.DROPPED])
    record_property("second copies", len(mailoutbox) - ended[State.SENT])


PARIS, TORONTO, MOVING = ("Europe/Paris",), ("America/Toronto",), ("Europe/Paris", "America/Toronto")


@pytest.mark.usefixtures("only_decisions")
@pytest.mark.parametrize(
    ("zones", "lasts", "span"),
    [
        (PARIS, timedelta(0), SHORT),
        (PARIS, timedelta(weeks=3), SHORT),
        (TORONTO, timedelta(hours=1), SHORT),
        (("UTC",), timedelta(days=3), SHORT),
        (MOVING, timedelta(hours=1), SHORT),
        *(pytest.param((zone,), lasts, YEARS, marks=pytest.mark.soak) for zone in ZONES for lasts in OUTAGES),
        pytest.param((*MOVING, "Pacific/Auckland", "UTC"), timedelta(days=3), YEARS, marks=pytest.mark.soak),
    ],
)
def test_each_week_is_decided_once_for_each_reader_at_eight_and_sent_unless_another_is_over(
    mailoutbox, record_property, zones, lasts, span
):
    check(Life(*span, zones, lasts), mailoutbox, record_property)


@pytest.mark.parametrize("span", [(date(2026, 12, 21), date(2027, 1, 11)), pytest.param(SHORT, marks=pytest.mark.soak)])
def test_whole_letters_keep_to_the_same_schedule(mailoutbox, record_property, span):
    check(Life(*span, PARIS, timedelta(days=3)), mailoutbox, record_property)
    assert all("<table" in message.alternatives[0].content for message in mailoutbox)


# -- a move around eight on Monday ------------------------------------------------------------------------------------

SUNDAY = datetime(2026, 11, 15, tzinfo=UTC)
PLACES = ("Pacific/Pago_Pago", "America/Toronto", "UTC", "Europe/Paris", "Pacific/Kiritimati")
SOME_MOVES = [("Europe/Paris", "America/Toronto"), ("America/Toronto", "Europe/Paris"), (PLACES[-1], PLACES[0])]
ALL_MOVES = [(here, there) for here in PLACES for there in PLACES if here != there]


@pytest.mark.usefixtures("only_decisions")
@pytest.mark.parametrize(
    ("moves", "every"),
    [pytest.param(SOME_MOVES, 12, id="some"), pytest.param(ALL_MOVES, 3, id="all", marks=pytest.mark.soak)],
)
def test_a_move_to_another_zone_at_any_hour_loses_no_week_and_decides_none_twice_or_before_eight(
    record_property, moves, every
):
    """Between Sunday at noon, when it is Monday in the east, and Tuesday at midnight, when it was in the west."""
    Subscriber.objects.create(email="reader@example.com")
    for here, there in moves:
        for hour in range(12, 49, every):
            SummaryDelivery.objects.all().delete()
            JobRun.objects.all().delete()
            moved = SUNDAY + timedelta(hours=hour)
            for at in (SUNDAY + timedelta(weeks=week, hours=hour) for week in (0, 1) for hour in range(0, 60, 2)):
                zone = ZoneInfo(there if at >= moved else here)
                Agency.objects.update_or_create(pk=1, defaults={"time_zone": zone.key})
                before = SummaryDelivery.objects.count()
                delivery.decide_due(at=at)
                if SummaryDelivery.objects.count() > before:
                    local = at.astimezone(zone)
                    assert (local.weekday(), local.hour) >= (0, 8)
                    assert local.weekday() < 2
            rows = SummaryDelivery.objects.order_by("week").values_list("week", "state")
            weeks = [date(2026, 11, 9), date(2026, 11, 16)]
            assert list(rows) == [(week, State.WAITING) for week in weeks], (here, there, moved)
            record_property("moves", 1)
