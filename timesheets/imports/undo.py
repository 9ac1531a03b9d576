"""Undo an import of hours."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from campaigns.models import ImportedRow
from timesheets.imports.existing_entries import closed_days, save_in_order, split
from timesheets.models import TimeEntry, lock_members, stamp


def take_back(rows: Sequence[ImportedRow]) -> int:
    """Give back to each cell what it was; what cannot be told any more, and cells of submitted weeks, are kept."""
    return _Undo(rows).carry_out()


def as_removed(entry: TimeEntry) -> dict[str, Any]:
    """What it takes to make an entry again that a correction empties."""
    place = {"member_id": entry.member_id, "platform_id": entry.platform_id, "campaign_id": entry.campaign_id}
    return place | {"day": entry.day.isoformat(), "note": entry.note}


class _Undo:
    def __init__(self, rows: Sequence[ImportedRow]) -> None:
        self.rows = rows
        self.corrected: dict[int | None, list[ImportedRow]] = defaultdict(list)
        for old in ImportedRow.objects.filter(corrected_by__in=[row.pk for row in rows]):
            self.corrected[old.corrected_by_id].append(old)
        self.entries = self._locked_entries()
        self.before = {pk: entry.minutes for pk, entry in self.entries.items()}
        self.made: dict[int, TimeEntry] = {}  # by the number of the entry that was emptied
        self.changed: dict[int, TimeEntry] = {}

    def carry_out(self) -> int:
        kept = [row for row in self.rows if not self._undo_row(row)]
        TimeEntry.objects.filter(pk__in={row.object_id for row in kept}).update(minutes_as_imported=None)
        self._save()
        return sum(1 for row in kept if row.object_id in self.entries)

    def _locked_entries(self) -> dict[int, TimeEntry]:
        """The entries that the rows wrote or took from, by number, under the locks of their members."""
        olds = [old for of_row in self.corrected.values() for old in of_row]
        numbers = {row.object_id for row in (*self.rows, *olds) if row.object_id}
        members = set(TimeEntry.objects.filter(pk__in=numbers).values_list("member_id", flat=True))
        members |= {row.owner_id for row in (*self.rows, *olds) if row.owner_id}
        lock_members(members)
        entries = TimeEntry.objects.in_bulk(numbers)
        self.closed = closed_days({(entry.member_id, entry.day) for entry in entries.values()} | _days(olds))
        return entries

    def _undo_row(self, row: ImportedRow) -> bool:
        """Take what a row did out of its entry, and give back what it replaced; False when it must be kept."""
        entry = self.entries.get(row.object_id or 0)
        olds = self.corrected.get(row.pk, [])
        if any((old.owner_id, old.day) in self.closed for old in olds):
            return False
        if entry is None:
            return not row.object_id and self._give_back(row, olds)
        if (entry.member_id, entry.day) in self.closed:
            return False
        if row.before and "note_now" in row.before:
            return self._unset_note(row.before, entry)
        if row.before and "now" in row.before:
            return self._unset(row.before, entry)
        if (row.minutes or 0) > entry.minutes:
            return False
        self._add(entry, -(row.minutes or 0))
        return self._give_back(row, olds)

    def _unset(self, before: Mapping[str, Any], entry: TimeEntry) -> bool:
        """Give a set cell back what it was; False when somebody has changed it since."""
        if (entry.minutes, entry.note) != (before["now"]["minutes"], before["now"]["note"]):
            return False
        was = before["was"] or {"minutes": 0}
        entry.minutes, entry.note = was["minutes"], was.get("note", entry.note)
        self.changed[entry.pk] = entry
        return True

    def _unset_note(self, before: Mapping[str, Any], entry: TimeEntry) -> bool:
        """Give a corrected note back what it was, unless somebody has changed it since."""
        for number, key in before["note_keys"].items():
            ImportedRow.objects.filter(pk=number).update(note_key=key)
        if entry.note == before["note_now"]["note"]:
            entry.note = before["note_was"]["note"]
            self.changed[entry.pk] = entry
        return True

    def _give_back(self, row: ImportedRow, olds: Sequence[ImportedRow]) -> bool:
        for old in olds:
            entry = self.entries.get(old.object_id or 0) or self._made_again(row, old)
            if entry:
                self._add(entry, old.minutes or 0)
        return True

    def _made_again(self, row: ImportedRow, old: ImportedRow) -> TimeEntry | None:
        """The entry that the correction emptied; a cell that somebody filled since is the one that gets the minutes."""
        number = old.object_id or 0
        was = (row.before or {}).get("was")
        if number in self.made or not was:
            return self.made.get(number)
        place = {**was, "day": date.fromisoformat(was["day"])}
        note = place.pop("note")
        entry = TimeEntry.objects.filter(**place).first()
        if entry is None:
            entry = TimeEntry(**place, note=note, minutes=0, minutes_as_imported=0, version=0)
        else:
            entry = self.entries.setdefault(entry.pk, entry)
            self.before.setdefault(entry.pk, entry.minutes)
        self.made[number] = entry
        return entry

    def _add(self, entry: TimeEntry, minutes: int) -> None:
        entry.import_minutes(minutes)
        if entry.pk:
            self.changed[entry.pk] = entry

    def _save(self) -> None:
        """Write what is left of entries, remove those of which nothing is, and make those that are back."""
        TimeEntry.objects.filter(pk__in=[entry.pk for entry in self.changed.values() if entry.minutes == 0]).delete()
        left = [entry for entry in self.changed.values() if entry.minutes > 0]
        for entry in left:
            entry.version += 1
        shrinking, growing = split(left, by=lambda entry: entry.minutes > self.before[entry.pk])
        save_in_order(shrinking, growing, ["minutes", "minutes_as_imported", "note", "version"])
        self._make()

    def _make(self) -> None:
        for number, entry in self.made.items():
            if not entry.pk and entry.minutes > 0:
                stamp([entry])
                entry.version = 1
                entry.save(is_stamped=True)
            ImportedRow.objects.filter(kind="hours", object_id=number).update(object_id=entry.pk)


def _days(rows: Sequence[ImportedRow]) -> set[tuple[int, date]]:
    return {(row.owner_id, row.day) for row in rows if row.owner_id and row.day}
