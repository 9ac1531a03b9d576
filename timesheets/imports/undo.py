"""An import of hours taken back."""

from collections.abc import Mapping, Sequence

from simple_history.utils import bulk_update_with_history

from campaigns.models import ImportedRow
from timesheets.imports.existing_entries import closed_days
from timesheets.models import TimeEntry, lock_member


def take_back(rows: Sequence[ImportedRow]) -> int:
    """Take the minutes back; cells of submitted weeks, and set cells that changed since, are kept."""
    entries = TimeEntry.objects.in_bulk([row.object_id for row in rows])
    for member in sorted({entry.member_id for entry in entries.values()}):
        lock_member(member)
    entries = TimeEntry.objects.in_bulk(list(entries))
    held = {pk: entry.minutes for pk, entry in entries.items()}
    closed = closed_days({(entry.member_id, entry.day) for entry in entries.values()})
    kept, changed = 0, {}
    for row in rows:
        entry = entries.get(row.object_id)
        if entry is None:
            continue
        minutes = _minutes_without(row, entry)
        if minutes is None or (entry.member_id, entry.day) in closed:
            kept += 1
            continue
        entry.minutes = minutes
        entry.note = ((row.before or {}).get("was") or {}).get("note", entry.note)
        changed[entry.pk] = entry
    _save_or_remove(list(changed.values()), held)
    return kept


def _minutes_without(row: ImportedRow, entry: TimeEntry) -> int | None:
    """The minutes of an entry without what a row did; None when that cannot be told any more."""
    if row.before is None:
        left = entry.minutes - (row.minutes or 0)
        return left if left >= 0 else None
    if (entry.minutes, entry.note) != (row.before["now"]["minutes"], row.before["now"]["note"]):
        return None
    return int((row.before["was"] or {"minutes": 0})["minutes"])


def _save_or_remove(entries: Sequence[TimeEntry], held: Mapping[int, int]) -> None:
    """Write what is left of entries, those that shrink first, and remove those of which nothing is left."""
    TimeEntry.objects.filter(pk__in=[one.pk for one in entries if one.minutes == 0]).delete()
    left = [one for one in entries if one.minutes > 0]
    for one in left:
        one.version += 1
    shrinking = [one for one in left if one.minutes <= held[one.pk]]
    growing = [one for one in left if one.minutes > held[one.pk]]
    for changed in (shrinking, growing):
        if changed:
            bulk_update_with_history(changed, TimeEntry, ["minutes", "note", "version"])
