"""Somebody writes at every step of a drain, on a connection of their own: nothing is lost, and all settles right."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import date

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from campaigns.models import StaleMark
from reports import rollup
from reports.models import CampaignWeek, Credit, PlatformWeek
from tests.reports.test_rollup_random import CHANGES, NUMBER, STARTS, World, check_sums

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITES = [name for name in CHANGES if name != "drain"]
WRITE = st.tuples(st.sampled_from(WRITES), NUMBER, NUMBER)
# A drain of these worlds takes 10 to 60 statements; a write that meets none comes after it.
MOVES = st.lists(st.one_of(WRITE, st.lists(st.tuples(st.integers(0, 60), WRITE), max_size=8)), min_size=4, max_size=16)
# A write that the drain's locks make wait goes on when the drain is over.
PATIENCE_SECONDS = 0.1


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """A thread with a database connection of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(lambda: connection.close()).result()  # noqa: PLW0108 (the thread's own connection)


def drain_while(elsewhere: ThreadPoolExecutor, writes: dict[int, Callable[[], None]]) -> None:
    """Drain, and let the writes come before its statements of these numbers, or else after it."""
    started: list[Future[None]] = []
    statement = 0

    def step(execute, sql, parameters, many, context):
        nonlocal statement
        if (write := writes.pop(statement, None)) is not None:
            started.append(elsewhere.submit(write))
            wait(started[-1:], timeout=PATIENCE_SECONDS)
        statement += 1
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(step):
        rollup.drain()
    started += [elsewhere.submit(write) for write in writes.values()]
    for one in started:
        one.result()


def forget_everything() -> None:
    tables = [
        name
        for name in connection.introspection.table_names()
        if name.startswith(("campaigns", "timesheets", "reports"))
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


def content() -> list[list[tuple]]:
    """Both rollups and the credits, row by row, without their numbers."""
    tables = (CampaignWeek, PlatformWeek, Credit)
    columns = {table: [one.attname for one in table._meta.concrete_fields if not one.primary_key] for table in tables}
    return [sorted(table.objects.values_list(*columns[table]), key=repr) for table in tables]


def check(elsewhere: ThreadPoolExecutor, start: date, moves: list) -> None:
    forget_everything()
    world = World(start)

    def writing(name: str, a: int, b: int) -> Callable[[], None]:
        return lambda: getattr(world, name)(a, b)

    for move in moves:
        if isinstance(move, tuple):
            writing(*move)()
        else:
            drain_while(elsewhere, {number: writing(*write) for number, write in move})
    rollup.drain()
    assert not StaleMark.objects.exists()
    settled = content()
    assert rollup.rebuild() == []
    check_sums()
    assert content() == settled


def as_often(examples: int) -> Callable:
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
        derandomize=True,
        database=None,
    )


@as_often(15)
@given(start=st.sampled_from(STARTS), moves=MOVES)
def test_writes_between_the_statements_of_a_drain_are_counted(elsewhere, start, moves):
    check(elsewhere, start, moves)


@pytest.mark.soak
@as_often(2000)
@given(start=st.sampled_from(STARTS), moves=MOVES)
def test_writes_between_the_statements_of_many_drains_are_counted(elsewhere, start, moves):
    check(elsewhere, start, moves)
