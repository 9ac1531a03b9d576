"""One phase of the bench on one database, in a process of its own: Django knows one. `python -m tests.bench.phase`."""

import json
import os
import resource
import sys
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import django

from tests.bench.proportions import Proportions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.rounds import Work
    from tests.bench.world import World


def main(phase: str) -> None:
    django.setup()
    answer = {"fill": fill, "measure": measured, "peers": beside_peers, "kills": kill, "rebuild": rebuild}[phase]()
    print(json.dumps(answer))


def size_and_day() -> tuple[Proportions, date]:
    return Proportions.of(os.environ["BENCH_SIZE"]), date.fromisoformat(os.environ["BENCH_LAST"])


def fill() -> dict[str, Any]:
    """Fill the database and return its fingerprint, or what is wrong."""
    from tests.bench import correctness, world

    works_asked()  # before an hour is spent on filling
    try:
        return correctness.check(world.fill(*size_and_day()))
    except correctness.WrongFigures as wrong:
        return {"wrong": str(wrong)}


def measured() -> list[dict[str, Any]]:
    """Measure each work, or those that ONLY names, made just before its turn."""
    world = read_world()
    return [kept(make(world)) for make in works_asked().values()]


def works_asked() -> "dict[str, Callable[[World], Work]]":
    """The works that ONLY names, else all. SystemExit with their names when it names another."""
    from tests.bench import figures, pages, saving

    works = figures.WORKS | pages.WORKS | saving.WORKS
    only = set(filter(None, os.environ.get("ONLY", "").split(",")))
    if unknown := only - works.keys():
        sys.exit(f"ONLY: nothing is called {', '.join(sorted(unknown))}. There are {', '.join(works)}.")
    return {name: make for name, make in works.items() if not only or name in only}


def beside_peers() -> list[dict[str, Any]]:
    """Measure ours beside TimeTagger, or say why it is left out."""
    from tests.bench import peers

    try:
        with peers.works(read_world()) as works:
            return [kept(work) for work in works]
    except peers.NotInstalled as reason:
        print(f"{peers.PACKAGE} cannot be installed and is left out: {reason}", file=sys.stderr)
        return []


def read_world() -> "World":
    from tests.bench.world import World

    return World.read(*size_and_day())


def kept(work: "Work") -> dict[str, Any]:
    """What was measured of a work, which is printed at once too: a run at the largest size takes long."""
    from django.db import connection

    from tests.bench import table
    from tests.bench.rounds import measure
    from timesheets.models import TimeEntry

    size, _last = size_and_day()
    result = measure(work, size=size.size, entries=TimeEntry.objects.count(), database=connection.vendor)
    print(table.line(result), file=sys.stderr, flush=True)
    return asdict(result)


def kill() -> dict[str, int]:
    """Kill drains and rebuilds as often as KILLS says; AssertionError tells what is wrong."""
    from tests.bench import kills

    return kills.killed(read_world(), int(os.environ["KILLS"]))


def rebuild() -> dict[str, int]:
    """How much memory a rebuild takes, all that the process holds included."""
    from tests.bench.figures.rebuilds import rebuilt

    rebuilt()
    return {"memory_mb": peak_megabytes()}


def peak_megabytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(sys.argv[1])
