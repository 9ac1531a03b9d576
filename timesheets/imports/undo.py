"""Undo an import of hours."""

from collections.abc import Mapping, Sequence

from campaigns.models import ImportedRow
from timesheets.imports.existing_entries import closed_days, save_in_order, split
from timesheets.models import TimeEntry, lock_member


def take_back(rows: Sequence[ImportedRow]) -> int:
    """Take the minutes back; cells of submitted weeks, and set cells that changed since, are kept."""
    entries = _locked_entries(rows)
    minutes_before = {pk: entry.minutes for pk, entry in entries.items()}
    closed = closed_days({(entry.member_id, entry.day) for entry in entries.values()})
    kept, changed = 0, {}
    for row in rows:
        entry = entries.get(row.object_id or 0)
        if entry is None:
            continue
        if (entry.member_id, entry.day) not in closed and _undo_row(row, entry):
            changed[entry.pk] = entry
        else:
            kept += 1
    _save_or_remove(list(changed.values()), minutes_before)
    return kept


def _locked_entries(rows: Sequence[ImportedRow]) -> dict[int, TimeEntry]:
    """Return the entries that the rows wrote, by number, under the locks of their members."""
    entries = TimeEntry.objects.in_bulk([row.object_id for row in rows])
    for member in sorted({entry.member_id for entry in entries.values()}):
        lock_member(member)
    return TimeEntry.objects.in_bulk(list(entries))


def _undo_row(row: ImportedRow, entry: TimeEntry) -> bool:
    """Take what a row did out of its entry; False when that cannot be told any more."""
    minutes = _minutes_without(row, entry)
    if minutes is None:
        return False
    entry.minutes = minutes
    entry.note = ((row.before or {}).get("was") or {}).get("note", entry.note)
    return True


def _minutes_without(row: ImportedRow, entry: TimeEntry) -> int | None:
    """The minutes of an entry without what a row did; None when that cannot be told any more."""
    if row.before is None:
        left = entry.minutes - (row.minutes or 0)
        return left if left >= 0 else None
    if (entry.minutes, entry.note) != (row.before["now"]["minutes"], row.before["now"]["note"]):
        return None
    return int((row.before["was"] or {"minutes": 0})["minutes"])


def _save_or_remove(entries: Sequence[TimeEntry], minutes_before: Mapping[int, int]) -> None:
    """Write what is left of entries, and remove those of which nothing is left."""
    TimeEntry.objects.filter(pk__in=[entry.pk for entry in entries if entry.minutes == 0]).delete()
    left = [entry for entry in entries if entry.minutes > 0]
    for entry in left:
        entry.version += 1
    shrinking, growing = split(left, by=lambda entry: entry.minutes > minutes_before[entry.pk])
    save_in_order(shrinking, growing, ["minutes", "note", "version"])
