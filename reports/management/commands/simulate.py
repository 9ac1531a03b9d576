"""Print how often the evidence rule is right, on simulated platforms whose true return is known."""

from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.statistics import simulation
from reports.statistics.simulation import OTHERS, RUNS, SALES_TO_BREAK_EVEN, TRUE_RETURNS, Delay, World

# By name: the delay of sales, and how many sales a month the agency's other platforms bring.
CONDITIONS: dict[str, tuple[Delay | None, float]] = {
    "no-delay": (None, 0.0),
    "no-delay-agency": (None, OTHERS),
    "delay": (Delay(), 0.0),
    "delay-agency": (Delay(), OTHERS),
}


class Command(BaseCommand):
    help = "Simulate platforms of known return and print how many are flagged within 12 and 24 months."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--runs", type=int, default=RUNS, help=f"platforms per line (default {RUNS})")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--condition", choices=list(CONDITIONS), action="append", help="default: all of them")
        parser.add_argument("--sales", type=float, action="append", help="sales a month to break even")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["runs"] < 1 or options["seed"] < 0 or any(sales <= 0 for sales in options["sales"] or ()):
            raise CommandError("--runs and --sales must be more than 0, --seed at least 0.")
        for name in options["condition"] or CONDITIONS:
            for sales in options["sales"] or SALES_TO_BREAK_EVEN:
                self.stdout.write(
                    f"\n{name}, seed {options['seed']}, {options['runs']} runs\n{_table(name, sales, options)}"
                )


def _table(condition: str, sales: float, options: dict[str, Any]) -> str:
    delay, others = CONDITIONS[condition]
    worlds = [World(sales=sales, true_return=each, delay=delay, others=others) for each in TRUE_RETURNS]
    generator = np.random.default_rng(options["seed"])
    return simulation.table(
        [(world, simulation.rates(world, runs=options["runs"], generator=generator)) for world in worlds]
    )
