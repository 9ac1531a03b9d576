"""A director's answers to flags, trials of limits and what is published, as on the pages."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from campaigns.models import Decision, LimitTrial
from core.weeks import Week
from reports.models import Flag, PlatformWeek
from tests import factories
from tests.api.asking import is_problem, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
WEEK = Week.parse("2026-W47")


@pytest.fixture(autouse=True)
def a_wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def facebook():
    return factories.PlatformFactory(name="Facebook", weekly_limit_minutes=4200)


# -- flags ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def flag(facebook):
    return Flag.objects.create(platform=facebook, kind="losing", raised_on=WEEK.previous.monday)


def test_a_flag_is_noted_put_off_and_waits_again(as_director, flag):
    address = f"/flags/{flag.pk}"
    noted = as_director.post(f"{address}/acknowledge", {"note": "We pause it."})
    assert (noted.json()["note"], noted["Location"]) == ("We pause it.", f"/api/v1{address}")
    again = as_director.post(f"{address}/acknowledge", {"note": "Something else"}).json()
    assert again == noted.json(), "the first note stands"
    assert str(Flag.objects.get().acknowledged_by) == "Helene"
    assert as_director.post(f"{address}/snooze", {"weeks": 4}).json()["snoozed_until"] == "2026-12-16"
    assert is_problem(as_director.post(f"{address}/snooze", {"weeks": 53}), 422)
    back = as_director.post(f"{address}/take-back").json()
    assert (back["note"], back["acknowledged_at"], back["snoozed_until"]) == ("", None, None)
    assert as_director.get(address).json() == back


def test_a_flag_that_is_over_waits_for_no_answer(as_director, flag):
    Flag.objects.update(cleared_on=WEEK.monday)
    for verb, body in (("acknowledge", {}), ("snooze", {"weeks": 1}), ("take-back", {})):
        assert is_problem(as_director.post(f"/flags/{flag.pk}/{verb}", body), 409), verb
    assert is_problem(as_director.post(f"/flags/{flag.pk + 1}/acknowledge"), 404)


# -- decisions --------------------------------------------------------------------------------------------------------


def test_what_managers_would_read_is_shown_before_it_is_published(as_director, as_manager, facebook):
    body = {"about": f"limit:{facebook.pk}", "sentence": "Until spring."}
    shown = as_director.post("/decisions", body)
    assert is_problem(shown, 409)
    assert shown.json()["facts"] == "At most 70 h a week."
    assert not Decision.objects.exists()
    made = as_director.post("/decisions", {**body, "facts": shown.json()["facts"]}, Idempotency_Key="d1")
    assert (made.status_code, made.json()["heading"]) == (201, "Facebook")
    as_director.post("/decisions", {**body, "facts": shown.json()["facts"]}, Idempotency_Key="d1")
    [read] = as_manager.get("/decisions").json()["items"]
    assert (read["facts"], read["sentence"]) == ("At most 70 h a week.", "Until spring.")
    assert str(Decision.objects.get().published_by) == "Helene"


def test_a_decision_says_something(as_director, facebook):
    assert messages_of(as_director.post("/decisions", {"about": f"platform:{facebook.pk}"})) == [
        ("sentence", "Write what you decided, or choose a limit or a trial above.")
    ]
    assert is_problem(as_director.post("/decisions", {"about": "limit:7777", "sentence": "x"}), 422)


def test_managers_find_no_more_what_was_withdrawn(as_director, as_manager):
    decision = factories.DecisionFactory()
    address = f"/decisions/{decision.pk}"
    assert as_manager.get(address).status_code == 200
    gone = as_director.post(f"{address}/withdraw").json()
    assert gone["withdrawn_at"]
    assert as_director.post(f"{address}/withdraw").json() == gone
    assert is_problem(as_manager.get(address), 404)
    assert as_manager.get("/decisions?show=all").json()["items"] == []
    assert [item["id"] for item in as_director.get("/decisions?show=withdrawn").json()["items"]] == [decision.pk]


# -- trials -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def hours_were_logged(facebook):
    PlatformWeek.objects.create(platform=facebook, week=WEEK.previous.monday, basis="cash", minutes=4000)


def test_a_trial_begins_next_monday_and_ends_early(as_director, facebook, hours_were_logged):
    made = as_director.post(f"/platforms/{facebook.pk}/trials", {"limit_minutes": 3540})
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["first_week"], shown["last_week"], shown["is_open"]) == ("2026-W48", "2027-W02", True)
    assert (shown["limit_minutes"], shown["earlier_limit_minutes"]) == (3540, 4200)
    assert str(LimitTrial.objects.get().started_by) == "Helene"
    again = as_director.post(f"/platforms/{facebook.pk}/trials", {"limit_minutes": 3000})
    assert [field for field, _message in messages_of(again)] == ["limit_minutes"]
    assert [row["id"] for row in as_director.get("/trials").json()["items"]] == [shown["id"]]
    ended = as_director.post(f"{made['Location']}/end").json()
    assert (ended["is_open"], ended["status"]) == (False, "called off before it began")
    assert is_problem(as_director.post(f"{made['Location']}/end"), 409)


def test_the_limit_of_a_trial_shows_beside_the_platforms_own(as_manager, facebook):
    trial = factories.LimitTrialFactory(platform=facebook, limit_minutes=3540)
    for day, limit, ends in (
        (trial.first.previous.days[2], 4200, None),
        (trial.first.monday, 3540, "2027-W02"),
        (trial.last.next.monday, 4200, None),
    ):
        with time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), tick=False):
            shown = as_manager.get(f"/platforms/{facebook.pk}").json()
        assert (shown["weekly_limit_minutes"], shown["limit_in_force_minutes"], shown["trial_ends"]) == (
            4200,
            limit,
            ends,
        )


def test_a_trial_says_what_came_of_its_weeks(as_director, facebook):
    trial = factories.LimitTrialFactory(platform=facebook, limit_minutes=600, first_week=date(2026, 11, 9))
    PlatformWeek.objects.create(platform=facebook, week=trial.first_week, basis="cash", minutes=660)
    shown = as_director.get(f"/trials/{trial.pk}").json()
    assert [(week["week"], week["minutes"], week["is_complete"]) for week in shown["weeks"]] == [
        ("2026-W46", 660, True),
        ("2026-W47", 0, False),
    ]
    assert shown["kept"].startswith("The limit was kept to in 0 of 1 week.")
