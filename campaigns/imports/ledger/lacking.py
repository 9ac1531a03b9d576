"""What earlier files brought for the days of this one and it does not have: kept, listed, and asked about once.

Files are filtered and do not say so. Only who knows that a file holds everything can tell that a row is gone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from campaigns.models import ImportedRow

FILTERED_SHARE = 5  # more than one in so many gone looks like a filter
MOST_NAMES = 10

Unit = Literal["seconds", "cents"]


@dataclass(frozen=True)
class LackingRow:
    """An earlier row: whose or what it is, and how much, in seconds or cents."""

    row: ImportedRow
    name: str
    amount: int


@dataclass(frozen=True)
class Lacking:
    """The rows that a file lacks, of `known` that earlier ones brought; `lost` when a campaign is absent as a whole."""

    rows: Sequence[LackingRow]
    known: int
    unit: Unit
    lost: bool

    @property
    def looks_filtered(self) -> bool:
        return self.lost or len(self.rows) * FILTERED_SHARE > self.known

    def as_json(self) -> dict[str, Any]:
        sums = Counter[str]()
        for lacking in self.rows:
            sums[lacking.name] += lacking.amount
        days = [lacking.row.day for lacking in self.rows if lacking.row.day]
        return {
            "count": len(self.rows),
            "first": min(days).isoformat(),
            "last": max(days).isoformat(),
            "sums": sums.most_common(MOST_NAMES),
            "unit": self.unit,
            "looks_filtered": self.looks_filtered,
        }


def question(lacking: Mapping[str, Any], options: Mapping[str, str]) -> list[dict[str, Any]]:
    """Whether the file holds everything, as long as nobody said so."""
    return [] if not lacking or "complete" in options else [{"ask": "complete", **lacking}]
