"""Leads that have the e-mail addresses of a file: one that a row adopts, or others that may be the same person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from campaigns.external_ids import is_own_id
from campaigns.imports.importers.changes import to_the_second
from campaigns.models import Lead
from campaigns.models.catalogue import normalise


@dataclass(frozen=True)
class LeadsByEmail:
    """Live leads by folded address."""

    leads: Mapping[str, list[Lead]]

    @classmethod
    def of(cls, emails: Iterable[str]) -> Self:
        wanted = {email.strip() for email in emails if email}
        leads: dict[str, list[Lead]] = defaultdict(list)
        for lead in Lead.objects.live().with_email(*wanted):
            leads[normalise(lead.email)].append(lead)
        return cls(leads)

    def has(self, email: str) -> bool:
        return bool(self.leads.get(email))

    def adopted(self, units: Sequence[Any], by_id: Mapping[str, Lead]) -> dict[str, Lead]:
        """The lead without an id that each new id names: of the same address, name and minute, and the only one."""
        found = {}
        for unit in units:
            if unit.external_id and unit.external_id not in by_id and not is_own_id(unit.external_id):
                fitting = [lead for lead in self.leads.get(normalise(unit.values["email"]), ()) if _fits(unit, lead)]
                if len(fitting) == 1:
                    found[unit.external_id] = fitting[0]
        return found


def _fits(unit: Any, lead: Lead) -> bool:
    values = unit.values
    companies = {normalise(lead.company), normalise(values["company"])} - {""}
    return (
        not lead.external_id
        and normalise(lead.name) == normalise(values["name"])
        and len(companies) <= 1
        and to_the_second(lead.received_at) == to_the_second(values["received_at"])
    )
