"""Which days the agency works: public holidays of its country or region, its own free days, the weekend there.

The holidays come from the library `holidays`, which computes them; no network is asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays
from django.utils.translation import get_language

from campaigns.models import Agency, AgencyDay
from core.weeks import Week

WEEKEND = frozenset({5, 6})


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The days on which nobody works, by name, and the numbers of the weekdays that are the weekend (Monday is 0)."""

    free: Mapping[date, str]
    weekend: frozenset[int] = WEEKEND

    def weekdays(self, week: Week) -> tuple[date, ...]:
        """The days that are none of the weekend, holidays among them: five in most countries."""
        return _weekdays(week, self.weekend)


@lru_cache(maxsize=1000)
def _weekdays(week: Week, weekend: frozenset[int]) -> tuple[date, ...]:
    return tuple(day for day in week.days if day.weekday() not in weekend)


def work_calendar(first: date, last: date, *, agency: Agency | None = None) -> WorkCalendar:
    """The calendar of these days, both included. Two statements; an agency that is given may know its days already."""
    agency = agency or Agency.current()
    free = dict(holidays_between(agency, first, last)) if agency.keeps_public_holidays else {}
    for own in AgencyDay.known_to(agency):
        if not first <= own.day <= last:
            continue
        if own.is_free:
            free[own.day] = own.name
        else:
            free.pop(own.day, None)
    return WorkCalendar(free, weekend_in(agency.country))


def holidays_between(agency: Agency, first: date, last: date) -> Iterator[tuple[date, str]]:
    """The public holidays of the agency's country and region, by day, in the reader's language where it is known."""
    language = (get_language() or agency.language).split("-")[0]
    for year in range(first.year, last.year + 1):
        days = public_holidays(agency.country, agency.holiday_region, year, language)
        yield from ((day, name) for day, name in days.items() if first <= day <= last)


def has_holidays(country: str) -> bool:
    """Whether the library knows this country."""
    return country in holidays.list_supported_countries(include_aliases=False)


@lru_cache(maxsize=256)
def public_holidays(country: str, region: str, year: int, language: str) -> Mapping[date, str]:
    """One year's, in order; nothing for a country that the library does not know.

    A region that is none of the country's counts for nothing: the country was changed since it was chosen.
    """
    if not has_holidays(country):
        return {}
    known = _of_country(country)
    spoken = (code for code in known.supported_languages if code.split("_")[0] == language)
    days = holidays.country_holidays(
        country,
        subdiv=region if region in known.subdivisions else None,
        years=year,
        expand=False,
        language=next(spoken, known.default_language),
    )
    return {day: str(name) for day, name in sorted(days.items())}


@lru_cache(maxsize=64)
def weekend_in(country: str) -> frozenset[int]:
    return frozenset(_of_country(country).weekend) if has_holidays(country) else WEEKEND


@lru_cache(maxsize=64)
def regions(country: str, year: int) -> tuple[tuple[str, str], ...]:
    """The regions whose holidays differ from the country's in this year, by name: (code, name)."""
    if not has_holidays(country):
        return ()
    known = _of_country(country)
    national = public_holidays(country, "", year, "").keys()
    named: dict[str, str] = {}
    for name, code in known.subdivisions_aliases.items():
        named[code] = max(named.get(code, ""), name, key=len)  # the others are abbreviations
    differing = (code for code in known.subdivisions if public_holidays(country, code, year, "").keys() != national)
    return tuple(sorted(((code, named.get(code, code)) for code in differing), key=lambda pair: pair[1]))


def _of_country(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country, expand=False)
