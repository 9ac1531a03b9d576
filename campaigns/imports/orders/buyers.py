"""The leads that rows of sales are of: by external id, e-mail address, name or company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.db.models import Q, QuerySet

from campaigns.external_ids import named
from campaigns.imports.importers.leads_by_email import LeadsByEmail
from campaigns.imports.orders.records import SaleRecord
from campaigns.models import Agency, Lead, LeadMerge
from campaigns.models.catalogue import normalise


@dataclass(frozen=True)
class Buyers:
    """The leads that some rows may mean, by external id and by folded name, company and address."""

    leads: Mapping[str, list[Lead]]
    by_email: LeadsByEmail

    @classmethod
    def of(cls, units: Sequence[SaleRecord], agency: Agency) -> Self:
        ids = {external_id for unit in units for external_id in unit.leads}
        by_id = LeadMerge.surviving(named(Lead.objects.all(), ids, agency))
        leads = {text: [lead] for text, lead in by_id.items()}
        for lead in _leads_by_name(units):
            for key in {f"name:{normalise(lead.name)}", f"company:{normalise(lead.company)}"}:
                leads.setdefault(key, []).append(lead)
        return cls(leads, LeadsByEmail.of(unit.lead_email for unit in units))

    def lead_of(self, unit: SaleRecord) -> Lead | None:
        """The first lead whose id the unit names, else the only one of that address, name or company."""
        known = [self.leads[external_id][0] for external_id in unit.leads if external_id in self.leads]
        if known:
            return known[0]
        if unit.lead_email:
            alike = self.by_email.leads.get(normalise(unit.lead_email), [])
            if alike:
                return alike[0] if len(alike) == 1 else None
        return self._only_lead_called(unit)

    def _only_lead_called(self, unit: SaleRecord) -> Lead | None:
        """The lead that alone has the unit's name, else its company."""
        keys = [f"name:{normalise(unit.lead_name)}", f"company:{normalise(unit.lead_company)}"]
        groups = (self.leads.get(key, []) for key in keys if not key.endswith(":"))
        return next((group[0] for group in groups if len(group) == 1), None)


def _leads_by_name(units: Sequence[SaleRecord]) -> QuerySet[Lead]:
    """The leads whose name or company is that of a unit which names no lead by id."""
    names = {name for unit in units if not unit.leads for name in (unit.lead_name, unit.lead_company) if name}
    return Lead.objects.live().filter(Q(name__in=names) | Q(company__in=names)) if names else Lead.objects.none()
