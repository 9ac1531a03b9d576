"""What a person's hours of a week are measured against: their usual ones, for the days at work (docs/adr/0036).

Most people do other work besides that on platforms, so that the contract says nothing of how many hours to expect here.
Usual is the median of their own last weeks that they submitted, each brought to a whole week.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import median

from django.db.models import OuterRef, Subquery, Sum
from django.utils.translation import gettext as _

from campaigns.models import Agency
from core import money
from core.weeks import Week
from timesheets import hours
from timesheets.models import TimeEntry, Timesheet, User
from timesheets.presence import Presence, read_presence

WEEKS_LOOKED_BACK = 13
LEAST_WEEKS = 3  # of fewer, nothing is usual
LEAST_SHARE = Fraction(1, 2)  # a shorter week tells little of a whole one
QUARTER = 15  # minutes: what is usual is known no better

Worked = tuple[int, Fraction]  # minutes in a week, and the part of it at work


def usual_minutes(weeks: Iterable[Worked]) -> Fraction | None:
    """The minutes of a usual whole week; None where too few weeks say. Pure."""
    whole = [Fraction(minutes) / share for minutes, share in weeks if share >= LEAST_SHARE]
    return Fraction(median(whole)) if len(whole) >= LEAST_WEEKS else None


@dataclass(frozen=True, slots=True)
class ExpectedHours:
    """`minutes` for the `days` at work, of `all_days`: the usual ones, else those of the contract."""

    minutes: int
    is_usual: bool
    is_away: bool
    days: Fraction
    all_days: int


def expected_words(expected: ExpectedHours, reader: User) -> str:
    """What hours are measured against, to stand after them: `usual: 16:00`, `contract for 3 of 5 days: 21:00`."""
    if not expected.days:
        return _("no day at work")
    values = {
        "hours": hours.format_minutes(expected.minutes, reader),
        "days": money.format_number(expected.days, digits=0 if expected.days.denominator == 1 else 1),
        "all": expected.all_days,
    }
    if expected.days == expected.all_days:
        pattern = _("usual: %(hours)s") if expected.is_usual else _("contract: %(hours)s")
    elif expected.is_usual:
        pattern = _("usual for %(days)s of %(all)s days: %(hours)s")
    else:
        pattern = _("contract for %(days)s of %(all)s days: %(hours)s")
    return pattern % values


def expected_hours(
    members: Sequence[User],
    week: Week,
    presence: Presence | None = None,
    submitted: Mapping[int, Mapping[date, int]] | None = None,
) -> Mapping[int, ExpectedHours]:
    """What to expect of each of these people, by their number. One statement, and those of the presence.

    What is given must reach back over the weeks that are looked at: the presence (`read_for`), and the minutes of each
    whole week that was submitted before this one, by person and Monday.
    """
    presence = presence or read_for(members, week)
    weeks = _submitted(members, week) if submitted is None else submitted
    return {member.pk: _expected(member, week, weeks[member.pk], presence) for member in members}


def read_for(members: Sequence[User], week: Week, *, agency: Agency | None = None) -> Presence:
    """The presence of these people in the week and in those that tell what is usual."""
    return read_presence(week.plus(-WEEKS_LOOKED_BACK), week, members=members, agency=agency)


def _expected(member: User, week: Week, weeks: Mapping[date, int], presence: Presence) -> ExpectedHours:
    usual = usual_minutes((minutes, presence.share(member, Week(monday))) for monday, minutes in weeks.items())
    share = presence.share(member, week)
    return ExpectedHours(
        minutes=round(member.weekly_minutes * share) if usual is None else round(usual * share / QUARTER) * QUARTER,
        is_usual=usual is not None,
        is_away=presence.is_away(member, week),
        days=presence.days(member, week),
        all_days=presence.all_days(week),
    )


def _submitted(members: Sequence[User], week: Week) -> Mapping[int, Mapping[date, int]]:
    """The minutes of each whole week that was submitted before this one, by person and Monday."""
    entries = TimeEntry.objects.filter(member=OuterRef("member"), week=OuterRef("week")).order_by()
    minutes = entries.values("member").annotate(total=Sum("minutes")).values("total")
    sheets = Timesheet.objects.filter(
        member__in=[member.pk for member in members],
        week__gte=week.plus(-WEEKS_LOOKED_BACK).monday,
        week__lt=week.monday,
        submitted_at__isnull=False,
    )
    found: dict[int, dict[date, int]] = defaultdict(dict)
    rows = sheets.order_by().annotate(minutes=Subquery(minutes)).values_list("member_id", "week", "minutes")
    for member_id, monday, total in rows:
        found[member_id][monday] = total or 0
    return found
