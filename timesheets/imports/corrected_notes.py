"""Notes that a file corrects: found by the hash of what an earlier file said, in the note that a cell has by now.

The ledger keeps no words of anybody, and a cell has one note for all its rows. So the part of it that an earlier row
brought is found by its keyed hash; where there is none, somebody changed the note here since, and it is kept.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass

from campaigns.models import ImportedRow
from timesheets.imports.cells import NOTE_LENGTH, joined

SEPARATOR = "; "
KeyOfNote = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class CorrectedNote:
    """A row that says another note than its earlier self did, by the keys of both."""

    line: int
    row: ImportedRow
    was: str
    now: str


def with_corrections(
    note: str, in_file: str, corrected: Iterable[CorrectedNote], key_of: KeyOfNote, *, said_by_others: Container[str]
) -> tuple[str, list[CorrectedNote]]:
    """A cell's note with what a file corrects of it, and the corrections that could be made.

    What other rows of the cell still say stays, and the new note comes after it.
    """
    made = []
    parts: dict[str, str | None] = {}
    for correction in corrected:
        new = part_of(in_file, correction.now, key_of)
        if correction.was not in parts:
            parts[correction.was] = part_of(note, correction.was, key_of)
        old = parts[correction.was]
        if new is None or old is None:
            continue
        note = _replaced(note, "" if correction.was in said_by_others else old, new)
        parts[correction.was] = ""  # where two rows said it, it is gone by now
        made.append(correction)
    return note, made


def part_of(note: str, key: str, key_of: KeyOfNote) -> str | None:
    """The part of a joined note that has this key; None when there is none."""
    if key_of("") == key:
        return ""
    parts = note.split(SEPARATOR)
    runs = (SEPARATOR.join(parts[start:end]) for start, end in _runs(len(parts)))
    return next((text for text in runs if key_of(text) == key), None)


def _runs(number: int) -> Iterable[tuple[int, int]]:
    """Single parts first: few notes have a separator of their own."""
    return ((start, start + length) for length in range(1, number + 1) for start in range(number - length + 1))


def _replaced(note: str, old: str, new: str) -> str:
    if not old:
        return joined(note, new)
    before, _old, after = f"{SEPARATOR}{note}{SEPARATOR}".partition(f"{SEPARATOR}{old}{SEPARATOR}")
    parts: Sequence[str] = [
        part for part in (before.removeprefix(SEPARATOR), new, after.removesuffix(SEPARATOR)) if part
    ]
    return SEPARATOR.join(parts)[:NOTE_LENGTH]


def take_new_notes(corrected: Sequence[CorrectedNote]) -> None:
    """Let earlier rows be told by the notes that they have now."""
    for correction in corrected:
        correction.row.note_key = correction.now
    ImportedRow.objects.bulk_update([correction.row for correction in corrected], ["note_key"], batch_size=500)
