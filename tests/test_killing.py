"""What is forked to be killed has nothing of its parent's that a kill would leave behind."""

import asyncio

import pytest
from django.db import connection

from tests.killing import how_it_ended, worker


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_has_a_connection_of_its_own_even_amid_the_loop_of_a_browser(tmp_path):
    parents, told = backend(), tmp_path / "told"

    async def fork() -> int:
        return worker(lambda: told.write_text(str(backend())))

    assert how_it_ended(asyncio.run(fork())) == 0
    assert int(told.read_text()) != parents
    assert backend() == parents
