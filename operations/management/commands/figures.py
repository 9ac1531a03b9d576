"""Print the figures of a period, from the same functions as the dashboard and the e-mail."""

import csv
import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.models import Agency
from campaigns.models.agency import MODEL_CHOICES, Basis
from operations import jobs
from reports.figures.query import Breakdown, By, Period, ReportFilters, figures_by
from reports.figures.totals import Figures
from reports.management.commands import _options
from reports.pages.dashboard_columns import PERIOD_COLUMNS, file_values
from reports.pages.platform_rows import PlatformRow

NAMES = [column.name for column in PERIOD_COLUMNS]


class Command(BaseCommand):
    help = "Print hours, cost, leads, sales and returns of a period, by platform, campaign, week, client and more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=_options.week, metavar="2026-W01")
        parser.add_argument("--to", dest="last", type=_options.week, metavar="2026-W46")
        parser.add_argument("--by", choices=[by.value for by in By], default=By.PLATFORM.value)
        parser.add_argument("--model", choices=dict(MODEL_CHOICES))
        parser.add_argument("--basis", choices=Basis.values, default=Basis.CASH.value)
        parser.add_argument("--format", choices=["table", "csv", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        jobs.drain(at=timezone.now())
        agency = Agency.current()
        last = options["last"] or _options.last_complete_week()
        first = options["first"] or last.plus(1 - agency.window_weeks)
        if first > last:
            raise CommandError(f"--from {first} is after --to {last}.")
        filters = ReportFilters(model=options["model"] or agency.credit_model, basis=Basis(options["basis"]))
        by = By(options["by"])
        period = Period(first, last)
        rows = _rows(by, figures_by(period, by, filters), period, agency.margin)
        getattr(self, f"_{options['format']}")(rows)

    def _json(self, rows: list[dict[str, Any]]) -> None:
        self.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False, default=float))

    def _csv(self, rows: list[dict[str, Any]]) -> None:
        writer = csv.DictWriter(self.stdout, ["row", "name", *NAMES], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

    def _table(self, rows: list[dict[str, Any]]) -> None:
        self.stdout.write(f"{'':<28}" + "".join(f"{name.replace('_', ' ')[:13]:>14}" for name in NAMES))
        for row in rows:
            values = "".join(f"{'-' if row[name] is None else row[name]:>14}" for name in NAMES)
            label = f"of which {row['name']}" if row["row"] == "of which" else row["name"]
            self.stdout.write(f"{label[:27]:<28}{values}")


def _rows(by: By, breakdown: Breakdown, period: Period, margin: Fraction) -> list[dict[str, Any]]:
    """The rows of the breakdown, then their total, then the part of it that is General presence."""
    blank = PlatformRow(None, "", Figures(), Figures(), period.weeks, margin)
    rows = [(_kind(by, row.key), row.label, row.figures) for row in breakdown.rows]
    rows.append(("total", "Total", breakdown.total))
    if by is not By.CAMPAIGN:
        rows.append(("of which", "General presence", breakdown.general))
    return [
        {"row": kind, "name": label, **file_values(replace(blank, figures=figures), PERIOD_COLUMNS)}
        for kind, label, figures in rows
    ]


def _kind(by: By, key: Any) -> str:
    return "unattributed" if key is None else by.value
