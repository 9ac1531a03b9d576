"""How one program writes one kind of file: which header holds which field. Pure.

Headers are compared by ``header_name``: without case, accents, surrounding space or a currency in brackets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

from campaigns.imports.files.headers import header_name


@dataclass(frozen=True)
class FileFormat:
    """How one program writes one kind of rows.

    ``columns`` gives, for each field of ours, the headers that may hold it, best first. ``needs`` are the fields
    without which a file is not of this format, ``needs_any`` those of which it has at least one. ``assumed`` fills
    fields that the file leaves out, ``many`` names fields that hold several values joined by a separator. A row whose
    ``blank_in_totals`` fields are all empty is a total over other rows, to be passed over and mentioned. ``marks`` are
    headers that only this program writes; where there are some, a file has at least one of them. With
    ``has_period_above`` the days of a file without a column of days stand in the lines above its header. ``unfolds``
    gives, for each measure, the headers of the column that counts it: a row becomes one for each of them. What
    ``is_guess`` is nobody's format: it is taken where nothing else fits.
    """

    key: str
    kind: str
    label: str
    columns: Mapping[str, tuple[str, ...]]
    needs: tuple[str, ...]
    needs_any: tuple[str, ...] = ()
    assumed: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, str] = field(default_factory=dict)
    blank_in_totals: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    has_period_above: bool = False
    unfolds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_guess: bool = False

    def locate(self, header: Sequence[str]) -> dict[str, int]:
        """Return the column index of each field that the header has; of equal headers the first counts."""
        places: dict[str, int] = {}
        for index, text in enumerate(header):
            places.setdefault(header_name(text), index)
        candidates = {name: [places[key] for key in keys if key in places] for name, keys in self._keys.items()}
        return {name: indexes[0] for name, indexes in candidates.items() if indexes}

    def fits(self, header: Sequence[str]) -> bool:
        located = self.locate(header)
        return (
            all(name in located for name in self.needs)
            and (not self.needs_any or any(name in located for name in self.needs_any))
            and (not self.marks or not self._marks.isdisjoint(map(header_name, header)))
        )

    @cached_property
    def _keys(self) -> dict[str, list[str]]:
        return {name: list(map(header_name, headers)) for name, headers in self.columns.items()}

    @cached_property
    def _marks(self) -> frozenset[str]:
        return frozenset(map(header_name, self.marks))

    def assuming(self, values: Mapping[str, str]) -> Self:
        """The same format with values for fields that one file leaves out."""
        return replace(self, assumed={**self.assumed, **values}) if values else self
