"""A search of leads finds the same on both databases, and ends, however many leads there are."""

import pytest
from django.urls import reverse

from campaigns import lead_search
from campaigns.models import Lead
from core import lists
from core.case_blind import _cases
from reports.pages import search
from tests import factories
from tests.reports.world import LAST, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LEADS = [
    {"name": "Élodie Müller", "company": "L'Œuvre", "email": "elodie@example.com", "phone": "+33 6 12 34"},
    {"name": "ÇELİK Ŝtefan", "company": "ŁÓDŹ & Co", "email": "CELIK@Example.COM", "external_id": "CRM-77"},
    {"name": "Σωκράτης", "company": "ΟΔΟΣ", "email": "s@example.org"},
    {"name": "Юлия Ёлкина", "company": "100 % [bio]*", "email": "y_l@example.org"},
    {"name": "王伟", "company": "Straße", "email": "w@example.org"},
]
# What is typed, and the leads of that place that it finds.
SEARCHES = {
    "élodie": [0],
    "ÉLODIE": [0],
    "éLoDiE mÜL": [0],
    "elodie mü": [],
    "ELODIE@": [0],
    "l'œuv": [0],
    "L'ŒUV": [0],
    "çelİk": [1],
    "ŝTEFAN": [1],
    "łódź": [1],
    "celik@example.com": [1],
    "crm-7": [1],
    "σωκρ": [2],
    "ΣΩΚΡΆΤΗΣ": [2],
    "οδος": [2],
    "юлия ё": [3],
    "ЁЛК": [3],
    "[BIO]*": [3],
    "é*": [],
    "é?": [],
    "ё[л]": [],
    "100 %": [3],
    "y_l": [3],
    "王伟": [4],
    "straße": [4],
    "STRAßE": [4],
    "STRASSE": [],
    "é": [0],
    "É": [0],
    "ü": [0],
    "6 12": [0],
}


@pytest.fixture
def web(client, manager):
    client.force_login(manager)
    return client


def page(web, **query):
    return web.get(reverse("campaigns:leads"), query)


def words(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(("text", "places"), SEARCHES.items())
def test_both_databases_find_the_same(web, manager, text, places):
    for columns in LEADS:
        factories.LeadFactory(**columns)
    expected = {LEADS[place]["name"] for place in places}
    assert {lead.name for lead in page(web, q=text).context["listed"].page} == expected
    found = search.search(text, reader=manager, week=LAST).groups
    hits = {hit.label for group in found for hit in group.hits}
    assert hits == (expected if text not in ("crm-7", "6 12") else set()) or len(text) < search.SHORTEST


def test_other_names_are_found_in_the_other_case_too(web):
    factories.PlatformFactory(name="Événements")
    listed = web.get(reverse("campaigns:platforms"), {"q": "éVÉ"}).context["listed"]
    assert [platform.name for platform in listed.page] == ["Événements"]


@pytest.mark.parametrize("size", [4, 30])
def test_few_leads_are_added_up_as_many_are(web, monkeypatch, size):
    for number in range(30):
        status = ("new", "won", "lost")[number % 3]
        factories.LeadFactory(name=f"Lead {number}", status=status, how_heard="Facebook" if number % 2 else "")
    factories.LeadFactory(name="Lead voided").void(at=NOW)
    few = page(web, q="Lead", show="all").context
    monkeypatch.setattr(lists, "ROWS_A_PAGE", size)
    many, every = page(web, q="Lead", show="all").context, page(web, show="all").context
    for context in (many, every):
        assert [(row.label, row.leads) for row in context["statuses"]] == [
            (row.label, row.leads) for row in few["statuses"]
        ]
        assert context["agreement"]["counts"] == few["agreement"]["counts"]
        assert (context["listed"].count, context["listed"].sums["voided"]) == (31, 1)
    assert few["listed"].count == 31


class TestMoreThanAreCounted:
    @pytest.fixture(autouse=True)
    def many(self, monkeypatch):
        monkeypatch.setattr(lists, "ROWS_A_PAGE", 10)
        monkeypatch.setattr(lists, "MOST_COUNTED", 20)
        for number in range(45):
            factories.LeadFactory(name=f"Lead {number}", status=("new", "won")[number % 2])

    def test_it_says_more_than(self, web):
        response = page(web, q="lead")
        assert "more than <b>20</b> leads" in words(response)
        assert "1 to 10 of more than 20" in words(response)
        assert [(row.label, row.leads) for row in response.context["statuses"] if row.label in ("New", "Won")] == [
            ("New", None),
            ("Won", None),
        ]

    def test_each_page_can_be_turned_to(self, web):
        seen = [lead.pk for number in range(1, 6) for lead in page(web, q="lead", page=number).context["listed"].page]
        assert len(seen) == len(set(seen)) == 45
        assert "41 to 45 of 45" in words(page(web, q="lead", page=5))
        assert "There is no page “9”, so page 5 is shown." in words(page(web, q="lead", page=9))

    def test_what_is_not_searched_for_is_counted_whole(self, web):
        assert "<b>45</b> leads" in words(page(web))
        assert [row.leads for row in page(web).context["statuses"]] == [23, 22]

    def test_the_board_shows_its_cards_without_a_number(self, web):
        board = web.get(reverse("campaigns:leads_board"), {"q": "lead"})
        assert [(column.count, len(column.cards)) for column in board.context["columns"]][0] == (None, 20)
        assert "more than <b>20</b> leads" in words(board)
        assert words(board).count("All in the list") == len(board.context["columns"])


class TestFewLetters:
    SENTENCE = "So few letters are looked for in the newest 3 leads alone."

    @pytest.fixture(autouse=True)
    def more_than_are_read(self, monkeypatch):
        monkeypatch.setattr(lead_search, "MOST_READ", 3)
        for days in range(6):
            factories.LeadFactory(name=f"Zq {days}", received_at=NOW.replace(day=20 - days))
        factories.LeadFactory(name="Zq voided", received_at=NOW.replace(day=25)).void(at=NOW)

    def names(self, response):
        return [lead.name for lead in response.context["listed"].page]

    def test_are_looked_for_in_the_newest_leads_and_it_is_said(self, web):
        response = page(web, q="zq")
        assert self.names(response) == ["Zq 0", "Zq 1", "Zq 2", "Zq 3"]
        assert self.SENTENCE in words(response)

    def test_days_lead_to_older_ones(self, web):
        response = page(web, q="zq", **{"from": "2026-11-01", "to": "2026-11-16"})
        assert self.names(response) == ["Zq 4", "Zq 5"]
        assert self.SENTENCE not in words(response)

    @pytest.mark.parametrize("text", ["zq 5", "Zq 5", "q 5"])
    def test_more_letters_are_looked_for_everywhere(self, web, text):
        response = page(web, q=text)
        assert self.names(response) == (["Zq 5"] if len(text) > 3 else [])

    def test_the_search_over_everything_says_it_too(self, web, manager):
        Lead.objects.exclude(name="Zq 5").delete()
        factories.LeadFactory.create_batch(4, name="Ann", received_at=NOW)
        for target in ("", "found"):
            response = web.get(reverse("reports:search"), {"q": "zq"}, headers={"HX-Target": target})
            assert self.SENTENCE in words(response)
            assert "Zq 5" not in words(response)

    def test_a_file_holds_them_all(self, web):
        response = web.get(reverse("campaigns:leads_export"), {"q": "zq", "format": "csv"})
        assert b"".join(response.streaming_content if response.streaming else [response.content]).count(b"Zq") == 6


def test_each_letter_finds_its_other_cases_through_the_index_of_trigrams():
    """FTS5 folds letters by a table of its own, which must not tell apart what we do not."""
    groups = {cases for cases in _cases().values() if not cases.isascii()}
    assert len(groups) > 400
    Lead.objects.bulk_create(
        Lead(name="".join(letter * 3 + "-" for letter in cases), received_at=NOW) for cases in groups
    )
    for cases in groups:
        for letter in cases:
            assert Lead.objects.filter(lead_search.holds(letter * 3)).count() == 1, letter
