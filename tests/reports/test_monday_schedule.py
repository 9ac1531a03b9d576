"""Years of Mondays on a frozen clock, with outages: each week is decided once, at eight, and the late ones honestly."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Agency
from campaigns.weeks import Week
from reports import delivery
from reports.models import SummaryDelivery
from tests import factories

pytestmark = pytest.mark.django_db
State = SummaryDelivery.State
EIGHT = time(8)

# Both ends of summer time, week 53 and week 1; all of the years in the long campaign.
SHORT = (date(2026, 10, 5), date(2027, 4, 19))
YEARS = (date(2026, 1, 5), date(2034, 1, 2))
ZONES = ("Europe/Paris", "America/Toronto", "UTC")
OUTAGES = (timedelta(0), timedelta(hours=1), timedelta(days=3), timedelta(weeks=3))
CASES = [
    ("Europe/Paris", timedelta(0), SHORT),
    ("Europe/Paris", timedelta(weeks=3), SHORT),
    ("America/Toronto", timedelta(hours=1), SHORT),
    ("UTC", timedelta(days=3), SHORT),
    *(pytest.param(zone, lasts, YEARS, marks=pytest.mark.soak) for zone in ZONES for lasts in OUTAGES),
]


@dataclass(frozen=True)
class Outage:
    """Nothing runs from this instant on, for so long."""

    starts: datetime
    lasts: timedelta

    def __contains__(self, at: datetime) -> bool:
        return self.starts <= at < self.starts + self.lasts


def outages(first: date, last: date, zone: ZoneInfo, lasts: timedelta) -> list[Outage]:
    """One every seven weeks, begun so that it holds a Monday at eight; the long ones hold several."""
    mondays = (week.monday for week in Week.range(Week.containing(first), Week.containing(last)))
    begin = [datetime.combine(monday, time(7, 30), tzinfo=zone) for monday in mondays]
    return [Outage(start, lasts) for start in begin[3::7]] if lasts else []


def instants(first: date, last: date, zone: ZoneInfo) -> Iterator[datetime]:
    """When sweeps come: some each day, and each minute around eight on Mondays."""
    for number in range((last - first).days):
        day = first + timedelta(days=number)
        times = [time(hour, 37) for hour in (0, 5, 11, 17, 23)] if number % 7 < 4 else [time(11, 37)]
        if day.weekday() == 0:
            times += [time(7, 58), time(7, 59), EIGHT, time(8, 1), time(8, 2), time(8, 31), time(8, 35)]
        for one in sorted(times):
            yield datetime.combine(day, one, tzinfo=zone).astimezone(UTC)


@pytest.fixture
def years_pass(mailoutbox) -> Callable:
    """Let the sweeps of a span come, but for those in an outage."""

    def run(zone: ZoneInfo, first: date, last: date, away: list[Outage]) -> None:
        agency = Agency.current()
        agency.time_zone = zone.key
        agency.save()
        factories.SubscriberFactory(email="reader@example.com")
        for at in instants(first, last, zone):
            if not any(at in outage for outage in away):
                delivery.decide_due(at=at)
                delivery.send_due(at=at)

    return run


@pytest.mark.parametrize(("zone", "lasts", "span"), CASES)
def test_each_week_is_decided_once_at_eight_and_a_late_one_only_when_it_is_the_last(
    years_pass, mailoutbox, zone, lasts, span
):
    first, last = span
    here = ZoneInfo(zone)
    away = outages(first, last, here, lasts)
    years_pass(here, first, last, away)

    rows = {Week(row.week): row for row in SummaryDelivery.objects.all()}
    # The first sweep comes on a Monday before eight, the last before the last Monday.
    assert sorted(rows) == list(Week.range(Week.containing(first).previous, Week.containing(last).plus(-2)))
    assert len(mailoutbox) == sum(row.state == State.SENT for row in rows.values())
    for week, row in rows.items():
        due = datetime.combine(week.next.monday, EIGHT, tzinfo=here)
        outage = next((one for one in away if due in one), None)
        if outage is None:
            assert (row.state, row.sent_at) == (State.SENT, due), week
        elif week == Agency.current().last_complete_week(outage.starts + outage.lasts):
            assert row.state == State.SENT, week
            late = row.sent_at - (outage.starts + outage.lasts)
            assert timedelta(0) <= late < timedelta(hours=6), week
        else:
            assert row.state == State.SKIPPED, week
            assert row.reason
