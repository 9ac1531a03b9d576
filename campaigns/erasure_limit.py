"""How many leads time may erase before somebody is asked. Pure: no Django, no database, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(days=30)
FEW = 50
SHARE_PERCENT = 5


@dataclass(frozen=True)
class ErasedAt:
    """Leads that were erased at an instant, or will be."""

    at: datetime
    leads: int


@dataclass(frozen=True)
class ConfirmedErasures:
    """A director agreed at an instant to this many erasures within 30 days from it."""

    at: datetime
    leads: int


def limit_of(leads: int) -> int:
    """The larger of 50 and 5 % of the leads that are held."""
    return max(FEW, leads * SHARE_PERCENT // 100)


def first_excess(
    erasures: Sequence[ErasedAt], confirmed: Iterable[ConfirmedErasures], *, limit: int, since: datetime
) -> datetime | None:
    """The first instant, not before `since`, whose last 30 days hold more erasures than the limit.

    Erasures that a director confirmed do not count. `erasures` are in the order of time.
    """
    counted = list(erasures)
    for confirmation in confirmed:
        counted = _without(counted, confirmation)
    for end in counted:
        inside = sum(one.leads for one in counted if end.at - WINDOW < one.at <= end.at)
        if end.at >= since and inside > limit:
            return end.at
    return None


def _without(erasures: Iterable[ErasedAt], confirmation: ConfirmedErasures) -> list[ErasedAt]:
    """Take away the erasures that a confirmation covers: the first ones within its 30 days, as many as it allows."""
    left, kept = confirmation.leads, []
    for one in erasures:
        is_covered = confirmation.at <= one.at <= confirmation.at + WINDOW
        covered = min(left, one.leads) if is_covered else 0
        left -= covered
        kept.append(ErasedAt(one.at, one.leads - covered))
    return kept
