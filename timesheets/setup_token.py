"""Who may set up an installation in which there is nobody yet: whoever sees the terminal in which it was started.

The token is shown there and nowhere else, kept as a hash for all processes, and gone with the first director.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction

from timesheets.models import SetupToken, User

BYTES = 16  # 128 bits
MOST_WRONG_TRIES = 5
WITHIN = timedelta(minutes=1)


class TooManyTries(Exception):
    """Wrong tokens were tried so often that even the right one has to wait a minute."""


class Terminal(Protocol):
    """Where the token may be shown."""

    def write(self, text: str, /) -> object: ...
    def isatty(self) -> bool: ...


def is_open() -> bool:
    """Whether there is nobody here yet, so that somebody may set this installation up."""
    return not User.objects.exists()


def expect() -> None:
    """From now on somebody's own agency is awaited here, whether or not its token was shown yet."""
    SetupToken.objects.get_or_create(pk=1, defaults={"digest": _digest(secrets.token_urlsafe(BYTES))})


def is_expected() -> bool:
    return SetupToken.objects.exists()


def renew() -> str:
    """Make a new token and return it; the one before it, and what was tried, are forgotten."""
    token = secrets.token_urlsafe(BYTES)
    SetupToken.objects.update_or_create(pk=1, defaults={"digest": _digest(token), "wrong_at": []})
    return token


@transaction.atomic
def digest_of(token: str, *, at: datetime) -> str | None:
    """The digest of the right token, None for a wrong one; `TooManyTries` after five wrong ones within a minute."""
    row = SetupToken.objects.select_for_update().filter(pk=1).first()
    if row is None:
        return None
    now = at.timestamp()
    row.wrong_at = [tried for tried in row.wrong_at if 0 <= now - tried < WITHIN.total_seconds()]
    if len(row.wrong_at) >= MOST_WRONG_TRIES:
        raise TooManyTries
    if secrets.compare_digest(row.digest, _digest(token)):
        return row.digest
    row.wrong_at.append(now)
    row.save()
    return None


def opens(digest: str | None) -> bool:
    """Whether a digest that `digest_of` gave is still that of the token."""
    return bool(digest) and SetupToken.objects.filter(digest=digest).exists()


def use_up(digest: str | None) -> bool:
    """Take the token away; of two who have it, one gets True. The caller holds a transaction."""
    gone, _rows = SetupToken.objects.filter(digest=digest or "").delete()
    return bool(gone) and is_open()


def forget() -> None:
    """There is a director now, however they came: no token opens anything."""
    SetupToken.objects.all().delete()


def show(terminal: Terminal, *, address: str, command: str) -> None:
    """Say where an installation without people is set up, and show a new token if a person is looking.

    What goes into a file or to a collector of logs is kept: it gets the command that shows the token instead.
    """
    if not is_open():
        return
    terminal.write(f"Nobody is here yet. Set up your agency at {address}/setup/\n")
    if terminal.isatty():
        terminal.write(f"Token, shown only here and only now: {renew()}\n")
    else:
        terminal.write(f"For its token, run in a terminal: {command}\n")


def _digest(token: str) -> str:
    return hashlib.sha256(token.strip().encode()).hexdigest()
