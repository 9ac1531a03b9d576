"""Money as the reader writes it."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from django.template import Context, Template
from django.utils import timezone

from core.money import ONE_UNIT, format_hours, format_money, format_number, localised, to_decimal

NARROW, FIXED = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("language", "country", "currency", "written"),
    [
        ("fr", "FR", "EUR", f"1{NARROW}234,50{FIXED}€"),
        ("fr", "CA", "CAD", f"1{FIXED}234,50{FIXED}$"),
        ("en", "CA", "CAD", "$1,234.50"),
        ("en", "FR", "EUR", f"1,234.50{FIXED}€"),
        ("en", "GB", "GBP", "£1,234.50"),
        ("fr", "CH", "CHF", f"1{NARROW}234,50{FIXED}CHF"),
    ],
)
def test_money_follows_the_language_and_the_country(language, country, currency, written):
    with localised(language=language, country=country, currency=currency):
        assert format_money(123_450) == written


def test_whole_amounts_leave_the_cents_out():
    with localised(language="en", country="FR", currency="EUR"):
        assert format_money(5_341_050, digits=0) == f"53,411{FIXED}€"
        assert format_money(-50, digits=0) == f"-1{FIXED}€"
        assert format_money(None) == "–"


@pytest.mark.parametrize(
    ("language", "country", "currency", "written"),
    [
        ("fr", "FR", "EUR", f"1{FIXED}€"),
        ("en", "FR", "EUR", f"1{FIXED}€"),
        ("en", "IE", "EUR", "€1"),
        ("en", "US", "USD", "$1"),
        ("fr", "CH", "CHF", f"1{FIXED}CHF"),
    ],
)
def test_one_of_the_currency_is_written_as_the_reader_writes_amounts(language, country, currency, written):
    with localised(language=language, country=country, currency=currency):
        assert str(ONE_UNIT) == written


@pytest.mark.parametrize(
    ("value", "digits", "rounded"), [("1/2", 0, "1"), ("-1/2", 0, "-1"), ("1/8", 2, "0.13"), ("0", 2, "0.00")]
)
def test_halves_round_away_from_zero(value, digits, rounded):
    assert str(to_decimal(Fraction(value), digits)) == rounded


def test_nothing_to_show_is_a_dash():
    assert format_number(None) == "–"


@pytest.mark.parametrize(("minutes", "written"), [(960, "16 h"), (630, "10.5 h"), (635, "10.58 h"), (0, "0 h")])
def test_a_limit_in_hours_shows_the_decimals_it_has(minutes, written):
    with localised(language="en", country="FR", currency="EUR"):
        assert format_hours(minutes) == written


def test_an_instant_is_the_day_it_is_for_the_agency():
    late = datetime(2026, 11, 21, 23, 45, tzinfo=UTC)
    page = Template("{{ late|short_day }}, {{ late|day }}, {{ today|short_day }}")
    with localised(language="en", country="FR", currency="EUR"), timezone.override("Europe/Paris"):
        shown = page.render(Context({"late": late, "today": date(2026, 11, 21)}))
    assert shown == "22 Nov 2026, 22 November 2026, 21 Nov 2026"
