"""What is sent, as rows: each is claimed, sent, and its outcome is recorded (docs/adr/0005, 0008 and 0042).

    waiting -> claimed -> sent
                       -> waiting   backed off: a temporary failure, tried again as BACKOFF_MINUTES says
                       -> failed    a permanent failure, or too many temporary ones
                       -> unknown   the connection broke after it was handed over, or the worker was lost
                                    (-> waiting where it may arrive twice)
                       -> dropped   the check right before sending says that it is not needed any more
    failed, unknown -> waiting      a person has it sent again

Each transition is one conditional UPDATE: of two workers that try it, one wins and the other changes nothing. The rows
stay in tables of their own. A row keeps what is sent for as long as it exists, so no secret may be in one: invitations
and the e-mails of accounts are sent without it.
"""

import logging
import time as clock
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Model, QuerySet, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import smtp
from core.delivery_outcomes import DeliveryUnknown, PermanentFailure, TemporaryFailure

log = logging.getLogger(__name__)

# Minutes to wait after each temporary failure: four hours in all. Never longer than half an hour, so that nobody waits
# longer than that for a server that is back.
BACKOFF_MINUTES = (1, 2, 4, 8, 15, 30, 30, 30, 30, 30, 30, 30)
# A claim this old belongs to a worker that died: no task may run that long.
LOST_AFTER = timedelta(minutes=15)
# Seconds after which a run leaves the rest to the next sweep, well within a task's time limit.
LONGEST_RUN = 60
LOST = _("The worker stopped while it was sending.")

OutboxRow = TypeVar("OutboxRow", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Outbox(Generic[OutboxRow]):
    """What one table sends, with what differs between tables.

    `states` has WAITING, SENT, FAILED, UNKNOWN and DROPPED, and stores what it likes for them. `claimed` is the state
    of a row that a worker has: one of its own, or UNKNOWN, which a worker that dies then leaves behind by itself.
    `claimed_at` and `sent_at` name the columns that keep these moments. `not_needed` looks at a row right before it is
    sent and says why it is not to be sent after all; then `hand_over` sends it, or raises one of
    core/delivery_outcomes.py. After each temporary failure it waits as `backoff_minutes` says; after `most_attempts` a
    row has failed; without them it is tried until it is not needed any more. `when_dropped` gives what else is noted of
    a row that is not needed. With `may_repeat`, what may have arrived is sent again.
    """

    rows: QuerySet[OutboxRow]
    states: type[TextChoices]
    claimed: str
    hand_over: Callable[[OutboxRow], None]
    not_needed: Callable[[OutboxRow, datetime], str | Promise]
    translate: Callable[[str | Promise], str]
    claimed_at: str = "claimed_at"
    sent_at: str = ""
    most_attempts: int | None = None
    when_dropped: Callable[[OutboxRow, datetime], dict[str, Any]] = lambda _row, _at: {}
    backoff_minutes: Sequence[int] = BACKOFF_MINUTES
    may_repeat: bool = False

    def has_work(self, *, at: datetime) -> bool:
        """Whether a row is due, or was left behind by a worker that died."""
        return self._due(at).exists() or self._lost(at).exists()

    def send_due(self, *, at: datetime, stops_at_failure: bool = False) -> None:
        """Send what waits and is due, one by one; with `stops_at_failure` the rest waits for the next run."""
        self.mark_lost(at=at)
        until = clock.monotonic() + LONGEST_RUN
        for pk in list(self._due(at).order_by("next_attempt_at", "pk").values_list("pk", flat=True)):
            if clock.monotonic() > until or (not self.send(pk, at=at) and stops_at_failure):
                return

    def send(self, pk: int, *, at: datetime) -> bool:
        """Send one row, unless it waits no longer or another worker has it; False when it did not go."""
        row = self.claim(pk, at=at)
        return row is None or self.deliver(row, at=at)

    def claim(self, pk: int, *, at: datetime) -> OutboxRow | None:
        mine = self._due(at).filter(pk=pk)
        claim = {"state": self.claimed, self.claimed_at: at, "reason": "", "attempts": F("attempts") + 1}
        return self.rows.get(pk=pk) if mine.update(**claim) else None

    def deliver(self, row: OutboxRow, *, at: datetime) -> bool:
        """Hand over a claimed row and record the outcome; False when it did not go."""
        if reason := self.not_needed(row, at):
            self._finish(row, self.states["DROPPED"], self.translate(reason), **self.when_dropped(row, at))
            return True
        try:
            self.hand_over(row)
        except PermanentFailure as error:
            self._finish(row, self.states["FAILED"], str(error))
        except (TemporaryFailure, DeliveryUnknown) as error:
            self._after(error, row, at=at)
        except Exception as error:  # an error of ours, before anything was handed over
            log.exception("%s %s could not be sent", self.rows.model.__name__, row.pk)
            self._back_off(row, f"{type(error).__name__}: {error}", at=at)
        else:
            self._finish(row, self.states["SENT"], **({self.sent_at: at} if self.sent_at else {}))
            return True
        return False

    def _after(self, error: Exception, row: OutboxRow, *, at: datetime) -> None:
        if isinstance(error, DeliveryUnknown) and not self.may_repeat:
            self._finish(row, self.states["UNKNOWN"], str(error))
            return
        log.warning("%s %s was not sent: %s", self.rows.model.__name__, row.pk, error)
        self._back_off(row, str(error), at=at)

    def mark_lost(self, *, at: datetime) -> None:
        """Give up the rows whose worker died while it was sending: nobody knows whether the message went.

        What may arrive twice waits again.
        """
        old = self._lost(at)
        if self.may_repeat:
            old.update(state=self.states["WAITING"], next_attempt_at=at)
            return
        lost = old.exclude(state=self.states["UNKNOWN"], reason__gt="")
        if lost.exists():
            lost.update(state=self.states["UNKNOWN"], reason=self.translate(LOST))

    def stuck(self, *, at: datetime) -> QuerySet[OutboxRow]:
        """The rows that did not arrive, or of which nobody knows: a person may have them sent again."""
        at_work = {"state": self.claimed, f"{self.claimed_at}__gte": at - LOST_AFTER}
        return self.rows.filter(state__in=(self.states["FAILED"], self.states["UNKNOWN"])).exclude(**at_work)

    def send_again(self, pk: int, *, at: datetime, **changes: Any) -> bool:
        """Have a row sent again, as if for the first time; False when it is not stuck."""
        anew = {"state": self.states["WAITING"], "reason": "", "attempts": 0, "next_attempt_at": at}
        return bool(self.stuck(at=at).filter(pk=pk).update(**anew, **changes))

    def _due(self, at: datetime) -> QuerySet[OutboxRow]:
        return self.rows.filter(state=self.states["WAITING"], next_attempt_at__lte=at)

    def _lost(self, at: datetime) -> QuerySet[OutboxRow]:
        return self.rows.filter(state=self.claimed, **{f"{self.claimed_at}__lt": at - LOST_AFTER})

    def _back_off(self, row: Any, reason: str, *, at: datetime) -> None:
        if row.attempts == self.most_attempts:
            self._finish(row, self.states["FAILED"], reason)
            return
        minutes = self.backoff_minutes[min(row.attempts, len(self.backoff_minutes)) - 1]
        self._finish(row, self.states["WAITING"], reason, next_attempt_at=at + timedelta(minutes=minutes))

    def _finish(self, row: OutboxRow, state: str, reason: str = "", /, **changes: Any) -> None:
        """End this claim, unless it was given up meanwhile as lost."""
        mine = self.rows.filter(pk=row.pk, state=self.claimed, **{self.claimed_at: getattr(row, self.claimed_at)})
        if not mine.update(state=state, reason=reason[:300], **changes):
            log.error("%s %s ended as %s after its claim was given up", self.rows.model.__name__, row.pk, state)


def by_email(message_of: Callable[[Any], EmailMessage]) -> Callable[[Any], None]:
    """Hands a row over to the mail server."""

    def hand_over(row: Any) -> None:
        smtp.send(message_of(row))

    return hand_over


def new_message_id() -> str:
    """A new copy needs a new one: servers drop a message whose id they have seen."""
    return make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost")


def headers(message_id: str, *, unsubscribe_url: str = "") -> dict[str, str]:
    """The headers of an e-mail that nobody wrote by hand; RFC 8058: one click, without signing in, stops the next."""
    written = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    if unsubscribe_url:
        written |= {
            "List-Unsubscribe": f"<{unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return written
