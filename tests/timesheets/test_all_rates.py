"""Everybody's rates in one table: one look at what changes, then all of it, for directors alone."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Agency, StaleMark
from tests import factories
from timesheets import rates
from timesheets.models import CostRate, TimeEntry, User
from timesheets.rates import NewRate

pytestmark = pytest.mark.django_db
PAGE = "/team/rates/"
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)


@pytest.fixture
def web(client, director):
    Agency.current()
    director.logs_hours = False
    director.save()
    client.force_login(director)
    return client


@pytest.fixture
def anne(db):
    member = factories.MemberFactory(name="Anne")
    for platform, minutes in (("Facebook", 60), ("Search", 30)):
        factories.EntryFactory(
            member=member, day=date(2026, 2, 2), platform=factories.PlatformFactory(name=platform), minutes=minutes
        )
    return member


@pytest.fixture
def bob(db):
    member = factories.RateFactory(member__name="Bob", starts_on=JANUARY, hourly_cents=4000).member
    platform = factories.PlatformFactory(name="X")
    factories.EntryFactory(member=member, day=date(2026, 2, 3), platform=platform, minutes=120)
    factories.EntryFactory(member=member, day=date(2026, 3, 3), platform=platform, minutes=120)
    return member


def typed(*, starts_on="2026-01-01", **lines):
    return {"starts_on": starts_on} | {name.replace("_", "-"): value for name, value in lines.items()}


def in_words(answer):
    return " ".join(answer.content.decode().split())


def test_one_look_shows_what_changes_together_and_nothing_is_written(web, anne, bob):
    answer = web.post(PAGE, typed(**{f"cents-{anne.pk}": "50", f"cents-{bob.pk}": "60", f"day-{bob.pk}": "2026-03-01"}))
    page = in_words(answer)
    assert "2 weeks change" in page
    effect = answer.context["effect"]
    assert dict(effect.platforms) == {"Facebook": 5000, "Search": 2500, "X": 4000}
    assert (effect.total_cents, effect.minutes_gained, effect.minutes_lost) == (11_500, 90, 0)
    assert CostRate.objects.count() == 1


def test_the_look_is_what_comes(web, anne, bob):
    lines = {f"cents-{anne.pk}": "50", f"cents-{bob.pk}": "60", f"day-{bob.pk}": "2026-03-01"}
    shown = web.post(PAGE, typed(**lines))
    before = sum(entry.minutes * (entry.hourly_cents or 0) for entry in TimeEntry.objects.all())
    assert web.post(PAGE, typed(**lines, confirmed="1")).status_code == 302
    after = sum(entry.minutes * (entry.hourly_cents or 0) for entry in TimeEntry.objects.all())
    assert after - before == shown.context["effect"].total_cents * 60
    assert set(CostRate.objects.values_list("member__name", "starts_on", "hourly_cents")) == {
        ("Anne", JANUARY, 5000),
        ("Bob", JANUARY, 4000),
        ("Bob", MARCH, 6000),
    }
    assert StaleMark.objects.exists()
    assert CostRate.history.filter(member=anne).get().history_user.is_director


def test_the_button_of_the_look_sends_what_was_looked_at(web, anne):
    page = in_words(web.post(PAGE, typed(**{f"cents-{anne.pk}": "50,25"})))
    assert f'name="cents-{anne.pk}" value="50,25"' in page
    assert 'name="starts_on" value="2026-01-01"' in page
    assert 'name="confirmed"' in page


def test_a_rate_of_the_same_day_is_replaced_and_that_is_said(web, bob):
    lines = typed(**{f"cents-{bob.pk}": "45"})
    assert re.search(r"This replaces the \S*40[.,]00\S* ?\S* of this day\.", in_words(web.post(PAGE, lines)))
    web.post(PAGE, lines | {"confirmed": "1"})
    assert CostRate.objects.get().hourly_cents == 4500
    assert CostRate.history.count() == 2


@pytest.mark.parametrize(
    ("lines", "at", "sentence"),
    [
        ({"starts_on": "", "cents": "40"}, "starts_on", "From which day on?"),
        ({"day": "2026-01-05"}, "cents", "What does an hour cost from this day on?"),
        ({"cents": "forty"}, "cents", "Write an amount"),
        ({"cents": "123456"}, "cents", "check the decimals"),
        ({"cents": "0"}, "cents", "above 0"),
        ({"cents": "40", "day": "5/1/2026"}, "day", "Write the day as year-month-day"),
        ({}, "__all__", "Write at least one amount."),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(web, anne, lines, at, sentence):
    sent = {(name if name == "starts_on" else f"{name}-{anne.pk}"): value for name, value in lines.items()}
    answer = web.post(PAGE, {"starts_on": "2026-01-01", "confirmed": "1"} | sent)
    assert answer.status_code == 422
    field = at if at in ("starts_on", "__all__") else f"{at}-{anne.pk}"
    assert sentence in str(answer.context["form"].errors[field])
    assert sentence in answer.content.decode()
    assert not CostRate.objects.exists()


def test_whoever_left_is_shown_only_while_their_hours_have_no_rate(web, anne):
    anne.left_on = date(2026, 3, 1)
    anne.save()
    gone = factories.MemberFactory(name="Gone", is_active=False)
    names = [line.person.name for line in web.get(PAGE).context["form"].lines()]
    assert "Anne" in names
    assert gone.name not in names


@pytest.mark.parametrize("role", ["member", "manager"])
def test_only_directors_see_and_set_rates(client, role, request, anne):
    client.force_login(request.getfixturevalue(role))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, typed(**{f"cents-{anne.pk}": "50", "confirmed": "1"})).status_code == 403
    assert not CostRate.objects.exists()


def test_the_look_takes_the_same_statements_for_one_as_for_many(anne, bob):
    people = [anne, bob, factories.MemberFactory()]
    with CaptureQueriesContext(connection) as one:
        rates.preview_all([NewRate(anne, JANUARY, 5000)])
    with CaptureQueriesContext(connection) as many:
        rates.preview_all([NewRate(person, JANUARY, 5000) for person in people])
    assert len(one) == len(many) == 2


def test_the_page_takes_the_same_statements_whatever_it_shows(web, anne):
    with CaptureQueriesContext(connection) as few:
        web.get(PAGE)
    for _each in range(5):
        factories.RateFactory()
    with CaptureQueriesContext(connection) as many:
        web.get(PAGE)
    assert len(few) == len(many)


def test_the_team_says_once_who_has_no_rate_and_where_to_set_them(web, anne):
    factories.EntryFactory(member__name="Yann", day=date(2026, 2, 2), minutes=90)
    page = in_words(web.get("/team/?week=2026-W06"))
    assert "2 people have no cost rate for" in page
    assert page.count('class="message warning"') == 1
    assert 'href="/team/rates/">Set rates' in page


# -- two thousand people ----------------------------------------------------------------------------------------------


@pytest.fixture
def two_thousand(web):
    return User.objects.bulk_create(
        User(email=f"p{number}@example.com", name=f"Person {number:04d}", joined_on=JANUARY, password="!")  # noqa: S106
        for number in range(2000)
    )


def fields_of(page):
    """What a browser sends of the table: each field with what stands in it."""
    return dict.fromkeys(re.findall(r'<input[^>]* name="((?:cents|day)-[0-9]+)"', page), "")


def test_with_2000_people_one_rate_is_set_on_a_page_of_50(web, two_thousand):
    page = web.get(f"{PAGE}?page=21").content.decode()
    sent = fields_of(page)
    assert len(sent) == 100
    assert "data-unsaved" in page
    assert "Save what you typed on this page" in page
    assert re.search(r"1001 to 1050 of 2.?001", in_words(web.get(f"{PAGE}?page=21")))  # the director too
    person = two_thousand[1010]
    sent |= typed(**{f"cents-{person.pk}": "50"})
    assert "1 week" not in in_words(look := web.post(f"{PAGE}?page=21", sent))
    confirmed = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', look.content.decode()))
    answer = web.post(f"{PAGE}?page=21", confirmed, follow=True)
    assert answer.redirect_chain == [(f"{PAGE}?page=21", 302)]
    assert "1 rate was saved." in in_words(answer)
    assert CostRate.objects.get().member_id == person.pk


def test_what_was_typed_counts_though_somebody_left_and_the_pages_moved(web, two_thousand):
    person = two_thousand[50]
    User.objects.filter(name="Person 0003").update(is_active=False)  # now the first page has this person
    web.post(f"{PAGE}?page=2", typed(**{f"cents-{person.pk}": "50", "confirmed": "1"}))
    assert CostRate.objects.get().member_id == person.pk


def test_a_page_that_is_not_there_is_said(web, anne):
    assert "There is no page “7”, so page 1 is shown." in in_words(web.get(f"{PAGE}?page=7"))
