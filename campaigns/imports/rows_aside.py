"""Which rows of a file are no rows: totals, groups, a header repeated in the middle. Pure."""

import re
from collections.abc import Sequence

from campaigns.imports.columns import Layout
from campaigns.imports.file_reader import FileRow
from campaigns.imports.headers import header_key

_TOTAL = re.compile(
    r"(?:grand[ -])?(?:(?:sub|sous|zwischen)[ -]?)?"
    r"(?:totals?|totaux|totale|totali|totales|totais|totaal|gesamt|gesamtsumme|summen?|suma|somme|overall|sum)"
    r"(?: g[eé]n[eé]rale?| general)?\s*(?:$|[:(\-–—=|].*)",
    re.IGNORECASE,
)
_SUMMED = ("amount", "duration")
# What may stand beside a sum.
_BESIDE_SUMS = frozenset({"currency"})


def no_row(layout: Layout, row: FileRow) -> str | None:
    """Say why a row is none: total_row, group_row or header_row; None for one that is read."""
    required = [layout.places[name] for name, field in layout.fields.items() if field.one_of and name in layout.places]
    days = [layout.places[name] for name, field in layout.fields.items() if field.one_of and _is_day(layout, name)]
    if all(row.cells[place] for place in required) and any(map(_has_digit, _cells(row, days))):
        return None
    if _repeats_header(layout.header, row.cells):
        return "header_row"
    if days and any(map(_has_digit, _cells(row, days))):
        return None
    if any(_TOTAL.match(cell) for cell in row.cells if cell) or _sums_alone(layout, row):
        return "total_row"
    return "group_row" if _names_a_group(layout, row, required) else None


def _is_day(layout: Layout, name: str) -> bool:
    return name in layout.places and layout.fields[name].value_type in ("day", "moment")


def _cells(row: FileRow, places: Sequence[int]) -> list[str]:
    return [row.cells[place] for place in places]


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _repeats_header(header: Sequence[str], cells: Sequence[str]) -> bool:
    return all(header_key(cell) == header_key(text) for text, cell in zip(header, cells, strict=True))


def _sums_alone(layout: Layout, row: FileRow) -> bool:
    """Whether a row holds a number to add up, and nothing that says of what."""
    summed = [layout.places[name] for name in layout.places if layout.fields[name].value_type in _SUMMED]
    others = [place for name, place in layout.places.items() if place not in summed and name not in _BESIDE_SUMS]
    return len(others) > 1 and any(_cells(row, summed)) and not any(_cells(row, others))


def _names_a_group(layout: Layout, row: FileRow, required: Sequence[int]) -> bool:
    """Whether the only cell that is filled names what stands below it, or is a footnote."""
    filled = [place for place, cell in enumerate(row.cells) if cell]
    lacks = any(not row.cells[place] for place in required)
    return len(filled) == 1 and len(layout.header) > 2 and lacks
