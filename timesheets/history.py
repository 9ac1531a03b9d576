"""What a member logged over some weeks, added up one way or another."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Sum

from campaigns.models import Campaign
from core.week_names import week_name
from core.weeks import Week
from timesheets.grid import campaign_label
from timesheets.models import TimeEntry, User
from timesheets.week_statements import NAMES

GROUPINGS = ("week", "platform", "campaign")


@dataclass(slots=True)
class Group:
    """One week, platform or campaign: its minutes, and the lines they add up from (label, minutes)."""

    label: str
    week: Week | None = None
    minutes: int = 0
    lines: dict[str, int] = field(default_factory=dict)


def grouped(member: User, first: Week, last: Week, *, by: str) -> list[Group]:
    """Group the member's minutes; weeks come newest first, the others with the most hours first. One statement."""
    rows = (
        TimeEntry.objects.of(member)
        .in_weeks(first, last)
        .order_by()
        .values("week", *NAMES)
        .annotate(total=Sum("minutes"))
        .order_by("-week", "platform__name", "campaign__name", "campaign_id")
    )
    groups: dict[str, Group] = {}
    for row in rows:
        label, line = _labels(row, by)
        group = groups.setdefault(label, Group(label, Week(row["week"]) if by == "week" else None))
        group.minutes += row["total"]
        group.lines[line] = group.lines.get(line, 0) + row["total"]
    rows = list(groups.values())
    return rows if by == "week" else sorted(rows, key=lambda group: -group.minutes)


def _labels(row: Any, by: str) -> tuple[str, str]:
    """What a row belongs to, and what it is called there."""
    platform, campaign = row["platform__name"], campaign_label(row)
    if by == "platform":
        return platform, campaign
    if by == "campaign":
        return campaign, platform
    return week_name(row["week"]), f"{platform} · {campaign}"


def campaign_names(campaigns: Iterable[Campaign]) -> dict[int, str]:
    """A name for each campaign that leads back to it alone: `Client / Campaign` where several share a name."""
    listed = list(campaigns)
    shared = Counter(campaign.name.casefold() for campaign in listed)
    return {
        campaign.pk: campaign.name
        if shared[campaign.name.casefold()] == 1
        else f"{campaign.client.name} / {campaign.name}"
        for campaign in listed
    }
