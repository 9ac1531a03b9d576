"""The first rows of a file, for who looks at what an import would do.

They are kept as they were read. A text is shown as it stands in the file; what a workbook holds as a day or a number
has no text there, and is shown as the reader's language writes it.
"""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from babel.numbers import get_decimal_symbol

from campaigns.imports.files.file_reader import FileTable
from campaigns.imports.mapping.columns import Field, Layout, ValueType
from core import money
from core.templatetags.retour import moment, short_day

ROWS_SHOWN = 10
LONGEST_TEXT = 80

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
_NUMBER = re.compile(r"-?\d+\.\d+")


def by_field(table: FileTable, layout: Layout) -> list[dict[str, Any]]:
    """The first rows by the fields that their columns hold."""
    return [
        {
            "line": row.line,
            "is_typed": table.is_workbook,
            "texts": {name: text[:LONGEST_TEXT] for name, text in layout.texts(row).items()},
        }
        for row in itertools.islice(table.rows(), ROWS_SHOWN)
    ]


def by_column(table: FileTable) -> list[dict[str, Any]]:
    """The first rows by the file's own columns: what a person needs to see who is asked which column is what."""
    return [
        {
            "line": row.line,
            "is_typed": table.is_workbook,
            "texts": {},
            "cells": [cell[:LONGEST_TEXT] for cell in row.cells],
        }
        for row in itertools.islice(table.rows(), ROWS_SHOWN)
    ]


def texts_shown(row: Mapping[str, Any], fields: Mapping[str, Field]) -> list[str]:
    """What a row of `by_field` says of these fields, as its reader sees it."""
    texts = [(row["texts"].get(name, ""), field.value_type) for name, field in fields.items()]
    ways = WAYS if row.get("is_typed") else {}
    return [ways.get(value_type, str)(text) for text, value_type in texts]


def cells_shown(row: Mapping[str, Any]) -> Sequence[str]:
    """A row of `by_column`, as its reader sees it. A number stays: it may be an id."""
    cells: Sequence[str] = row["cells"]
    return [_day(cell) for cell in cells] if row.get("is_typed") else cells


def _day(text: str) -> str:
    """A day or an instant as a workbook is read, in words; another text as it is."""
    try:
        if _DAY.fullmatch(text):
            return short_day(datetime.fromisoformat(text))
        return moment(datetime.fromisoformat(text)) if _MOMENT.fullmatch(text) else text
    except ValueError:  # no day of the calendar
        return text


def _number(text: str) -> str:
    """A number as a workbook is read, with the reader's decimal sign; another text as it is."""
    return text.replace(".", get_decimal_symbol(money.current_locale())) if _NUMBER.fullmatch(text) else text


WAYS: Mapping[ValueType, Callable[[str], str]] = {"day": _day, "moment": _day, "amount": _number, "duration": _number}
