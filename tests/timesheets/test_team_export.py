"""Everybody's hours as a file: what they cost is in it for directors alone, when they ask for it."""

import csv
import io

import pytest

from core.weeks import Week
from tests import factories

pytestmark = pytest.mark.django_db

MONDAY = Week.parse("2026-W47").monday
WEEKS = "first=2026-W47&last=2026-W47"


@pytest.fixture
def hours(member, manager):
    factories.RateFactory(member=member, hourly_cents=3417)
    factories.EntryFactory(member=member, day=MONDAY, platform__name="Facebook", minutes=90, note="=1+1")
    factories.EntryFactory(member=manager, day=MONDAY, platform__name="LinkedIn", minutes=50)
    factories.EntryFactory(member=member, day=Week.parse("2026-W48").monday)


def lines(client, query):
    response = client.get(f"/team/hours?{query}")
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"), newline="")))


def test_a_manager_takes_out_everybody_s_hours(client, member, manager, hours):
    client.force_login(manager)
    rows = lines(client, WEEKS)
    assert rows[0] == ["date", "email", "platform", "campaign", "hours", "note"]
    found = {(row[0], row[1], row[2], row[4], row[5]) for row in rows[1:]}
    assert found == {
        ("2026-11-16", member.email, "Facebook", "1.5", "'=1+1"),
        ("2026-11-16", manager.email, "LinkedIn", "0.83", ""),
    }


def test_a_director_gets_rates_with_them_when_they_ask(client, director, hours):
    client.force_login(director)
    assert "hourly_rate" not in lines(client, WEEKS)[0]
    rows = lines(client, f"{WEEKS}&rates=yes")
    assert rows[0][-1] == "hourly_rate"
    assert {row[-1] for row in rows[1:]} == {"34.17", ""}


@pytest.mark.parametrize("rates", ["yes", "no", ""])
def test_a_manager_who_asks_for_rates_is_refused(client, manager, hours, rates):
    client.force_login(manager)
    assert client.get(f"/team/hours?{WEEKS}&rates={rates}").status_code == 403


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("first=2026-W47", "This field is required."),
        ("first=2026-W48&last=2026-W47", "The last week is before the first."),
    ],
)
def test_weeks_that_there_cannot_be_lead_to_the_page_which_says_so(client, manager, query, sentence):
    client.force_login(manager)
    assert sentence in client.get(f"/team/hours?{query}", follow=True).content.decode()


def test_the_page_offers_the_quarter_up_to_its_week_and_rates_to_directors_alone(client, manager, director):
    client.force_login(manager)
    page = client.get("/team/?week=2026-W47").content.decode()
    assert 'name="first" value="2026-W35"' in page
    assert 'name="rates"' not in page
    client.force_login(director)
    assert 'name="rates"' in client.get("/team/").content.decode()


def test_many_hours_take_as_many_statements_as_few(client, manager, hours, django_assert_max_num_queries):
    client.force_login(manager)
    lines(client, WEEKS)
    for _number in range(30):
        factories.EntryFactory(day=MONDAY)
    with django_assert_max_num_queries(8):
        assert len(lines(client, WEEKS)) == 33
