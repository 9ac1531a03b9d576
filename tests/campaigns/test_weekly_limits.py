"""Which weekly limit is in force: a trial's in its weeks, else the platform's own, read off the dates alone."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import LimitTrial
from campaigns.weekly_limits import limit_in_force, limits_by_week, unfinished_trial
from core.weeks import Week
from tests import factories

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)  # a Wednesday
WEEK = Week.parse("2026-W47")


@pytest.fixture
def facebook():
    return factories.PlatformFactory(name="Facebook", weekly_limit_minutes=4200)


@pytest.fixture
def trial(facebook):
    return factories.LimitTrialFactory(platform=facebook, limit_minutes=3540)


def allowed(platform, *weeks):
    return [limit_in_force(platform, week) for week in weeks]


def test_a_trial_holds_for_exactly_its_weeks_and_then_the_earlier_limit_returns(facebook, trial):
    first, last = trial.first, trial.last
    assert first.weeks_until(last) == 7
    assert allowed(facebook, first.previous, first, last, last.next) == [4200, 3540, 3540, 4200]


def test_no_job_and_no_clock_has_a_part_in_it(facebook, trial):
    """Whatever it is called on: the limit of a week is a question about that week."""
    with time_machine.travel(datetime(2031, 1, 1, tzinfo=UTC)):
        assert limit_in_force(facebook, trial.last) == 3540
    with time_machine.travel(datetime(2020, 1, 1, tzinfo=UTC)):
        assert limit_in_force(facebook, trial.last.next) == 4200


def test_where_there_was_no_limit_there_is_none_again(trial, facebook):
    facebook.weekly_limit_minutes = None
    facebook.save()
    assert allowed(facebook, trial.last, trial.last.next) == [3540, None]


def test_the_platforms_own_limit_may_be_changed_meanwhile_and_holds_afterwards(trial, facebook):
    facebook.weekly_limit_minutes = 3000
    facebook.save()
    assert allowed(facebook, trial.first, trial.last.next) == [3540, 3000]


def test_ended_early_the_weeks_that_are_past_stay(trial, facebook, director):
    third = trial.first.plus(2)
    assert trial.end(week=third, at=NOW, by=director)
    assert allowed(facebook, third, third.next) == [3540, 4200]
    assert not trial.end(week=third.next, at=NOW, by=director), "a second click changes nothing"
    assert LimitTrial.objects.get().last == third


def test_ended_before_it_began_it_never_held(trial, facebook, director):
    assert trial.end(week=WEEK, at=NOW, by=director)
    assert trial.was_called_off
    assert unfinished_trial(facebook, WEEK) is None
    assert {limit_in_force(facebook, trial.first.plus(weeks)) for weeks in range(-2, 9)} == {4200}


def test_in_its_last_week_it_cannot_be_ended_early(trial, director):
    assert not trial.can_be_ended(trial.last)
    assert not trial.end(week=trial.last, at=NOW, by=director)


def test_other_platforms_keep_theirs(trial):
    linkedin = factories.PlatformFactory(weekly_limit_minutes=60)
    assert limit_in_force(linkedin, trial.first) == 60


def test_all_platforms_and_weeks_are_read_at_once(trial, django_assert_num_queries):
    factories.LimitTrialFactory(limit_minutes=60)
    with django_assert_num_queries(1):
        found = limits_by_week([trial.first.previous, trial.first])
    assert sorted(found.values()) == [60, 3540]


# -- the pages of the catalogue ---------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    with time_machine.travel(datetime(2026, 12, 2, 9, tzinfo=UTC), tick=False):
        yield client


def test_lists_and_pages_show_the_limit_of_this_week(signed_in, facebook, trial):
    listed = signed_in.get(reverse("campaigns:platforms")).content.decode()
    assert "59 h" in listed
    assert "70 h" not in listed
    page = signed_in.get(reverse("campaigns:platform", args=[facebook.pk])).content.decode()
    assert "at most 59 h a week" in page
    assert "from Monday 23 November 2026 to Sunday 17 January 2027" in page
    assert "From Monday 18 January 2027 the limit is 70 h a week again." in page


def test_the_list_is_sorted_by_the_limit_of_this_week(signed_in, facebook, trial):
    factories.PlatformFactory(name="LinkedIn", weekly_limit_minutes=3600)
    rows = signed_in.get(reverse("campaigns:platforms"), {"sort": "limit"}).context["listed"].page.object_list
    assert [row.name for row in rows][:2] == ["Facebook", "LinkedIn"]


def test_the_form_says_what_a_limit_written_during_a_trial_means(signed_in, facebook, trial):
    address = reverse("campaigns:platform_edit", args=[facebook.pk])
    page = signed_in.get(address).content.decode()
    assert "What you write here holds from Monday 18 January 2027, when it is over." in page
    assert 'value="70"' in page
    sent = {"name": "Facebook", "kind": "social", "weekly_limit_minutes": "50", "colour": "1", "is_active": "on"}
    assert signed_in.post(address, sent).status_code == 302
    facebook.refresh_from_db()
    assert allowed(facebook, trial.first, trial.last.next) == [3540, 3000]


def test_the_form_says_so_of_one_that_is_planned(client, manager, facebook, trial):
    client.force_login(manager)
    with time_machine.travel(NOW, tick=False):
        page = client.get(reverse("campaigns:platform_edit", args=[facebook.pk])).content.decode()
    assert "What you write here holds before it, and again from Monday 18 January 2027." in page
