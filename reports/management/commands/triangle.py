"""Run the lag method on any triangle, to hold it against published tables."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.management.commands import _options
from reports.statistics import chain_ladder
from reports.statistics.chain_ladder import Bornhuetter, ChainLadder, Triangle, TriangleRefusal
from reports.statistics.csv_files import BadFile, read_triangle


class Command(BaseCommand):
    help = (
        "Run the chain ladder with Mack's standard errors on a triangle in a CSV file: a header (cohort,1,2,3), then "
        "one row per cohort, oldest first, what is not known yet left empty; or rows of cohort,age,value."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--incremental", action="store_true", help="cells hold each age alone, not the sum so far")
        parser.add_argument("--prior", type=float, help="what each cohort should bring: adds Bornhuetter-Ferguson")
        parser.add_argument("--exposure", type=float, help="what each cohort cost: adds Cape Cod")
        parser.add_argument("--sales", type=int, help="the number of sales in it: refuses when they are too few")
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            triangle = read_triangle(_options.text_of(options["file"]), incremental=options["incremental"])
            found = describe(triangle, prior=options["prior"], exposure=options["exposure"], sales=options["sales"])
        except BadFile as error:
            raise CommandError(str(error)) from error
        except ValueError as error:
            raise CommandError(f"{str(error).capitalize()}.") from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))
        else:
            self._table(found)

    def _table(self, found: dict[str, Any]) -> None:
        names = ("cohort", "age", "share", "latest", "ultimate", "reserve", "standard_error", "low", "high")
        self.stdout.write("".join(f"{name.replace('_', ' '):>16}" for name in names))
        for row in found["cohorts"]:
            self.stdout.write("".join(f"{_cell(row[name]):>16}" for name in names))
        total = found["total"]
        self.stdout.write(f"Still to come {_cell(total['reserve'])}, standard error {_cell(total['standard_error'])}.")
        for refusal in found["refusals"]:
            self.stdout.write(f"Refused: {refusal['sentence']}")


def describe(triangle: Triangle, *, prior: float | None, exposure: float | None, sales: int | None) -> dict[str, Any]:
    """Return all that the method says about a triangle, ready for JSON; what is no number is None."""
    ladder = chain_ladder.chain_ladder(triangle)
    found: dict[str, Any] = {
        "factors": _numbers(ladder.factors),
        "sigma2": _numbers(ladder.sigma2),
        "share": _numbers(ladder.share),
        "cohorts": [_cohort(triangle, ladder, row) for row in range(len(triangle.cumulative))],
        "total": _total(triangle, ladder),
        "refusals": [_refusal(refusal) for refusal in chain_ladder.refusals(triangle, sales=sales)],
    }
    if prior is not None:
        found["bornhuetter_ferguson"] = _bornhuetter(chain_ladder.bornhuetter_ferguson(triangle, prior))
    if exposure is not None:
        found["cape_cod"] = _bornhuetter(chain_ladder.cape_cod(triangle, exposure))
    return found


def _cohort(triangle: Triangle, ladder: ChainLadder, row: int) -> dict[str, Any]:
    reserve, error = float(ladder.reserve[row]), float(ladder.standard_error[row])
    low, high = chain_ladder.lognormal_interval(reserve, error)
    return {
        "cohort": triangle.cohorts[row] if triangle.cohorts else str(row + 1),
        "age": int(triangle.latest_age[row]),
        "share": _number(ladder.share[triangle.latest_age[row]]),
        "latest": _number(triangle.latest[row]),
        "ultimate": _number(ladder.ultimate[row]),
        "reserve": _number(reserve),
        "standard_error": _number(error),
        "cv": _number(ladder.cv[row]),
        "low": _number(low),
        "high": _number(high),
        "is_refused": not ladder.cv[row] <= chain_ladder.MAX_CV,
    }


def _total(triangle: Triangle, ladder: ChainLadder) -> dict[str, Any]:
    reserve, error = ladder.total_reserve, ladder.total_standard_error
    low, high = chain_ladder.lognormal_interval(reserve, error)
    amounts = {"latest": triangle.latest.sum(), "ultimate": ladder.ultimate.sum(), "reserve": reserve}
    amounts |= {"standard_error": error, "low": low, "high": high}
    return {name: _number(amount) for name, amount in amounts.items()}


def _bornhuetter(found: Bornhuetter) -> dict[str, Any]:
    return {
        "ratio": found.ratio,
        "prior": _numbers(found.prior),
        "reserve": _numbers(found.reserve),
        "standard_error": _numbers(found.standard_error),
        "total_reserve": _number(found.total_reserve),
    }


def _refusal(refusal: TriangleRefusal) -> dict[str, Any]:
    return {
        "reason": refusal.reason.value,
        "found": _number(refusal.found),
        "needed": refusal.needed,
        "where": list(refusal.where),
        "sentence": sentence(refusal),
    }


def sentence(refusal: TriangleRefusal) -> str:
    """Say why the method refuses, and what is missing."""
    where = ", ".join(refusal.where)
    match refusal.reason:
        case chain_ladder.TriangleReason.FEW_COHORTS:
            return f"{refusal.found:g} cohorts, at least {refusal.needed:g} are needed."
        case chain_ladder.TriangleReason.FEW_SALES:
            return f"{refusal.found:g} sales stand behind the factors, at least {refusal.needed:g} are needed."
        case chain_ladder.TriangleReason.EMPTY_COLUMN:
            return f"Nothing has come in by age {where}, so that no factor follows from it."
        case chain_ladder.TriangleReason.WIDE_ERROR:
            return f"The standard error is {_cell(refusal.found)} of the whole, more than {refusal.needed:g}."
        case chain_ladder.TriangleReason.OPEN_END:
            return (
                f"The last quarter of the ages still brings {_cell(refusal.found)} of the whole, more than"
                f" {refusal.needed:g}: older cohorts are needed to see how much comes after."
            )
        case chain_ladder.TriangleReason.CALENDAR_BREAK if where:
            return f"The calendar has a break at cohort {where}."
        case chain_ladder.TriangleReason.CALENDAR_BREAK:
            return f"Months without any sale should have brought about {refusal.found:.0f}: the data has a break."


def _numbers(values: Any) -> list[float | None]:
    return [_number(value) for value in values]


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _cell(value: float | int | str | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    # Shares are small, money is not.
    return f"{value:.3f}" if isinstance(value, float) and abs(value) < 10 else f"{value:,.0f}"
