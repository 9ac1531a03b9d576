"""Weeks in the reader's language: one form on pages, in charts and in what is typed."""

from datetime import date

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation

from core import locales
from core.form_fields import WeekField
from core.week_names import week_name, week_number
from core.weeks import Week

W46 = Week(date(2026, 11, 9))


@pytest.mark.parametrize(("language", "name"), [("en", "2026-W46"), ("fr", "2026-S46")])
def test_a_week_is_called_as_the_language_calls_it(language, name):
    with translation.override(language):
        assert week_name(W46) == week_name(W46.monday) == week_name("2026-W46") == name
        assert week_number(W46) == name[-3:]
        assert Template("{{ week|week }}").render(Context({"week": W46})) == name


@pytest.mark.parametrize("text", ["2026-W46", "2026-S46", "2026 s46", "2026W46"])
def test_what_pages_show_can_be_typed(text):
    assert WeekField().clean(text) == W46.monday


def test_the_countries_are_countries():
    listed = dict(locales.country_choices())
    assert {"FR", "CA", "BE", "CH", "XK"} <= set(listed)
    assert not {"CQ", "IC", "AC", "EU"} & set(listed)
    with translation.override("fr"):
        assert all(name != code for code, name in locales.country_choices())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_field_for_a_week_has_the_reader_s_letter_without_any_script(language):
    letter = {"en": "W", "fr": "S"}[language]
    with translation.override(language):
        included = render_to_string("_week_input.html", {"id": "w", "name": "week", "value": Week.parse("2026-W05")})
        of_form = WeekField().widget.render("w", WeekField().prepare_value(date(2026, 1, 26)))
    for field in (included, of_form):
        assert f'value="2026-{letter}05"' in field
        assert f'placeholder="2026-{letter}47"' in field
