"""The statuses of leads as files write them, and why a lead was disqualified."""

from typing import ClassVar

from campaigns.imports.formats.lead_statuses import LEAD_STATUSES
from campaigns.imports.importers.base import ImportContext
from campaigns.imports.mapping.columns import RowCells
from campaigns.imports.mapping.name_resolution import Directory, Name
from campaigns.models.catalogue import normalise
from campaigns.models.funnel import DisqualifiedReason, LeadStatus
from core.list_words import with_colon


class Statuses(Directory):
    """Statuses of leads; their ids are positions in LeadStatus, from 1."""

    name_of_type: ClassVar[str] = "status"

    @classmethod
    def of(cls, context: ImportContext) -> "Statuses":
        places = {value: number for number, value in enumerate(LeadStatus.values, start=1)}
        known = {text: places[value] for text, value in LEAD_STATUSES.items()}
        known |= {normalise(str(label)): places[value] for value, label in LeadStatus.choices}
        return cls(cls.name_of_type, {**known, **places}, {}, context.mapping)

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        plain = [(value, str(label)) for value, label in LeadStatus.choices if value != LeadStatus.DISQUALIFIED]
        disqualified = [
            (f"{LeadStatus.DISQUALIFIED.value}:{value}", with_colon(LeadStatus.DISQUALIFIED.label, label))
            for value, label in DisqualifiedReason.choices
        ]
        return plain + disqualified

    def remember(self, text: str, identity: int) -> None:
        """A status has no aliases: what was said is remembered with the header."""

    def make(self, name: Name) -> int:
        raise NotImplementedError

    def of_row(self, cells: RowCells, context: ImportContext) -> tuple[str, str]:
        """The status and, for a disqualified lead, the reason; empty when the file says neither."""
        text, reason = cells["status"], _reason(cells)
        if mapped := _status_and_reason(self.mapping.target(self.name_of_type, text) or ""):
            return mapped
        if not text and not reason:
            return "", ""
        status = self._called(text, cells.line) if text else LeadStatus.DISQUALIFIED.value
        if status != LeadStatus.DISQUALIFIED:
            return status, ""
        _check_reason(cells, context, reason)
        return status, reason or DisqualifiedReason.WRONG_FIT.value

    def _called(self, text: str, line: int) -> str:
        """The status that a text stands for; empty while that is unknown, which is then noted."""
        number = self.find(text, line=line)
        return LeadStatus.values[number - 1] if number else ""


def _check_reason(cells: RowCells, context: ImportContext, reason: str) -> None:
    """A disqualified lead needs a reason in Retour's own format; of other programs a missing one is remarked."""
    if not cells["disqualified_reason"] and context.layout.file_format.key == "generic":
        cells.wrong("disqualified_reason", "reason_missing", choices=", ".join(DisqualifiedReason.values))
    elif not reason:
        context.remarks.note("no_reason", cells.line)


def _reason(cells: RowCells) -> str:
    folded = normalise(cells["disqualified_reason"])
    labels = {normalise(str(label)): value for value, label in DisqualifiedReason.choices}
    if not folded or folded in DisqualifiedReason.values:
        return folded
    if folded not in labels:
        cells.wrong("disqualified_reason", "unknown_reason", choices=", ".join(DisqualifiedReason.values))
    return labels.get(folded, "")


def _status_and_reason(target: str) -> tuple[str, str] | None:
    """What a map may say of a status, as disqualified:cannot_afford; None when it says no such thing."""
    status, _colon, reason = (part.strip() for part in target.partition(":"))
    is_known = status in LeadStatus.values and reason in DisqualifiedReason.values
    return (status, reason) if is_known else None
