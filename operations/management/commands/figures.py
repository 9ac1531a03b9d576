"""Print the figures of a period, from the same functions as the dashboard and the e-mail."""

import csv
import json
from fractions import Fraction
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.models import Agency
from campaigns.models.agency import Basis, CreditModel
from operations import jobs
from reports.figures.columns import COLUMNS, cells
from reports.figures.query import Breakdown, By, Period, ReportFilters, figures_by
from reports.management.commands import _options


class Command(BaseCommand):
    help = "Print hours, cost, leads, sales and returns of a period, by platform, campaign, week, client and more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=_options.week, metavar="2026-W01")
        parser.add_argument("--to", dest="last", type=_options.week, metavar="2026-W46")
        parser.add_argument("--by", choices=[by.value for by in By], default=By.PLATFORM.value)
        parser.add_argument("--model", choices=CreditModel.values)
        parser.add_argument("--basis", choices=Basis.values, default=Basis.CASH.value)
        parser.add_argument("--format", choices=["table", "csv", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        jobs.drain(at=timezone.now())
        agency = Agency.current()
        last = options["last"] or _options.last_complete_week()
        first = options["first"] or last.plus(1 - agency.window_weeks)
        if first > last:
            raise CommandError(f"--from {first} is after --to {last}.")
        filters = ReportFilters(
            model=CreditModel(options["model"] or agency.credit_model), basis=Basis(options["basis"])
        )
        by = By(options["by"])
        breakdown = figures_by(Period(first, last), by, filters)
        getattr(self, f"_{options['format']}")(by, breakdown, agency.margin)

    def _lines(self, by: By, breakdown: Breakdown, margin: Fraction) -> list[dict[str, Any]]:
        rows = [(_kind(by, row.key), row.label, row.figures) for row in breakdown.rows]
        rows.append(("total", "Total", breakdown.total))
        if by is not By.CAMPAIGN:
            rows.append(("of which", "General presence", breakdown.general))
        return [{"row": kind, "name": label, **cells(figures, margin)} for kind, label, figures in rows]

    def _json(self, by: By, breakdown: Breakdown, margin: Fraction) -> None:
        self.stdout.write(json.dumps(self._lines(by, breakdown, margin), indent=2, ensure_ascii=False, default=float))

    def _csv(self, by: By, breakdown: Breakdown, margin: Fraction) -> None:
        writer = csv.DictWriter(self.stdout, ["row", "name", *COLUMNS], lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._lines(by, breakdown, margin))

    def _table(self, by: By, breakdown: Breakdown, margin: Fraction) -> None:
        self.stdout.write(f"{'':<28}" + "".join(f"{name.replace('_', ' ')[:13]:>14}" for name in COLUMNS))
        for line in self._lines(by, breakdown, margin):
            values = "".join(f"{'-' if line[name] is None else line[name]:>14}" for name in COLUMNS)
            label = f"of which {line['name']}" if line["row"] == "of which" else line["name"]
            self.stdout.write(f"{label[:27]:<28}{values}")


def _kind(by: By, key: Any) -> str:
    return "unattributed" if key is None else by.value
