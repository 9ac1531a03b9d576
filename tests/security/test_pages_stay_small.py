"""No page grows with what is stored: what is many is paged, or bounded with a way to the whole.

Each page is read with somewhat more than a page of each thing, and with twice as many. Files hold all rows; what grows
besides is in GROWS, with the reason.
"""

import re

import pytest
from django.apps import apps

from core import lookups
from core.lists import ROWS_A_PAGE
from tests.security.estate import ROLES, undone
from tests.security.plenty import FEW, OURS, Plenty
from tests.security.routes import ROUTES

pytestmark = [pytest.mark.django_db, pytest.mark.once]
SOME, MANY = ROWS_A_PAGE + 5, 2 * (ROWS_A_PAGE + 5)
# Another name: what a page may have more for each row that is stored.
BYTES_A_ROW = 10
# A number is longer where many rows came before it, those of other tests too; a token is drawn anew for each page.
TOKEN = re.compile(rb"[A-Za-z0-9]{64}")
NUMBER = re.compile(rb"[0-9]+(?:[.,][0-9]+)*")
NEXT = re.compile(r'rel="next" href="([^"]*=[^"]*)"')
GROWS = {
    "timesheets:absences": "the agency's free days of the next six months",
    "timesheets:absences_of": "the same",
    "campaigns:holidays": "the free days of two years, each once",
    "campaigns:campaign_edit": "its other names, in one field",
    "campaigns:platform_edit": "its other names, in one field",
}
# Addresses that show more with a question.
ASKED = {
    "/?weeks=4": "director",
    "/explain/?figure=cost": "director",
    "/explain/?figure=leads": "director",
    "/search/?q=plenty": "manager",
    "/leads/?show=all&sort=name": "manager",
}


def pages(estate, role):
    """Each page of this role by its name, as its HTML; and those that are asked something."""
    addresses = {
        route.name: estate.address(route.name, route.of, role)
        for route in ROUTES
        if role in route.who and route.get == 200
    }
    addresses |= {address: address for address, asker in ASKED.items() if asker == role}
    read = {}
    for name, address in addresses.items():
        with undone():
            answer = estate.client(role).get(address)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            assert answer.status_code == 200, address
            read[name] = address, answer.content
    return read


def size_of(page):
    return len(NUMBER.sub(b"0", TOKEN.sub(b"", page)))


def filled(estate, count, role):
    with undone():
        Plenty(estate, count).add()
        return pages(estate, role)


@pytest.mark.parametrize("role", ROLES[1:])
def test_no_page_grows_with_what_is_stored(estate, role, monkeypatch):
    """Nor does a field: already the smaller number is more than a list should hold."""
    monkeypatch.setattr(lookups, "MOST_LISTED", ROWS_A_PAGE)
    some, many = filled(estate, SOME, role), filled(estate, MANY, role)
    sizes = {name: [size_of(read[name][1]) for read in (some, many)] for name in some}
    more = {name: (large - small) // (MANY - SOME) for name, (small, large) in sizes.items()}
    growing = {name: f"{rows} bytes a row" for name, rows in more.items() if rows > BYTES_A_ROW and name not in GROWS}
    assert growing == {}, "page it with core/lists.py, or bound it and lead to the whole"


def test_each_list_leads_to_its_next_page(estate):
    """Of all lists of a page, each by its own parameter; no other list turns with it."""
    with undone():
        Plenty(estate, SOME).add()
        turned = 0
        for address, page in pages(estate, "director").values():
            for link in NEXT.findall(page.decode()):
                path = address.partition("?")[0] + link.partition("#")[0].replace("&amp;", "&")
                answer = estate.client("director").get(path)
                assert answer.status_code == 200, path
                assert 'rel="prev"' in answer.content.decode(), path
                turned += 1
        assert turned > 40


def test_there_is_plenty_of_each_thing(estate):
    with undone():
        Plenty(estate, SOME).add()
        tables = [table for table in apps.get_models() if table._meta.app_label in OURS]
        lacking = {table._meta.label for table in tables if table.objects.count() < SOME}
    assert lacking - {name for name in lacking if "Historical" in name} == set(FEW) & lacking
    assert set(FEW) <= {table._meta.label for table in tables}
