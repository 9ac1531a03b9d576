"""What is kept for how long: leads after their last contact, files of imports, tries to sign in, sessions."""

import calendar
import logging
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from campaigns import erasure, uploads
from campaigns.models import Agency, ImportRun, Lead, Sale, StatusChange, Submission, Touch

log = logging.getLogger(__name__)

FILES_KEPT = timedelta(days=30)
TRIES_KEPT = timedelta(days=1)  # they count for a quarter of an hour
SUBMISSIONS_KEPT = timedelta(days=7)  # a page that is still open may send its form again
BATCH = 500


def purge(*, at: datetime) -> None:
    """Erase and delete what has been kept long enough. Safe to run twice, and to be stopped in between."""
    while leads := list(due(at)[:BATCH]):
        erasure.erase(leads, at=at)
    since_last_step = Coalesce(F("undone_at"), F("finished_at"), F("created_at"))
    runs = ImportRun.objects.annotate(last=since_last_step).filter(last__lt=at - FILES_KEPT)
    if discarded := uploads.discard(runs):
        log.info("discarded the files of %s imports", discarded)
    AccessAttempt.objects.filter(attempt_time__lt=at - TRIES_KEPT).delete()
    Session.objects.filter(expire_date__lt=at).delete()
    Submission.objects.filter(at__lt=at - SUBMISSIONS_KEPT).delete()
    _forget_log(at)
    erasure.keep_outside()
    if back := erasure.replay():
        log.warning("erased %s leads again that something had brought back", back)


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
        StatusChange.objects.filter(lead=OuterRef("pk"), at__gte=limit),
        Sale.objects.filter(lead=OuterRef("pk"), sold_on__gte=day),
    ]
    silent = Q(*(~Q(Exists(contact)) for contact in later))
    return Lead.objects.filter(silent, erased_at=None, merge=None, received_at__lt=limit).order_by("received_at", "pk")


def months_before(at: datetime, months: int) -> datetime:
    """The same day and hour some months earlier; the last of the month where it is too short for the day."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))
