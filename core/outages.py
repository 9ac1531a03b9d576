"""Tells an outage of the database from an error of the work: after an outage, the same work will do."""

from django.db import InterfaceError, OperationalError

# PostgreSQL's classes for a connection that broke, and for a server that was stopped or is starting.
STATES = ("08", "57P")


def is_outage(error: BaseException) -> bool:
    """Whether the error says that PostgreSQL went away, and not what it thought of a statement.

    An error without a state comes from the connection itself. SQLite's errors have none to look for: it is a file.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", "of another database")
    return state is None or state.startswith(STATES)
