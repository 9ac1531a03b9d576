"""What the campaigns brought that a person logged hours on: whole leads, by campaign and not by person, no money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, Q

from campaigns.models import Agency, Campaign, Touch
from campaigns.models.funnel import LeadStatus
from core.weeks import Week
from timesheets.models import TimeEntry, User

LAST_WEEKS = 13


@dataclass(frozen=True)
class CampaignLeads:
    """Leads that met a campaign, and how many of them are qualified and won today."""

    campaign: Campaign
    leads: int = 0
    qualified: int = 0
    won: int = 0


def first_day(period: str, today: date) -> date:
    """The first day of `weeks`, the last thirteen with this one, or of `year`, this one."""
    return date(today.year, 1, 1) if period == "year" else Week.containing(today).plus(1 - LAST_WEEKS).monday


def own_campaigns(member: User, *, since: date, today: date) -> Sequence[CampaignLeads]:
    """The campaigns with hours of this person from that day on, each with the leads that came in since and met it.

    A lead counts once, whole, with every campaign on which it has a touchpoint.
    """
    days = TimeEntry.objects.of(member).filter(day__gte=since, day__lte=today)
    campaigns = Campaign.objects.filter(pk__in=days.order_by().values("campaign"))
    counts = _counts(since)
    return [CampaignLeads(campaign, *counts.get(campaign.pk, ())) for campaign in campaigns]


def _counts(since: date) -> dict[int, tuple[int, int, int]]:
    start = datetime.combine(since, time(), Agency.current().zone)
    met = Touch.objects.live().filter(lead__voided_at=None, lead__received_at__gte=start).exclude(campaign=None)
    rows = (
        met.order_by()
        .values_list("campaign")
        .annotate(
            leads=Count("lead", distinct=True),
            qualified=Count("lead", distinct=True, filter=Q(lead__qualified_at__isnull=False)),
            won=Count("lead", distinct=True, filter=Q(lead__status=LeadStatus.WON)),
        )
    )
    return {campaign_id: (leads, qualified, won) for campaign_id, leads, qualified, won in rows}
