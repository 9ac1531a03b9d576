"""People write, and a second worker works, at every step of a drain and of the nightly rebuild.

They have connections of their own. What they do at a step is done before the step is, unless a lock makes them wait:
then the first worker goes on. Nothing may be lost, nothing may fail, and all must settle right.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from unittest.mock import patch

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from reports.attribution import rollups
from reports.models import CampaignWeek, Credit, PlatformWeek
from tests import databases
from tests.reports.attribution import recount
from tests.reports.attribution.changing import STARTS, WRITES, World, mark_everything
from tests.reports.attribution.test_rollups_random import NUMBER

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WORK = ("drain", "rebuild")
WRITE = st.tuples(st.sampled_from(WRITES), NUMBER, NUMBER)
# A drain of these worlds takes 10 to 60 steps; a moment that never comes is after it.
MOMENT = st.tuples(st.integers(0, 60), st.tuples(st.sampled_from([*WRITES, *WORK, "drain"]), NUMBER, NUMBER))
INTERRUPTED = st.tuples(st.sampled_from(["drain", "drain", "drain", "rebuild"]), st.lists(MOMENT, max_size=8))
MOVES = st.lists(st.one_of(WRITE, INTERRUPTED), min_size=3, max_size=10)


# -- others, who work meanwhile ---------------------------------------------------------------------------------------


@dataclass
class Other:
    """Somebody with a thread and a database connection of their own."""

    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    started: list[Future[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.backend = self.thread.submit(own_backend).result()

    def begin(self, work: Callable[[], None]) -> None:
        """Start this; return when it is done, or waits for a lock that somebody holds."""
        self.started.append(self.thread.submit(work))
        while wait(self.started[-1:], timeout=0.002).not_done and not self.is_held():
            pass

    def is_held(self) -> bool:
        found = connection.connection.execute("SELECT pg_blocking_pids(%s)", [self.backend]).fetchone()
        return bool(found[0])

    def finish(self) -> None:
        while self.started:
            self.started.pop(0).result()

    def leave(self) -> None:
        self.thread.submit(lambda: connection.close()).result()  # noqa: PLW0108 (the thread's own connection)
        self.thread.shutdown()


def own_backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.fixture
def others() -> Iterator[tuple[Other, Other]]:
    """People who write, and a second worker."""
    both = Other(), Other()
    yield both
    for one in both:
        one.leave()


@pytest.fixture(autouse=True)
def few_leads_at_once(monkeypatch) -> None:
    """A rebuild of these worlds takes several batches of leads, between which others drain and write."""
    monkeypatch.setattr(rollups, "LEADS_AT_ONCE", 3)


@contextmanager
def before_each_step(act: Callable[[], None]) -> Iterator[None]:
    """Call this before each statement of this connection, and before each commit."""
    commit = connection.commit

    def statement(execute, sql, parameters, many, context):
        if not sql.startswith("ROLLBACK TO"):  # after an error nothing else can be asked of this connection
            act()
        return execute(sql, parameters, many, context)

    def commit_after() -> None:
        act()
        commit()

    with connection.execute_wrapper(statement), patch.object(connection, "commit", commit_after):
        yield


# -- one run ----------------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """One world, from its start to its check."""

    others: tuple[Other, Other]
    start: date
    record: Callable[[str, int], None]

    def __post_init__(self) -> None:
        databases.empty()
        self.world = World(self.start)
        self.record("runs", 1)

    def play(self, moves: list) -> None:
        for name, *rest in moves:
            if name in WORK:
                self.interrupt(name, rest[0])
            else:
                getattr(self.world, name)(*rest)
                self.record("writes", 1)
        check()

    def interrupt(self, work: str, moments: list) -> int:
        """Drain or rebuild while this happens at its moments, or else after it; return the number of moments."""
        waiting = sorted(moments, key=lambda moment: moment[0])
        now = 0

        def act() -> None:
            nonlocal now
            while waiting and waiting[0][0] <= now:
                self.begin(*waiting.pop(0)[1])
            now += 1

        with before_each_step(act):
            do_work(work)
        while waiting:
            self.begin(*waiting.pop(0)[1])
        for one in self.others:
            one.finish()
        self.record("drains and rebuilds under writes", 1)
        return now

    def begin(self, name: str, a: int, b: int) -> None:
        people, worker = self.others
        if name in WORK:
            worker.begin(lambda: do_work(name))
            self.record("drains and rebuilds of a second worker", 1)
        else:
            people.begin(lambda: getattr(self.world, name)(a, b))
            self.record("writes amid a drain", 1)


def do_work(name: str) -> None:
    if name == "drain":
        rollups.drain()
    else:
        assert rollups.rebuild() == []


def check() -> None:
    """After a last drain all is right; a rebuild finds nothing, and computing all again from nothing gives the same."""
    rollups.drain()
    recount.check()
    settled = content()
    assert rollups.rebuild() == []
    assert content() == settled
    mark_everything()
    for table in (CampaignWeek, PlatformWeek, Credit):
        table.objects.all().delete()
    rollups.drain()
    assert content() == settled


def content() -> list[list[tuple]]:
    """Both rollups and the credits, row by row, without their numbers."""
    tables = (CampaignWeek, PlatformWeek, Credit)
    columns = {table: [one.attname for one in table._meta.concrete_fields if not one.primary_key] for table in tables}
    return [sorted(table.objects.values_list(*columns[table]), key=repr) for table in tables]


# -- what holds -------------------------------------------------------------------------------------------------------


def runs_of(number: int, examples: int, others: tuple[Other, Other], record_property: Callable) -> None:
    """So many runs, the same on each machine; `number` says which."""

    @seed(number)
    @settings(
        max_examples=examples,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
        database=None,
    )
    @given(start=st.sampled_from(STARTS), moves=MOVES)
    def one(start: date, moves: list) -> None:
        Run(others, start, record_property).play(moves)

    one()


def test_writes_between_the_statements_of_a_drain_are_counted(others, record_property):
    runs_of(0, 8, others, record_property)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(40))
def test_writes_between_the_statements_of_many_drains_are_counted(others, record_property, number):
    runs_of(number, 50, others, record_property)


def test_a_write_is_counted_at_any_step_of_a_drain(others, record_property):
    """Before each step of a drain that computes everything anew, one write and the drain of a second worker."""
    run = Run(others, STARTS[1], record_property)
    names = cycle(WRITES)
    step, steps = 0, 1
    while step <= steps:
        getattr(run.world, next(names))(step, 5 * step % 41)
        mark_everything()
        steps = run.interrupt("drain", [(step, (next(names), step, 7 * step % 41)), (step, ("drain", 0, 0))])
        rollups.drain()
        recount.check()
        step += 1


@pytest.mark.parametrize("name", ["delete_lead", "delete_sale", "drop_platform", "drop_campaign"])
def test_what_is_deleted_amid_a_drain_stops_neither(others, record_property, name):
    for step in range(0, 40, 5):
        run = Run(others, STARTS[2], record_property)
        run.interrupt("drain", [(step, (name, 2, 0))])
        rollups.drain()
        recount.check()


@pytest.mark.soak
@pytest.mark.parametrize(("work", "stride"), [("drain", 1), ("rebuild", 5)])
@pytest.mark.parametrize("name", [*WRITES, *WORK])
def test_each_write_is_counted_at_each_step_of_a_drain(others, record_property, name, work, stride):
    """Of a rebuild, which takes many more steps, each fifth one; other writes take the others."""
    step, steps = [*WRITES, *WORK].index(name) % stride, stride
    while step <= steps:
        run = Run(others, STARTS[step % 3], record_property)
        steps = run.interrupt(work, [(step, (name, step, 7 * step % 41))])
        rollups.drain()
        recount.check()
        step += stride
