"""One decision per subscriber and week, written when it is made, and sent through the outbox (docs/adr/0005)."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import trusted_clock
from campaigns.models import Agency, EventKind, JobRun, StaleMark
from campaigns.webhooks import events
from core import outbox
from core.access import Role
from core.outbox import BACKOFF_MINUTES, Outbox
from core.schedule import hour_in_week, next_weekly
from core.weeks import Week
from reports.attribution import rollups
from reports.models import Subscriber, SummaryDelivery
from reports.verdicts import budget_flags, evaluation
from reports.weekly_email import content
from timesheets import sign_in
from timesheets.models import User

State = SummaryDelivery.State
# How long to wait for a drain that is at work elsewhere before figures are taken as they are.
PATIENCE = timedelta(minutes=10)
MISSED = _(
    "Nothing was decided when the summary of this week was due: the system was not running, or waited for a director "
    "to confirm the date."
)
NOT_FOR_THEM = _("Of the agency’s own people only directors get the summary: it says what hours cost.")


# -- deciding ---------------------------------------------------------------------------------------------------------


def decide_due(*, at: datetime) -> None:
    """At the agency's day and hour, decide the week that was over before. The first call only sets the time.

    After an outage only the last complete week is sent; weeks missed before it are recorded as skipped. An hour that
    a clock has set which was ahead is pulled back. Another day, hour or zone moves what is to come, and what has then
    passed is decided at once (docs/adr/0037).
    """
    if not trusted_clock.is_trusted(at):
        return
    job = JobRun.objects.get_or_create(name="summary")[0]
    agency = Agency.current()
    if job.next_due is None:
        _set_next_due(job, _next_due(at, agency))
        return
    if _is_ahead(job.next_due, agency, at):
        correct_early(at=at)
        _set_next_due(job, _next_due(at, agency))
        return
    first = _week_of_due(job.next_due)
    due = _due_in(first, agency)
    if due > at:
        _set_next_due(job, due)  # the agency may have chosen another day, hour or time zone since
        return
    rollups.drain()
    if StaleMark.objects.exists() and at < due + PATIENCE:
        return
    _decide_weeks(job, first.previous, agency.last_complete_week(at), at=at, agency=agency)


def _decide_weeks(job: JobRun, first: Week, last: Week, *, at: datetime, agency: Agency) -> None:
    is_time = _due_in(last.next, agency) <= at
    if is_time:
        evaluation.evaluate(last, at=at)
        budget_flags.update(at=at)
        decide(last, at=at)
    for week in Week.range(first, last.previous):
        _skip(week, Agency.translate(MISSED))
    _set_next_due(job, _next_due(at, agency))


def decide(week: Week, *, at: datetime) -> None:
    """Write this week's e-mail for every subscriber who has no decision for it yet; safe to repeat."""
    decided = SummaryDelivery.objects.filter(week=week.monday).values("subscriber")
    undecided = list(Subscriber.objects.filter(unsubscribed_at=None).exclude(pk__in=decided))
    if not undecided:
        return
    review = content.look_back(week)
    rows = [_decision(review, subscriber, at) for subscriber in undecided]
    is_first = not decided.exists()
    with transaction.atomic():
        SummaryDelivery.objects.bulk_create(rows, ignore_conflicts=True)
        if is_first:
            events.emit(EventKind.SUMMARY_SENT, lambda: _told(review), at=at)


def _told(review: content.Review) -> dict[str, Any]:
    """What is told of a week's summary: its first sentences, in the agency's language."""
    return {
        "week": str(review.week),
        "text": content.opening(review),
        "url": f"{settings.SITE_URL}{reverse('reports:dashboard')}",
    }


def _decision(review: content.Review, subscriber: Subscriber, at: datetime) -> SummaryDelivery:
    letter = content.write(
        review,
        language=subscriber.language,
        unsubscribe_url=unsubscribe_url(subscriber),
        is_directors=is_director(subscriber.email),
    )
    return SummaryDelivery(
        subscriber=subscriber,
        week=review.week.monday,
        next_attempt_at=at,
        message_id=outbox.new_message_id(),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
    )


def _skip(week: Week, reason: str) -> None:
    SummaryDelivery.objects.bulk_create(
        [
            SummaryDelivery(subscriber=subscriber, week=week.monday, state=State.DROPPED, reason=reason, is_missed=True)
            for subscriber in Subscriber.objects.filter(unsubscribed_at=None)
        ],
        ignore_conflicts=True,
    )


def correct_early(*, at: datetime) -> None:
    """Put right what a clock decided that was ahead: what it sent is marked, what it only wrote down is decided anew.

    For directors to see: sending it again writes it anew, and never happens by itself.
    """
    agency = Agency.current()
    to_come = _week_of_due(_next_due(at, agency)).previous
    unsent = Q(state=State.WAITING, attempts=0) | Q(is_missed=True)
    rows = SummaryDelivery.objects.filter(replaces=None, replaced_by=None)
    rows.filter(unsent, week__gte=to_come.monday, resent_at=None).delete()
    rows.filter(Q(week__gte=agency.week_of(at).monday) | Q(sent_at__gt=at)).update(is_early=True)


def _week_of_due(due: datetime) -> Week:
    """The week in which this hour falls, whatever day, hour and zone it was set by.

    The earliest is Monday at 5 in the far east, Sunday at 15:00 UTC; the latest Saturday at 22 in the far west, Sunday
    at 10:00 UTC.
    """
    return Week.containing((due + timedelta(hours=9)).date())


def _is_ahead(next_due: datetime, agency: Agency, at: datetime) -> bool:
    """Whether a clock that was ahead has set this hour: the one before it is still to come, and nobody was sent it.

    An hour that came on another day, before the agency changed it, was sent to somebody by now.
    """
    week = _week_of_due(next_due).previous
    if at >= _due_in(week, agency):
        return False
    return not SummaryDelivery.objects.filter(week=week.previous.monday, sent_at__lte=at).exists()


def _due_in(week: Week, agency: Agency) -> datetime:
    weekday, hour = agency.summary_weekday, agency.summary_hour
    return hour_in_week(week.monday, weekday=weekday, hour=hour, zone=agency.zone)


def _next_due(at: datetime, agency: Agency) -> datetime:
    return next_weekly(at, weekday=agency.summary_weekday, hour=agency.summary_hour, zone=agency.zone)


def _set_next_due(job: JobRun, due: datetime) -> None:
    """Move on, unless somebody else has."""
    if job.next_due != due:
        JobRun.objects.filter(name=job.name, next_due=job.next_due).update(next_due=due)


# -- sending ----------------------------------------------------------------------------------------------------------


def not_needed(delivery: SummaryDelivery, at: datetime) -> str | Promise:
    """Why this summary is not to be sent after all; empty when it is."""
    if delivery.subscriber.unsubscribed_at:
        return _("Unsubscribed before it was sent.")
    if not may_read(delivery.subscriber.email):
        return NOT_FOR_THEM
    if is_overtaken(delivery, at):
        return _("Another week was over before it could be sent.")
    return ""


def is_overtaken(delivery: SummaryDelivery, at: datetime) -> bool:
    """Whether an outage kept it until it was no news any more; never what somebody asked for."""
    return not delivery.resent_at and Week(delivery.week) < Agency.current().last_complete_week(at)


def may_read(email: str) -> bool:
    """Whether a summary may go to this address: of the agency's own people only to directors (docs/adr/0015)."""
    person = User.objects.filter(email=email.lower()).first()
    return person is None or (person.role == Role.DIRECTOR and sign_in.may_sign_in(person))


def is_director(email: str) -> bool:
    """Whether this is the address of a director, and not of somebody outside."""
    return User.objects.filter(email=email.lower(), role=Role.DIRECTOR).exists()


def resend(delivery: SummaryDelivery, *, at: datetime, by: Any) -> bool:
    """Have a new copy of what was stored sent, and record who asked; False when it is neither failed nor unknown."""
    return OUTBOX.send_again(delivery.pk, at=at, resent_at=at, resent_by=by, message_id=outbox.new_message_id())


# -- the message ------------------------------------------------------------------------------------------------------


def message_of(delivery: SummaryDelivery) -> EmailMultiAlternatives:
    """The stored e-mail as a message."""
    headers = outbox.headers(delivery.message_id, unsubscribe_url=unsubscribe_url(delivery.subscriber))
    return _message(delivery.subject, delivery.text, delivery.html, _address(delivery.subscriber), headers)


OUTBOX = Outbox(
    rows=SummaryDelivery.objects.select_related("subscriber"),
    states=SummaryDelivery.State,
    claimed=SummaryDelivery.State.CLAIMED,
    hand_over=outbox.by_email(message_of),
    not_needed=not_needed,
    translate=Agency.translate,
    sent_at="sent_at",
    most_attempts=len(BACKOFF_MINUTES) + 1,
    when_dropped=lambda delivery, at: {"is_missed": is_overtaken(delivery, at)},
)


def send_due(*, at: datetime) -> None:
    """Send what waits; by a clock that may be wrong nothing, since it would call a summary old."""
    if trusted_clock.is_trusted(at):
        OUTBOX.send_due(at=at)


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
