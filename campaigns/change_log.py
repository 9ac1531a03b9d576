"""What changed since a cursor: the log that triggers write, put in order as it is read (docs/adr/0039).

Transactions become visible in another order than their rows were numbered in: whoever reads by those numbers, or by
times, misses what a slow transaction wrote. So an entry gets its position only once it is visible, under one lock; what
is committed later comes later. A cursor is the epoch and the last position read.

Directors are told of more than others are. The others read by positions of their own, in which what they are not told
of leaves no gap (docs/adr/0047).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet

from campaigns.models import ChangeCounter, LoggedChange

KEPT = timedelta(days=400)
BATCH = 10_000
LATEST = "latest"

POSITIONS = """
    UPDATE campaigns_loggedchange SET
        position = %s + numbered.place,
        shared_position = CASE WHEN is_for_directors THEN NULL ELSE %s + numbered.shared_place END
    FROM (
        SELECT
            id AS entry,
            ROW_NUMBER() OVER (ORDER BY id) AS place,
            SUM(CASE WHEN is_for_directors THEN 0 ELSE 1 END) OVER (ORDER BY id) AS shared_place
        FROM campaigns_loggedchange
        WHERE position IS NULL ORDER BY id LIMIT %s
    ) AS numbered
    WHERE campaigns_loggedchange.id = numbered.entry
"""


class UnknownCursor(Exception):
    """This text is no cursor of this installation."""


class ExpiredCursor(Exception):
    """What came after this cursor is no longer kept, or was undone by a restored backup: read everything again."""


@dataclass(frozen=True)
class Series:
    """One order of the entries: the field that holds it, those of the counter, and what marks its cursors."""

    position: str
    last: str
    pruned: str
    mark: str = ""


SHARED = Series("shared_position", "shared_last", "shared_pruned")
OF_DIRECTORS = Series("position", "last", "pruned", mark="d")


@dataclass(frozen=True)
class ChangesPage:
    """Some entries in their order, the cursor after them, and whether there are more by now."""

    entries: list[LoggedChange]
    cursor: str
    has_more: bool


def read(cursor: str, *, wanted: Q, limit: int, series: Series = SHARED) -> ChangesPage:
    """The entries after a cursor that are wanted; from the first one kept without a cursor.

    `latest` is the cursor of this moment: what is read after it was taken may be read twice, but nothing is missed.
    """
    number_new()
    counter, name = _counter(), series.position
    newest: int = getattr(counter, series.last)
    after = newest if cursor == LATEST else _position(cursor, counter, series)
    rows = LoggedChange.objects.filter(wanted, **{f"{name}__gt": after, f"{name}__lte": newest}).order_by(name)
    found = list(rows[: limit + 1])
    entries, has_more = found[:limit], len(found) > limit
    last = getattr(entries[-1], name) if has_more else newest
    return ChangesPage(entries, f"{counter.epoch}-{series.mark}{last}", has_more)


def number_new() -> None:
    """Give the entries that are visible and have none their positions, in the order in which they were written."""
    while LoggedChange.objects.filter(position=None).exists():
        with transaction.atomic():
            counter = _locked()
            before = counter.last
            with connection.cursor() as cursor:
                cursor.execute(POSITIONS, [counter.last, counter.shared_last, BATCH])
                counter.last += cursor.rowcount
            numbered = LoggedChange.objects.filter(position__gt=before)
            counter.shared_last = _last_shared(numbered, counter.shared_last)
            counter.save(update_fields=["last", "shared_last"])


def _last_shared(rows: QuerySet[LoggedChange], otherwise: int) -> int:
    """The last position of those that all are told of; the other one where there is none among them."""
    return max(otherwise, rows.aggregate(last=Max("shared_position"))["last"] or 0)


def prune(*, at: datetime) -> None:
    """Forget what is older than anybody should be behind; a cursor from before it is told so."""
    old = LoggedChange.objects.filter(at__lt=at - KEPT)
    if not old.exists():
        return
    number_new()  # else nobody could tell that what never had a position is gone
    with transaction.atomic():
        counter = _locked()
        counter.pruned = max(counter.pruned, old.aggregate(last=Max("position"))["last"] or 0)
        gone = LoggedChange.objects.filter(position__lte=counter.pruned)
        counter.shared_pruned = _last_shared(gone, counter.shared_pruned)
        counter.save(update_fields=["pruned", "shared_pruned"])
        gone.delete()


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


def _position(cursor: str, counter: ChangeCounter, series: Series) -> int:
    pruned: int = getattr(counter, series.pruned)
    if not cursor:
        return pruned
    epoch, _dash, place = cursor.partition("-")
    number = place.removeprefix(OF_DIRECTORS.mark)
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise UnknownCursor
    is_of_series = place == f"{series.mark}{number}"  # else the role has changed since, and what may be read with it
    if not is_of_series or epoch != counter.epoch or not pruned <= int(number) <= getattr(counter, series.last):
        raise ExpiredCursor
    return int(number)
