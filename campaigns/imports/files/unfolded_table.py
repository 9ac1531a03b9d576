"""A file whose rows hold several things, one column each, read as one row for each of them. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from campaigns.imports.files.file_reader import FileRow, FileTable
from campaigns.imports.files.headers import header_name

MEASURE, COUNT = "measure", "count"
# Jira puts the entries of an issue into columns of this name: a remark, when, who, and the seconds.
LOG_WORK = header_name("Log Work")
_LOG_WORK_PARTS = ("Worklog comment", "Started", "Author", "timeSpentSeconds")
_ENTRY = re.compile(r"(?P<comment>.*);(?P<started>[^;]*);(?P<author>[^;]*);(?P<seconds>[0-9]+)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class UnfoldedTable(FileTable):
    """``source`` as it is written; ``kept`` are the places of the columns that stay as they are."""

    source: FileTable
    kept: tuple[int, ...]

    def rows(self) -> Iterator[FileRow]:
        for row in self.source.rows():
            kept = tuple(row.cells[place] for place in self.kept)
            for parts in self.parts(row):
                yield FileRow(row.line, (*kept, *parts), row.surplus)

    def parts(self, row: FileRow) -> Iterator[tuple[str, ...]]:
        """What a row holds, one after the other, by the columns that are added."""
        raise NotImplementedError

    @classmethod
    def _of(cls, table: FileTable, taken: Sequence[int], added: Sequence[str], **more: Any) -> Self:
        kept = tuple(place for place in range(len(table.header)) if place not in taken)
        header = (*(table.header[place] for place in kept), *added)
        written = {each.name: getattr(table, each.name) for each in fields(FileTable)}
        return cls(**{**written, "header": header}, source=table, kept=kept, **more)


@dataclass(frozen=True, kw_only=True)
class CountsTable(UnfoldedTable):
    """A file that counts several measures in one row; ``counts`` are their places."""

    counts: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, table: FileTable, measures: Mapping[str, tuple[str, ...]]) -> Self | None:
        """The table with these measures, each by the headers that may hold it; None when it has none of them."""
        places = {header_name(text): place for place, text in reversed(list(enumerate(table.header)))}
        found = {
            measure: next((places[name] for text in headers if (name := header_name(text)) in places), None)
            for measure, headers in measures.items()
        }
        counts = tuple((measure, place) for measure, place in found.items() if place is not None)
        return cls._of(table, [place for _, place in counts], (MEASURE, COUNT), counts=counts) if counts else None

    def parts(self, row: FileRow) -> Iterator[tuple[str, ...]]:
        return ((measure, row.cells[place]) for measure, place in self.counts if row.cells[place])


@dataclass(frozen=True, kw_only=True)
class WorklogTable(UnfoldedTable):
    """A list of issues as Jira exports it: each entry of work in a column of its own, written as one text."""

    entries: tuple[int, ...]

    @classmethod
    def of(cls, table: FileTable) -> Self | None:
        places = tuple(place for place, text in enumerate(table.header) if header_name(text) == LOG_WORK)
        return cls._of(table, places, _LOG_WORK_PARTS, entries=places) if places else None

    def parts(self, row: FileRow) -> Iterator[tuple[str, ...]]:
        for text in (row.cells[place] for place in self.entries):
            if match := _ENTRY.fullmatch(text):
                yield match["comment"], match["started"], match["author"], match["seconds"]
            elif text:
                yield "", text, "", ""  # what cannot be read is said, as the day that it is not
