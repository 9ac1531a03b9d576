"""What a person said about a file: which column is what, fixed values, what its names mean, how it writes numbers.

Kept as JSON with the import, remembered for the next file with the same header, or read from a MAP.csv with the
header ``what,from,to``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from campaigns.imports.files.file_errors import FileError
from campaigns.imports.files.file_reader import FileRow, line_label, open_table
from campaigns.imports.files.workbook_reader import SHEET_STEP
from campaigns.models.catalogue import normalise

LEAVE_OUT = "-"
CREATE = "+"

NAMES = ("platform", "campaign", "person", "status", "stage")
OPTIONS = {
    "date_order": ("dmy", "mdy", "ymd"),
    "decimal": ("comma", "point"),
    "duration_unit": ("hours", "minutes", "seconds", "days"),
    "complete": ("no", "yes"),
    "submitted": ("leave_out",),
    "long_entries": ("split", "cut", "leave_out"),
    "long_days": ("cut", "spread", "leave_out"),
    "order_lines": ("add", "once"),
    "returns": ("unattributed", "leave_out"),
}
# What is said about one file alone, and never believed of the next.
OF_ONE_FILE = ("header_line", "sheets", "complete", "submitted", "long_entries", "long_days")
ALL_SHEETS = "all"
MOST_LEFT_OUT = 10_000
DECIMAL_SIGNS = {"comma": ",", "point": "."}


_CHECKSUM = re.compile(r"[0-9a-fA-F]{8,64}")
_LINES = re.compile(r"(?:(?P<sheet>[1-9][0-9]{0,2}):)?(?P<first>[1-9][0-9]{0,6})(?:-(?P<last>[1-9][0-9]{0,6}))?")


class MapError(Exception):
    """A map with mistakes; ``sentences`` says each with its line."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = list(sentences)


@dataclass
class ColumnMapping:
    """``columns`` and ``constants`` by field; ``names`` by type and folded text; ``options`` as in OPTIONS.

    The target of a name is another name, CREATE for a new one of that name, or LEAVE_OUT. A field whose column is
    empty is not in the file, whatever its format says.
    """

    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    # Lines that are no rows, by the checksum of the file, or how it begins.
    left_out: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ColumnMapping":
        parts = ("columns", "constants", "names", "options", "left_out")
        return cls(**{name: dict(stored.get(name, {})) for name in parts})

    def to_json(self) -> dict[str, Any]:
        lasting = {"columns": self.columns, "constants": self.constants, "names": self.names, "options": self.options}
        return {**lasting, "left_out": self.left_out} if self.left_out else lasting

    def lasting(self) -> "ColumnMapping":
        """What may be believed of the next file with the same columns."""
        options = {name: value for name, value in self.options.items() if name not in OF_ONE_FILE}
        return replace(self, options=options, left_out={})

    def lines_left_out(self, checksum: str) -> frozenset[int]:
        """The lines that a person left out of the file with this checksum."""
        return frozenset(
            line for beginning, lines in self.left_out.items() if checksum.startswith(beginning) for line in lines
        )

    def over(self, earlier: "ColumnMapping") -> "ColumnMapping":
        """This, and what was said earlier where this is silent."""
        name_types = {*earlier.names, *self.names}
        return ColumnMapping(
            columns={**earlier.columns, **self.columns},
            constants={**earlier.constants, **self.constants},
            names={
                name_type: {**earlier.names.get(name_type, {}), **self.names.get(name_type, {})}
                for name_type in name_types
            },
            options={**earlier.options, **self.options},
            left_out={**earlier.left_out, **self.left_out},
        )

    def target(self, name_type: str, text: str) -> str | None:
        """What this text was said to mean; None when nothing was said."""
        return self.names.get(name_type, {}).get(normalise(text))

    def map_name(self, name_type: str, text: str, target: str) -> None:
        self.names.setdefault(name_type, {})[normalise(text)] = target


def read_map(path: Path, *, fields: Iterable[str]) -> ColumnMapping:
    """Read a MAP.csv for a kind with these fields; raise MapError with a sentence for each mistake."""
    try:
        table = open_table(path)
        rows = list(table.rows())
    except FileError as error:
        raise MapError([_("The map cannot be read as a CSV file.")]) from error
    header = [text.casefold() for text in table.header]
    if header[:3] != ["what", "from", "to"]:
        raise MapError([_("The map's first line must be: what,from,to")])
    mapping, mistakes = ColumnMapping(), []
    for row in rows:
        if mistake := _take(mapping, row, set(fields)):
            mistakes.append(_("Line %(line)s of the map: %(mistake)s") % {"line": row.line, "mistake": mistake})
    if mistakes:
        raise MapError(mistakes)
    return mapping


def _take(mapping: ColumnMapping, row: FileRow, fields: set[str]) -> str | None:
    """Add one line of a map to what was said; return what is wrong with it."""
    what, source, target = (*row.cells, "", "")[:3]
    what = what.casefold()
    if row.surplus or any(row.cells[3:]):
        return _("it has more than three values; put one that holds the separator between double quotes.")
    if what in ("column", "constant"):
        return _take_field(mapping, what, source, target.casefold(), fields)
    if what == "option":
        return _take_option(mapping, source, target.casefold())
    if what == "leave_out":
        return _take_left_out(mapping, source, target)
    if what not in NAMES:
        return _(
            "“%(found)s” is not known; write column, constant, platform, campaign, person, status, stage, option or "
            "leave_out."
        ) % {"found": what}
    if not target:
        return _("say after the second comma what “%(name)s” stands for, or - to leave it out.") % {"name": source}
    if mapping.target(what, source) not in (None, target):
        return _("“%(name)s” is mapped twice; keep one.") % {"name": source}
    mapping.map_name(what, source, target)
    return None


def _take_field(mapping: ColumnMapping, what: str, source: str, target: str, fields: set[str]) -> str | None:
    if target not in fields:
        return _("“%(found)s” is not a field of this kind of file; the fields are %(fields)s.") % {
            "found": target,
            "fields": ", ".join(sorted(fields)),
        }
    if what == "column" and target in mapping.columns:
        return _("%(field)s has two columns; keep one.") % {"field": target}
    if what == "constant" and mapping.constants.get(target, source) != source:
        return _("%(field)s has two values; keep one.") % {"field": target}
    (mapping.columns if what == "column" else mapping.constants)[target] = source
    return None


def _is_option(option: str, value: str) -> bool:
    if option == "header_line":
        return value.isdecimal() and int(value) > 0
    return bool(value) if option == "sheets" else value in OPTIONS.get(option, ())


def _take_left_out(mapping: ColumnMapping, written: str, checksum: str) -> str | None:
    lines = parse_lines(written)
    if lines is None or not _CHECKSUM.fullmatch(checksum):
        return _("write leave_out,4 7-9,CHECKSUM: lines, and at least 8 characters of the file's SHA-256.")
    mapping.left_out.setdefault(checksum.lower(), []).extend(lines)
    return None


def parse_lines(written: str) -> list[int] | None:
    """The lines of a text such as `4 7-9, 2:15` (2:15 is line 15 of a second sheet); None when it is something else."""
    lines: list[int] = []
    for part in re.split(r"[,;\s]+", written.strip()):
        match = _LINES.fullmatch(part)
        if match is None:
            return None
        first = _line(match["sheet"], match["first"])
        last = _line(match["sheet"], match["last"] or match["first"])
        if not 0 <= last - first < MOST_LEFT_OUT - len(lines):
            return None
        lines += range(first, last + 1)
    return lines


def _line(sheet: str | None, row: str) -> int:
    return (int(sheet or 1) - 1) * SHEET_STEP + int(row)


def lines_written(lines: Iterable[int]) -> str:
    """Lines as `parse_lines` reads them: 4 7-9."""
    runs: list[list[int]] = []
    for line in sorted(set(lines)):
        if runs and runs[-1][1] == line - 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return " ".join(line_label(first) if first == last else _range(first, last) for first, last in runs)


def _range(first: int, last: int) -> str:
    return f"{line_label(first)}-{line_label(last).rpartition(':')[2]}"


def _options_written() -> list[str]:
    fixed = [f"option,{value},{option}" for option, values in OPTIONS.items() for value in values]
    return [*fixed, "option,5,header_line", "option,all,sheets"]


def _take_option(mapping: ColumnMapping, value: str, option: str) -> str | None:
    if option != "sheets":
        value = value.casefold()
    if not _is_option(option, value):
        return _("write %(options)s.") % {"options": " or ".join(_options_written())}
    if mapping.options.get(option, value) != value:
        return _("%(field)s has two values; keep one.") % {"field": option}
    mapping.options[option] = value
    return None
