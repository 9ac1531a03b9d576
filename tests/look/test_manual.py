"""The manual: both languages say the same things, and its reference has every variable of the environment."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tools.docs import ENVIRONMENT, environment_page

MANUAL = Path(settings.BASE_DIR) / "docs/manual"
PAGES = sorted(path.name for path in (MANUAL / "en").glob("*.md"))


def parts(page: str) -> list[str]:
    """What stands in a page, whatever its words: headings by their depth, lists, tables and their rows."""
    return re.findall(r"^(#+|[0-9]\.|-|\|)", page, re.MULTILINE)


def test_both_languages_have_the_same_pages():
    french = [path.name for path in (MANUAL / "fr").glob("*.md")]
    assert sorted([*french, ENVIRONMENT.name]) == PAGES


@pytest.mark.parametrize(
    "name", [name for name in PAGES if name not in ("index.md", "administrators.md", "environment.md")]
)
def test_both_languages_say_the_same_things(name):
    english, french = ((MANUAL / language / name).read_text(encoding="utf-8") for language in ("en", "fr"))
    assert parts(english) == parts(french)


def test_the_reference_is_up_to_date():
    assert ENVIRONMENT.read_text(encoding="utf-8") == environment_page(), "make docs writes it"


def test_the_reference_has_every_variable_of_the_environment():
    example = (Path(settings.BASE_DIR) / ".env.example").read_text(encoding="utf-8")
    for variable in re.findall(r"^([A-Z_]+)=", example, re.MULTILINE):
        assert f"`{variable}`" in environment_page()
