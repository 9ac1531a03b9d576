"""The timer of one person, and their week day by day."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests import factories
from tests.api.asking import is_problem, messages_of
from timesheets.models import TimeEntry, Timer

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def place(db):
    return {"platform": factories.PlatformFactory().pk, "campaign": factories.CampaignFactory().pk}


# -- the timer --------------------------------------------------------------------------------------------------------


def test_a_timer_starts_stops_and_its_minutes_are_logged(as_member, place, clock):
    assert as_member.get("/timer").json()["id"] is None
    started = as_member.post("/timer/start", place).json()
    assert (started["platform"], started["campaign"], started["started_at"]) == (
        *place.values(),
        "2026-11-18T12:00:00Z",
    )
    assert as_member.get("/timer").json() == started
    clock.shift(timedelta(minutes=89, seconds=10))
    stopped = as_member.post("/timer/stop").json()
    assert (stopped["id"], stopped["added"]) == (None, {"day": "2026-11-18", **place, "minutes": 90})
    assert TimeEntry.objects.get().minutes == 90
    assert is_problem(as_member.post("/timer/stop"), 409)


def test_one_that_runs_elsewhere_stops_first(as_member, place, clock):
    as_member.post("/timer/start", place)
    clock.shift(timedelta(minutes=10))
    other = factories.PlatformFactory().pk
    started = as_member.post("/timer/start", {**place, "platform": other}).json()
    assert (started["platform"], started["added"]["minutes"]) == (other, 10)


def test_a_timer_runs_on_what_is_in_use_and_on_a_day_that_takes_hours(as_member, place, camille):
    closed = factories.PlatformFactory(is_active=False).pk
    assert [name for name, _told in messages_of(as_member.post("/timer/start", {**place, "platform": closed}))] == [
        "platform"
    ]
    factories.TimesheetFactory(member=camille, week=NOW.date() - timedelta(days=2), submitted_at=NOW)
    assert is_problem(as_member.post("/timer/start", place), 409)
    assert not Timer.objects.exists()


@pytest.mark.parametrize(("body", "logged"), [({"minutes": 45}, 45), ({}, 660), ({"minutes": 0}, None)])
def test_one_that_ran_over_midnight_waits_for_its_person(as_member, place, clock, body, logged):
    as_member.post("/timer/start", place)
    assert is_problem(as_member.post("/timer/settle", body), 409)
    clock.shift(timedelta(hours=20))
    assert as_member.get("/timer").json()["is_overnight"] is True
    assert is_problem(as_member.post("/timer/stop"), 409)
    settled = as_member.post("/timer/settle", body).json()
    assert settled["id"] is None
    assert (settled["added"] and settled["added"]["minutes"]) == logged
    assert not Timer.objects.exists()


def test_a_service_has_no_timer(as_service, place):
    assert is_problem(as_service.get("/timer"), 403)
    assert is_problem(as_service.post("/timer/start", place), 403)


# -- days -------------------------------------------------------------------------------------------------------------


def test_a_week_tells_its_days_with_what_is_expected(as_member, as_manager, camille):
    factories.EntryFactory(member=camille, day=NOW.date(), minutes=90)
    factories.AbsenceFactory(member=camille, first_day=NOW.date(), last_day=NOW.date(), is_half=True)
    told = as_member.get("/weeks/2026-W47/days").json()
    assert [day["minutes"] for day in told["days"]] == [0, 0, 90, 0, 0, 0, 0]
    assert (told["minutes"], told["is_usual"], told["reopening"]) == (90, False, None)
    assert 0 < told["expected_minutes"] < camille.weekly_minutes
    assert told["days"][2]["off"]
    assert as_manager.get(f"/people/{camille.pk}/weeks/2026-W47/days").json() == told
    assert is_problem(as_member.get(f"/people/{camille.pk}/weeks/2026-W47/days"), 403)


def test_a_week_that_was_sent_back_says_by_whom_and_why(as_member, as_manager, camille):
    as_member.post("/weeks/2026-W47/submit")
    as_manager.post(f"/people/{camille.pk}/weeks/2026-W47/reopen", {"reason": "Tuesday is missing"})
    told = as_member.get("/weeks/2026-W47/days").json()["reopening"]
    assert told == {"at": "2026-11-18T12:00:00Z", "by_name": "Marc", "reason": "Tuesday is missing"}
