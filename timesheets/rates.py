"""What a change of a cost rate would do to the hours that are logged already: pure, and the reading for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Sum

from timesheets.models import CostRate, TimeEntry, User, rate_on


@dataclass(frozen=True, slots=True)
class Worked:
    """Minutes on one day and platform, at the rate they are costed at now (None: not costed)."""

    day: date
    week: date
    platform: str
    hourly_cents: int | None
    minutes: int


@dataclass(frozen=True, slots=True)
class RateEffect:
    """How many weeks change, by how many cents each platform's labour, and the minutes that gain or lose a cost."""

    weeks: int
    platforms: tuple[tuple[str, Fraction], ...]
    total_cents: Fraction
    minutes_gained: int
    minutes_lost: int


def effect(worked: Iterable[Worked], rates: Sequence[tuple[date, int]]) -> RateEffect:
    """Compare what is stamped with what these rates, in order of their start, would stamp."""
    weeks: set[date] = set()
    cent_minutes: dict[str, int] = {}
    gained = lost = 0
    for span in worked:
        after = rate_on(rates, span.day)
        if after == span.hourly_cents:
            continue
        weeks.add(span.week)
        more = span.minutes * ((after or 0) - (span.hourly_cents or 0))
        cent_minutes[span.platform] = cent_minutes.get(span.platform, 0) + more
        gained += span.minutes if span.hourly_cents is None else 0
        lost += span.minutes if after is None else 0
    platforms = tuple((name, Fraction(cent_minutes[name], 60)) for name in sorted(cent_minutes))
    return RateEffect(len(weeks), platforms, Fraction(sum(cent_minutes.values()), 60), gained, lost)


def preview(member: User, *, without: CostRate | None = None, plus: tuple[date, int] | None = None) -> RateEffect:
    """What taking away one rate of the member, and adding one (from a day on, cents an hour), would change."""
    kept = CostRate.objects.filter(member=member)
    if without is not None:
        kept = kept.exclude(pk=without.pk)
    rates = [*kept.values_list("starts_on", "hourly_cents"), *([plus] if plus else [])]
    grouped = (
        TimeEntry.objects.of(member)
        .order_by()
        .values_list("day", "week", "platform__name", "hourly_cents")
        .annotate(total=Sum("minutes"))
    )
    return effect((Worked(*row) for row in grouped), sorted(rates))


@dataclass(frozen=True, slots=True)
class Span:
    """A rate and the last day it covers, None while it has no end."""

    rate: CostRate
    last: date | None


def spans(member: User) -> list[Span]:
    """The member's rates, the newest first, each with the day before the next one starts."""
    rates = list(CostRate.objects.filter(member=member).order_by("-starts_on"))
    ends = [None, *(date.fromordinal(rate.starts_on.toordinal() - 1) for rate in rates)]
    return [Span(rate, last) for rate, last in zip(rates, ends, strict=False)]
