"""Money, numbers and dates as the reader writes them. Inside, money is whole cents."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_precision,
    get_decimal_symbol,
)
from django.utils import translation
from django.utils.functional import lazy

CENTS = Decimal(100)
NO_FIGURE = "–"
REMEMBERED_TEXTS = 4096

_currency: ContextVar[str] = ContextVar("currency", default="EUR")
_country: ContextVar[str] = ContextVar("country", default="FR")


@contextmanager
def localised(*, language: str, country: str, currency: str) -> Iterator[None]:
    """Within this block, figures are written in this language, for this country, in this currency."""
    tokens = _currency.set(currency), _country.set(country)
    try:
        with translation.override(language):
            yield
    finally:
        _currency.reset(tokens[0])
        _country.reset(tokens[1])


@cache
def locale_for(language: str, country: str) -> Locale:
    """The CLDR locale of a language in a country.

    English always has a decimal point: where the country's own English has a comma (CLDR's en_FR), it is Europe's.
    """
    for name in (f"{language}_{country}", "en_150" if language == "en" else language):
        try:
            locale = Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
        if language != "en" or get_decimal_symbol(locale) == ".":
            return locale
    return Locale.parse("en")


def current_locale() -> Locale:
    language = (translation.get_language() or "en").partition("-")[0]
    return locale_for(language, _country.get())


def currency() -> str:
    """The agency's ISO currency code."""
    return _currency.get()


def one_unit() -> str:
    """One of the agency's currency, as the reader writes it: `€1`, `1 €`."""
    return format_money(100, digits=0)


# For texts that are written before somebody reads them: labels of forms, the glossary.
ONE_UNIT = lazy(one_unit, str)()


def format_money(cents: "int | Fraction | None", *, digits: int | None = None) -> str:
    """Write cents as money: `1 234,50 €`. `digits` 0 leaves the cents out; no figure is a dash."""
    return NO_FIGURE if cents is None else _written_money(cents, digits, _currency.get(), current_locale())


# The same figure, written for the same reader, is the same text: a page holds hundreds, and most of them again.
@lru_cache(maxsize=REMEMBERED_TEXTS)
def _written_money(cents: "int | Fraction", digits: int | None, code: str, locale: Locale) -> str:
    amount = to_decimal(Fraction(cents) / 100, get_currency_precision(code) if digits is None else digits)
    pattern = locale.currency_formats["standard"].pattern
    if digits is not None:
        pattern = pattern.replace("0.00", "0." + "0" * digits if digits else "0")
    return str(format_currency(amount, code, format=pattern, locale=locale, currency_digits=False))


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _written_number(value: "int | Fraction | Decimal", digits: int, locale: Locale) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(to_decimal(value, digits), format=pattern, locale=locale))


def format_in(cents: int, code: str) -> str:
    """Write an amount in another currency, with its code: `1 234,50 USD`."""
    return f"{format_number(Decimal(cents) / 100, digits=2)}\u00a0{code}"


def format_number(value: "int | Fraction | Decimal | None", *, digits: int = 0) -> str:
    """Write a number with that many decimals, grouped as the reader groups; no figure is a dash."""
    return NO_FIGURE if value is None else _written_number(value, digits, current_locale())


def format_whole_hours(minutes: "int | Fraction") -> str:
    """Minutes as hours, rounded: `96 h`."""
    return _written_hours(minutes, current_locale())


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _written_hours(minutes: "int | Fraction", _reader: Locale) -> str:
    return translation.gettext("%(hours)s h") % {"hours": format_number(Fraction(minutes) / 60)}


def format_hours(minutes: int) -> str:
    """Minutes as hours, with as many decimals as they need and at most two: `16 h`, `10.5 h`."""
    hours = to_decimal(Fraction(minutes, 60), 2).normalize()
    digits = max(0, -int(hours.as_tuple().exponent))
    return translation.gettext("%(hours)s h") % {"hours": format_number(hours, digits=digits)}


def to_decimal(value: "int | Fraction | Decimal", digits: int) -> Decimal:
    """Round half up (away from zero) to that many decimals, exactly."""
    numerator, denominator = value.as_integer_ratio()  # whole numbers: fractions take ten times as long
    whole = (2 * abs(numerator) * 10**digits + denominator) // (2 * denominator)
    rounded = Decimal(whole).scaleb(-digits)
    return -rounded if value < 0 and whole else rounded
