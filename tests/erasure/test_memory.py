"""What a process remembers between requests holds nothing of a person: an erasure would not reach it."""

import functools
import gc
import re
from typing import Any

import pytest
from django.urls import reverse

from campaigns.imports.formats import deal_stages
from core import lookups
from tests import factories
from tests.erasure.canaries import bring

pytestmark = [pytest.mark.django_db]

HOURS = "date,name,platform,hours\n2026-11-12,Quagga Élan,LinkedIn,2\n"


OURS = ("campaigns", "config", "core", "operations", "reports", "timesheets")
CONTAINERS = (dict, list, tuple, set, frozenset)


def remembered() -> str:
    """Every text that a function of ours which keeps its answers has been given, or has answered."""
    gc.unfreeze()  # what was there when the program started
    gc.collect()
    kept = [each for each in gc.get_objects() if type(each) is functools._lru_cache_wrapper and is_of(each, OURS)]
    waiting = [part for each in kept for part in gc.get_referents(each)]
    seen, texts = set(map(id, waiting)), []
    while waiting:
        part = waiting.pop()
        if issubclass(type(part), str):
            texts.append(part)
        elif issubclass(type(part), CONTAINERS) or is_of(type(part), (*OURS, "django")):
            new = [each for each in parts_of(part) if id(each) not in seen]
            seen |= set(map(id, new))
            waiting += new
    return "\n".join(texts)


def is_of(part: Any, packages: tuple[str, ...]) -> bool:
    """Whether it was made there. What else is reached, such as a frame or a module, leads to the test itself."""
    return str(part.__module__).partition(".")[0] in packages


def parts_of(kept: Any) -> list[Any]:
    """What it refers to; of a dict with texts for keys that is the values alone."""
    return [*gc.get_referents(kept), *(kept if type(kept) is dict else ())]


def words_of_people_in(text: str) -> list[str]:
    return re.findall(r"(?:quagga|canaryname|canarymail).{0,40}", text, re.IGNORECASE)


@pytest.fixture
def person(director, linkedin, client):
    client.force_login(director)
    return factories.MemberFactory(name="Quagga Élan", email="quagga@example.com")


@pytest.fixture
def are_many(monkeypatch, person):
    monkeypatch.setattr(lookups, "MOST_LISTED", 1)


def test_what_functions_remember_is_found():
    upper = functools.cache(lambda text: [text.upper()])
    upper.__module__ = "core"
    upper("Zebra")
    assert {"Zebra", "ZEBRA"} <= set(remembered().split("\n"))


@pytest.mark.parametrize("text", ["qua", "Quagga Élan · quagga@example.com", "Quegga"])
def test_people_who_are_found_by_their_name_are_not_remembered(client, are_many, text):
    assert "Quagga" in client.get(reverse("timesheets:people_names"), {"person_named": "qua"}).content.decode()
    client.get(reverse("timesheets:people_names"), {"person_named": text})
    client.get(reverse("operations:security"), {"person_named": text})
    assert not words_of_people_in(remembered())


def test_people_who_are_few_enough_for_a_list_are_not_remembered(client, person):
    page = client.get(reverse("operations:security")).content.decode()
    assert f'<option value="{person.pk}">Quagga Élan</option>' in page
    assert not words_of_people_in(remembered())


def test_people_who_are_found_on_the_team_page_are_not_remembered(client, person):
    assert "Quagga" in client.get(reverse("timesheets:team"), {"q": "elan"}).content.decode()
    assert not words_of_people_in(remembered())


def test_leads_that_were_searched_and_opened_are_not_remembered(client, lead):
    assert "Canaryname" in client.get(reverse("campaigns:leads"), {"q": "Canaryname"}).content.decode()
    client.get(reverse("campaigns:lead", args=[lead.pk]))
    client.get(reverse("reports:search"), {"q": "Canaryname"})
    assert not words_of_people_in(remembered())


def test_what_a_file_has_in_its_column_of_stages_is_not_remembered():
    assert deal_stages.standing_of("Quagga Élan") is None
    assert not words_of_people_in(remembered())


def test_people_whose_hours_were_imported_are_not_remembered(person):
    bring("hours", HOURS)
    assert not words_of_people_in(remembered())
