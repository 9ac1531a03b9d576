"""Which rows of a file are no rows: totals, groups, a header repeated in the middle. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.imports.files.file_reader import FileRow
from campaigns.imports.files.headers import header_key
from campaigns.imports.mapping.columns import Layout

_WORD = (
    r"(?:grand[ -])?(?:(?:sub|sous|zwischen)[ -]?)?"
    r"(?:totals?|totaux|totale|totali|totales|totais|totaal|gesamt|gesamtsumme|summen?|suma|somme|overall|sum)"
)
# Total, Total: Campaigns, Total (5 rows), Total for Acme, and the subtotals of a spreadsheet: Acme Total.
_TOTAL = re.compile(
    rf"{_WORD}(?: g[eé]n[eé]rale?| general)?\s*(?:$|[:(\-–—=|].*)"
    rf"|{_WORD} (?:for|of|pour|de|du|des|del|di|da|für|von|per|por|para|voor|van) .+"
    rf"|.+ (?:{_WORD}|ergebnis)$",
    re.IGNORECASE,
)
_SUMMED = ("amount", "duration")
# What may stand beside a sum.
_BESIDE_SUMS = frozenset({"currency"})


@dataclass(frozen=True)
class RowKinds:
    """Tells rows from what else stands in a file with this layout; the places are indices of columns."""

    header: tuple[str, ...]
    required: tuple[int, ...]
    days: tuple[int, ...]
    summed: tuple[int, ...]
    others: tuple[int, ...]

    @classmethod
    def of(cls, layout: Layout) -> "RowKinds":
        places, fields = layout.places, layout.fields
        required = tuple(place for name, place in places.items() if fields[name].one_of)
        days = tuple(
            place
            for name, place in places.items()
            if fields[name].one_of and fields[name].value_type in ("day", "moment")
        )
        summed = tuple(place for name, place in places.items() if fields[name].value_type in _SUMMED)
        others = tuple(place for name, place in places.items() if place not in summed and name not in _BESIDE_SUMS)
        return cls(layout.header, required, days, summed, others)

    def no_row(self, row: FileRow) -> str | None:
        """Say why a row is none: total_row, group_row or header_row; None for one that is read."""
        cells = row.cells
        has_day = any(_has_digit(cells[place]) and not _TOTAL.fullmatch(cells[place]) for place in self.days)
        if has_day and all(cells[place] for place in self.required):
            return None
        if _repeats_header(self.header, cells):
            return "header_row"
        if has_day:
            return None
        if any(_TOTAL.match(cell) for cell in cells if cell) or self._sums_alone(cells):
            return "total_row"
        return "group_row" if self._names_a_group(cells) else None

    def _sums_alone(self, cells: Sequence[str]) -> bool:
        """Whether a row holds a number to add up, and nothing that says of what."""
        has_sum = any(cells[place] for place in self.summed)
        return len(self.others) > 1 and has_sum and not any(cells[place] for place in self.others)

    def _names_a_group(self, cells: Sequence[str]) -> bool:
        """Whether the only cell that is filled names what stands below it, or is a footnote."""
        lacks = any(not cells[place] for place in self.required)
        return lacks and len(self.header) > 2 and sum(map(bool, cells)) == 1


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _repeats_header(header: Sequence[str], cells: Sequence[str]) -> bool:
    return all(header_key(cell) == header_key(text) for text, cell in zip(header, cells, strict=True))
