"""The log of erasures beside the database: one JSON a line, numbers and hashes alone.

A backup brings back what was erased, and a database that is lost takes its own log with it; this file knows still.

    {"mark": "…", "lead": 7, "erased_at": "2026-11-18T12:00:00+00:00", "why": "request", "hashes": ["…"]}
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.db import connection

from campaigns import trigram_index
from campaigns.models import Agency
from campaigns.models.erasures import Erased, ErasureReason
from core import task_queue

log = logging.getLogger(__name__)

BATCH = 500
# Lines from before they said why: nobody asks for more than this many leads in one minute, a night does.
MOST_ASKED_IN_A_MINUTE = 50

ErasureSubject = Literal["lead", "person"]


@dataclass(frozen=True)
class ErasureEntry:
    """When something was erased, what tells it again, and why; an old line does not say why."""

    erased_at: datetime
    hashes: list[str]
    why: str = ErasureReason.REQUEST

    @classmethod
    def of(cls, erased: Erased) -> "ErasureEntry":
        return cls(erased.erased_at, erased.hashes, getattr(erased, "why", ErasureReason.REQUEST))


def entries_outside(subject: ErasureSubject, path: Path | None = None) -> dict[int, ErasureEntry]:
    """The erasures of this installation by number, the last line of each; one that was cut short is passed over."""
    path, mark = path or Path(settings.ERASURES_FILE), mark_here()
    found: dict[int, ErasureEntry] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            record = json.loads(line)
            if record.get("mark") == mark and subject in record:
                found[int(record[subject])] = _entry(
                    record, unless_said="" if subject == "lead" else ErasureReason.REQUEST
                )
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("a line of the log of erasures cannot be read")
    return with_reasons(found) if subject == "lead" else found


def _entry(record: Mapping[str, Any], *, unless_said: str) -> ErasureEntry:
    at = datetime.fromisoformat(record["erased_at"])
    return ErasureEntry(at, list(record["hashes"]), str(record.get("why", unless_said)))


def with_reasons(found: Mapping[int, ErasureEntry]) -> dict[int, ErasureEntry]:
    """Leads whose line does not say why: what shares a minute with many others was erased by time."""
    a_minute = Counter(_minute(entry) for entry in found.values() if not entry.why)
    by_time = {minute for minute, count in a_minute.items() if count > MOST_ASKED_IN_A_MINUTE}
    guessed = {True: ErasureReason.TIME, False: ErasureReason.REQUEST}
    return {
        number: entry if entry.why else replace(entry, why=guessed[_minute(entry) in by_time])
        for number, entry in found.items()
    }


def _minute(entry: ErasureEntry) -> datetime:
    return entry.erased_at.replace(second=0, microsecond=0)


def keep_outside(subject: ErasureSubject, inside: Mapping[int, ErasureEntry]) -> int:
    """Write to the file what it does not have like this; return how much that was. Only its owner can read it."""
    path, mark = Path(settings.ERASURES_FILE), mark_here()
    there = entries_outside(subject)
    missing = {number: entry for number, entry in inside.items() if there.get(number) != entry}
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(_line(mark, subject, number, entry) for number, entry in missing.items())
        task_queue.enqueue_on_commit(task_queue.COPY_ERASURES)
    return len(missing)


def mark_here() -> str:
    """What tells this installation from others; read by itself, since a database before its upgrade lacks columns."""
    return Agency.objects.values_list("mark", flat=True).first() or Agency.current().mark


def _line(mark: str, subject: ErasureSubject, number: int, entry: ErasureEntry) -> str:
    when = entry.erased_at.isoformat()
    record = {"mark": mark, subject: number, "erased_at": when, "why": entry.why, "hashes": entry.hashes}
    return json.dumps(record) + "\n"


def batched(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Lists that one statement bears: SQLite takes only so many values."""
    source = iter(numbers)
    return iter(lambda: list(islice(source, BATCH)), [])


def leave_nothing_behind() -> None:
    """On SQLite, write the log of changes into the file and empty it: it still holds what was there before.

    The index of what leads are searched for holds it too, until it is written anew.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        trigram_index.forget_deleted()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
