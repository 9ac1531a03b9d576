"""Take back what a file of leads did to one of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from campaigns.imports.importers.changes import is_unchanged, stored_values
from campaigns.models import Lead, LeadMerge


def undo_lead(lead: Lead, before: dict[str, Any]) -> bool:
    """Take back what one row did to a lead; False when it must be kept."""
    if not is_unchanged(lead, before.get("now", {})):
        return False
    own_touches = before.get("touches", [])
    if before.get("was") is None:
        return _remove(lead, own_touches)
    lead.touches.filter(pk__in=own_touches).delete()
    lead.touches.filter(pk__in=before.get("voided", [])).update(voided_at=None, void_reason="")
    was = stored_values(Lead, before["was"])
    if "status" in before:
        was |= _take_back_status(lead, *before["status"])
    for name, value in was.items():
        setattr(lead, name, value)
    lead.save()
    return True


def _remove(lead: Lead, own_touches: Sequence[int]) -> bool:
    """Remove a lead that an import made; False when it has sales, was met again since, or was merged."""
    if LeadMerge.among([lead]):
        return False
    if lead.sales.exists() or lead.touches.exclude(pk__in=own_touches).exists():
        return False
    lead.touches.filter(pk__in=own_touches).delete()
    lead.delete()
    return True


def _take_back_status(lead: Lead, status: str, reason: str, qualified_at: str | None) -> dict[str, Any]:
    """Remove the last change of a lead's status; return what the lead had before it."""
    last = lead.status_changes.order_by("-pk").first()
    if last:
        last.delete()
    return {
        "status": status,
        "disqualified_reason": reason,
        "qualified_at": datetime.fromisoformat(qualified_at) if qualified_at else None,
    }
