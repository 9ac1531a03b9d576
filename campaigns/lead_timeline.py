"""A lead's way in time: touches, the request itself, its changes of status, its sales and refunds, in order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from campaigns.models import CapturedContact, Lead, Sale
from campaigns.models.capture import ContactKind

REPEAT = ContactKind.REPEAT
ORDER = {"touch": 0, "received": 1, "contact": 2, "status": 3, "sale": 4, "refund": 5}


@dataclass(frozen=True)
class TimelineStep:
    """Something that happened, `days` after the step before: a touch, received, contact, status, sale or refund.

    `at` is None for a sale, which has a day and no hour.
    """

    kind: str
    day: date
    at: datetime | None
    row: Any
    days: int | None


def journey_of(lead: Lead, sales: Iterable[Sale], contacts: Iterable[CapturedContact]) -> list[TimelineStep]:
    """Every step, oldest first; a day's steps follow the clock, what has no hour comes at its end."""
    touches = lead.touches.select_related("platform", "campaign")
    changes = lead.status_changes.select_related("by")
    moments: list[tuple[str, date, datetime | None, Any]] = [
        ("received", timezone.localdate(lead.received_at), lead.received_at, lead),
        *(("touch", timezone.localdate(touch.at), touch.at, touch) for touch in touches),
        *(("contact", timezone.localdate(again.at), again.at, again) for again in contacts if again.kind == REPEAT),
        *(("status", timezone.localdate(change.at), change.at, change) for change in changes),
        *(("refund" if sale.is_refund else "sale", sale.sold_on, None, sale) for sale in sales),
    ]
    moments.sort(key=lambda moment: (moment[1], moment[2] is None, moment[2] or moment[1], ORDER[moment[0]]))
    days_before = [None, *(day for _kind, day, _at, _row in moments)]
    return [
        TimelineStep(kind, day, at, row, None if before is None else (day - before).days)
        for (kind, day, at, row), before in zip(moments, days_before, strict=False)
    ]
