"""Currencies, countries and time zones, as the CLDR and the system know them."""

import zoneinfo
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from babel import Locale
from babel.core import get_global
from babel.languages import get_official_languages
from babel.numbers import get_territory_currencies

from core import money

LANGUAGES = ("en", "fr")  # those that Retour speaks
# What ISO 3166 only keeps free for parts of countries and for unions, and what CLDR made up for tests.
_NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
_SEASONS = (datetime(2026, 1, 15, 12), datetime(2026, 7, 15, 12))  # noqa: DTZ001  the local noon of a winter and summer


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
    """Countries by their two letters; CLDR also names continents, by digits, and parts of countries."""
    known = [str(code) for code in Locale("en").territories]
    return frozenset(code for code in known if len(code) == 2 and code not in _NO_COUNTRIES)


@cache
def known_zones() -> frozenset[str]:
    """All names that the system knows; to ask it reads hundreds of files, so each process asks once."""
    return frozenset(zoneinfo.available_timezones())


@cache
def time_zones() -> list[str]:
    return sorted(zone for zone in known_zones() if "/" in zone or zone == "UTC")


def country_choices() -> list[tuple[str, str]]:
    names = money.current_locale().territories
    return sorted(((code, names.get(code, code)) for code in territories()), key=lambda pair: pair[1])


@dataclass(frozen=True)
class Customs:
    """What a country does as a rule; a time zone only where all of the country has the same hours."""

    currency: str
    languages: tuple[str, ...]  # of ours that are spoken there; all of ours where none is
    time_zone: str

    def language_for(self, reader: str) -> str:
        """The reader's own where it is spoken there, else the first that is."""
        return reader if reader in self.languages else self.languages[0]


@cache
def customs(country: str) -> Customs:
    """The currency, language of ours and time zone that go with a country of `territories()`; '' where none does."""
    tender = list(get_territory_currencies(country))
    spoken = tuple(code for code in get_official_languages(country, de_facto=True) if code in LANGUAGES)
    return Customs(str(tender[0]) if tender else "", spoken or LANGUAGES, _only_zone(country))


def _only_zone(country: str) -> str:
    """The zone of a country whose clocks all agree, summer and winter; '' of one that has several times."""
    zones = [zone for zone in get_global("territory_zones").get(country, []) if zone in known_zones()]
    hours = {tuple(zoneinfo.ZoneInfo(zone).utcoffset(day) for day in _SEASONS) for zone in zones}
    return str(zones[0]) if len(hours) == 1 else ""
