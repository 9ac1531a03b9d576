"""What a person said about a file: which column is what, fixed values, what its names mean, how it writes numbers.

Kept as JSON with the import, remembered for the next file with the same header, or read from a MAP.csv with the
header ``what,from,to``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from campaigns.imports.file_reader import FileError, FileRow, open_table
from campaigns.models.catalogue import normalise

LEAVE_OUT = "-"
CREATE = "+"

NAMES = ("platform", "campaign", "person", "status")
OPTIONS = {
    "date_order": ("dmy", "mdy", "ymd"),
    "decimal": ("comma", "point"),
    "duration_unit": ("hours", "minutes", "seconds", "days"),
}
DECIMAL_SIGNS = {"comma": ",", "point": "."}


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

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ColumnMapping":
        return cls(**{name: dict(stored.get(name, {})) for name in ("columns", "constants", "names", "options")})

    def to_json(self) -> dict[str, Any]:
        return {"columns": self.columns, "constants": self.constants, "names": self.names, "options": self.options}

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
        return _take_option(mapping, source.casefold(), target.casefold())
    if what not in NAMES:
        return _("“%(found)s” is not known; write column, constant, platform, campaign, person, status or option.") % {
            "found": what
        }
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


def _options_written() -> list[str]:
    return [f"option,{value},{option}" for option, values in OPTIONS.items() for value in values]


def _take_option(mapping: ColumnMapping, value: str, option: str) -> str | None:
    if value not in OPTIONS.get(option, ()):
        return _("write %(options)s.") % {"options": " or ".join(_options_written())}
    if mapping.options.get(option, value) != value:
        return _("%(field)s has two values; keep one.") % {"field": option}
    mapping.options[option] = value
    return None
