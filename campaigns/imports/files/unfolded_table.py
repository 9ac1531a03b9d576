"""A file with several counts in one row, one column each, read as one row for each count. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Self

from campaigns.imports.files.file_reader import FileRow, FileTable
from campaigns.imports.files.headers import header_key

MEASURE, COUNT = "measure", "count"


@dataclass(frozen=True, kw_only=True)
class UnfoldedTable(FileTable):
    """``source`` as it is written; ``kept`` are the places of its other columns, ``counts`` those of each measure."""

    source: FileTable
    kept: tuple[int, ...]
    counts: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, table: FileTable, measures: Mapping[str, tuple[str, ...]]) -> Self | None:
        """The table with these measures, each by the headers that may hold it; None when it has none of them."""
        places = {header_key(text): place for place, text in reversed(list(enumerate(table.header)))}
        found = {
            measure: next((places[key] for text in headers if (key := header_key(text)) in places), None)
            for measure, headers in measures.items()
        }
        counts = tuple((measure, place) for measure, place in found.items() if place is not None)
        kept = tuple(place for place in range(len(table.header)) if place not in [count[1] for count in counts])
        header = (*(table.header[place] for place in kept), MEASURE, COUNT)
        written = {each.name: getattr(table, each.name) for each in fields(FileTable)}
        return cls(**{**written, "header": header}, source=table, kept=kept, counts=counts) if counts else None

    def rows(self) -> Iterator[FileRow]:
        for row in self.source.rows():
            kept = tuple(row.cells[place] for place in self.kept)
            for measure, place in self.counts:
                if row.cells[place]:
                    yield FileRow(row.line, (*kept, measure, row.cells[place]), row.surplus)
