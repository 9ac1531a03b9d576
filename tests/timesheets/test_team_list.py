"""The team's page and the list of people, of a large agency: a page at a time, searched, in order."""

import re
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Agency
from core.weeks import Week
from tests import factories
from tests.reports.pages.test_dashboard import text
from timesheets import team
from timesheets.models import CostRate, Timesheet, User
from timesheets.team_list import BEHIND_SHOWN, behind_asked_for, look_of

pytestmark = pytest.mark.django_db
WEEK = Week(date(2026, 11, 16))
AT = "2026-11-24T09:00Z"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def web(client, director):
    Agency.current()
    client.force_login(director)
    return client


def crowd(number: int) -> list[User]:
    """That many people, who have logged nothing."""
    return User.objects.bulk_create(
        User(email=f"p{each}@example.com", name=f"Person {each:04d}", joined_on=date(2026, 1, 1))
        for each in range(number)
    )


def names(page) -> list[str]:
    return re.findall(rf'/team/\d+/{WEEK}/">([^<]+)</a>\s*</th>', page.content.decode())


def test_a_page_has_fifty_people_whoever_many_there_are(web):
    crowd(130)
    first = web.get(f"/team/?week={WEEK}")
    assert len(names(first)) == 50
    assert "1 to 50 of 131" in text(first)
    assert len(names(web.get(f"/team/?week={WEEK}&page=3"))) == 31
    assert "There is no page “9”" in text(web.get(f"/team/?week={WEEK}&page=9"))


def test_two_thousand_people_make_a_small_page_in_as_many_statements(web, director):
    factories.EntryFactory(member=director, day=WEEK.monday)
    with CaptureQueriesContext(connection) as few:
        web.get(f"/team/?week={WEEK}")
    crowd(2_000)
    with CaptureQueriesContext(connection) as many:
        page = web.get(f"/team/?week={WEEK}")
    assert len(many) == len(few)
    assert len(page.content) < 150_000
    # What is expected is looked up of those on the page alone: no statement names everybody.
    assert max(len(query["sql"]) for query in many) < 5_000


def test_a_search_finds_a_name_whatever_its_case_and_says_when_it_finds_none(web):
    crowd(3)
    factories.MemberFactory(name="Élodie Martin")
    assert names(web.get(f"/team/?week={WEEK}&q=éLODIE")) == ["Élodie Martin"]
    assert names(web.get(f"/team/?week={WEEK}&q=elodie m")) == ["Élodie Martin"]
    assert names(web.get(f"/team/?week={WEEK}"))[0] == "Élodie Martin"
    assert names(web.get(f"/team/?week={WEEK}&q=nobody")) == []


def test_the_sums_and_the_counts_are_those_of_everybody(web):
    anne, bob = factories.MemberFactory(name="Anne"), factories.MemberFactory(name="Bob")
    for person, minutes in ((anne, 60), (bob, 90)):
        factories.EntryFactory(member=person, day=WEEK.monday, minutes=minutes)
    page = text(web.get(f"/team/?week={WEEK}&q=Anne"))
    assert "3 missing" in page
    assert re.search(r"Everybody .*2:30", page)


def test_people_are_in_the_order_that_is_asked_for(web, director):
    for name, minutes in (("Anne", 60), ("bob", 90), ("Carl", 30)):
        factories.EntryFactory(member__name=name, day=WEEK.monday, minutes=minutes)
    Timesheet.of(User.objects.get(name="Carl"), WEEK).submit(at=AT)
    others = {str(director)}
    assert [each for each in names(web.get(f"/team/?week={WEEK}")) if each not in others] == ["Anne", "bob", "Carl"]
    by_total = names(web.get(f"/team/?week={WEEK}&sort=-total"))
    assert [each for each in by_total if each not in others] == ["bob", "Anne", "Carl"]
    assert names(web.get(f"/team/?week={WEEK}&sort=status"))[0] == "Carl"
    assert names(web.get(f"/team/?week={WEEK}&status=submitted")) == ["Carl"]
    assert "is not one of the choices" in text(web.get(f"/team/?week={WEEK}&sort=rate&status=lost"))


def test_all_that_is_submitted_on_the_page_is_approved_and_the_page_comes_back(web):
    people = crowd(60)
    for person in people:
        Timesheet.of(person, WEEK).submit(at=AT)
    page = web.get(f"/team/?week={WEEK}&status=submitted&page=2")
    shown = re.findall(r'name="shown" value="(\d+)"', page.content.decode())
    assert len(shown) == 10
    assert "Approve all that is submitted here" in text(page)
    look = re.search(r'name="look" value="([^"]+)"', page.content.decode())[1].replace("&amp;", "&")
    answer = web.post(f"/team/{WEEK}/decide", {"approve": "shown", "shown": shown, "look": look})
    assert answer.headers["Location"] == f"/team/?week={WEEK}&status=submitted&page=2"
    assert Timesheet.objects.exclude(approved_at=None).count() == 10


@pytest.mark.parametrize("sent", ["", "week=2020-W01&next=//evil.example", "\x00", "&&=&;", "x" * 9_000])
def test_nothing_but_a_look_comes_back_with_a_decision(sent):
    assert look_of(sent) == ""


def test_one_banner_stands_for_all_who_have_no_rate(web):
    for _each in range(24):
        factories.EntryFactory(day=WEEK.monday, minutes=60)
    page = web.get(f"/team/?week={WEEK}")
    assert "24 people have no cost rate for 24:00 hours of this week: they are not costed." in text(page)
    assert page.content.decode().count('class="message warning"') == 1
    assert "/team/people/?rate=uncosted&amp;show=all" in page.content.decode()
    listed = text(web.get("/team/people/?rate=uncosted&show=all"))
    assert "24 found" in listed


def test_a_manager_is_told_nothing_of_rates_and_has_no_list_of_people(client, manager):
    Agency.current()
    factories.EntryFactory(day=WEEK.monday)
    client.force_login(manager)
    assert "cost" not in text(client.get(f"/team/?week={WEEK}")).lower()
    assert client.get("/team/people/").status_code == 403


def test_those_who_are_behind_are_listed_up_to_a_number_and_found_by_name():
    factories.TimesheetFactory(member=crowd(BEHIND_SHOWN + 20)[0], week=WEEK.monday, submitted_at=AT)
    found = team.behind(WEEK)
    shown = behind_asked_for(found, {})
    assert (len(shown.people), shown.left_out) == (BEHIND_SHOWN, len(found) - BEHIND_SHOWN)
    found_by_name = behind_asked_for(found, {"q": "person 0069"})
    assert [str(each.person) for each in found_by_name.people] == ["Person 0069"]
    assert found_by_name.left_out == 0


def test_the_page_reads_the_people_once_for_its_lines_and_for_those_who_are_behind(web, director):
    first, *others = crowd(3)
    factories.TimesheetFactory(member=first, week=WEEK.monday, submitted_at=AT)
    with CaptureQueriesContext(connection) as asked:
        page = web.get(f"/team/?week={WEEK}")
    assert {each.person for each in page.context["behind"].people} == {director, *others}
    assert set(names(page)) == {str(person) for person in (director, first, *others)}
    of_many = [query["sql"] for query in asked if re.match(r'SELECT "timesheets_user"."id".*"name" ASC', query["sql"])]
    assert len(of_many) == 1


def test_the_list_of_people_is_searched_and_takes_as_many_statements_for_many(web, django_assert_num_queries):
    person = factories.MemberFactory(name="Yann", email="yann@example.com")
    CostRate(member=person, starts_on=date(2026, 1, 1), hourly_cents=5_000).save()
    with CaptureQueriesContext(connection) as few:
        web.get("/team/people/")
    crowd(200)
    with CaptureQueriesContext(connection) as many:
        page = web.get("/team/people/?sort=-name")
    assert len(few) == len(many)
    assert len(page.content) < 100_000
    assert "Yann" in text(page)
    assert "1 found" in text(web.get("/team/people/?q=yann@"))
    assert "Yann" not in text(web.get("/team/people/?rate=none&sort=-name"))
