"""Flags on their page: then beside now, noted, put off, over."""

from dataclasses import replace
from datetime import date

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client as Browser

from campaigns.models import Agency
from reports.models import Flag, FlagKind
from reports.statistics.states import VerdictState
from reports.verdicts.flags import take_back
from tests import factories
from tests.reports.pages.test_dashboard import simple, text
from tests.reports.verdicts.spoken import flag as raise_flag
from tests.reports.verdicts.spoken import speak
from tests.reports.verdicts.test_weekly_changes import FOUND
from tests.reports.verdicts.test_wording import YEAR
from tests.reports.world import LAST, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def web(director):
    web = Browser()
    web.force_login(director)
    return web


@pytest.fixture
def flag():
    """Raised last week and still up, on a platform with figures."""
    platform = simple(cents=50_000)
    Flag.objects.all().delete()
    speak(platform, FOUND[VerdictState.LOSING])
    return raise_flag(platform, FOUND[VerdictState.LOSING])


def test_the_page_shows_the_evidence_then_and_now_and_the_plain_rule_beside_both(web, flag):
    Agency.objects.update(country="GB")
    weaker = replace(YEAR, returned_cents=1_900_000, p_below=0.86, p_above=0.14)
    speak(flag.platform, replace(FOUND[VerdictState.LOSING], now=weaker), cost=1_100_000)
    page = text(web.get("/flags/"))
    then, now = page.split("Now 2026-W46")
    assert "Raised 2026-W46 · The work of the last 12 months cost €42,000." in then
    assert "In that time about €25,200 should have come back, of this work and of older work; €4,100 did." in then
    assert "the chance that it loses money is 97 in 100." in then
    assert "Plain rule: losing – the last 13 weeks cost €4,200 more than they brought." in then
    assert " · Losing The work of the last 12 months" in now
    assert "€19,000 did. The chance that it loses money was higher and is now 86 in 100" in now
    assert "Plain rule: losing – the last 13 weeks cost €5,200 more than they brought." in now
    assert "Judged on 18 November 2026, with figures until Sunday 15 November 2026." in page


def test_a_flag_of_the_plain_rule_shows_what_that_compared(web, flag):
    Agency.objects.update(country="GB")
    Flag.objects.all().delete()
    raise_flag(flag.platform, None)
    page = text(web.get("/flags/"))
    assert "Raised 2026-W46 · €0.58 for each euro: cost €10,000, revenue €5,800" in page


def test_a_flag_over_the_hours_shows_the_hours(web, flag):
    over = {"last_week_minutes": 90, "weekly_limit_minutes": 30}
    raise_flag(flag.platform, FOUND[VerdictState.EARNING], kind=FlagKind.OVER_LIMIT, **over)
    assert "1.5 h in the week, limit 0.5 h" in text(web.get("/flags/"))


def test_a_flag_is_acknowledged_once_with_its_note(web, flag, director):
    path = f"/flags/{flag.pk}/acknowledge"
    assert web.post(path, {"note": "Half the hours\x00 from May"}).headers["Location"] == "/flags/"
    flag.refresh_from_db()
    assert (flag.note, flag.acknowledged_by, flag.acknowledged_at) == ("Half the hours from May", director, NOW)
    web.post(path, {"note": "Again"})
    flag.refresh_from_db()
    assert flag.note == "Half the hours from May"
    assert "Half the hours from May" in text(web.get("/flags/"))
    assert f"/flags/{flag.pk}/acknowledge" not in web.get("/").content.decode()


def test_a_flag_is_put_off_and_comes_back(web, flag, director):
    assert web.post(f"/flags/{flag.pk}/snooze", {"weeks": "2", "back": "dashboard"}).headers["Location"] == "/"
    flag.refresh_from_db()
    assert flag.snoozed_until == date(2026, 12, 2)
    assert "has been losing since" not in text(web.get("/"))
    with time_machine.travel(NOW.replace(month=12, day=9), tick=False):
        web.force_login(director)  # a session left alone for three weeks has ended
        assert "has been losing since" in text(web.get("/"))


@pytest.mark.parametrize("weeks", ["0", "53", "-1", "x", "", "9" * 300, "²"])
def test_a_flag_is_put_off_for_a_year_at_most(web, flag, weeks):
    response = web.post(f"/flags/{flag.pk}/snooze", {"weeks": weeks}, follow=True)
    assert "Give a number of weeks from 1 to 52." in text(response)
    flag.refresh_from_db()
    assert flag.snoozed_until is None


def test_a_flag_that_is_over_is_listed_and_cannot_be_answered(web, flag):
    flag.cleared_on = LAST.monday
    flag.save()
    page = web.get("/flags/").content.decode()
    assert "Cleared" in page
    assert f"/flags/{flag.pk}/" not in page
    assert web.post(f"/flags/{flag.pk}/acknowledge").status_code == 404
    assert web.post(f"/flags/{flag.pk}/snooze", {"weeks": "1"}).status_code == 404
    assert web.post(f"/flags/{flag.pk}/undo").status_code == 404


def test_without_flags_the_page_says_when_there_will_be_some(web):
    assert "No flag was ever raised" in text(web.get("/flags/"))


def test_an_answer_can_be_taken_back_and_that_is_recorded(web, flag, director):
    web.post(f"/flags/{flag.pk}/acknowledge", {"note": "Half the hours"})
    web.post(f"/flags/{flag.pk}/snooze", {"weeks": "2"})
    assert web.post(f"/flags/{flag.pk}/undo", follow=True).redirect_chain == [("/flags/", 302)]
    flag.refresh_from_db()
    assert (flag.acknowledged_at, flag.acknowledged_by, flag.note, flag.snoozed_until) == (None, None, "", None)
    assert f"/flags/{flag.pk}/acknowledge" in web.get("/").content.decode()
    record = LogEntry.objects.get()
    assert (record.user, record.object_id) == (director, str(flag.pk))
    page = text(web.get("/flags/"))
    assert "Answers taken back 18 Nov 2026, 10:00" in page
    assert "“Half the hours” · Snoozed until 2 December 2026" in page


def test_taking_back_nothing_changes_nothing(web, flag):
    assert "Taken back" not in text(web.post(f"/flags/{flag.pk}/undo", follow=True))
    assert not LogEntry.objects.exists()
    assert f"/flags/{flag.pk}/undo" not in web.get("/flags/").content.decode()


def test_what_was_taken_back_shows_a_note_as_text(web, flag):
    web.post(f"/flags/{flag.pk}/acknowledge", {"note": "<b onclick=x>"})
    web.post(f"/flags/{flag.pk}/undo")
    page = web.get("/flags/").content.decode()
    assert "<b onclick" not in page
    assert "&lt;b onclick=x&gt;" in page


def test_the_number_of_queries_does_not_grow(web, flag, director, django_assert_max_num_queries):
    with django_assert_max_num_queries(30) as few:
        web.get("/flags/")
    for _number in range(8):
        one = raise_flag(factories.PlatformFactory(), FOUND[VerdictState.LOSING])
        one.acknowledge(at=NOW, by=director, note="")
        take_back(one, by=director)
    with django_assert_max_num_queries(30) as many:
        web.get("/flags/")
    assert len(many) == len(few)


@pytest.mark.parametrize("verb", ["acknowledge", "snooze", "undo"])
def test_only_a_director_answers_a_flag(flag, verb, member, manager, web):
    path = f"/flags/{flag.pk}/{verb}"
    assert Browser().post(path).status_code == 302
    for person in (member, manager):
        other = Browser()
        other.force_login(person)
        assert other.post(path).status_code == 403
    assert web.get(path).status_code == 405
    assert Flag.objects.get().acknowledged_at is None
