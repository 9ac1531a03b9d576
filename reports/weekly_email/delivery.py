"""One decision per subscriber and week, and carrying it out (docs/adr/0005).

    pending -> sending -> sent
                       -> pending   refused for now: again later, as BACKOFF_MINUTES says
                       -> failed    refused for good, or too often
                       -> unknown   broke after the message was handed over: never sent again by itself
    pending -> skipped              unsubscribed meanwhile, or the week passed during an outage

Each step is one conditional UPDATE: of two workers that try it, one wins and the other sees that nothing changed.
"""

import logging
import time as clock
from datetime import datetime, time, timedelta
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Agency, JobRun, StaleMark
from core import smtp
from core.access import Role
from core.schedule import MONDAY, next_weekly
from core.weeks import Week
from reports.attribution import rollups
from reports.models import Subscriber, SummaryDelivery
from reports.verdicts import evaluation
from reports.weekly_email import content
from timesheets import sign_in
from timesheets.models import User

log = logging.getLogger(__name__)

State = SummaryDelivery.State

HOUR = 8
# Minutes to wait after each refusal but the last: four hours in all. Never longer than half an hour, so that nobody
# waits longer than that for a server that is back.
BACKOFF_MINUTES = (1, 2, 4, 8, 15, 30, 30, 30, 30, 30, 30, 30)
# A claim this old belongs to a worker that died: no task may run that long.
LOST_AFTER = timedelta(minutes=15)
# How long to wait for a drain that is at work elsewhere before figures are taken as they are.
PATIENCE = timedelta(minutes=10)
NOT_FOR_THEM = _("Of the agency’s own people only directors get the summary: it says what hours cost.")
# Seconds after which a run leaves the rest to the next sweep, well within a task's time limit.
LONGEST_RUN = 90


# -- deciding ---------------------------------------------------------------------------------------------------------


def decide_due(*, at: datetime) -> None:
    """On Monday at 08:00 in the agency's zone, decide the week that was just over. The first call only sets the time.

    After an outage only the last complete week is sent; weeks missed before it are recorded as skipped.
    """
    job = JobRun.objects.get_or_create(name="summary")[0]
    agency = Agency.current()
    if job.next_due is None:
        _set_next_due(job, _next_due(at, agency))
        return
    first = _week_of_due(job.next_due)
    due = _due_in(first, agency)
    if due > at:
        _set_next_due(job, due)  # the agency may have moved to another time zone since
        return
    rollups.drain()
    if StaleMark.objects.exists() and at < due + PATIENCE:
        return
    _decide_weeks(job, first.previous, agency.last_complete_week(at), at=at, agency=agency)


def _decide_weeks(job: JobRun, first: Week, last: Week, *, at: datetime, agency: Agency) -> None:
    is_time = _due_in(last.next, agency) <= at
    if is_time:
        evaluation.evaluate(last, at=at)
        decide(last, at=at)
    for week in Week.range(first, last.previous):
        _skip(week, _in_agency_words(_("The system was not running on the Monday after this week.")))
    _set_next_due(job, _next_due(at, agency))


def decide(week: Week, *, at: datetime) -> None:
    """Write this week's e-mail for every subscriber who has no decision for it yet; safe to repeat."""
    decided = SummaryDelivery.objects.filter(week=week.monday).values("subscriber")
    undecided = list(Subscriber.objects.filter(unsubscribed_at=None).exclude(pk__in=decided))
    if not undecided:
        return
    review = content.look_back(week)
    rows = [_decision(review, subscriber, at) for subscriber in undecided]
    SummaryDelivery.objects.bulk_create(rows, ignore_conflicts=True)


def _decision(review: content.Review, subscriber: Subscriber, at: datetime) -> SummaryDelivery:
    letter = content.write(review, language=subscriber.language, unsubscribe_url=unsubscribe_url(subscriber))
    return SummaryDelivery(
        subscriber=subscriber,
        week=review.week.monday,
        next_attempt_at=at,
        message_id=_new_message_id(),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
    )


def _skip(week: Week, reason: str) -> None:
    SummaryDelivery.objects.bulk_create(
        [
            SummaryDelivery(subscriber=one, week=week.monday, state=State.SKIPPED, reason=reason)
            for one in Subscriber.objects.filter(unsubscribed_at=None)
        ],
        ignore_conflicts=True,
    )


def _week_of_due(due: datetime) -> Week:
    """The week whose Monday at 08:00, in whatever zone, this instant is: from Sunday 18:00 to Monday 20:00 UTC."""
    return Week.containing((due + timedelta(hours=6)).date())


def _due_in(week: Week, agency: Agency) -> datetime:
    midnight = datetime.combine(week.monday, time(), tzinfo=agency.zone)
    return next_weekly(midnight, weekday=MONDAY, hour=HOUR, zone=agency.zone)


def _next_due(at: datetime, agency: Agency) -> datetime:
    return next_weekly(at, weekday=MONDAY, hour=HOUR, zone=agency.zone)


def _set_next_due(job: JobRun, due: datetime) -> None:
    """Move on, unless somebody else has."""
    if job.next_due != due:
        JobRun.objects.filter(name=job.name, next_due=job.next_due).update(next_due=due)


# -- sending ----------------------------------------------------------------------------------------------------------


def send_due(*, at: datetime) -> None:
    """Send what waits and is due, one by one."""
    give_up_lost(at=at)
    give_up_passed(at=at)
    until = clock.monotonic() + LONGEST_RUN
    waiting = SummaryDelivery.objects.filter(state=State.PENDING, next_attempt_at__lte=at)
    for pk in list(waiting.order_by("next_attempt_at", "pk").values_list("pk", flat=True)):
        if clock.monotonic() > until:
            return
        if delivery := claim(pk, at=at):
            send(delivery, at=at)


def give_up_lost(*, at: datetime) -> None:
    """A row whose worker died while sending: nobody knows whether the message went."""
    lost = SummaryDelivery.objects.filter(state=State.SENDING, claimed_at__lt=at - LOST_AFTER)
    if lost.exists():
        lost.update(state=State.UNKNOWN, reason=_in_agency_words(_("The worker stopped while it was sending.")))


def give_up_passed(*, at: datetime) -> None:
    """What an outage kept waiting until another week was over is no news any more, unless somebody asked for it."""
    last = Agency.current().last_complete_week(at)
    passed = SummaryDelivery.objects.filter(state=State.PENDING, resent_at=None, week__lt=last.monday)
    if passed.exists():
        passed.update(state=State.SKIPPED, reason=_in_agency_words(_("Another week was over before it could be sent.")))


def claim(pk: int, *, at: datetime) -> SummaryDelivery | None:
    """Take the row for sending; None when it is no longer waiting, or its subscriber no longer wants it."""
    waiting = SummaryDelivery.objects.filter(pk=pk, state=State.PENDING, next_attempt_at__lte=at)
    if not waiting.update(state=State.SENDING, claimed_at=at, attempts=F("attempts") + 1):
        return None
    delivery = SummaryDelivery.objects.select_related("subscriber").get(pk=pk)
    if delivery.subscriber.unsubscribed_at:
        _finish(delivery, State.SKIPPED, reason=_in_agency_words(_("Unsubscribed before it was sent.")))
        return None
    if not may_read(delivery.subscriber.email):
        _finish(delivery, State.SKIPPED, reason=_in_agency_words(NOT_FOR_THEM))
        return None
    return delivery


def may_read(email: str) -> bool:
    """Whether a summary may go to this address: of the agency's own people only to directors (docs/adr/0015)."""
    person = User.objects.filter(email=email.lower()).first()
    return person is None or (person.role == Role.DIRECTOR and sign_in.may_sign_in(person))


def send(delivery: SummaryDelivery, *, at: datetime) -> None:
    """Hand a claimed row to the mail server and record how that ended."""
    try:
        smtp.send(message_of(delivery))
    except smtp.DeliveryUnknown as error:
        _finish(delivery, State.UNKNOWN, reason=str(error))
    except smtp.PermanentFailure as error:
        _finish(delivery, State.FAILED, reason=str(error))
    except smtp.TemporaryFailure as error:
        _try_later(delivery, str(error), at=at)
    except Exception as error:  # before anything was handed over: after that it would be DeliveryUnknown
        log.exception("delivery %s could not be sent", delivery.pk)
        _try_later(delivery, f"{type(error).__name__}: {error}", at=at)
    else:
        _finish(delivery, State.SENT, sent_at=at)


def _try_later(delivery: SummaryDelivery, reason: str, *, at: datetime) -> None:
    if delivery.attempts > len(BACKOFF_MINUTES):
        _finish(delivery, State.FAILED, reason=reason)
        return
    wait = timedelta(minutes=BACKOFF_MINUTES[delivery.attempts - 1])
    _finish(delivery, State.PENDING, reason=reason, next_attempt_at=at + wait)


def _finish(delivery: SummaryDelivery, state: State, *, reason: str = "", **changes: Any) -> None:
    """End this claim, unless it was taken away meanwhile as lost."""
    mine = SummaryDelivery.objects.filter(pk=delivery.pk, state=State.SENDING, claimed_at=delivery.claimed_at)
    if not mine.update(state=state, reason=reason[:300], **changes):
        log.error("delivery %s ended as %s after its claim was given up", delivery.pk, state)


def resend(delivery: SummaryDelivery, *, at: datetime, by: Any) -> bool:
    """Let a new copy of what was stored go out, and record who asked; False when it is neither failed nor unknown."""
    stuck = SummaryDelivery.objects.filter(pk=delivery.pk, state__in=(State.FAILED, State.UNKNOWN))
    with transaction.atomic():
        return bool(
            stuck.update(
                state=State.PENDING,
                attempts=0,
                next_attempt_at=at,
                claimed_at=None,
                resent_at=at,
                resent_by=by,
                message_id=_new_message_id(),  # a copy with the old one would be dropped as seen
            )
        )


# -- the message ------------------------------------------------------------------------------------------------------


def message_of(delivery: SummaryDelivery) -> EmailMultiAlternatives:
    """The stored e-mail as a message. RFC 8058: one click, without signing in, stops the next ones."""
    headers = {
        "Message-ID": delivery.message_id,
        "List-Unsubscribe": f"<{unsubscribe_url(delivery.subscriber)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    return _message(delivery.subject, delivery.text, delivery.html, _address(delivery.subscriber), headers)


def _address(subscriber: Subscriber) -> str:
    name = content.one_line(subscriber.name).replace("\\", "").replace('"', "'")
    return f'"{name}" <{subscriber.email}>' if name else subscriber.email


def sample(letter: content.Letter) -> EmailMultiAlternatives:
    """A letter as a message to nobody, to look at."""
    return _message(letter.subject, letter.text, letter.html, settings.DEFAULT_FROM_EMAIL, {})


def _message(subject: str, text: str, html: str, to: str, headers: dict[str, str]) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        content.one_line(subject), text, settings.DEFAULT_FROM_EMAIL, [to], headers=headers
    )
    message.attach_alternative(html, "text/html")
    return message


def _new_message_id() -> str:
    return make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost")


_SIGNER = signing.Signer(salt="reports.unsubscribe")


def unsubscribe_url(subscriber: Subscriber) -> str:
    token = _SIGNER.sign(str(subscriber.pk))
    return f"{settings.SITE_URL}{reverse('reports:unsubscribe', args=[token])}"


def subscriber_of(token: str) -> Subscriber | None:
    """Whose link this is; None when it was not made here."""
    try:
        return Subscriber.objects.filter(pk=int(_SIGNER.unsign(token))).first()
    except (signing.BadSignature, ValueError, OverflowError):
        return None


def unsubscribe(subscriber: Subscriber, *, at: datetime) -> None:
    """No more e-mails from now on; a second time changes nothing."""
    Subscriber.objects.filter(pk=subscriber.pk, unsubscribed_at=None).update(unsubscribed_at=at)


def _in_agency_words(reason: Promise) -> str:
    with translation.override(Agency.current().language):
        return str(reason)
