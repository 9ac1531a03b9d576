"""The cells of the week that a file speaks of, and the rows that each is put together from. Asks no database."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date

NOTE_LENGTH = 500
NO_START = -1

CellKey = tuple[int, date, int, int]  # person, day, platform, campaign


@dataclass(frozen=True, slots=True)
class Logged:
    """One row of the file: its seconds, and when in the day it began, in seconds, when the file says."""

    line: int
    seconds: int
    start: int
    fingerprint: bytes


@dataclass(slots=True)
class ImportedCell:
    """What the file says about one cell of the week."""

    key: CellKey
    who: str
    logged: list[Logged] = field(default_factory=list)
    note: str = ""

    @property
    def line(self) -> int:
        return self.logged[0].line

    @property
    def rows(self) -> int:
        return len(self.logged)

    def without(self, known: Container[str]) -> "ImportedCell":
        """The cell with only those rows that no import has brought before."""
        new = [logged for logged in self.logged if logged.fingerprint.hex() not in known]
        return ImportedCell(self.key, self.who, new, self.note)

    @property
    def minutes(self) -> int:
        """The minutes of all its rows, rounded half up once."""
        return to_minutes(sum(logged.seconds for logged in self.logged))


@dataclass(slots=True)
class HoursRecord:
    """One row, read."""

    line: int
    key: CellKey
    who: str
    logged: Logged
    note: str


def to_minutes(seconds: int) -> int:
    return (seconds + 30) // 60


def joined(note: str, more: str) -> str:
    if not more or more in note.split("; "):
        return note
    return f"{note}; {more}"[:NOTE_LENGTH] if note else more[:NOTE_LENGTH]
