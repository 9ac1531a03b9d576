"""Retour's commands: `retour` where the wheel is installed, `python manage.py` in a clone. `retour help` lists them."""

import errno
import gc
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, OperationalError

# What SQLite and PostgreSQL say before `migrate`, or after an upgrade without it.
NO_TABLE = re.compile(r"no such (table|column)|(relation|column) .+ does not exist")
NOT_USABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENOTDIR, errno.EEXIST, errno.EISDIR)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    program, *arguments = sys.argv
    with saying_what_to_do(migrate=f"{Path(program).name} migrate"):
        if arguments[:1] == ["serve"]:
            from config.standalone import serve

            serve.main(arguments[1:])
        else:
            try:
                execute_from_command_line([program, *_as_module(arguments[:1]), *arguments[1:]])
            finally:
                gc.freeze()  # Django has closed the connections; to end, nobody need look through all that is loaded.


@contextmanager
def saying_what_to_do(*, migrate: str) -> Iterator[None]:
    """End with a sentence instead of a traceback where an administrator can mend it; `migrate` makes the tables."""
    try:
        yield
    except (ImproperlyConfigured, DatabaseError, OSError) as error:
        sentence = "" if "--traceback" in sys.argv else what_to_do(error, migrate=migrate)
        if not sentence:
            raise
        sys.exit(sentence)


def what_to_do(error: Exception, *, migrate: str) -> str:
    """A sentence for what an administrator can mend; '' for what is a defect, whose traceback is wanted."""
    if isinstance(error, ImproperlyConfigured):
        return f"Retour does not start: {error}"
    if isinstance(error, OSError):
        return _about_a_file(error)
    if NO_TABLE.search(str(error)):
        return f"The tables of the database are not there yet, or older than this Retour. Run this first: {migrate}"
    if isinstance(error, OperationalError):
        reason = str(error).strip().splitlines()[0]
        return f"The database cannot be used: {reason}. Look at DATABASE_URL, and whether the database runs."
    return ""


def _about_a_file(error: OSError) -> str:
    if error.errno not in NOT_USABLE or not error.filename:
        return ""
    reason = (error.strerror or "").lower()
    return f"{error.filename} cannot be used ({reason}). Give it to who runs Retour, or set DATA_DIR to another folder."


def _as_module(name: list[str]) -> list[str]:
    """The command `move-to` is the module `move_to`; options begin with a hyphen and stay as they are."""
    return [word if word.startswith("-") else word.replace("-", "_") for word in name]


if __name__ == "__main__":
    main()
