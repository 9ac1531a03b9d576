"""How a lead comes into being, by whatever door: with the contacts that brought it and where it stands."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Lead, Touch
from campaigns.models.funnel import LeadStatus


def create_lead(
    lead: Lead,
    touches: Iterable[Touch] = (),
    *,
    at: datetime,
    by: Any = None,
    status: str = LeadStatus.NEW,
    reason: str = "",
) -> Lead:
    """Save a new lead with its touches, and move it to its status. Files bring theirs in masses, by the importer."""
    with transaction.atomic():
        lead.save()
        for touch in touches:
            touch.lead = lead
            touch.save()
        lead.move_to(status, at=at, by=by, reason=reason)
    return lead
