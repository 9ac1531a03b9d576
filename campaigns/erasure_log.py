"""The log of erasures beside the database: one JSON a line, numbers and hashes alone.

A backup brings back what was erased, and a database that is lost takes its own log with it; this file knows still.

    {"mark": "…", "lead": 7, "erased_at": "2026-11-18T12:00:00+00:00", "hashes": ["…"]}
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import connection

from campaigns.models import Agency
from campaigns.models.erasures import Erased
from core import task_queue

log = logging.getLogger(__name__)

BATCH = 500

ErasureSubject = Literal["lead", "person"]


@dataclass(frozen=True)
class ErasureEntry:
    """When something was erased, and what tells it again."""

    erased_at: datetime
    hashes: list[str]

    @classmethod
    def of(cls, erased: Erased) -> "ErasureEntry":
        return cls(erased.erased_at, erased.hashes)


def entries_outside(subject: ErasureSubject, path: Path | None = None) -> dict[int, ErasureEntry]:
    """The erasures of this installation by number; a line that a full disk cut short is passed over."""
    path, mark = path or Path(settings.ERASURES_FILE), Agency.current().mark
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            record = json.loads(line)
            if record.get("mark") == mark and subject in record:
                entry = ErasureEntry(datetime.fromisoformat(record["erased_at"]), list(record["hashes"]))
                found[int(record[subject])] = entry
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("a line of the log of erasures cannot be read")
    return found


def keep_outside(subject: ErasureSubject, inside: Mapping[int, ErasureEntry]) -> int:
    """Write to the file what it does not have yet; return how much that was. Only its owner can read it."""
    path, mark = Path(settings.ERASURES_FILE), Agency.current().mark
    there = entries_outside(subject)
    missing = {number: entry for number, entry in inside.items() if number not in there}
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(_line(mark, subject, number, entry) for number, entry in missing.items())
        task_queue.enqueue_on_commit(task_queue.COPY_ERASURES)
    return len(missing)


def _line(mark: str, subject: ErasureSubject, number: int, entry: ErasureEntry) -> str:
    record = {"mark": mark, subject: number, "erased_at": entry.erased_at.isoformat(), "hashes": entry.hashes}
    return json.dumps(record) + "\n"


def batched(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Lists that one statement bears: SQLite takes only so many values."""
    source = iter(numbers)
    return iter(lambda: list(islice(source, BATCH)), [])


def leave_nothing_behind() -> None:
    """On SQLite, write the log of changes into the file and empty it: it still holds what was there before."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
