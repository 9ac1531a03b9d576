"""Asking people by e-mail for a week that they have not submitted (docs/adr/0008).

On Friday and Monday everyone who has not submitted gets a row, which is the decision and can exist only once. The row
is then sent, and what it rests on is looked at again right before. A manager may also ask one person at once.

    waiting -> unknown -> sent
                       -> waiting   refused for now: again later, until it is too late
                       -> failed    refused for good
                       (stays)      broke after the message was handed over, or the worker died: never sent by itself
    waiting -> dropped              submitted or turned off meanwhile, or too late
    failed, unknown -> waiting      a director sends it again
"""

import logging
import time as clock
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Agency, JobRun
from core import money, smtp
from core.schedule import FRIDAY, MONDAY, next_weekly
from core.weeks import Week
from timesheets import grid, hours, sign_in
from timesheets.models import Reminder, TimeEntry, User, lock_member

log = logging.getLogger(__name__)

Kind = Reminder.Kind
State = Reminder.State

# Later than this it is no reminder any more: an outage must not end in a nightly e-mail about last week.
TOO_LATE = timedelta(hours=12)
WAIT_AFTER_REFUSAL = timedelta(minutes=10)
ASKED_AGAIN_AFTER = timedelta(days=1)
# One taken this long ago is in nobody's hands any more: no task may run that long.
LOST_AFTER = timedelta(minutes=15)
# Seconds after which a run leaves the rest to the next sweep.
LONGEST_RUN = 60


class AskedAlready(Exception):
    """Somebody asked this person for this week within a day."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """When people are reminded, in the agency's zone, and of which week: `weeks` after the current one."""

    kind: Reminder.Kind
    weekday: int
    hour: int
    weeks: int

    @property
    def job(self) -> str:
        return f"reminders-{self.kind}"

    def next_due(self, after: datetime, agency: Agency) -> datetime:
        return next_weekly(after, weekday=self.weekday, hour=self.hour, zone=agency.zone)


OCCASIONS = (
    Occasion(Kind.FRIDAY, weekday=FRIDAY, hour=15, weeks=0),
    Occasion(Kind.MONDAY, weekday=MONDAY, hour=9, weeks=-1),
)


# -- deciding ---------------------------------------------------------------------------------------------------------


def send_due(*, at: datetime) -> None:
    """Decide what is due at this instant, then send what waits; safe to run twice, and by two workers at once."""
    agency = Agency.current()
    for occasion in OCCASIONS:
        _decide(occasion, agency, at=at)
    until = clock.monotonic() + LONGEST_RUN
    waiting = Reminder.objects.filter(state=State.WAITING, next_attempt_at__lte=at)
    for pk in list(waiting.order_by("next_attempt_at", "pk").values_list("pk", flat=True)):
        if clock.monotonic() > until:
            return
        send(pk, at=at)


def _decide(occasion: Occasion, agency: Agency, *, at: datetime) -> None:
    """Write down whom to remind, once the hour has come. The first call ever only sets the time."""
    due = JobRun.objects.get_or_create(name=occasion.job)[0].next_due
    coming = occasion.next_due(at, agency)
    if due == coming:
        return
    with transaction.atomic():
        # Of two that move the time on, one wins and decides. It also moves when the agency changes its time zone.
        is_ours = JobRun.objects.filter(name=occasion.job, next_due=due).update(next_due=coming)
        if is_ours and due and due <= at <= due + TOO_LATE:
            week = agency.week_of(due).plus(occasion.weeks)
            Reminder.objects.bulk_create(
                [
                    Reminder(member=member, week=week.monday, kind=occasion.kind, due_at=due, next_attempt_at=at)
                    for member in hours.missing(week)
                    if member.gets_reminders
                ],
                ignore_conflicts=True,
            )


def ask(member: User, week: Week, *, by: User, at: datetime) -> Reminder:
    """Remind one person now, whatever their settings: a colleague asks. AskedAlready within a day of the last time."""
    with transaction.atomic():
        lock_member(member.pk)
        earlier = Reminder.objects.filter(member=member, week=week.monday, kind=Kind.ASKED)
        if earlier.filter(due_at__gt=at - ASKED_AGAIN_AFTER).exclude(state=State.FAILED).exists():
            raise AskedAlready
        return Reminder.objects.create(
            member=member, week=week.monday, kind=Kind.ASKED, due_at=at, next_attempt_at=at, asked_by=by
        )


# -- sending ----------------------------------------------------------------------------------------------------------


def send(pk: int, *, at: datetime) -> None:
    """Send one reminder, if it is still waiting and still right."""
    waiting = Reminder.objects.filter(pk=pk, state=State.WAITING, next_attempt_at__lte=at)
    if not waiting.update(state=State.UNKNOWN, attempts=F("attempts") + 1, next_attempt_at=at):
        return
    reminder = Reminder.objects.select_related("member", "asked_by").get(pk=pk)
    if reason := not_needed(reminder, at=at):
        _end(reminder, State.DROPPED, reason)
        return
    try:
        smtp.send(message_of(reminder))
    except smtp.DeliveryUnknown as error:
        _end(reminder, State.UNKNOWN, str(error))
    except smtp.PermanentFailure as error:
        _end(reminder, State.FAILED, str(error))
    except Exception as error:  # refused for now, or something of ours: nothing was handed over
        log.warning("reminder %s was not sent: %s", pk, error)
        _end(reminder, State.WAITING, str(error) or type(error).__name__, next_attempt_at=at + WAIT_AFTER_REFUSAL)
    else:
        _end(reminder, State.SENT)


def not_needed(reminder: Reminder, *, at: datetime) -> str:
    """Why this reminder is not to be sent after all; empty when it is."""
    if at > reminder.due_at + TOO_LATE:
        return "too late"
    if not hours.is_missing(reminder.member, Week(reminder.week)) or not sign_in.may_sign_in(reminder.member):
        return "submitted, or no longer at work"
    if reminder.kind != Kind.ASKED and not reminder.member.gets_reminders:
        return "turned off"
    return ""


def _end(reminder: Reminder, state: Reminder.State, reason: str = "", **changes: datetime) -> None:
    """End this attempt, unless it was taken for lost meanwhile and a director sends it again."""
    mine = Reminder.objects.filter(pk=reminder.pk, state=State.UNKNOWN, next_attempt_at=reminder.next_attempt_at)
    if not mine.update(state=state, reason=reason[:300], **changes):
        log.error("reminder %s ended as %s after it was given up", reminder.pk, state)


# -- sending again ----------------------------------------------------------------------------------------------------


def stuck(*, at: datetime) -> QuerySet[Reminder]:
    """Those that did not arrive, or of which nobody knows: a director may send them again."""
    return Reminder.objects.filter(Q(state=State.FAILED) | Q(state=State.UNKNOWN, next_attempt_at__lt=at - LOST_AFTER))


def resend(pk: int, *, at: datetime) -> bool:
    """Let a new copy go out, as due now; False when this one is not stuck. What it rests on is looked at once more."""
    again = {"state": State.WAITING, "reason": "", "attempts": 0, "due_at": at, "next_attempt_at": at}
    return bool(stuck(at=at).filter(pk=pk).update(**again))


# -- the message ------------------------------------------------------------------------------------------------------


def message_of(reminder: Reminder) -> EmailMessage:
    """The e-mail, in the person's language. Only the scheduled ones can be turned off, so only they offer it."""
    member, week, agency = reminder.member, Week(reminder.week), Agency.current()
    off = "" if reminder.kind == Kind.ASKED else off_url(member)
    with money.localised(language=member.language or agency.language, country=agency.country, currency=agency.currency):
        context = {
            "member": member,
            "agency": agency,
            "asked_by": reminder.asked_by,
            "week": grid.title(week),
            "logged": hours.written(TimeEntry.objects.of(member).in_week(week).minutes(), member),
            "target": hours.written(member.weekly_minutes, member),
            "url": f"{settings.SITE_URL}{reverse('timesheets:week', args=[week])}",
            "off_url": off,
        }
        subject = _("Your hours of %(week)s are not submitted") % {"week": context["week"]}
        text = render_to_string("emails/reminder.txt", context)
    headers = {"Message-ID": make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost")}
    headers["Auto-Submitted"] = "auto-generated"
    if off:
        headers |= {"List-Unsubscribe": f"<{off}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [member.email], headers=headers)


_SIGNER = signing.Signer(salt="timesheets.reminders")


def off_url(member: User) -> str:
    return f"{settings.SITE_URL}{reverse('timesheets:reminders_off', args=[_SIGNER.sign(str(member.pk))])}"


def member_of(token: str) -> User | None:
    """Whose link this is; None when it was not made here."""
    try:
        return User.objects.filter(pk=int(_SIGNER.unsign(token))).first()
    except (signing.BadSignature, ValueError, OverflowError):
        return None


def turn_off(member: User) -> None:
    """No more scheduled reminders; a second time changes nothing."""
    User.objects.filter(pk=member.pk).update(gets_reminders=False)
