"""Local hours, whatever the clocks do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.schedule import MONDAY, next_daily, next_weekly

ZONES = [ZoneInfo(name) for name in ("Europe/Paris", "America/Toronto", "UTC")]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_every_week_of_eight_years_has_one_monday_at_eight(zone):
    due = next_weekly(datetime(2026, 1, 1, tzinfo=UTC), weekday=MONDAY, hour=8, zone=zone)
    seen = []
    while due.year < 2034:
        seen.append(due.astimezone(zone))
        due = next_weekly(due, weekday=MONDAY, hour=8, zone=zone)
    assert {(at.weekday(), at.hour, at.minute) for at in seen} == {(0, 8, 0)}
    weeks = [at.date().isocalendar()[:2] for at in seen]
    assert len(set(weeks)) == len(weeks) == (seen[-1].date() - seen[0].date()).days // 7 + 1
    assert (2026, 53) in weeks


def test_an_instant_that_is_due_is_not_given_again():
    zone = ZoneInfo("Europe/Paris")
    due = datetime(2026, 11, 16, 7, tzinfo=UTC)
    assert next_weekly(due - timedelta(seconds=1), weekday=MONDAY, hour=8, zone=zone) == due
    assert next_weekly(due, weekday=MONDAY, hour=8, zone=zone) == due + timedelta(days=7)


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_every_night_has_one_run(zone):
    due = datetime(2026, 1, 1, tzinfo=UTC)
    days = []
    for _n in range(400):
        due = next_daily(due, hour=3, zone=zone)
        days.append(due.astimezone(zone).date())
    assert len(set(days)) == 400
    assert (days[-1] - days[0]).days == 399
