"""What changed since a cursor: the log that triggers write, put in order as it is read (docs/adr/0039).

Transactions become visible in another order than their rows were numbered in: whoever reads by those numbers, or by
times, misses what a slow transaction wrote. So an entry gets its position only once it is visible, under one lock; what
is committed later comes later. A cursor is the epoch and the last position read.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Q

from campaigns.models import ChangeCounter, LoggedChange

KEPT = timedelta(days=400)
BATCH = 10_000
LATEST = "latest"

POSITIONS = """
    UPDATE campaigns_loggedchange SET position = %s + numbered.place
    FROM (
        SELECT id AS entry, ROW_NUMBER() OVER (ORDER BY id) AS place FROM campaigns_loggedchange
        WHERE position IS NULL ORDER BY id LIMIT %s
    ) AS numbered
    WHERE campaigns_loggedchange.id = numbered.entry
"""


class UnknownCursor(Exception):
    """This text is no cursor of this installation."""


class ExpiredCursor(Exception):
    """What came after this cursor is no longer kept, or was undone by a restored backup: read everything again."""


@dataclass(frozen=True)
class ChangesPage:
    """Some entries in their order, the cursor after them, and whether there are more by now."""

    entries: list[LoggedChange]
    cursor: str
    has_more: bool


def read(cursor: str, *, wanted: Q, limit: int) -> ChangesPage:
    """The entries after a cursor that are wanted; from the first one kept without a cursor.

    `latest` is the cursor of this moment: what is read after it was taken may be read twice, but nothing is missed.
    """
    number_new()
    counter = _counter()
    after = counter.last if cursor == LATEST else _position(cursor, counter)
    rows = LoggedChange.objects.filter(wanted, position__gt=after, position__lte=counter.last).order_by("position")
    found = list(rows[: limit + 1])
    entries, has_more = found[:limit], len(found) > limit
    last = entries[-1].position if has_more else counter.last
    return ChangesPage(entries, f"{counter.epoch}-{last}", has_more)


def number_new() -> None:
    """Give the entries that are visible and have none their positions, in the order in which they were written."""
    while LoggedChange.objects.filter(position=None).exists():
        with transaction.atomic():
            counter = _locked()
            with connection.cursor() as cursor:
                cursor.execute(POSITIONS, [counter.last, BATCH])
                counter.last += cursor.rowcount
            counter.save(update_fields=["last"])


def prune(*, at: datetime) -> None:
    """Forget what is older than anybody should be behind; a cursor from before it is told so."""
    old = LoggedChange.objects.filter(at__lt=at - KEPT)
    if not old.exists():
        return
    number_new()  # else nobody could tell that what never had a position is gone
    with transaction.atomic():
        counter = _locked()
        counter.pruned = max(counter.pruned, old.aggregate(last=Max("position"))["last"] or 0)
        counter.save(update_fields=["pruned"])
        LoggedChange.objects.filter(position__lte=counter.pruned).delete()


def begin_again() -> None:
    """After a restored backup: what was read since it was taken may not have happened."""
    with transaction.atomic():
        counter = _locked()
        counter.epoch = new_epoch()
        counter.save(update_fields=["epoch"])


def new_epoch() -> str:
    return secrets.token_hex(4)


def _counter() -> ChangeCounter:
    return ChangeCounter.objects.get_or_create(pk=1, defaults={"epoch": new_epoch()})[0]


def _locked() -> ChangeCounter:
    locked = ChangeCounter.objects.select_for_update().filter(pk=1)
    if (counter := locked.first()) is None:
        _counter()
        counter = locked.get()
    return counter


def _position(cursor: str, counter: ChangeCounter) -> int:
    if not cursor:
        return counter.pruned
    epoch, _dash, number = cursor.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise UnknownCursor
    if epoch != counter.epoch or not counter.pruned <= int(number) <= counter.last:
        raise ExpiredCursor
    return int(number)
