"""A lead's way in time: touches, the request itself, its changes of status, its sales and refunds, in order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from campaigns.models import Lead, Sale

ORDER = {"touch": 0, "received": 1, "status": 2, "sale": 3, "refund": 4}


@dataclass(frozen=True)
class TimelineStep:
    """Something that happened: `kind` is touch, received, status, sale or refund; `days` since the step before.

    `at` is None for a sale, which has a day and no hour.
    """

    kind: str
    day: date
    at: datetime | None
    row: Any
    days: int | None


def journey_of(lead: Lead, sales: Iterable[Sale]) -> list[TimelineStep]:
    """Every step, oldest first; a day's steps follow the clock, what has no hour comes at its end."""
    touches = lead.touches.select_related("platform", "campaign")
    changes = lead.status_changes.select_related("by")
    moments: list[tuple[str, date, datetime | None, Any]] = [
        ("received", timezone.localdate(lead.received_at), lead.received_at, lead),
        *(("touch", timezone.localdate(touch.at), touch.at, touch) for touch in touches),
        *(("status", timezone.localdate(change.at), change.at, change) for change in changes),
        *(("refund" if sale.is_refund else "sale", sale.sold_on, None, sale) for sale in sales),
    ]
    moments.sort(key=lambda moment: (moment[1], moment[2] is None, moment[2] or moment[1], ORDER[moment[0]]))
    days_before = [None, *(day for _kind, day, _at, _row in moments)]
    return [
        TimelineStep(kind, day, at, row, None if before is None else (day - before).days)
        for (kind, day, at, row), before in zip(moments, days_before, strict=False)
    ]
