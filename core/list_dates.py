"""The days that a list is narrowed to: this week, this month, from one day to another. Read from its address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.list_words import no_choice, truncate
from core.weeks import Week

# Beyond these no instant can be made of a day in every zone.
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
BETWEEN = "between"
CHOICES = [
    ("", pgettext_lazy("days", "Any")),
    ("week", _("This week")),
    ("month", _("This month")),
    ("quarter", _("This quarter")),
    ("year", _("This year")),
    (BETWEEN, _("From … to …")),
]


@dataclass(frozen=True)
class DayRange:
    """From one day to another, both included; an end that is None is open."""

    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        return self.first is not None or self.last is not None

    @property
    def whole_weeks(self) -> "DayRange":
        """The range less the days of weeks that it cuts; its end is before its start where there is no whole week."""
        first = self.first and Week.containing(self.first + timedelta(days=6)).monday
        last = self.last and Week.containing(self.last + timedelta(days=1)).previous.sunday
        return DayRange(first, last)

    @property
    def cut_weeks(self) -> list[Week]:
        """The weeks of which it holds some days and not others: two at most."""
        whole = self.whole_weeks
        ends = {day for day, kept in ((self.first, whole.first), (self.last, whole.last)) if day and day != kept}
        return sorted({Week.containing(day) for day in ends})


@dataclass(frozen=True)
class DateFilter:
    """What the days of a list are called, and how they narrow its rows."""

    label: Any
    filter: Callable[[QuerySet, DayRange], QuerySet]


@dataclass(frozen=True)
class ChosenDates:
    """The days as the page draws them: one of CHOICES, and what was typed for `between`."""

    label: Any
    value: str
    days: DayRange

    name: ClassVar = "when"
    choices: ClassVar = tuple(CHOICES)

    @property
    def is_typed(self) -> bool:
        return self.value == BETWEEN

    @property
    def parameters(self) -> dict[str, str]:
        """What the address says of them, as few as it can be."""
        if not self.is_typed:
            return {"when": self.value} if self.value else {}
        ends = {"from": self.days.first, "to": self.days.last}
        return {"when": BETWEEN, **{name: str(day) for name, day in ends.items() if day}}


def read_dates(label: Any, query: Mapping[str, str], today: date, problems: list[str]) -> ChosenDates:
    """The days that an address asks for; what it cannot mean is left out, and `problems` get a sentence about it."""
    usual = BETWEEN if query.get("from") or query.get("to") else ""
    value = query.get("when", usual)
    if value not in dict(CHOICES):
        problems.append(no_choice(label, value))
        value = ""
    days = _typed(query, problems) if value == BETWEEN else days_of(value, today)
    return ChosenDates(label, value, days)


def days_of(name: str, today: date) -> DayRange:
    """The week, month, quarter or year that holds today; every day for no name."""
    if name == "week":
        week = Week.containing(today)
        return DayRange(week.monday, week.sunday)
    months = {"month": 1, "quarter": 3, "year": 12}.get(name)
    if months is None:
        return DayRange()
    first = today.replace(day=1, month=today.month - (today.month - 1) % months)
    following = first.replace(year=first.year + (first.month + months > 12), month=(first.month + months - 1) % 12 + 1)
    return DayRange(first, following - timedelta(days=1))


def _typed(query: Mapping[str, str], problems: list[str]) -> DayRange:
    days = DayRange(_day(query.get("from", ""), problems), _day(query.get("to", ""), problems))
    if days.first and days.last and days.last < days.first:
        problems.append(gettext("The last day is before the first, so all days are shown."))
        return DayRange()
    return days


def _day(text: str, problems: list[str]) -> date | None:
    text = text.strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        sentence = gettext("“%(text)s” is not a day that can be meant. Write it like %(example)s.")
        problems.append(sentence % {"text": truncate(text), "example": "2026-11-30"})
        return None
    return day


# -- how days narrow rows ---------------------------------------------------------------------------------------------


def by_day(name: str) -> Callable[[QuerySet, DayRange], QuerySet]:
    """Rows whose day lies in the range."""
    return lambda rows, days: rows.filter(between(name, days))


def by_moment(name: str) -> Callable[[QuerySet, DayRange], QuerySet]:
    """Rows whose instant lies in the range, by the clock of the agency."""

    def filter_rows(rows: QuerySet, days: DayRange) -> QuerySet:
        after = Q(**{f"{name}__gte": _midnight(days.first)}) if days.first else Q()
        before = Q(**{f"{name}__lt": _midnight(days.last + timedelta(days=1))}) if days.last else Q()
        return rows.filter(after, before)

    return filter_rows


def by_overlap(first: str, last: str) -> Callable[[QuerySet, DayRange], QuerySet]:
    """Rows with at least one day in the range; a row without an end goes on."""

    def filter_rows(rows: QuerySet, days: DayRange) -> QuerySet:
        begun = Q(**{f"{first}__lte": days.last}) | Q(**{first: None}) if days.last else Q()
        not_over = Q(**{f"{last}__gte": days.first}) | Q(**{last: None}) if days.first else Q()
        return rows.filter(begun, not_over)

    return filter_rows


def between(name: str, days: DayRange) -> Q:
    """The condition that this day lies in the range."""
    after = Q(**{f"{name}__gte": days.first}) if days.first else Q()
    return after & Q(**{f"{name}__lte": days.last}) if days.last else after


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
