"""What becomes of a form that was sent: a new lead, a contact of a known one, quarantine, or nothing, being a double.

Capture only adds. A known lead keeps what it says; what was written again stands beside it (docs/adr/0041).
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from campaigns.capture import origins
from campaigns.capture.reading import FormContact
from campaigns.lead_creation import create_lead
from campaigns.models import Agency, CapturedContact, CaptureKey, Lead, LeadMerge, Touch
from campaigns.models.capture import ContactKind
from campaigns.models.erasures import imprint
from core import task_queue

DOUBLE_WITHIN = timedelta(minutes=10)
MOST_SET_ASIDE_A_DAY = 500  # of one key
OF_A_LEAD = ("name", "email", "phone", "company", "how_heard")


def take_in(key: CaptureKey, contact: FormContact, *, at: datetime, is_test: bool = False) -> CapturedContact | None:
    """Keep what was sent; None when it was sent before. All kinds ask the database about the same."""
    with transaction.atomic():
        CaptureKey.objects.select_for_update().get(pk=key.pk)  # a double waits here for the first one
        content_hash, sender_hash = _hashes(contact)
        if _is_double(key, content_hash, sender_hash, at):
            return None
        known, touches = lead_of(contact.values.get("email", "")), origins.touches_of(contact.origins, at=at)
        row = CapturedContact(
            key=key,
            at=at,
            origin=origins.as_json(contact.origins),
            consent_at=contact.consent_at,
            consent_text=contact.consent_text,
            content_hash=content_hash,
            sender_hash=sender_hash,
        )
        if is_test or contact.is_spam:
            _set_aside(row, contact.values, ContactKind.TEST if is_test else ContactKind.SPAM)
        else:
            _give_to_lead(row, known, contact.values, touches)
        return row


def release(row: CapturedContact) -> CapturedContact:
    """It was no spam: it leads to what it would have led to when it came."""
    with transaction.atomic():
        row = CapturedContact.objects.select_for_update().get(pk=row.pk)
        if row.kind == ContactKind.SPAM:
            values, touches = row.values, origins.touches_of(origins.from_json(row.origin), at=row.at)
            _give_to_lead(row, lead_of(values.get("email", "")), values, touches)
    return row


def _set_aside(row: CapturedContact, values: dict[str, str], kind: ContactKind) -> None:
    """Spam beyond what somebody would ever read is not kept at all."""
    row.kind, row.values, row.email = kind, values, values.get("email", "")
    lately = CapturedContact.objects.filter(key=row.key, kind=kind, at__gt=row.at - timedelta(days=1))
    if lately.count() < MOST_SET_ASIDE_A_DAY:
        row.save()


def _give_to_lead(row: CapturedContact, known: Lead | None, values: dict[str, str], touches: Sequence[Touch]) -> None:
    """A new lead holds what was written itself; of a known one only what is new is added, beside what it says."""
    row.email, row.origin = "", origins.without_tokens(row.origin)
    if known is None:
        said = {name: values.get(name, "") for name in OF_A_LEAD}
        lead = Lead(received_at=row.at, note=values.get("message", ""), **said)
        row.kind, row.values = ContactKind.NEW, {}
        row.lead = create_lead(lead, touches, at=row.at)
    else:
        row.kind, row.values, row.lead = ContactKind.REPEAT, values, known
        _add_touches(known, touches)
    row.save()
    task_queue.enqueue_on_commit()


def _add_touches(lead: Lead, touches: Sequence[Touch]) -> None:
    """A contact that is there is not there twice, voided or not: a token may be sent as often as somebody likes."""
    there = {origins.place_of(touch) for touch in lead.touches.all()}
    for touch in touches:
        if origins.place_of(touch) not in there:
            touch.lead = lead
            touch.save()


def lead_of(email: str) -> Lead | None:
    """The lead that has this address: the newest that counts, or the one that it became part of."""
    if not email:
        return None
    found = Lead.objects.live().with_email(email).filter(erased_at=None).order_by("-received_at", "-pk").first()
    if found:
        return found
    merged = Lead.objects.with_email(email).filter(erased_at=None, merge__isnull=False).order_by("-pk").first()
    survivor = LeadMerge.surviving({"": merged})[""] if merged else None
    return None if survivor is None or survivor.is_void or survivor.erased_at else survivor


# -- what comes twice -------------------------------------------------------------------------------------------------


def _hashes(contact: FormContact) -> tuple[str, str]:
    mark = Agency.current().mark
    content = hashlib.sha256(json.dumps(sorted(contact.values.items())).encode()).hexdigest()
    return imprint(content, mark), imprint(contact.number, mark) if contact.number else ""


def _is_double(key: CaptureKey, content_hash: str, sender_hash: str, at: datetime) -> bool:
    """The same from the same form within ten minutes; and by the sender's own number at any time: it sends again."""
    sent = CapturedContact.objects.filter(key=key)
    if sender_hash and sent.filter(sender_hash=sender_hash).exists():
        return True
    return sent.filter(content_hash=content_hash, at__gt=at - DOUBLE_WITHIN).exists()
