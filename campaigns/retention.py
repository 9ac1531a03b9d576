"""What is kept for how long: leads after their last contact, files of imports, tries to sign in, sessions.

By a clock that may be wrong nothing goes, and no more leads than usual without a director's word (docs/adr/0027).
"""

import calendar
import logging
from datetime import datetime, timedelta
from importlib import import_module

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from campaigns import change_log, erasure, trusted_clock, uploads
from campaigns.erasure_limit import WINDOW, ConfirmedErasures, ErasedAt, first_excess, limit_of
from campaigns.models import (
    Agency,
    BulkChange,
    CapturedContact,
    Erasure,
    ErasureReason,
    Hold,
    HoldKind,
    IdempotentAnswer,
    ImportRun,
    Lead,
    Sale,
    SecurityEvent,
    StatusChange,
    Submission,
    Touch,
)
from campaigns.webhooks import delivery

log = logging.getLogger(__name__)

FILES_KEPT = timedelta(days=30)
SPAM_KEPT = timedelta(days=30)  # and tests of forms
TRIES_KEPT = timedelta(days=1)  # they count for a quarter of an hour
SUBMISSIONS_KEPT = timedelta(days=7)  # a page that is still open may send its form again
EVENTS_KEPT_MONTHS = 12
UNDO_KEPT = timedelta(days=7)  # of what one act did to many leads
BATCH = 500


def purge(*, at: datetime) -> None:
    """Erase and delete what has been kept long enough. Safe to run twice, and to be stopped in between."""
    if not trusted_clock.is_trusted(at):
        log.warning("nothing is erased by time until a director confirms the date")
        return
    erase_due(at=at)
    since_last_step = Coalesce(F("undone_at"), F("finished_at"), F("created_at"))
    runs = ImportRun.objects.annotate(last=since_last_step).filter(last__lt=at - FILES_KEPT)
    if discarded := uploads.discard(runs):
        log.info("discarded the files of %s imports", discarded)
    AccessAttempt.objects.filter(attempt_time__lt=at - TRIES_KEPT).delete()
    _forget_sessions(at)
    SecurityEvent.objects.filter(at__lt=months_before(at, EVENTS_KEPT_MONTHS)).delete()
    CapturedContact.objects.filter(lead=None, at__lt=at - SPAM_KEPT).delete()
    Submission.objects.filter(at__lt=at - SUBMISSIONS_KEPT).delete()
    delivery.purge(at=at)
    IdempotentAnswer.objects.filter(at__lt=at - IdempotentAnswer.KEPT).delete()
    change_log.prune(at=at)
    BulkChange.objects.filter(at__lt=at - UNDO_KEPT).delete()
    _forget_log(at)
    erasure.keep_outside()
    if back := erasure.replay():
        log.warning("erased %s leads again that something had brought back", back)


def erase_due(*, at: datetime) -> None:
    """Erase the leads that are due, unless there are so many that a director is asked first."""
    if not may_erase(at=at):
        log.warning("no lead is erased by time until a director confirms how many")
        return
    while leads := list(due(at)[:BATCH]):
        erasure.erase(leads, at=at, why=ErasureReason.TIME)


def _forget_sessions(at: datetime) -> None:
    model = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class()
    model.objects.filter(expire_date__lt=at).delete()


def _forget_log(at: datetime) -> None:
    """What the admin's log calls leads, touches and sales, for as long as leads are kept: they may be deleted since."""
    kinds = ContentType.objects.get_for_models(Lead, Touch, Sale).values()
    limit = months_before(at, Agency.current().keep_leads_months)
    LogEntry.objects.filter(content_type__in=kinds, action_time__lt=limit).delete()


def due(at: datetime) -> QuerySet[Lead]:
    """Leads whose last contact, of whatever kind, is longer ago than the agency keeps them.

    One that was merged goes with the lead that has its contacts.
    """
    agency = Agency.current()
    limit = months_before(at, agency.keep_leads_months)
    day = limit.astimezone(agency.zone).date()
    later = [
        Touch.objects.filter(lead=OuterRef("pk"), at__gte=limit),
        CapturedContact.objects.filter(lead=OuterRef("pk"), at__gte=limit),
        StatusChange.objects.filter(lead=OuterRef("pk"), at__gte=limit),
        Sale.objects.filter(lead=OuterRef("pk"), sold_on__gte=day),
    ]
    silent = Q(*(~Q(Exists(contact)) for contact in later))
    return Lead.objects.filter(silent, erased_at=None, merge=None, received_at__lt=limit).order_by("received_at", "pk")


def falling_due(at: datetime) -> QuerySet[Lead]:
    """Leads in the last 30 days of their period: they are erased by then, unless somebody gets in touch."""
    return due(at + WINDOW)


# -- how many at once -------------------------------------------------------------------------------------------------


def may_erase(*, at: datetime) -> bool:
    """Whether tonight's leads may go; asks the directors as soon as one of the next 30 nights has too many.

    They are asked while the leads are inside their period, so that an answer in time keeps none longer.
    """
    excess = _first_excess(at)
    if excess is None:
        Hold.objects.withdraw(HoldKind.ERASURES, at=at)
        return True
    asked = {"leads": falling_due(at).count(), "blocks_at": excess}
    Hold.objects.open().update_or_create(kind=HoldKind.ERASURES, defaults=asked, create_defaults={"since": at, **asked})
    return excess > at


def _first_excess(at: datetime) -> datetime | None:
    earlier = _erased(at)
    lately = sum(one.leads for one in earlier if one.at > at - WINDOW)
    limit = limit_of(Lead.objects.filter(erased_at=None).count() + lately)
    if falling_due(at).count() + lately <= limit:
        return None
    return first_excess([*earlier, *_nights(at)], _confirmed(at), limit=limit, since=at)


def _erased(at: datetime) -> list[ErasedAt]:
    """What time has erased in the last 30 days, and in the 30 before, of which a confirmation may speak."""
    rows = Erasure.objects.filter(why=ErasureReason.TIME, erased_at__gt=at - 2 * WINDOW, erased_at__lte=at)
    counted = rows.order_by("erased_at").values_list("erased_at").annotate(Count("pk"))
    return [ErasedAt(when, leads) for when, leads in counted]


def _nights(at: datetime) -> list[ErasedAt]:
    """What falls due tonight and in each of the next 30 nights."""
    nights = [at + timedelta(days=day) for day in range(WINDOW.days + 1)]
    totals = [due(night).count() for night in nights]
    fresh = [total - before for total, before in zip(totals, [0, *totals], strict=False)]
    return [ErasedAt(night, leads) for night, leads in zip(nights, fresh, strict=True)]


def _confirmed(at: datetime) -> list[ConfirmedErasures]:
    """What directors agreed to that reaches into the last 30 days."""
    holds = Hold.objects.filter(kind=HoldKind.ERASURES, confirmed_at__gt=at - 2 * WINDOW).order_by("confirmed_at")
    return [ConfirmedErasures(hold.confirmed_at, hold.leads) for hold in holds if hold.confirmed_at]


# -- the calendar -----------------------------------------------------------------------------------------------------


def months_before(at: datetime, months: int) -> datetime:
    """The same day and hour some months earlier; the last of the month where it is too short for the day."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))
