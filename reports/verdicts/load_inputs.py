"""Reads the database into the arrays that the method works on: `reports.statistics.inputs.EvaluationInputs`.

Judged is the work that is to win new customers: campaigns of that purpose, *General presence* among them. Four queries
over the rollup, the credits, the sales and the touches serve all platforms, whatever their number.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise
from typing import Any

import numpy as np
from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Sum

from campaigns.attribution import MILLION, PATH_MODELS, JourneyTouch, eligible
from campaigns.models import Agency, Sale, Touch, UnrecordedPeriod
from campaigns.models.agency import Basis
from campaigns.models.catalogue import Purpose
from core.weeks import Week
from reports.attribution.credit_rules import CreditRules
from reports.models import CampaignWeek, Credit
from reports.statistics.arrays import FloatArray, floats
from reports.statistics.data_driven_attribution import ChannelPath
from reports.statistics.delay import Delays
from reports.statistics.inputs import WEEKS_A_MONTH, EvaluationInputs, Sold, Weekly

# More than seven years: what is older says little about what is done today, and the tables grow with the square.
MOST_MONTHS = 100
# Paths are those of the last two years.
PATH_MONTHS = 26
# The weeks of the response curve.
WEEKLY = WEEKS_A_MONTH * (PATH_MONTHS + 1)
# In days. Where nobody said since when sales are complete, records begin after the last silence that was longer.
LONGEST_SILENCE = 182


@dataclass(frozen=True)
class Calendar:
    """Months of four weeks, counted back from the evaluated week, numbered from the oldest that is looked at."""

    last: Week
    months: int

    @classmethod
    def reaching(cls, last: Week, first: date | None) -> "Calendar":
        """Back to this Monday; two months at least, so that there is always one to look back to."""
        weeks = Week(first).weeks_until(last) if first else 0
        return cls(last, min(MOST_MONTHS, max(2, weeks // WEEKS_A_MONTH + 1)))

    @property
    def now(self) -> int:
        """The number of the evaluated week, the oldest being 0."""
        return WEEKS_A_MONTH * self.months - 1

    def number_of(self, monday: date) -> int:
        return self.now - Week(monday).weeks_until(self.last)

    def weeks_of(self, month: int) -> tuple[Week, Week]:
        last = self.last.plus(WEEKS_A_MONTH * (month + 1 - self.months))
        return last.plus(1 - WEEKS_A_MONTH), last

    @property
    def first(self) -> Week:
        return self.weeks_of(0)[0]


@dataclass(frozen=True)
class _Sale:
    """A sale or a refund; ``original`` is the sale itself or the one that it undoes."""

    original: int
    lead: int | None
    sold_on: date
    cents: int


def judged_work() -> Q:
    """The rows, with a platform and a campaign, whose work is to win new customers."""
    return Q(platform__isnull=False, campaign__purpose=Purpose.REACH)


def read(week: Week, platforms: Sequence[int], agency: Agency) -> EvaluationInputs:
    """Read what was known at the end of ``week``; the rows of the arrays are those of ``platforms``."""
    calendar = Calendar.reaching(week, _first_monday())
    index = {pk: row for row, pk in enumerate(platforms)}
    margin = float(agency.margin)
    costs, weekly, starts = _work(calendar, index, agency.credit_model)
    returns = _returns(calendar, index, starts, agency)
    sales = _sales(week)
    return EvaluationInputs(
        platforms=tuple(platforms),
        weeks=tuple((str(first), str(last)) for first, last in map(calendar.weeks_of, range(calendar.months))),
        model=agency.credit_model,
        cost=costs,
        returned=returns.returned,
        course=returns.course,
        delays=returns.delays,
        recorded=_recorded(calendar, sales, agency),
        sold=_sold(calendar, sales, margin),
        weekly=weekly,
        paths=_paths(calendar, sales, margin),
    )


def _first_monday() -> date | None:
    """The first week with any work, or with a credit for it."""
    spans = [CampaignWeek.objects.aggregate(Min("week"))["week__min"]]
    spans += [Credit.objects.aggregate(Min("work_week"))["work_week__min"]]
    return min((monday for monday in spans if monday), default=None)


def _work(calendar: Calendar, index: Mapping[int, int], model: str) -> tuple[FloatArray, Weekly, dict[int, date]]:
    """Cost by week, the weeks of the response curve, and the first Monday with any cost, by row."""
    weeks = (
        CampaignWeek.objects.filter(judged_work(), basis=Basis.COHORT, platform__in=index)
        .filter(week__gte=calendar.first.monday, week__lte=calendar.last.monday)
        .order_by("week", "platform")
        .values_list("platform", "week")
        .annotate(
            Sum("minutes"),
            Sum("unrated_minutes"),
            Sum("labour_cent_minutes"),
            Sum("spend_cents"),
            Sum(f"leads_{model}"),
        )
    )
    costs = np.zeros((len(index), calendar.now + 1))
    weekly = np.zeros((5, len(index), WEEKLY))
    starts: dict[int, date] = {}
    for platform, monday, minutes, unrated, labour, spend, leads in weeks:
        row, number = index[platform], calendar.number_of(monday)
        cost = float(labour) / 60 + float(spend)
        costs[row, number] += cost
        if cost > 0:
            starts.setdefault(row, monday)
        if (ago := calendar.now - number) < WEEKLY:
            rated = float(minutes - unrated) / 60
            weekly[:, row, WEEKLY - 1 - ago] = (float(minutes) / 60, rated, float(labour) / 60, cost, leads / MILLION)
    return costs, Weekly(**dict(zip(("hours", "rated_hours", "labour", "cost", "leads"), weekly, strict=True))), starts


@dataclass(frozen=True)
class _Returns:
    """Credited cents by week under each model, by month of the work and age under the agency's, and the delays."""

    returned: dict[str, FloatArray]
    course: FloatArray
    delays: Delays


def _returns(calendar: Calendar, index: Mapping[int, int], starts: Mapping[int, date], agency: Agency) -> _Returns:
    """What came of work from each platform's first cost on; the delays of older work too."""
    model, margin = agency.credit_model, float(agency.margin)
    returned = {path_model.name: np.zeros((len(index), calendar.now + 1)) for path_model in PATH_MODELS}
    course = np.zeros((len(index), calendar.months, calendar.months))
    delays: list[tuple[int, int, float]] = []
    for platform, work_week, money_week, millionths, *amounts in _credited(calendar, index, model):
        # A sale that is dated before its own touchpoint was made of it at once.
        worked, paid = calendar.number_of(work_week), max(calendar.number_of(money_week), calendar.number_of(work_week))
        if millionths > 0:
            delays.append((worked, paid, millionths / MILLION))
        row, cents = index[platform], dict(zip(returned, amounts, strict=True))
        if row in starts and work_week >= starts[row]:
            for name, amount in cents.items():
                returned[name][row, paid] += amount * margin
            course[row, worked // WEEKS_A_MONTH, paid // WEEKS_A_MONTH - worked // WEEKS_A_MONTH] += (
                cents[model] * margin
            )
    worked_at, paid_at, shares = zip(*delays, strict=True) if delays else ((), (), ())
    return _Returns(
        returned,
        course,
        Delays(np.array(worked_at, dtype=np.int64), np.array(paid_at, dtype=np.int64), floats(shares)),
    )


def _credited(calendar: Calendar, index: Mapping[int, int], model: str) -> QuerySet[Any, tuple[Any, ...]]:
    """Platform, week of the work, week of the money, millionths of sales, and the cents under each model."""
    return (
        Credit.objects.filter(judged_work(), lead=None, platform__in=index, work_week__gte=calendar.first.monday)
        .filter(work_week__lte=calendar.last.monday, money_week__lte=calendar.last.monday)
        .order_by("platform", "work_week", "money_week")
        .values_list("platform", "work_week", "money_week")
        .annotate(Sum(f"share_{model}"), *(Sum(f"cents_{path_model.name}") for path_model in PATH_MODELS))
    )


def _sales(week: Week) -> list[_Sale]:
    """All sales and refunds up to the end of the week, of any platform, in the order of their dates."""
    live = Sale.objects.filter(voided_at=None, refund_of__voided_at=None, sold_on__lte=week.sunday)
    rows = live.order_by("sold_on", "pk").values_list(
        "pk", "refund_of", "lead", "refund_of__lead", "sold_on", "amount_cents"
    )
    return [
        _Sale(refund_of or pk, of_original or lead, day, cents) for pk, refund_of, lead, of_original, day, cents in rows
    ]


def _sold(calendar: Calendar, sales: Iterable[_Sale], margin: float) -> Sold:
    """The same by week; what is older than the oldest month is left out."""
    numbers: dict[int, int] = {}
    rows = [
        (numbers.setdefault(sale.original, len(numbers)), week, sale.cents)
        for sale in sales
        if (week := calendar.number_of(Week.containing(sale.sold_on).monday)) >= 0
    ]
    which, weeks, cents = zip(*rows, strict=True) if rows else ((), (), ())
    return Sold(
        sale=np.array(which, dtype=np.int64), week=np.array(weeks, dtype=np.int64), cents=floats(cents) * margin
    )


# -- recorded time ----------------------------------------------------------------------------------------------------


def _recorded(calendar: Calendar, sales: Sequence[_Sale], agency: Agency) -> tuple[tuple[int, int], ...]:
    """The weeks in which all sales were recorded, as half-open ranges of their numbers, without those that were not."""
    gaps = [
        (calendar.number_of(Week.containing(first).monday), calendar.number_of(Week.containing(last).monday) + 1)
        for first, last in UnrecordedPeriod.objects.values_list("first_day", "last_day")
    ]
    days = [sale.sold_on for sale in sales]
    start = _first_whole_week(agency.sales_complete_since) if agency.sales_complete_since else _first_known(days)
    if start is None:
        return ()
    weeks = set(range(max(calendar.number_of(start), 0), calendar.now + 1))
    weeks -= {week for first, end in gaps for week in range(first, end)}
    return ranges(weeks)


def _first_whole_week(day: date) -> date:
    """The Monday on or after this day."""
    monday = Week.containing(day).monday
    return monday if monday == day else Week(monday).plus(1).monday


def _first_known(days: Sequence[date]) -> date | None:
    """The Monday of the first sale after which no half year went without any: an old one alone starts no record."""
    if not days:
        return None
    first = days[0]
    for earlier, later in pairwise(days):
        if (later - earlier).days > LONGEST_SILENCE:
            first = later
    return Week.containing(first).monday


def ranges(weeks: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return half-open ranges that hold these numbers and no other, in order."""
    found: list[tuple[int, int]] = []
    for week in sorted(weeks):
        if found and found[-1][1] == week:
            found[-1] = found[-1][0], week + 1
        else:
            found.append((week, week + 1))
    return tuple(found)


# -- paths ------------------------------------------------------------------------------------------------------------


def _paths(calendar: Calendar, sales: Iterable[_Sale], margin: float) -> tuple[ChannelPath, ...]:
    """The paths of all leads that first met a platform within the last two years, won and not.

    A lead whose sales outweigh its refunds was won, and its path ends with its first sale; any other path is all its
    touches. Touches count as they do for credit: within the lookback, and only for work that is judged.
    """
    rules = CreditRules.current()
    won = _won(sales)
    conversions: Counter[tuple[str, ...]] = Counter()
    nulls: Counter[tuple[str, ...]] = Counter()
    values: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for lead, touches in _touches(calendar, rules).items():
        sold_on, cents = won.get(lead, (None, 0))
        end = rules.end_of(sold_on) if sold_on else max(touch.at for touch in touches)
        journey = eligible(touches, conversion_at=end, lookback_days=rules.agency.lookback_days)
        steps = tuple(str(touch.platform) for touch in journey)
        if steps:
            (conversions if sold_on else nulls)[steps] += 1
            values[steps] += cents
    return tuple(
        ChannelPath(steps, conversions=conversions[steps], value=values[steps] * margin, nulls=nulls[steps])
        for steps in sorted(values)
    )


def _won(sales: Iterable[_Sale]) -> dict[int, tuple[date, int]]:
    """For each lead that brought more than it took back: the day of its first sale, and its cents."""
    days: dict[int, date] = {}
    cents: Counter[int] = Counter()
    for sale in sales:
        if sale.lead is not None:
            cents[sale.lead] += sale.cents
            days.setdefault(sale.lead, sale.sold_on)
    return {lead: (days[lead], amount) for lead, amount in cents.items() if amount > 0}


def _touches(calendar: Calendar, rules: CreditRules) -> dict[int, list[JourneyTouch]]:
    """The judged touches, by lead, of the leads received by the end whose first one is not older than the window."""
    zone = rules.agency.zone
    first = calendar.last.plus(1 - WEEKS_A_MONTH * PATH_MONTHS).monday
    start = datetime.combine(first, time.min, tzinfo=zone).astimezone(UTC)
    end = rules.end_of(calendar.last.sunday)
    judged: QuerySet[Any] = (
        Touch.objects.live()
        .filter(Q(campaign=None) | Q(campaign__purpose=Purpose.REACH), lead__voided_at=None, lead__received_at__lte=end)
        .exclude(platform=None)
    )
    # Asked of each lead: a list of such leads that is too long to be hashed would be read whole for each touchpoint.
    older = judged.filter(at__lt=start, lead=OuterRef("lead"))
    touches: dict[int, list[JourneyTouch]] = defaultdict(list)
    rows = judged.filter(at__gte=start, at__lte=end).exclude(Exists(older)).order_by("pk")
    for pk, lead, at, platform in rows.values_list("pk", "lead", "at", "platform"):
        touches[lead].append(JourneyTouch(at=at, id=pk, platform=platform))
    return touches
