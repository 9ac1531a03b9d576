"""Whether the figures are right: against a computation of its own, and the same in each database."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db.models import Sum

from campaigns.attribution import PATH_MODELS
from campaigns.models import Campaign, Platform, StaleMark
from campaigns.models.agency import Basis
from reports.attribution.sums import SUM_COLUMNS
from reports.models import CampaignWeek, Credit, PlatformWeek
from tests.bench.generator import Generator, hourly_cents, rate_begins
from tests.bench.world import World
from timesheets.models import TimeEntry

MILLION = 1_000_000


class WrongFigures(Exception):
    """The rollups say something else than the rows do."""


@dataclass(frozen=True)
class Fingerprint:
    """What a database holds, in a form that two of them can be compared by."""

    entries: int
    minutes: int
    labour_cent_minutes: int
    spend_cents: int
    revenue_cents: int
    credits: int
    campaign_weeks: int
    platform_weeks: int
    contents: str


def check(world: World) -> dict[str, Any]:
    """Return the fingerprint; WrongFigures names the first figure that differs from what the generator made."""
    if StaleMark.objects.exists():
        raise WrongFigures("Marks are left: the figures are not of all rows.")
    _check_hours(world)
    for basis in Basis.values:
        _check_totals(world.generator, basis)
    return asdict(_fingerprint())


# -- hours, cell by cell ----------------------------------------------------------------------------------------------


def _check_hours(world: World) -> None:
    expected, stored = expected_hours(world.generator), _stored_hours(world)
    if not np.array_equal(expected, stored):
        differing = int((expected != stored).any(axis=0).sum())
        raise WrongFigures(f"{differing} cells have other hours or costs than their entries.")


def expected_hours(generator: Generator) -> np.ndarray:
    """Minutes, those without a rate, and cent-minutes of each cell, week by week and place by place."""
    sums = np.zeros((3, generator.size.weeks, generator.places), dtype=np.int64)
    people = range(generator.size.people)
    cents = np.array([hourly_cents(person) for person in people])
    begins = np.array([rate_begins(person) for person in people])
    for number in range(generator.size.weeks):
        week = generator.week(number)
        is_rated = number >= begins[week.person]
        amounts = (
            week.minutes,
            np.where(is_rated, 0, week.minutes),
            np.where(is_rated, week.minutes * cents[week.person], 0),
        )
        for row, amount in zip(sums, amounts, strict=True):
            np.add.at(row[number], week.place, amount)
    return sums


def _stored_hours(world: World) -> np.ndarray:
    generator, size = world.generator, world.generator.size
    everywhere = np.arange(generator.places)
    pairs = zip(generator.platform(everywhere).tolist(), generator.campaign(everywhere).tolist(), strict=True)
    places = {
        (world.platforms[platform], world.campaigns[campaign]): place
        for place, (platform, campaign) in enumerate(pairs)
    }
    weeks = {generator.calendar.monday(number): number for number in range(size.weeks)}
    sums = np.zeros((3, size.weeks, generator.places), dtype=np.int64)
    rows = CampaignWeek.objects.filter(basis=Basis.CASH, minutes__gt=0)
    names = ("week", "platform_id", "campaign_id", "minutes", "unrated_minutes", "labour_cent_minutes")
    for week, platform, campaign, *amounts in rows.values_list(*names).iterator(chunk_size=20_000):
        sums[:, weeks[week], places[platform, campaign]] = amounts
    return sums


# -- totals -----------------------------------------------------------------------------------------------------------


def _check_totals(generator: Generator, basis: str) -> None:
    expected = expected_totals(generator)
    for table in (CampaignWeek, PlatformWeek):
        stored = table.objects.filter(basis=basis).aggregate(**{name: Sum(name) for name in SUM_COLUMNS})
        for name, value in expected.items():
            if stored[name] != value:
                raise WrongFigures(f"{table.__name__}, {basis}: {name} is {stored[name]:,} instead of {value:,}.")


def expected_totals(generator: Generator) -> dict[str, int]:
    """The sum of each column of a rollup over all weeks, under every model: credit moves, and is never lost."""
    minutes, unrated, labour = (int(row.sum()) for row in expected_hours(generator))
    leads, sales = list(generator.leads()), list(generator.sales())
    credited = {
        "leads": len(leads) * MILLION,
        "qualified": sum(lead.status in ("qualified", "won") for lead in leads) * MILLION,
        "sales": sum(sale.cents >= 0 for sale in sales) * MILLION,
        "revenue": sum(sale.cents for sale in sales),
    }
    totals = {"minutes": minutes, "unrated_minutes": unrated, "labour_cent_minutes": labour}
    totals["spend_cents"] = sum(spend.cents for spend in generator.spends())
    return totals | {f"{name}_{model.name}": value for name, value in credited.items() for model in PATH_MODELS}


# -- what two databases are compared by -------------------------------------------------------------------------------


def _fingerprint() -> Fingerprint:
    cash = PlatformWeek.objects.filter(basis=Basis.CASH)
    names = ("minutes", "labour_cent_minutes", "spend_cents")
    sums = cash.aggregate(**{name: Sum(name) for name in names}, revenue_cents=Sum("revenue_linear"))
    return Fingerprint(
        **{name: int(value or 0) for name, value in sums.items()},
        entries=TimeEntry.objects.count(),
        credits=Credit.objects.count(),
        campaign_weeks=CampaignWeek.objects.count(),
        platform_weeks=PlatformWeek.objects.count(),
        contents=contents(),
    )


def contents() -> str:
    """A hash of every row of both rollups, with names for keys."""
    hashed = hashlib.sha256()
    names: dict[str, dict[int | None, str]] = {
        "platform_id": {None: "", **dict(Platform.objects.values_list("pk", "name"))},
        "campaign_id": {None: "", **dict(Campaign.objects.values_list("pk", "name"))},
    }
    for table in (CampaignWeek, PlatformWeek):
        keys = table.KEY
        for week in table.objects.order_by("week").values_list("week", flat=True).distinct():
            rows = table.objects.filter(week=week).values_list(*keys, *SUM_COLUMNS)
            told = [
                [str(names[key][value] if key in names else value) for key, value in zip(keys, row, strict=False)]
                + [str(int(value)) for value in row[len(keys) :]]
                for row in rows
            ]
            hashed.update("\n".join("\t".join(row) for row in sorted(told)).encode())
    return hashed.hexdigest()
