"""Whether the time can be believed: nothing is erased or decided by a clock that may be wrong (docs/adr/0027)."""

from datetime import datetime, timedelta
from typing import Any

from campaigns.models import Hold, HoldKind, JobRun

# A week, and a day in hand: an outage over a holiday asks nobody.
LONGEST_GAP = timedelta(days=8)
NAME = "clock"


def is_trusted(at: datetime) -> bool:
    """Whether at most eight days lie between this instant and the last sweep, either way; so before the first sweep."""
    last = last_sweep()
    return last is None or abs(at - last) <= LONGEST_GAP


def last_sweep() -> datetime | None:
    """The time of the last sweep whose clock was believed; of the last sweep where none was judged yet."""
    begun = dict(JobRun.objects.filter(name__in=(NAME, "sweep")).values_list("name", "started_at"))
    return begun.get(NAME) or begun.get("sweep")


def watch(*, at: datetime) -> bool:
    """Note the time of a sweep, or ask the directors about it; return whether the clock was put back since the last.

    A clock that is right again takes the question back.
    """
    last = last_sweep()
    if is_trusted(at):
        Hold.objects.withdraw(HoldKind.CLOCK, at=at)
        JobRun.note(NAME, started_at=at, finished_at=at)
        return last is not None and at < last
    Hold.objects.open().get_or_create(kind=HoldKind.CLOCK, defaults={"since": at, "last_sweep_at": last})
    return False


def confirm(hold: Hold, *, at: datetime, by: Any) -> bool:
    """Believe the clock as it stands, because a director says that it is right; False when nobody asks any more."""
    if not hold.confirm(at=at, by=by):
        return False
    JobRun.note(NAME, started_at=at, finished_at=at)
    return True
