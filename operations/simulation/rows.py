"""A drawn agency written as the application stores it, with the settings that set-up leaves."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from campaigns.models import Agency, Campaign, Lead, Platform, Sale, Touch, UnrecordedPeriod
from campaigns.models.funnel import LeadStatus
from core.access import Role
from reports.attribution import rollups
from reports.statistics.simulation.records import FIRST, FRIDAY, touched_at
from reports.statistics.simulation.worlds import COST_CENTS, RETURNS, WEEKS, DrawnAgency, World
from timesheets.models import CostRate, TimeEntry, User
from timesheets.models.entries import stamp

HOURLY_CENTS = 5_000
DAYS_A_WEEK = 5
MINUTES_A_DAY = COST_CENTS * 60 // HOURLY_CENTS // DAYS_A_WEEK
ROWS_AT_ONCE = 500


def write(agency: DrawnAgency) -> list[Platform]:
    """Write all of it, and count credits and rollups as the jobs do. The caller holds the transaction."""
    _write_settings(agency.world)
    platforms = Platform.objects.bulk_create([Platform(name=f"Platform {row}") for row in range(len(RETURNS))])
    _write_hours(platforms)
    leads = _write_leads(agency, platforms)
    Sale.objects.bulk_create(_sales(agency, leads), batch_size=ROWS_AT_ONCE)
    rollups.drain()
    return list(platforms)


def _write_settings(world: World) -> None:
    agency = Agency.current()
    agency.typical_sale_cents = round(world.usual_sale)
    agency.usual_delay_months, agency.usual_delay_spread_months = world.usual_delay
    agency.lookback_days = world.lookback_days
    agency.sales_complete_since = _complete_since(world)
    agency.save()
    start, end = world.lost
    if world.is_told and 0 < start < end:
        UnrecordedPeriod.objects.create(first_day=FIRST.plus(start).monday, last_day=FIRST.plus(end - 1).sunday)


def _complete_since(world: World) -> date | None:
    start, end = world.lost
    if start > 0 or start == end:
        return FIRST.monday
    return FIRST.plus(end).monday if world.is_told else None


def _write_hours(platforms: Sequence[Platform]) -> None:
    """One person for each platform, every day of the week; hours without a campaign are general presence."""
    campaign = Campaign.objects.general()
    entries = []
    for number, platform in enumerate(platforms):
        member = User.objects.create(
            email=f"member{number}@simulation.example", role=Role.MEMBER, joined_on=FIRST.monday
        )
        CostRate.objects.create(member=member, starts_on=FIRST.monday, hourly_cents=HOURLY_CENTS)
        entries += [
            TimeEntry(member=member, day=day, platform=platform, campaign=campaign, minutes=MINUTES_A_DAY)
            for week in range(WEEKS)
            for day in FIRST.plus(week).days[:DAYS_A_WEEK]
        ]
    stamp(entries)
    TimeEntry.objects.bulk_create(entries, batch_size=ROWS_AT_ONCE)


def _write_leads(agency: DrawnAgency, platforms: Sequence[Platform]) -> list[Lead]:
    """One for each sale, recorded or not: it came in with its first touchpoint and was won."""
    is_first = np.diff(agency.sale, prepend=-1) > 0
    leads = [
        Lead(received_at=touched_at(week), status=LeadStatus.WON, qualified_at=touched_at(week))
        for week in agency.worked[is_first].tolist()
    ]
    Lead.objects.bulk_create(leads, batch_size=ROWS_AT_ONCE)
    rows = zip(agency.sale, agency.platform, agency.worked, strict=True)
    touches = [
        Touch(lead=leads[sale], at=touched_at(int(week)), platform=platforms[platform]) for sale, platform, week in rows
    ]
    Touch.objects.bulk_create(touches, batch_size=ROWS_AT_ONCE)
    return leads


def _sales(agency: DrawnAgency, leads: Sequence[Lead]) -> list[Sale]:
    """Those that were recorded within the two years, each on its Friday."""
    rows = zip(leads, agency.sold.tolist(), agency.cents.tolist(), agency.is_recorded, strict=True)
    return [
        Sale(lead=lead, sold_on=FIRST.plus(week).days[FRIDAY], amount_cents=cents)
        for lead, week, cents, is_recorded in rows
        if is_recorded and week < WEEKS
    ]
