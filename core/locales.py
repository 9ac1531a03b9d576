"""Currencies, countries and time zones, as the CLDR and the system know them."""

import zoneinfo
from functools import cache

from babel import Locale
from babel.numbers import get_territory_currencies

from core import money


def currency_choices(current: str) -> list[tuple[str, str]]:
    """Currencies in use, by code, in the reader's language."""
    names = money.current_locale().currencies
    return [(code, f"{code} – {names.get(code, code)}") for code in sorted({*currencies(), current})]


@cache
def currencies() -> frozenset[str]:
    """The codes that are legal tender somewhere today."""
    return frozenset(str(code) for territory in territories() for code in list(get_territory_currencies(territory)))


@cache
def territories() -> frozenset[str]:
    """Countries by their two letters; CLDR also names continents, by digits, and pseudo-countries."""
    known = [str(code) for code in Locale("en").territories]
    return frozenset(
        code for code in known if len(code) == 2 and code not in {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
    )


@cache
def time_zones() -> list[str]:
    return sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC")


def country_choices() -> list[tuple[str, str]]:
    names = money.current_locale().territories
    return sorted(((code, names.get(code, code)) for code in territories()), key=lambda pair: pair[1])
