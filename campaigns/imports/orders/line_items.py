"""Orders that stand on several lines of a file, one for each article: one order is one sale."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from campaigns.imports.orders.records import SaleRecord

# What a further line with the id of an earlier one is. "open" waits for an answer.
Line = Literal["same", "added", "part", "open", "other"]


@dataclass
class LineItems:
    """The first line of each order, by its id; ``answer`` is what a person said of further ones: add or once."""

    answer: str
    _first: dict[str, SaleRecord] = field(default_factory=dict)
    _content: dict[str, int] = field(default_factory=dict)
    _ids: set[str] = field(default_factory=set)
    open_lines: list[int] = field(default_factory=list)

    def continues(self, texts: Mapping[str, str], *, says_nothing: bool) -> bool:
        """Whether a row is a further article of an order whose first line said its amount and its status."""
        external_id = texts.get("external_id", "")
        if (
            external_id
            and external_id in self._ids
            and says_nothing
            and not texts.get("status")
            and not texts.get("stage")
        ):
            return True
        self._ids.add(external_id)
        return False

    def place(self, record: SaleRecord) -> tuple[Line | None, SaleRecord]:
        """What a record with an id is beside the first line of that id; None for the first one itself."""
        external_id = str(record.external_id)
        first = self._first.setdefault(external_id, record)
        content = hash((_of_order(record), *record.values.values(), record.refunded_cents))
        if first is record:
            self._content[external_id] = content
            return None, record
        is_equal = content == self._content[external_id]
        if _of_order(record) != _of_order(first) or record.is_refund:
            return "same" if is_equal else "other", first
        if self.answer == "add":
            return "added", first
        if is_equal:
            return "same", first
        return self._part(record, first), first

    def _part(self, record: SaleRecord, first: SaleRecord) -> Line:
        """A line of an order with other values than the first: a part of it, where somebody said so."""
        if self.answer == "once":
            is_whole = record.values["amount_cents"] == first.values["amount_cents"]
            return "part" if is_whole else "other"
        self.open_lines.append(record.line)
        return "open"

    def question(self) -> list[dict[str, Any]]:
        lines = self.open_lines
        return [{"ask": "order_lines", "count": len(lines), "line": lines[0]}] if lines else []


def _of_order(record: SaleRecord) -> tuple[Any, ...]:
    """What all lines of one order say alike."""
    who = record.leads, record.lead_name, record.lead_company, record.lead_email
    return record.values["sold_on"], *who, record.refund_of
