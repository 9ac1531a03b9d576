"""The hours that the demo's people log, and the weeks that they submit."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from campaigns.models import Campaign
from core.weeks import Week
from operations.demo import past
from operations.demo.catalogue import GENERAL, Catalogue
from operations.demo.people import LATE, MEMBER, UNSUBMITTED, DemoPerson
from operations.demo.plan import Plan, at
from timesheets.models import TimeEntry, Timesheet, TimesheetRow, stamp

# Hours a week of the full staff, in the first week and in the last.
HOURS = {
    "Facebook": (86, 99),
    "X / Twitter": (72, 64),
    "LinkedIn": (40, 47),
    "Pinterest": (18, 19),
    "Newsletter": (7, 8),
    "Search": (10, 10),
    "Events": (5, 6),
}
PRESENCE = 0.94  # of the staff, in an ordinary week
HOLIDAY_WEEKS = {31: 0.8, 32: 0.75, 33: 0.75, 34: 0.85, 52: 0.5, 53: 0.5, 1: 0.75}  # presence by ISO week
WEEKDAYS = (1.1, 1.0, 1.0, 1.0, 0.8, 0.04, 0.0)
LAST_DAY_LOGGED = 2  # of the current week: its Wednesday, so that something is left to log
QUARTER = 15  # minutes
CHUNKS = range(2, 11)  # quarters of an hour at a stretch
CAMPAIGNS_EACH = 2
LATE_LOGINS = 0.12
NOTES = (
    "Replies",
    "Visuals for the week",
    "Answers to reviews",
    "Planning",
    "Film, second cut",
    "Statistics",
    "Contest",
)
NOTED = 0.08

DemoCell = tuple[int, date, str, str]  # row of the person, day, platform, campaign


def log_hours(plan: Plan, staff: Sequence[DemoPerson], catalogue: Catalogue) -> list[TimeEntry]:
    """Write the hours of every week, the one after the last in part, and return those entries with their rates."""
    cells: dict[DemoCell, int] = defaultdict(int)
    habits = _habits(plan, staff, catalogue)
    for week in Week.range(plan.first, plan.until.next):
        for person in present(plan, staff, week):
            for platform in HOURS:
                minutes = _minutes(plan, staff, person, platform, week)
                _spread(plan, cells, (person, platform, week), minutes, catalogue, habits)
    entries = [_entry(plan, cell, minutes, staff, catalogue) for cell, minutes in sorted(cells.items())]
    stamp(entries)
    past.write(TimeEntry, entries)
    return entries


def present(plan: Plan, staff: Sequence[DemoPerson], week: Week) -> list[DemoPerson]:
    """Who is there this week and logs; people take holidays, and one has not got round to the last week.

    Nobody on Pinterest is away at the end: its hours are above its limit.
    """
    dice = plan.dice(f"presence in {week}")
    presence = HOLIDAY_WEEKS.get(week.monday.isocalendar().week, PRESENCE)
    luck = [dice.random() for _ in staff]
    recent = week >= plan.until
    return [
        person
        for person in staff
        if person.is_at_work(week)
        and (luck[person.row] < presence or (recent and (person.row == MEMBER or person.parts["Pinterest"])))
        and not (week == plan.until and person.row == LATE)
    ]


def _minutes(plan: Plan, staff: Sequence[DemoPerson], person: DemoPerson, platform: str, week: Week) -> int:
    """The person's part of the platform's hours this week, in whole quarters of an hour."""
    if week.monday < plan.starts_on(platform) or not person.parts[platform]:
        return 0
    first, last = HOURS[platform]
    hours = first + (last - first) * plan.first.weeks_until(week) / plan.weeks
    parts = sum(colleague.parts[platform] for colleague in staff if colleague.is_at_work(week))
    mine = hours * plan.effort(platform, week) * plan.size * person.parts[platform] / parts / PRESENCE
    wobble = plan.dice(f"{platform} {week} {person.row}").uniform(0.85, 1.15)
    return round(mine * wobble * 60 / QUARTER) * QUARTER


def _habits(plan: Plan, staff: Sequence[DemoPerson], catalogue: Catalogue) -> dict[tuple[int, str], list[Campaign]]:
    """The campaigns that each person has on each platform: a few, so that a week has few rows."""
    habits = {}
    for person in staff:
        for platform in HOURS:
            dice = plan.dice(f"campaigns of {person.row} on {platform}")
            drawn = [catalogue.worked_on(platform, plan.until, dice) for _ in range(CAMPAIGNS_EACH)]
            habits[person.row, platform] = [*drawn, catalogue.worked_on(platform, plan.along(0.4), dice)]
    return habits


def _spread(
    plan: Plan,
    cells: dict[DemoCell, int],
    work: tuple[DemoPerson, str, Week],
    minutes: int,
    catalogue: Catalogue,
    habits: dict[tuple[int, str], list[Campaign]],
) -> None:
    """Cut the minutes into stretches, each on a day and a campaign."""
    person, platform, week = work
    logged_to = min(plan.today, plan.until.next.days[LAST_DAY_LOGGED])
    dice = plan.dice(f"days of {person.row} on {platform} in {week}")
    while minutes > 0:
        stretch = min(minutes, dice.choice(CHUNKS) * QUARTER)
        minutes -= stretch
        day = dice.choices(week.days, weights=WEEKDAYS)[0]
        campaign = dice.choice(habits[person.row, platform])
        name = catalogue.name_of(campaign) if catalogue.is_running(campaign, week) else GENERAL
        if week <= plan.until or day <= logged_to:
            cells[person.row, day, platform, name] += stretch


def _entry(plan: Plan, cell: DemoCell, minutes: int, staff: Sequence[DemoPerson], catalogue: Catalogue) -> TimeEntry:
    row, day, platform, campaign = cell
    dice = plan.dice(f"note {cell}")
    entry = TimeEntry(
        member=staff[row].user,
        day=day,
        week=Week.containing(day).monday,
        platform=catalogue.platforms[platform],
        campaign=catalogue.campaigns[campaign],
        minutes=minutes,
        note=plan.text(dice.choice(NOTES)) if dice.random() < NOTED else "",
    )
    past.date_back(entry, at=at(day, 17, dice.randrange(60)), by=staff[row].user)
    return entry


# -- weeks submitted --------------------------------------------------------------------------------------------------


def submit_weeks(plan: Plan, staff: Sequence[DemoPerson], entries: Iterable[TimeEntry]) -> None:
    """Submit every complete week but two, and leave the current one open for the member who signs in."""
    dice = plan.dice("submissions")
    sheets = [
        _timesheet(dice, person, week)
        for week in Week.range(plan.first, plan.until)
        for person in staff
        if person.is_at_work(week) and not (week == plan.until and person.row in (LATE, UNSUBMITTED))
    ]
    past.write(Timesheet, sheets)
    _open_week(plan, staff[MEMBER], entries)


def _timesheet(dice: random.Random, person: DemoPerson, week: Week) -> Timesheet:
    """Submitted on Friday afternoon, or on Monday morning by those who forgot."""
    friday = at(week.days[4], dice.randrange(15, 19), dice.randrange(60))
    monday = at(week.next.monday, dice.randrange(8, 11), dice.randrange(60))
    submitted_at = monday if dice.random() < LATE_LOGINS else friday
    sheet = Timesheet(member=person.user, week=week.monday, submitted_at=submitted_at)
    past.date_back(sheet, at=submitted_at, by=person.user)
    return sheet


def _open_week(plan: Plan, person: DemoPerson, entries: Iterable[TimeEntry]) -> None:
    """The current week has last week's rows, ready for the hours to come."""
    week = plan.until.next
    sheet = Timesheet.of(person.user, week)
    mine = [entry for entry in entries if entry.member == person.user]
    now = {(entry.platform_id, entry.campaign_id) for entry in mine if entry.week == week.monday}
    before = {(entry.platform_id, entry.campaign_id) for entry in mine if entry.week == plan.until.monday}
    TimesheetRow.objects.bulk_create(
        TimesheetRow(timesheet=sheet, platform_id=platform_id, campaign_id=campaign_id)
        for platform_id, campaign_id in sorted(before - now)
    )
