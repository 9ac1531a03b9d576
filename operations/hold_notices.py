"""Telling each director once, by e-mail, that something waits for a confirmation (docs/adr/0027)."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Agency, Hold, HoldKind, HoldNotice
from core import money, outbox
from core.access import Role
from core.outbox import BACKOFF_MINUTES, Outbox
from operations.held_work import HeldWork
from timesheets import sign_in
from timesheets.models import User


def send_due(*, at: datetime) -> None:
    """Write one notice for each open hold and director, then send what waits; safe to repeat."""
    for hold in Hold.objects.open():
        HoldNotice.objects.bulk_create(
            [HoldNotice(hold=hold, member=director, next_attempt_at=at) for director in _directors()],
            ignore_conflicts=True,
        )
    OUTBOX.send_due(at=at)


def _directors() -> list[User]:
    return [person for person in User.objects.filter(role=Role.DIRECTOR) if sign_in.may_sign_in(person)]


def not_needed(notice: HoldNotice, at: datetime) -> str:
    """Why this notice is not to be sent after all; empty when it is."""
    if not notice.hold.is_open:
        return "confirmed, or settled by itself"
    member: User = notice.member
    return "" if member.role == Role.DIRECTOR and sign_in.may_sign_in(member) else "no director any more"


def message_of(notice: HoldNotice) -> EmailMessage:
    """The e-mail, in the director's language."""
    member, hold, agency = notice.member, notice.hold, Agency.current()
    with money.localised(language=member.language or agency.language, country=agency.country, currency=agency.currency):
        url = settings.SITE_URL + reverse("operations:jobs")
        context = {"member": member, "hold": hold, "held": HeldWork(hold), "agency": agency, "url": url}
        if hold.kind == HoldKind.CLOCK:
            subject = _("Is the date right? Retour waits for your answer")
        else:
            subject = _("Many leads are about to be erased: please confirm")
        with timezone.override(agency.zone):
            text = render_to_string("emails/hold.txt", context)
    headers = outbox.headers(outbox.new_message_id())
    return EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [member.email], headers=headers)


# Claimed as unknown, as reminders are: one whose worker dies is never sent twice.
OUTBOX = Outbox(
    rows=HoldNotice.objects.select_related("hold", "member"),
    states=HoldNotice.State,
    claimed=HoldNotice.State.UNKNOWN,
    claimed_at="next_attempt_at",
    hand_over=outbox.by_email(message_of),
    not_needed=not_needed,
    translate=Agency.translate,
    most_attempts=len(BACKOFF_MINUTES) + 1,
)
