"""What a change of a cost rate would do to the hours that are logged already: pure, and the reading for it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db import transaction
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


@dataclass(frozen=True, slots=True)
class RateChange:
    """What one span of work would gain or lose: cents times minutes, and minutes that get or lose a cost."""

    week: date
    platform: str
    cent_minutes: int
    gained: int
    lost: int


def effect(worked: Iterable[Worked], rates: Sequence[tuple[date, int]]) -> RateEffect:
    """Compare what is stamped with what these rates, in order of their start, would stamp."""
    return summed(_changes(worked, rates))


def _changes(worked: Iterable[Worked], rates: Sequence[tuple[date, int]]) -> Iterator[RateChange]:
    for span in worked:
        after = rate_on(rates, span.day)
        if after != span.hourly_cents:
            yield RateChange(
                span.week,
                span.platform,
                span.minutes * ((after or 0) - (span.hourly_cents or 0)),
                span.minutes if span.hourly_cents is None else 0,
                span.minutes if after is None else 0,
            )


def summed(changes: Iterable[RateChange]) -> RateEffect:
    """What changes of one person or of many come to."""
    weeks: set[date] = set()
    cent_minutes: dict[str, int] = {}
    gained = lost = 0
    for change in changes:
        weeks.add(change.week)
        cent_minutes[change.platform] = cent_minutes.get(change.platform, 0) + change.cent_minutes
        gained += change.gained
        lost += change.lost
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
class NewRate:
    """What an hour of a person is to cost from a day on, and the amount that this day has now."""

    member: User
    starts_on: date
    hourly_cents: int
    replaces_cents: int | None = None


def preview_all(new: Sequence[NewRate]) -> RateEffect:
    """What the new rates of several people would change together; two statements, however many there are."""
    members = [rate.member.pk for rate in new]
    wanted = {(rate.member.pk, rate.starts_on): rate.hourly_cents for rate in new}
    stored = CostRate.objects.filter(member__in=members).values_list("member_id", "starts_on", "hourly_cents")
    rates: dict[int, dict[date, int]] = {member: {} for member in members}
    for member, starts_on, cents in [*stored, *((*key, cents) for key, cents in wanted.items())]:
        rates[member][starts_on] = cents
    worked: dict[int, list[Worked]] = {member: [] for member in members}
    for member, *span in (
        TimeEntry.objects.filter(member__in=members)
        .order_by()
        .values_list("member_id", "day", "week", "platform__name", "hourly_cents")
        .annotate(total=Sum("minutes"))
    ):
        worked[member].append(Worked(*span))
    return summed(change for member in members for change in _changes(worked[member], sorted(rates[member].items())))


@transaction.atomic
def write_all(new: Sequence[NewRate]) -> None:
    """All of them or none, people in the order of their keys, in which everybody locks them (docs/architecture.md)."""
    for rate in sorted(new, key=lambda rate: rate.member.pk):
        CostRate.objects.update_or_create(
            member=rate.member, starts_on=rate.starts_on, defaults={"hourly_cents": rate.hourly_cents}
        )


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
