"""Where the team's attention goes: hours on the agency's own brand, and the hours of its most expensive people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from campaigns.access import Role
from campaigns.models import Agency
from campaigns.templatetags.retour import percent
from campaigns.weeks import Week
from reports.breakdown import Lens, Period
from reports.models import Flag, FlagKind
from timesheets.models import TimeEntry

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


def clients_first(period: Period, lens: Lens, limit: Fraction | None) -> ClientsFirst:
    """Who works for whom; General presence is the own brand's. One query."""
    logged = TimeEntry.objects.in_weeks(period.first, period.last).filter(**lens.conditions())
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


def set_own_brand_flag(week: Week, agency: Agency) -> None:
    """Raise the flag when this week is above the limit; clear it when this one and the one before are within it."""
    before, now = (own_share(one, own_limit(agency)) for one in (week.previous, week))
    flag = Flag.objects.select_for_update().open().filter(kind=FlagKind.OWN_BRAND).first()
    if now.is_over and flag is None:
        Flag.objects.create(kind=FlagKind.OWN_BRAND, raised_on=week.monday, figures=now.as_json())
    elif flag is not None and not now.is_over and not before.is_over and flag.raised_on <= week.monday:
        flag.cleared_on = week.monday
        flag.save(update_fields=["cleared_on"])


def own_share(week: Week, limit: Fraction | None) -> OwnShare:
    """The own brand's share of one week's hours."""
    sums = TimeEntry.objects.in_week(week).aggregate(all=Sum("minutes", default=0), own=_own_minutes())
    return OwnShare(sums["all"], sums["own"], limit)


def own_share_words(share: OwnShare) -> str:
    """`46 % of the hours on the own brand, limit 40 %`."""
    return _("%(share)s of the hours on the own brand, limit %(limit)s") % {
        "share": percent(share.share),
        "limit": percent(share.limit) if share.limit is not None else _("none"),
    }
