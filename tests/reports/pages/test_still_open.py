"""On the dashboard a flag of an earlier week is open, and not among what changed this week."""

import pytest
import time_machine
from django.test import Client as Browser

from reports.models import FlagKind
from reports.statistics.states import VerdictState
from tests.reports.pages.test_dashboard import simple, text
from tests.reports.verdicts.spoken import flag as raise_flag
from tests.reports.verdicts.spoken import speak
from tests.reports.verdicts.test_weekly_changes import FOUND
from tests.reports.world import LAST, NOW

pytestmark = pytest.mark.django_db


def parts(director) -> tuple[str, str]:
    """What the dashboard says under each of the two headings."""
    web = Browser()
    web.force_login(director)
    changed, _heading, still_open = text(web.get("/")).partition("Changed this week")[2].partition("Still open")
    return changed, still_open.partition("All flags")[0]


@pytest.mark.parametrize("weeks_ago", [0, 1, 11])
def test_hours_above_the_limit_are_a_change_in_the_week_that_raised_the_flag_alone(director, weeks_ago):
    over = {"last_week_minutes": 90, "weekly_limit_minutes": 30}
    with time_machine.travel(NOW, tick=False):
        platform = simple(cents=50_000)
        platform.flags.all().delete()
        speak(platform, FOUND[VerdictState.EARNING], **over)
        raised = raise_flag(platform, FOUND[VerdictState.EARNING], kind=FlagKind.OVER_LIMIT, **over)
        raised.raised_on = LAST.plus(-weeks_ago).monday
        raised.save()
        changed, still_open = parts(director)
    assert ("above its limit" in changed) == (weeks_ago == 0)
    assert ("has been above its weekly hours since" in still_open) == (weeks_ago > 0)
    assert still_open.startswith(f": {platform} ") == (weeks_ago > 0)


def test_a_platform_that_has_been_losing_for_weeks_is_open(director):
    with time_machine.travel(NOW, tick=False):
        platform = simple(cents=50_000)
        platform.flags.all().delete()
        for week in (LAST.previous, LAST):
            speak(platform, FOUND[VerdictState.LOSING], week=week)
        raised = raise_flag(platform, FOUND[VerdictState.LOSING])
        raised.raised_on = LAST.plus(-11).monday
        raised.save()
        changed, still_open = parts(director)
    assert platform.name not in changed
    assert "has been losing since" in still_open
