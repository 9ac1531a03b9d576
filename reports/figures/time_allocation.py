"""Where the team's attention goes: hours on the agency's own brand, and the hours of its most expensive people."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.models import Agency, Platform
from core.access import Role
from core.templatetags.retour import percent
from core.weeks import Week
from reports.figures.query import Period, ReportFilters
from reports.figures.totals import Figures
from timesheets.models import CostRate, TimeEntry, User

# -- clients first ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnShare:
    """Minutes of all work and, of these, on the agency's own brand; `limit` is the share it allows itself, 0 to 1."""

    minutes: int = 0
    own_minutes: int = 0
    limit: Fraction | None = None

    @property
    def share(self) -> Fraction | None:
        """Own brand / all, exact; None when nobody logged anything."""
        return Fraction(self.own_minutes, self.minutes) if self.minutes else None

    @property
    def client_minutes(self) -> int:
        return self.minutes - self.own_minutes

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.share is not None and self.share > self.limit

    def as_json(self) -> dict[str, Any]:
        limit = None if self.limit is None else str(self.limit)
        return {"minutes": self.minutes, "own_minutes": self.own_minutes, "limit": limit}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "OwnShare":
        limit = stored.get("limit")
        return cls(stored.get("minutes", 0), stored.get("own_minutes", 0), None if limit is None else Fraction(limit))


@dataclass(frozen=True)
class ClientsFirst:
    """Own brand against clients: of the whole period, of each of its weeks, of each group of people by its role."""

    total: OwnShare
    weeks: Sequence[tuple[Week, OwnShare]]
    groups: Sequence[tuple[Role, OwnShare]]

    @property
    def weeks_over(self) -> int:
        return sum(share.is_over for _week, share in self.weeks)


def clients_first(period: Period, filters: ReportFilters, limit: Fraction | None) -> ClientsFirst:
    """Who works for whom; General presence is the own brand's. One query."""
    logged = TimeEntry.objects.in_weeks(period.first, period.last).filter(**filters.conditions())
    rows = list(logged.order_by().values_list("week", "member__role").annotate(all=Sum("minutes"), own=_own_minutes()))
    weeks = {week.monday: OwnShare(limit=limit) for week in Week.range(period.first, period.last)}
    groups = {role: OwnShare(limit=limit) for role in Role}
    for monday, role, minutes, own in rows:
        weeks[monday] = _more(weeks[monday], minutes, own)
        groups[Role(role)] = _more(groups[Role(role)], minutes, own)
    total = OwnShare(sum(row[2] for row in rows), sum(row[3] for row in rows), limit)
    return ClientsFirst(
        total=total,
        weeks=[(Week(monday), share) for monday, share in weeks.items()],
        groups=[(role, share) for role, share in groups.items() if share.minutes],
    )


def _own_minutes() -> Sum:
    return Sum("minutes", filter=Q(campaign__client__is_own_brand=True), default=0)


def _more(share: OwnShare, minutes: int, own: int) -> OwnShare:
    return OwnShare(share.minutes + minutes, share.own_minutes + own, share.limit)


def own_limit(agency: Agency) -> Fraction | None:
    return None if agency.own_brand_limit is None else Fraction(agency.own_brand_limit)


def own_share(week: Week, limit: Fraction | None) -> OwnShare:
    """The own brand's share of one week's hours."""
    sums = TimeEntry.objects.in_week(week).aggregate(all=Sum("minutes", default=0), own=_own_minutes())
    return OwnShare(sums["all"], sums["own"], limit)


def last_own_share(at: datetime, agency: Agency | None = None) -> OwnShare:
    """The own brand's share of the last complete week."""
    agency = agency or Agency.current()
    return own_share(agency.last_complete_week(at), own_limit(agency))


def own_share_words(share: OwnShare) -> str:
    """`46 % of the hours on the own brand, limit 40 %`."""
    return _("%(share)s of the hours on the own brand, limit %(limit)s") % {
        "share": percent(share.share),
        "limit": percent(share.limit) if share.limit is not None else _("none"),
    }


# -- who spends the time ----------------------------------------------------------------------------------------------

# The most expensive people are this part of all who logged hours.
DEAREST_PART = 4


@dataclass(frozen=True)
class PersonHours:
    """Someone with hours in the period, and what an hour costs at its end; None without a rate."""

    pk: int
    name: str
    minutes: int
    hourly_cents: int | None


@dataclass(frozen=True)
class TimeSpent:
    """The hours of one platform, and of these those of the most expensive people; cost in cent-minutes."""

    key: int | None
    label: str
    minutes: int = 0
    dear_minutes: int = 0
    labour_cent_minutes: int = 0
    dear_cent_minutes: int = 0

    @property
    def share(self) -> Fraction | None:
        """Hours of the most expensive people / hours of all; None without hours."""
        return Fraction(self.dear_minutes, self.minutes) if self.minutes else None

    @property
    def cost_cents(self) -> int:
        """What the hours of the most expensive people cost."""
        return Figures(labour_cent_minutes=self.dear_cent_minutes).labour_cents

    @property
    def cost_share(self) -> Fraction | None:
        """The same hours' part of the labour cost."""
        return Fraction(self.dear_cent_minutes, self.labour_cent_minutes) if self.labour_cent_minutes else None


@dataclass(frozen=True)
class WhoSpends:
    """Platforms that add up to `total`, the one with most of the dearest hours first; everyone, the dearest first."""

    rows: Sequence[TimeSpent]
    total: TimeSpent
    people: Sequence[PersonHours]
    dearest: Sequence[PersonHours]

    @property
    def without_rate(self) -> Sequence[PersonHours]:
        return [person for person in self.people if person.hourly_cents is None]


def who_spends(period: Period, filters: ReportFilters) -> WhoSpends:
    """Where the most expensive quarter of the people spends its hours; four queries. For a director's eyes only.

    People are ranked by the rate in force on the last day of the period, of two alike the one with more hours first.
    The quarter is of those with a rate, rounded down, and at least one.
    """
    logged = TimeEntry.objects.in_weeks(period.first, period.last).filter(**filters.conditions())
    cells = [
        (member, platform, int(minutes), int(labour))
        for member, platform, minutes, _unrated, labour in logged.costed_by("member", "platform")
    ]
    people = _people(cells, period)
    rated = [person for person in people if person.hourly_cents is not None]
    dearest = rated[: max(1, len(rated) // DEAREST_PART)]
    rows = _by_platform(cells, {person.pk for person in dearest})
    return WhoSpends(rows, _total(rows), people, dearest)


def _people(cells: Sequence[tuple[int, int, int, int]], period: Period) -> list[PersonHours]:
    minutes: dict[int, int] = defaultdict(int)
    for member, _platform, logged, _labour in cells:
        minutes[member] += logged
    rates = dict(
        CostRate.objects.filter(member__in=minutes, starts_on__lte=period.last.sunday)
        .order_by("starts_on")
        .values_list("member", "hourly_cents")
    )
    names = dict(User.objects.filter(pk__in=minutes).values_list("pk", "name"))
    people = [PersonHours(pk, names[pk], logged, rates.get(pk)) for pk, logged in minutes.items()]
    return sorted(people, key=lambda person: (-(person.hourly_cents or 0), -person.minutes, person.name))


def _by_platform(cells: Sequence[tuple[int, int, int, int]], dearest: Collection[int]) -> list[TimeSpent]:
    names = dict(Platform.objects.values_list("pk", "name"))
    minutes: Counter[tuple[int, bool]] = Counter()
    labour: Counter[tuple[int, bool]] = Counter()
    for member, platform, logged, cost in cells:
        place = platform, member in dearest
        minutes[place] += logged
        labour[place] += cost
    platforms = {platform for platform, _is_dear in minutes}
    rows = [
        TimeSpent(platform, names[platform], *_all_and_dear(minutes, platform), *_all_and_dear(labour, platform))
        for platform in platforms
    ]
    return sorted(rows, key=lambda row: (-row.dear_minutes, row.label))


def _all_and_dear(sums: Mapping[tuple[int, bool], int], platform: int) -> tuple[int, int]:
    dear = sums[platform, True]
    return sums[platform, False] + dear, dear


def _total(rows: Sequence[TimeSpent]) -> TimeSpent:
    return TimeSpent(
        None,
        pgettext("sum", "All"),
        minutes=sum(row.minutes for row in rows),
        dear_minutes=sum(row.dear_minutes for row in rows),
        labour_cent_minutes=sum(row.labour_cent_minutes for row in rows),
        dear_cent_minutes=sum(row.dear_cent_minutes for row in rows),
    )
