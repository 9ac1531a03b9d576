"""What credits and rollups must hold, counted again from the rows by plainer and slower means.

Nothing here calls what it checks. A rate is looked up on each day worked, spend is spread day by day, weeks are those
of the agency's clock, shares are fractions.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.attribution import PATH_MODELS
from campaigns.models import Agency, Campaign, Lead, Sale, Spend, StaleMark, Touch
from reports.attribution.sums import CREDITED_COUNTS, SUM_COLUMNS
from reports.models import CampaignWeek, Credit, PlatformWeek
from timesheets.models import CostRate, TimeEntry

MILLION = 1_000_000
MODELS = [model.name for model in PATH_MODELS]
DAY = timedelta(days=1)
Place = tuple[date, int | None, int | None]  # week, platform, campaign
Cells = dict[tuple[Any, ...], Counter[str]]


def check() -> None:
    """Nothing waits; credits, cells and totals are those of the rows, whole and exact."""
    assert not StaleMark.objects.exists()
    check_credits()
    check_cells()
    check_totals()


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def placed(platform_id: int | None, campaign_id: int | None) -> tuple[int | None, int | None]:
    """Work on a platform that names no campaign is general presence."""
    if platform_id and not campaign_id:
        return platform_id, Campaign.objects.get(is_general=True).pk
    return platform_id, campaign_id


# -- credits ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Conversion:
    """A lead or a sale: what is shared, the touches that may share it, and who takes it when none may."""

    cents: int
    millionths: int
    money_week: date
    at: datetime
    nobody: Place
    touches: Sequence[Touch] = ()
    is_qualified: bool = False

    def check(self, stored: dict[Place, Credit]) -> None:
        agency = Agency.objects.get()
        oldest = self.at - agency.lookback_days * DAY
        journey = [touch for touch in self.touches if oldest <= touch.at <= self.at]
        clock = ZoneInfo(agency.time_zone)
        places = [
            (monday_of(one.at.astimezone(clock).date()), *placed(one.platform_id, one.campaign_id)) for one in journey
        ] or [self.nobody]
        assert set(stored) == set(places)
        assert {(row.money_week, row.is_qualified) for row in stored.values()} == {(self.money_week, self.is_qualified)}
        half_life = agency.half_life_days or agency.lookback_days / 4
        ages = [(self.at - touch.at) / DAY / half_life for touch in journey] or [0.0]
        for model in MODELS:
            for name, total in (("cents", self.cents), ("share", self.millionths)):
                column = f"{name}_{model}"
                found = {place: getattr(row, column) for place, row in stored.items()}
                assert sum(found.values()) == total
                check_shares(found, places, total, weights(model, ages), is_exact=model != "decay")


def check_shares(
    found: dict[Place, int], places: list[Place], total: int, parts: list[Fraction], *, is_exact: bool
) -> None:
    """The parts are those of the weights; those of decay, which come from floating point, to less than one a touch."""
    expected: Counter[Place] = Counter()
    for place, part in zip(places, split(total, parts), strict=True):
        expected[place] += part
    if is_exact:
        assert found == dict(expected)
    else:
        assert all(abs(found[place] - expected[place]) <= places.count(place) for place in found)


def weights(model: str, ages: list[float]) -> list[Fraction]:
    """The share of each touch, oldest first; `ages` are in half-lives. A model that is not known here is an error."""
    return WEIGHTS[model](ages)


def _of_position(ages: list[float]) -> list[Fraction]:
    between = len(ages) - 2
    if between < 1:
        return [Fraction(1, len(ages))] * len(ages)
    return [Fraction(2, 5), *[Fraction(1, 5) / between] * between, Fraction(2, 5)]


def _of_decay(ages: list[float]) -> list[Fraction]:
    powers = [Fraction(2 ** (min(ages) - age)) for age in ages]
    return [power / sum(powers) for power in powers]


WEIGHTS: dict[str, Callable[[list[float]], list[Fraction]]] = {
    "first": lambda ages: [Fraction(number == 0) for number in range(len(ages))],
    "last": lambda ages: [Fraction(number == len(ages) - 1) for number in range(len(ages))],
    "linear": lambda ages: [Fraction(1, len(ages))] * len(ages),
    "position": _of_position,
    "decay": _of_decay,
}


def split(total: int, parts: list[Fraction]) -> list[int]:
    """Whole numbers that sum to the total: what is left over goes one by one to the largest remainder."""
    sign = -1 if total < 0 else 1
    exact = [abs(total) * part for part in parts]
    whole = [int(one) for one in exact]
    while sum(whole) < abs(total):
        neediest = max(range(len(exact)), key=lambda number: (exact[number] - whole[number], -number))
        whole[neediest] += 1
    return [sign * one for one in whole]


def conversions() -> Iterator[tuple[tuple[str, int], Conversion]]:
    """Every lead and sale that counts."""
    clock = ZoneInfo(Agency.objects.get().time_zone)
    touches = defaultdict(list)
    for touch in Touch.objects.filter(voided_at=None, lead__voided_at=None).order_by("at", "pk"):
        touches[touch.lead_id].append(touch)
    for lead in Lead.objects.filter(voided_at=None):
        week = monday_of(lead.received_at.astimezone(clock).date())
        yield (
            ("lead", lead.pk),
            Conversion(
                cents=0,
                millionths=MILLION,
                money_week=week,
                at=lead.received_at,
                nobody=(week, None, None),
                touches=touches[lead.pk],
                is_qualified=lead.qualified_at is not None,
            ),
        )
    for sale in Sale.objects.select_related("refund_of"):
        original = sale.refund_of or sale
        if sale.voided_at or original.voided_at:
            continue
        midnight = datetime.combine(original.sold_on + DAY, time.min, tzinfo=clock).astimezone(UTC)
        entered = (None, None) if original.lead_id else placed(original.platform_id, original.campaign_id)
        yield (
            ("sale", sale.pk),
            Conversion(
                cents=sale.amount_cents,
                millionths=0 if sale.is_refund else MILLION,
                money_week=monday_of(sale.sold_on),
                at=midnight - timedelta(microseconds=1),
                nobody=(monday_of(original.sold_on), *entered),
                touches=touches[original.lead_id] if original.lead_id else [],
            ),
        )


def check_credits() -> None:
    """Each lead and sale is shared by each model as its path says, and its parts sum to it exactly."""
    expected = dict(conversions())
    stored: dict[tuple[str, int | None], dict[Place, Credit]] = defaultdict(dict)
    for row in Credit.objects.all():
        key = ("lead", row.lead_id) if row.lead_id else ("sale", row.sale_id)
        place = (row.work_week, row.platform_id, row.campaign_id)
        assert place not in stored[key], f"{key} is credited twice in {place}"
        stored[key][place] = row
    assert set(stored) == set(expected)
    for key, conversion in expected.items():
        conversion.check(stored[key])


# -- cells ------------------------------------------------------------------------------------------------------------


def check_cells() -> None:
    """Each cell of both rollups holds what its rows add up to, and no cell is there that holds nothing."""
    fine: Cells = defaultdict(Counter)
    coarse: Cells = defaultdict(Counter)
    for basis in ("cash", "cohort"):
        for (week, platform_id, campaign_id), name, amount in (*amounts_of_cost(), *amounts_of_credit(basis)):
            fine[week, basis, platform_id, campaign_id][name] += amount
            coarse[week, basis, platform_id][name] += amount
    assert stored_cells(CampaignWeek, "week", "basis", "platform_id", "campaign_id") == held(fine)
    assert stored_cells(PlatformWeek, "week", "basis", "platform_id") == held(coarse)


def held(cells: Cells) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """The cells that hold anything, as the rollups write them."""
    rows = {cell: tuple(sums[name] for name in SUM_COLUMNS) for cell, sums in cells.items()}
    return {cell: row for cell, row in rows.items() if any(row)}


def stored_cells(table: Any, *keys: str) -> dict[tuple[Any, ...], tuple[int, ...]]:
    rows = table.objects.values_list(*keys, *SUM_COLUMNS)
    cells = {row[: len(keys)]: row[len(keys) :] for row in rows}
    assert len(cells) == len(rows)
    return cells


def amounts_of_cost() -> Iterator[tuple[Place, str, int]]:
    rates = defaultdict(list)
    for rate in CostRate.objects.all():
        rates[rate.member_id].append((rate.starts_on, rate.hourly_cents))
    for entry in TimeEntry.objects.all():
        place = (monday_of(entry.day), entry.platform_id, entry.campaign_id)
        in_force = max((rate for rate in rates[entry.member_id] if rate[0] <= entry.day), default=None)
        yield place, "minutes", entry.minutes
        if in_force is None:
            yield place, "unrated_minutes", entry.minutes
        else:
            yield place, "labour_cent_minutes", entry.minutes * in_force[1]
    for spend in Spend.objects.filter(voided_at=None):
        days = (spend.ends_on - spend.starts_on).days + 1
        for day in range(days):
            cents = spend.amount_cents * (day + 1) // days - spend.amount_cents * day // days
            week = monday_of(spend.starts_on + timedelta(days=day))
            yield (week, *placed(spend.platform_id, spend.campaign_id)), "spend_cents", cents


def amounts_of_credit(basis: str) -> Iterator[tuple[Place, str, int]]:
    for row in Credit.objects.all():
        place = (row.money_week if basis == "cash" else row.work_week, row.platform_id, row.campaign_id)
        for count in CREDITED_COUNTS.values():
            for model in MODELS:
                yield place, f"{count.name}_{model}", COUNTED[count.name](row, model)


# What a credit adds to each count; a count that is not known here is an error.
COUNTED: dict[str, Callable[[Credit, str], int]] = {
    "leads": lambda row, model: getattr(row, f"share_{model}") if row.lead_id else 0,
    "qualified": lambda row, model: getattr(row, f"share_{model}") if row.lead_id and row.is_qualified else 0,
    "sales": lambda row, model: getattr(row, f"share_{model}") if row.sale_id else 0,
    "revenue": lambda row, model: getattr(row, f"cents_{model}"),
}


# -- totals -----------------------------------------------------------------------------------------------------------


def check_totals() -> None:
    """Both rollups hold all minutes, all spend, all leads and sales and, under every model and basis, every cent."""
    sales = [
        sale
        for sale in Sale.objects.select_related("refund_of")
        if not sale.voided_at and not (sale.refund_of and sale.refund_of.voided_at)
    ]
    expected = {
        "minutes": sum(entry.minutes for entry in TimeEntry.objects.all()),
        "spend_cents": sum(spend.amount_cents for spend in Spend.objects.filter(voided_at=None)),
    }
    for model in MODELS:
        expected[f"leads_{model}"] = Lead.objects.filter(voided_at=None).count() * MILLION
        expected[f"sales_{model}"] = sum(not sale.is_refund for sale in sales) * MILLION
        expected[f"revenue_{model}"] = sum(sale.amount_cents for sale in sales)
    for table in (CampaignWeek, PlatformWeek):
        for basis in ("cash", "cohort"):
            rows = list(table.objects.filter(basis=basis).values(*expected))
            assert {name: sum(row[name] for row in rows) for name in expected} == expected
