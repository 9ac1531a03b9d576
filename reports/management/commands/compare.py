"""Compare what came before an action with what came during it, on any series, to hold it against published ones."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.management.commands import _options
from reports.statistics import interrupted_time_series
from reports.statistics.csv_files import BadFile, CountSeries, read_series
from reports.statistics.interrupted_time_series import SeriesComparison, SeriesReason, SeriesRefusal
from reports.statistics.neighbours import Neighbours

OPTIONS = ("trend", "season", "level", "unit", "independent", "price", "margin", "invested")
RATIOS = ("rate_ratio", "low", "high", "normal_low", "normal_high", "naive", "dispersion", "level", "has_control")
RESIDUALS = ("neighbours", "autocorrelation", "autocorrelation_p_value", "widening", "residuals")
UNITS = ("incremental", "incremental_low", "incremental_high", "expected")


class Command(BaseCommand):
    help = (
        "Compare the periods of an action with those before it by quasi-Poisson regression. The file has the columns "
        "period,count,during and, where there is one, control; during is 1 while the action ran and 0 before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        trend = argparse.BooleanOptionalAction
        parser.add_argument("--trend", action=trend, default=True, help="a straight line over all periods (default)")
        parser.add_argument("--season", type=int, metavar="12", help="periods in a year: adds one pair of harmonics")
        parser.add_argument(
            "--level", type=float, default=interrupted_time_series.LEVEL, help="of the interval (default 0.95)"
        )
        parser.add_argument(
            "--unit",
            type=float,
            default=1,
            help="size of one of what is counted: what one sale brings in a file of money",
        )
        parser.add_argument(
            "--independent", action="store_true", help="take periods for independent, as most published tables do"
        )
        parser.add_argument("--price", type=float, help="what one unit sells for: adds the gain")
        parser.add_argument("--margin", type=float, default=1, help="share of the price that is left, 0 to 1")
        parser.add_argument("--invested", type=float, default=0, help="what the action cost")
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["level"] < 1:
            raise CommandError("--level must be between 0 and 1, such as 0.95.")
        if options["season"] is not None and options["season"] < 2:
            raise CommandError("--season must be at least 2 periods, such as 12 months or 52 weeks.")
        if not 0 < options["unit"] < float("inf"):
            raise CommandError("--unit must be above 0, such as 1 for leads or 400 for sales of about 400 in money.")
        try:
            series = read_series(_options.text_of(options["file"]))
        except BadFile as error:
            raise CommandError(str(error)) from error
        found = describe(series, **{name: options[name] for name in OPTIONS})
        if options["format"] == "json":
            self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))
        else:
            self._table(found)

    def _table(self, found: dict[str, Any]) -> None:
        for name, value in found.items():
            if name not in ("expected", "gain", "refusals", "residuals") and value is not None:
                self.stdout.write(f"{name.replace('_', ' '):<24}{_cell(value):>16}")
        for name, value in (found["gain"] or {}).items():
            self.stdout.write(f"{'gain ' + name:<24}{_cell(value):>16}")
        if found["residuals"]:
            self.stdout.write(found["residuals"])
        for refusal in found["refusals"]:
            self.stdout.write(f"Refused: {refusal['sentence']}")


def describe(
    series: CountSeries,
    *,
    trend: bool = True,
    season: int | None = None,
    level: float = interrupted_time_series.LEVEL,
    unit: float = 1,
    independent: bool = False,
    price: float | None = None,
    margin: float = 1,
    invested: float = 0,
) -> dict[str, Any]:
    """Return all that the method says about a series, ready for JSON; None is what it does not say."""
    compared = interrupted_time_series.compare(
        series.counts,
        series.during,
        control=series.control,
        trend=trend,
        season=season,
        level=level,
        unit=unit,
        independent=independent,
    )
    found: dict[str, Any] = {"periods": len(series.periods), "periods_during": sum(series.during)}
    if isinstance(compared, SeriesRefusal):
        refusals = [{**asdict(compared), "sentence": sentence(compared)}]
        return {**found, **dict.fromkeys((*RATIOS, *RESIDUALS, *UNITS)), "gain": None, "refusals": refusals}
    units = (compared.incremental, *compared.incremental_interval, compared.expected.tolist())
    return {
        **found,
        **{name: getattr(compared, name) for name in RATIOS},
        **_residuals(compared),
        **dict(zip(UNITS, units, strict=True)),
        "gain": None if price is None else _gain(compared, price=price, margin=margin, invested=invested),
        "refusals": [],
    }


def _residuals(compared: SeriesComparison) -> dict[str, Any]:
    tested = compared.residuals
    values = (tested.finding.value, tested.autocorrelation, tested.p_value, compared.widening, residuals(compared))
    return dict(zip(RESIDUALS, values, strict=True))


def residuals(compared: SeriesComparison) -> str:
    """Say what the residuals show of neighbouring periods, and what the bounds make of it."""
    tested = compared.residuals
    shown = {
        Neighbours.ALIKE: "Neighbouring periods are alike",
        Neighbours.ALTERNATING: "Good and bad periods alternate",
        Neighbours.NO_SIGN: "Nothing shows that neighbouring periods are alike",
    }[tested.finding]
    return (
        f"{shown}: lag-1 autocorrelation of the residuals {tested.autocorrelation:.2f}, p {tested.p_value:.3f}."
        f" The bounds are {compared.widening:.2f} times as wide as for independent periods."
    )


def _gain(compared: SeriesComparison, *, price: float, margin: float, invested: float) -> dict[str, float | None]:
    gain = interrupted_time_series.gain(compared, price=price, margin=margin, invested=invested)
    return {**asdict(gain), "roi": gain.roi}


def sentence(refusal: SeriesRefusal) -> str:
    """Say why the method refuses, and what is missing."""
    match refusal.reason:
        case SeriesReason.FEW_BEFORE:
            return f"{refusal.found:g} periods before the action, at least {refusal.needed:g} are needed."
        case SeriesReason.FEW_DURING:
            return f"{refusal.found:g} periods of the action, at least {refusal.needed:g} are needed."
        case SeriesReason.NOTHING_BEFORE:
            return "Nothing came before the action, so that no ratio follows."
        case SeriesReason.NOTHING_DURING:
            return "Nothing came during the action, so that no ratio follows."
        case SeriesReason.SHORT_FOR_SEASON:
            return f"{refusal.found:g} periods before the action, the season needs a year of {refusal.needed:g}."


def _cell(value: Any) -> str:
    return f"{value:,.4f}" if isinstance(value, float) else str(value)
