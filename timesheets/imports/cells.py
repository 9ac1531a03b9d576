"""The cells of the week that a file speaks of, and the rows that each is put together from. Asks no database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import Any

NOTE_LENGTH = 500
NO_START = -1
KEY_LENGTH = 20  # of a keyed hash, in bytes
NOTE_KEY_LENGTH = 8
_NOTE_AT, _IDENTITY_AT = 2 * KEY_LENGTH, 2 * KEY_LENGTH + NOTE_KEY_LENGTH

CellKey = tuple[int, date, int, int]  # person, day, platform, campaign
PersonDay = tuple[int, date]


@dataclass(frozen=True, slots=True)
class Logged:
    """One row of the file: its seconds, and when in the day it began, in seconds, when the file says.

    `keys` are the hashes by which it is found again, as bytes: a file has many rows.
    """

    line: int
    seconds: int
    start: int
    keys: bytes

    @classmethod
    def keyed(cls, line: int, seconds: int, start: int, hashes: tuple[str, str, str, str]) -> "Logged":
        """A row with its fingerprint, its natural key, that of its note and the hash of its id, which may be empty."""
        return cls(line, seconds, start, bytes.fromhex("".join(hashes)))

    def keys_of_part(self, number: int) -> bytes:
        """The keys of a part of this row that falls on another day: the row's own for the first."""
        if not number:
            return self.keys
        first, second, identity = self.keys[:KEY_LENGTH], self.keys[KEY_LENGTH:_NOTE_AT], self.keys[_IDENTITY_AT:]
        note = self.keys[_NOTE_AT:_IDENTITY_AT]
        return b"".join((_of_part(first, number), _of_part(second, number), note, _of_part(identity, number)))

    @property
    def fingerprint(self) -> str:
        return self.keys[:KEY_LENGTH].hex()

    @property
    def natural_key(self) -> str:
        return self.keys[KEY_LENGTH:_NOTE_AT].hex()

    @property
    def note_key(self) -> str:
        return self.keys[_NOTE_AT:_IDENTITY_AT].hex()

    @property
    def identity(self) -> str | None:
        return self.keys[_IDENTITY_AT:].hex() or None


def _of_part(key: bytes, number: int) -> bytes:
    """The key of a part with this number; none of none."""
    return key and blake2b(key, salt=number.to_bytes(8), digest_size=KEY_LENGTH).digest()


@dataclass(frozen=True, slots=True)
class Replaced:
    """An earlier row that a row of this file takes the place of: by number, and that of the entry it gave to."""

    row: int
    entry: int


@dataclass(slots=True)
class ImportedCell:
    """What the file says about one cell of the week.

    `given` are the minutes that the cell has of earlier rows which this file replaces, `replaced` which they
    are, by the keys of the row that takes their place: a line may hold several.
    `beside` are the seconds that it has of other rows of the same source: minutes are rounded over all of them.
    `notes` are the rows that say another note than before, `notes_of_others` the keys of what the others say.
    """

    key: CellKey
    who: str
    logged: list[Logged] = field(default_factory=list)
    note: str = ""
    given: int = 0
    beside: int = 0
    replaced: dict[bytes, Replaced] = field(default_factory=dict)
    gone: list[Replaced] = field(default_factory=list)  # earlier rows that the file lacks and that go
    notes: list[Any] = field(default_factory=list)
    notes_of_others: frozenset[str] = frozenset()
    first_line: int = 0

    @property
    def line(self) -> int:
        return self.logged[0].line if self.logged else self.first_line

    @property
    def rows(self) -> int:
        return len(self.logged)

    @property
    def minutes(self) -> int:
        """The minutes of all its rows, rounded half up once."""
        return sum(self.shares())

    def shares(self) -> Iterator[int]:
        """The minutes of each row by running sum, so that they add up to the cell's."""
        seconds = self.beside
        for row in self.logged:
            yield to_minutes(seconds + row.seconds) - to_minutes(seconds)
            seconds += row.seconds


@dataclass(slots=True)
class HoursRecord:
    """One row, read."""

    line: int
    key: CellKey
    who: str
    logged: Logged
    note: str
    # What of it falls on later days.
    rest: "tuple[HoursRecord, ...]" = ()


def to_minutes(seconds: int) -> int:
    return (seconds + 30) // 60


def joined(note: str, more: str) -> str:
    if not more or more in note.split("; "):
        return note
    return f"{note}; {more}"[:NOTE_LENGTH] if note else more[:NOTE_LENGTH]
