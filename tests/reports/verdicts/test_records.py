"""Which of the stored verdicts a page reads, and how much of each."""

import pytest

from reports.models import Verdict
from reports.verdicts.records import latest_of, recent_verdicts
from reports.verdicts.weekly_changes import changes
from tests import factories
from tests.reports.verdicts import spoken
from tests.reports.world import LAST

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform():
    return factories.PlatformFactory(name="Facebook")


def speak(platform, *states):
    """One verdict a week, the last of them in the last week."""
    for back, state in enumerate(reversed(states)):
        verdict = spoken.speak(platform, None, week=LAST.plus(-back))
        Verdict.objects.filter(pk=verdict.pk).update(state=state)


def test_the_last_verdict_and_the_one_before_are_read_with_the_figures_of_the_last(platform, django_assert_num_queries):
    speak(platform, "losing", "earning", "earning", "watch", "losing")
    with django_assert_num_queries(1):
        recent = recent_verdicts(LAST)
        last = latest_of(recent)[platform.pk]
    assert [(verdict.state, verdict.last_figures is not None) for verdict in recent] == [
        ("watch", False),
        ("losing", True),
    ]
    assert (last.state, last.week) == ("losing", LAST)
    assert last.case is not None
    assert last.case == last.of(Verdict.objects.get(platform=platform, week=LAST.monday)).case


def test_a_state_turns_from_that_of_the_last_week_that_was_judged(platform):
    speak(platform, "losing", "earning", "watch", "losing")
    Verdict.objects.filter(week=LAST.previous.monday).delete()
    assert [(change.before, change.after) for change in changes(LAST)] == [("earning", "losing")]


def test_the_same_figures_are_read_once(platform):
    speak(platform, "watch")
    first, second = (latest_of(recent_verdicts(LAST))[platform.pk].case for _each in range(2))
    assert first is second
    verdict = Verdict.objects.get()
    Verdict.objects.update(figures=verdict.figures | {"minutes_before": 7})
    third = latest_of(recent_verdicts(LAST))[platform.pk].case
    assert third is not None
    assert third.minutes_before == 7
