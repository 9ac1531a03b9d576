"""Flags on their page: then beside now, noted, put off, over."""

from datetime import date

import pytest
import time_machine
from django.test import Client as Browser

from campaigns.models import Agency
from reports import evaluation, rollup
from reports.models import Flag
from tests import factories
from tests.reports.test_dashboard import simple, text
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
    simple(cents=50_000)
    return Flag.objects.get()


def test_the_page_shows_the_figures_then_and_now(web, flag):
    factories.SaleFactory(platform=flag.platform, sold_on=LAST.monday, amount_cents=20_000)
    rollup.drain()
    evaluation.evaluate(LAST, at=NOW)
    Agency.objects.update(country="GB")
    page = text(web.get("/flags/"))
    assert "€0.00 per 1: cost €1,300, revenue €0" in page  # raised on the week before the sale
    assert "€0.54 per 1: cost €1,300, revenue €700" in page


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


def test_a_flag_is_put_off_and_comes_back(web, flag):
    assert web.post(f"/flags/{flag.pk}/snooze", {"weeks": "2", "back": "dashboard"}).headers["Location"] == "/"
    flag.refresh_from_db()
    assert flag.snoozed_until == date(2026, 12, 2)
    assert "has been losing since" not in text(web.get("/"))
    with time_machine.travel(NOW.replace(month=12, day=9), tick=False):
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


def test_without_flags_the_page_says_when_there_will_be_some(web):
    assert "No flag was ever raised" in text(web.get("/flags/"))


@pytest.mark.parametrize("verb", ["acknowledge", "snooze"])
def test_only_a_director_answers_a_flag(flag, verb, member, manager, web):
    path = f"/flags/{flag.pk}/{verb}"
    assert Browser().post(path).status_code == 302
    for person in (member, manager):
        other = Browser()
        other.force_login(person)
        assert other.post(path).status_code == 403
    assert web.get(path).status_code == 405
    assert Flag.objects.get().acknowledged_at is None
