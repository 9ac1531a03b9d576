"""Print how often the verdicts are right, on simulated agencies whose true returns are known."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.simulation import product, scratch
from reports.statistics.simulation import measures
from reports.statistics.simulation.table import table
from reports.statistics.simulation.worlds import BASE, WORLDS, World

RUNS = 100
# Each is evaluated for two years through the database: about a minute.
PRODUCT_RUNS = 3


class Command(BaseCommand):
    help = (
        "Simulate agencies with platforms of known return and print how many are flagged within 12 and 24 months, how "
        "often states change, and how often the 80 % intervals hold what comes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--runs", type=int, help=f"agencies a world (default {RUNS}, {PRODUCT_RUNS} of the product)"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--world",
            action="append",
            metavar="NAME",
            help=f"default: all, of the product {BASE.name} alone; see --list",
        )
        parser.add_argument("--list", action="store_true", help="list the worlds")
        parser.add_argument("--jobs", type=int, default=1, help="processes that share the work (default 1)")
        parser.add_argument(
            "--product", action="store_true", help="through rows, jobs and verdicts, in a database of their own"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self.stdout.write("\n".join(world.name for world in WORLDS))
            return
        runs = options["runs"] if options["runs"] is not None else PRODUCT_RUNS if options["product"] else RUNS
        if runs < 1 or options["seed"] < 0 or options["jobs"] < 1:
            raise CommandError("--runs and --jobs must be at least 1, --seed at least 0.")
        worlds = _worlds(options["world"] or ([BASE.name] if options["product"] else None))
        if options["product"] and not scratch.is_one():
            scratch.run_again(["simulate", "--product", f"--runs={runs}", f"--seed={options['seed']}", *_named(worlds)])
            return
        for world in worlds:
            if options["product"]:
                figures = product.measure(world, seed=options["seed"], runs=runs)
            else:
                figures = measures.measure(world, seed=options["seed"], runs=runs, jobs=options["jobs"])
            self.stdout.write(f"seed {options['seed']}, {table(figures)}")


def _worlds(names: list[str] | None) -> list[World]:
    by_name = {world.name: world for world in WORLDS}
    unknown = [name for name in names or () if name not in by_name]
    if unknown:
        raise CommandError(f"There is no world {unknown[0]}. There are: {', '.join(by_name)}.")
    return [by_name[name] for name in names or by_name]


def _named(worlds: list[World]) -> list[str]:
    return [f"--world={world.name}" for world in worlds]
