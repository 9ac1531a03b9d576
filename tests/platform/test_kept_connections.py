"""What a connection to PostgreSQL that is kept between requests costs, and that it may go (docs/adr/0059)."""

import os
import socket
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection

from core.postgresql import base
from core.postgresql.base import DatabaseWrapper
from tests.waiting import eventually

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def asked(monkeypatch) -> Iterator[list[bool]]:
    """What PostgreSQL was asked before a request, and whether it answered."""
    answers: list[bool] = []
    ask = DatabaseWrapper.is_usable

    def noted(wrapper: DatabaseWrapper) -> bool:
        answers.append(ask(wrapper))
        return answers[-1]

    monkeypatch.setattr(DatabaseWrapper, "is_usable", noted)
    monkeypatch.setattr(base, "TRUSTED_SECONDS", 3600.0)  # however slow the machine is
    yield answers
    connection.close()


def served_by() -> int:
    """Which process of PostgreSQL answers a statement of a request that begins now."""
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def hung_up() -> bool:
    return not connection._is_quiet()


def end_it() -> None:
    """As a server does that stops: it says so, and hangs up."""
    parameters = connection.get_connection_params()
    del parameters["cursor_factory"], parameters["context"]
    with psycopg.connect(**parameters, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    eventually(hung_up)


def break_it() -> None:
    """As when the server's machine falls: the other end is gone without a word."""
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as ours:
        ours.shutdown(socket.SHUT_RDWR)


def test_a_connection_that_is_in_use_is_not_asked_again(asked):
    assert served_by() == served_by() == served_by()
    assert asked == []


@pytest.mark.parametrize("go", [end_it, break_it])
def test_a_connection_that_went_between_two_requests_is_made_anew_for_the_second(asked, go: Callable[[], None]):
    before = served_by()
    go()
    assert served_by() != before
    assert asked == [False]


def test_a_connection_that_was_idle_is_asked_whatever_its_socket_says(asked, monkeypatch):
    before = served_by()
    monkeypatch.setattr(connection, "_used_at", connection._used_at - base.TRUSTED_SECONDS)
    assert served_by() == before
    assert asked == [True]


def test_a_statement_that_failed_has_its_connection_asked(asked):
    before = served_by()
    with pytest.raises(Exception, match="nothing_like_it"), connection.cursor() as cursor:
        cursor.execute("SELECT nothing_like_it")
    assert served_by() == before
    assert asked == [True]
