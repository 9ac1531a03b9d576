"""The rows of earlier files that the rows of this one may be, by their keyed hashes."""

from collections.abc import Sequence
from typing import Protocol

from django.db.models import Q

from campaigns.imports.ledger.matching import Keyed, Matching
from campaigns.models import ImportedRow


class KeyedLine(Keyed, Protocol):
    """A row of a file, with what it is found again by."""

    @property
    def line(self) -> int: ...


def earlier_rows(kind: str, records: Sequence[Keyed], *, run_id: int | None) -> list[ImportedRow]:
    """The rows that stand and share the natural key or the id of one of these."""
    stored = ImportedRow.objects.standing().filter(kind=kind).exclude(natural_key=None).exclude(run_id=run_id)
    naturals = {record.natural_key for record in records if record.natural_key}
    identities = {record.identity for record in records if record.identity}
    return list(stored.filter(Q(natural_key__in=naturals) | Q(identity__in=identities)).order_by("pk"))


def paired(kind: str, records: Sequence[KeyedLine], *, run_id: int | None) -> dict[int, ImportedRow]:
    """The earlier row that each record is, by the record's line."""
    matching = Matching.of(records, earlier_rows(kind, records, run_id=run_id))
    return {record.line: row for record, row in matching.pairs}
