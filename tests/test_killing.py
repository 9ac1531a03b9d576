"""What is forked to be killed has nothing of its parent's that a kill would leave behind."""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from django.db import connection

from tests.killing import how_it_ended, worker


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@contextlib.contextmanager
def loop_running(loop: asyncio.AbstractEventLoop | None) -> Iterator[None]:
    """As while a browser's loop runs in this thread, or, with None, as while none does."""
    before = asyncio._get_running_loop()
    asyncio._set_running_loop(loop)
    try:
        yield
    finally:
        asyncio._set_running_loop(before)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_has_a_connection_of_its_own_even_amid_the_loop_of_a_browser(tmp_path):
    told, loop = tmp_path / "told", asyncio.new_event_loop()
    with loop_running(None):
        parents = backend()
    with loop_running(loop):
        pid = worker(lambda: told.write_text(str(backend())))
    loop.close()
    assert how_it_ended(pid) == 0
    assert int(told.read_text()) != parents
    with loop_running(None):
        assert backend() == parents
        connection.close()
