"""How a work is measured: its floor, the work twice, its floor again, and that at least five times."""

import contextlib
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.db import connection

ROUNDS = 5
MOST_ROUNDS = 20  # a machine with other work to do spoils some
PATIENCE = 60  # seconds: after them, twice as many rounds as are wanted are the most
DRIFT = 0.2  # a round counts only if its two floors differ by less than a fifth
MOST_OF_ONE = 2  # what is done once is done twice where its floors differed
SLOT = 0.2  # seconds: what is shorter is done again and again, and its median taken
MOST_TURNS = 1_000


def nothing() -> None:
    pass


@dataclass(frozen=True)
class Work:
    """Something that the system does, and the least that any program would have to do for it.

    `before` and `before_floor` stand before each turn, the floor's turns stand `inside_floor`; none of that is timed.
    `units` of it are done in one turn. `once`: it takes too long to be done ten times; it is done between two floors.
    """

    name: str
    floor_is: str
    system: Callable[[], object]
    floor: Callable[[], object]
    before: Callable[[], object] = nothing
    before_floor: Callable[[], object] = nothing
    inside_floor: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext
    units: int = 1
    unit: str = ""
    once: bool = False
    elsewhere: bool = False  # other processes do it: what this one works and asks of the database says nothing
    around: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext  # while it is measured
    memory: Callable[[], int] | None = None


@dataclass(frozen=True)
class Slot:
    """One turn or several: median seconds, mean seconds of this process's own work."""

    seconds: float
    cpu: float


@dataclass(frozen=True)
class Round:
    floors: tuple[Slot, Slot]
    systems: tuple[Slot, ...]
    statements: int  # of the work's turns

    @property
    def is_void(self) -> bool:
        low, high = sorted(slot.seconds for slot in self.floors)
        return high > low * (1 + DRIFT)

    @property
    def floor(self) -> float:
        return statistics.mean(slot.seconds for slot in self.floors)

    @property
    def system(self) -> float:
        return statistics.mean(slot.seconds for slot in self.systems)


@dataclass(frozen=True)
class Measured:
    """What `var/bench.json` holds of a work; times in milliseconds of one turn, None where the rounds were void."""

    work: str
    size: str
    database: str
    entries: int
    ratio: float | None
    floor: float | None
    floor_is: str
    system: float | None
    cpu: float | None
    floor_cpu: float | None
    statements: int | None
    per_second: float | None
    unit: str
    memory_mb: int | None
    rounds: int
    rounds_tried: int
    is_void: bool


def measure(work: Work, *, size: str, entries: int, database: str, rounds: int = ROUNDS) -> Measured:
    with work.around():
        return measure_here(work, size=size, entries=entries, database=database, wanted=1 if work.once else rounds)


def measure_here(work: Work, *, size: str, entries: int, database: str, wanted: int) -> Measured:
    statements = 0 if work.once or work.elsewhere else count_statements(work)
    turns = turns_of(floor_slot(work, 1)), 1 if work.once else turns_of(system_slot(work, 1))
    tried: list[Round] = []
    started = time.perf_counter()
    while enough_is_missing(tried, wanted, seconds=time.perf_counter() - started):
        tried.append(one_round(work, turns))
    standing = [each for each in tried if not each.is_void]
    is_void = len(standing) < wanted
    numbers = Numbers.of([] if is_void else standing, with_cpu=not work.elsewhere)
    return Measured(
        work=work.name,
        size=size,
        database=database,
        entries=entries,
        floor_is=work.floor_is,
        **vars(numbers),
        statements=None if work.elsewhere else statements or tried[-1].statements,
        per_second=round(work.units / numbers.system * 1000, 1) if numbers.system and work.unit else None,
        unit=work.unit,
        memory_mb=work.memory() if work.memory else None,
        rounds=len(standing),
        rounds_tried=len(tried),
        is_void=is_void,
    )


@dataclass(frozen=True)
class Numbers:
    ratio: float | None = None
    floor: float | None = None
    system: float | None = None
    cpu: float | None = None
    floor_cpu: float | None = None

    @classmethod
    def of(cls, rounds: Sequence[Round], *, with_cpu: bool) -> "Numbers":
        if not rounds:
            return cls()
        slots = [slot for each in rounds for slot in each.systems]
        floors = [slot for each in rounds for slot in each.floors]
        return cls(
            ratio=round(statistics.median(each.system / each.floor for each in rounds), 2),
            floor=milliseconds(each.floor for each in rounds),
            system=milliseconds(each.system for each in rounds),
            cpu=milliseconds(slot.cpu for slot in slots) if with_cpu else None,
            floor_cpu=milliseconds(slot.cpu for slot in floors) if with_cpu else None,
        )


def milliseconds(seconds: Any) -> float:
    return round(statistics.median(seconds) * 1000, 3)


def enough_is_missing(tried: Sequence[Round], wanted: int, *, seconds: float) -> bool:
    """Whether another round is to be tried: as many as are wanted, then more in place of those that are void."""
    standing = sum(not each.is_void for each in tried)
    most = MOST_ROUNDS if seconds < PATIENCE else 2 * wanted
    return standing < wanted and len(tried) < (most if wanted > 1 else MOST_OF_ONE)


# -- one round --------------------------------------------------------------------------------------------------------


def one_round(work: Work, turns: tuple[int, int]) -> Round:
    of_floor, of_system = turns
    first = floor_slot(work, of_floor)
    with Counted() if work.once else contextlib.nullcontext(Counted()) as counted:
        systems = [system_slot(work, of_system) for _each in range(1 if work.once else 2)]
    return Round((first, floor_slot(work, of_floor)), tuple(systems), counted.count)


def floor_slot(work: Work, turns: int) -> Slot:
    return slot(work.floor, work.before_floor, work.inside_floor, turns=turns)


def system_slot(work: Work, turns: int) -> Slot:
    return slot(work.system, work.before, contextlib.nullcontext, turns=turns)


def slot(
    act: Callable[[], object],
    before: Callable[[], object],
    inside: Callable[[], AbstractContextManager[None]],
    *,
    turns: int,
) -> Slot:
    seconds, cpu = [], []
    for _each in range(turns):
        before()
        with inside():
            started, busy = time.perf_counter(), time.process_time()
            act()
            cpu.append(time.process_time() - busy)
            seconds.append(time.perf_counter() - started)
    return Slot(statistics.median(seconds), statistics.mean(cpu))


def turns_of(once: Slot) -> int:
    """How often something is done to fill a slot, by how long it took once, which has warmed it up."""
    return max(1, min(MOST_TURNS, int(SLOT / once.seconds)))


# -- statements -------------------------------------------------------------------------------------------------------


class Counted:
    """How many statements this process sends in the block; a COPY is none of them, nor what begins or ends one."""

    count = 0

    def __enter__(self) -> "Counted":
        self.wrapper = connection.execute_wrapper(self._execute)
        self.wrapper.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.wrapper.__exit__(*error)

    def _execute(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        self.count += not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN"))
        return execute(sql, *arguments)


def count_statements(work: Work) -> int:
    """In one turn that is not timed, without those of `before`: the second, as the first one reads the settings too."""
    for _turn in range(2):
        work.before()
        with Counted() as counted:
            work.system()
    return counted.count
