"""Days and instants are written as CLDR writes them in the reader's language and country, on every page alike."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.utils.translation import override

from core.templatetags.retour import named_day

TEMPLATES = Path(__file__).parents[2] / "templates"
# Django cuts names short in its own way ("ven", "12/25/2026"); these formats hold no name that is cut, nor an order.
WITHOUT_CUT_NAMES = {"Y-m-d", "H:i", "l j F"}


@pytest.mark.parametrize(
    ("language", "text"), [("en", "Fri 25 December 2026"), ("fr", "ven. 25 décembre 2026")], ids=["en", "fr"]
)
def test_a_weekday_is_cut_short_as_its_language_does(language, text):
    with override(language):
        assert named_day(date(2026, 12, 25)) == text


@pytest.mark.once
def test_no_template_writes_a_day_in_another_way():
    formats = {
        (path.name, text)
        for path in TEMPLATES.rglob("*.*")
        for text in re.findall(r"\|(?:date|time)\b(?::\"([^\"]*)\")?", path.read_text())
    }
    assert {text for _name, text in formats} == WITHOUT_CUT_NAMES, formats
