"""The glossary explains every word that leads to it."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from core.money import localised
from reports.pages.glossary import TERMS
from tests import factories

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
LINK = re.compile(r'{% term "([\w-]+)"')

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["Member", "Manager", "Director"])
def test_each_role_reads_it(client, role):
    client.force_login(getattr(factories, f"{role}Factory")())
    page = client.get(reverse("reports:glossary")).content.decode()
    assert re.findall(r'<div id="([\w-]+)">', page) == [term.slug for term in TERMS]


def test_each_link_to_a_term_has_its_place_in_the_glossary():
    linked = {slug for template in TEMPLATES.rglob("*.html") for slug in LINK.findall(template.read_text())}
    assert {"attribution-model", "touchpoint", "general-presence", "return-per-1", "cohort"} <= linked
    assert linked <= {term.slug for term in TERMS}


def test_a_return_is_named_in_the_agencys_currency():
    [name] = [term.name for term in TERMS if term.slug == "return-per-1"]
    with localised(language="en", country="GB", currency="GBP"):
        assert str(name) == "Return per £1 of cost"
