"""What waits until a director confirms it, as the page of jobs and its e-mail say it (docs/adr/0027)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns import retention, trusted_clock
from campaigns.erasure_limit import FEW, SHARE_PERCENT, WINDOW
from campaigns.models import Agency, Hold, HoldKind, HoldNotice


@dataclass(frozen=True)
class HeldWork:
    """One hold with the figures that its sentences need."""

    hold: Hold
    few: int = FEW
    percent: int = SHARE_PERCENT
    days: int = WINDOW.days

    @property
    def is_clock(self) -> bool:
        return self.hold.kind == HoldKind.CLOCK

    @property
    def due(self) -> int:
        """How many leads this clock holds to be due when it asks."""
        return retention.due(self.hold.since).count()

    @property
    def until(self) -> datetime:
        """By when the leads that it speaks of fall due."""
        return self.hold.since + WINDOW

    @property
    def has_begun(self) -> bool:
        """Whether leads are kept back already."""
        return self.hold.blocks_at is not None and self.hold.blocks_at <= self.hold.since

    @property
    def notices(self) -> list[HoldNotice]:
        return list(self.hold.notices.select_related("member"))


def held_work() -> list[HeldWork]:
    return [HeldWork(hold) for hold in Hold.objects.open().order_by("kind")]


def question(hold: Hold, *, at: datetime) -> str:
    """What exactly a confirmation answers: today's date by the clock, or how many leads; a later answer is refused."""
    if hold.kind == HoldKind.CLOCK:
        return at.astimezone(Agency.current().zone).date().isoformat()
    return str(hold.leads)


def confirm(hold: Hold, *, answered: str, at: datetime, by: Any) -> bool:
    """Let it go on; False when it asks something else by now, or nothing any more."""
    if answered != question(hold, at=at):
        return False
    if hold.kind == HoldKind.CLOCK:
        return trusted_clock.confirm(hold, at=at, by=by)
    return hold.confirm(at=at, by=by)
