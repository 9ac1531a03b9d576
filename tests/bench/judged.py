"""What an agency has beside its hours, and a dashboard shows: verdicts, flags, budgets, a trial, a missing rate."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from campaigns.models import Agency, Campaign, LimitTrial, Platform
from campaigns.models.agency import Basis
from campaigns.models.catalogue import Purpose
from core.weeks import Week
from reports.models import CampaignWeek, PlatformWeek
from reports.verdicts import budget_flags, evaluation
from tests.bench.figures.drains import settle
from tests.bench.world import World
from timesheets.models import TimeEntry

WEEKS = 6  # judged one after the other, as Mondays do
MARGIN = Decimal("0.65")  # some platforms earn then, and others do not
LIMITED = 2  # platforms whose last week is above its limit; the one after them is on trial
PERCENT_USED = (60, 85, 85, 95, 105, 120)  # of the budgets of hours, a campaign each
ONE_IN = 10  # campaigns of which so many are for customers that there are already


def judge(world: World) -> None:
    """Once for each database."""
    if LimitTrial.objects.exists():
        return
    Agency.objects.update(gross_margin=MARGIN)
    Campaign.objects.filter(pk__in=world.campaigns[::ONE_IN]).update(purpose=Purpose.KEEP)
    without_rate = TimeEntry.objects.filter(member=world.people[-1], week=world.last_week.monday)
    without_rate.update(hourly_cents=None)
    settle()
    _set_limits(world)
    _set_budgets(world)
    for back in reversed(range(WEEKS)):
        week = world.last_week.plus(-back)
        evaluation.evaluate(week, at=_monday_after(week))
    budget_flags.update(at=timezone.now())


def _set_limits(world: World) -> None:
    last = world.last_week
    hours = PlatformWeek.objects.filter(week=last.monday, basis=Basis.CASH, platform__in=world.platforms)
    minutes = dict(hours.values_list("platform", "minutes"))
    for platform in world.platforms[:LIMITED]:
        Platform.objects.filter(pk=platform).update(weekly_limit_minutes=minutes[platform] // 2)
    LimitTrial.objects.create(
        platform_id=world.platforms[LIMITED],
        limit_minutes=minutes[world.platforms[LIMITED]] * 2,
        first_week=last.monday,
        last_week=last.plus(7).monday,
        started_at=_monday_after(last.previous),
    )


def _set_budgets(world: World) -> None:
    for number, percent in enumerate(PERCENT_USED, start=1):  # the first is for customers that there are already
        campaign = world.campaigns[number]
        cells = CampaignWeek.objects.filter(campaign=campaign, basis=Basis.CASH)
        used = sum(cells.values_list("minutes", flat=True))
        Campaign.objects.filter(pk=campaign).update(budget_minutes=max(60, used * 100 // percent))


def _monday_after(week: Week) -> datetime:
    return timezone.make_aware(datetime.combine(week.sunday + timedelta(days=1), time(7)))
