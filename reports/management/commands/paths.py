"""Run the data-driven models on a file of paths, to hold them against published tables."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.management.commands import _options
from reports.statistics import data_driven_attribution
from reports.statistics.csv_files import BadFile, read_paths
from reports.statistics.data_driven_attribution import ChannelCredit, TooManyChannels


class Command(BaseCommand):
    help = (
        "Share conversions and value among channels by Markov removal effects and by Shapley values. "
        "The file has the columns path,conversions,value,nulls; the steps of a path are joined by ' > '."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = describe(read_paths(_options.text_of(options["file"])))
        except BadFile as error:
            raise CommandError(str(error)) from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))
        else:
            self._table(found)

    def _table(self, found: dict[str, Any]) -> None:
        names = ("removal_effect", "conversions", "value")
        self.stdout.write(f"{'':<28}" + "".join(f"{name.replace('_', ' '):>16}" for name in names))
        for model in ("markov", "shapley"):
            for channel, credit in (found[model] or {}).items():
                cells = (credit.get(name) for name in names)
                line = "".join(f"{'-' if cell is None else format(cell, '.4f'):>16}" for cell in cells)
                self.stdout.write(f"{model + ': ' + channel:<28.28}{line}")
        for refusal in found["refusals"]:
            self.stdout.write(f"Refused: {refusal['sentence']}")


def describe(read: list[data_driven_attribution.ChannelPath]) -> dict[str, Any]:
    """Return what both models say about the paths, ready for JSON; ``shapley`` is None when it is refused."""
    shapley, refusals = None, []
    try:
        shapley = {channel: _plain(credit) for channel, credit in data_driven_attribution.shapley(read).items()}
    except TooManyChannels as error:
        refusals.append({"model": "shapley", "reason": "too_many_channels", "sentence": f"{error}."})
    return {
        "paths": len(read),
        "conversions": sum(path.conversions for path in read),
        "value": sum(path.value for path in read),
        "nulls": sum(path.nulls for path in read),
        "markov": {channel: _plain(credit) for channel, credit in data_driven_attribution.markov(read).items()},
        "shapley": shapley,
        "refusals": refusals,
    }


def _plain(credit: ChannelCredit) -> dict[str, float]:
    return {name: value for name, value in asdict(credit).items() if value is not None}
