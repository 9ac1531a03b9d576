"""A lead's way in time, and what forms captured of it: all that its page shows besides the lead itself."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from campaigns import asked_origin
from campaigns.api.leads import LEADS_API
from campaigns.lead_timeline import TimelineStep, journey_of
from campaigns.models import CapturedContact, Lead, LeadMerge
from campaigns.models.capture import WRITTEN
from campaigns.views.leads import sales_of
from core.access import STEERING
from core.api.access import READ, BearerToken, caller_of
from core.api.paging import Number

# What a step is about, by its kind; of `received` it is the lead itself.
ABOUT = {"touch": "touchpoint", "contact": "contact", "sale": "sale", "refund": "sale"}


class WrittenOut(Schema):
    """What somebody wrote who was known already; of a new lead the lead itself has it."""

    name: str
    email: str
    phone: str
    company: str
    how_heard: str
    message: str


class ContactOut(Schema):
    """That somebody wrote by a form: `kind` is new or repeat, `form` the name of the form.

    `origin` is what the form said of where they came from, first and last; `consent_at` and `consent_text` are what
    they agreed to and when, null and empty where they were asked for no consent.
    """

    id: int
    kind: str
    form: str
    at: datetime
    written: WrittenOut
    origin: dict[str, dict[str, str]]
    consent_at: datetime | None
    consent_text: str


class JourneyStepOut(Schema):
    """One step: touch, received, contact, status, sale or refund, `days` after the step before; a sale has no `at`.

    The number of what it is about stands in the field of that name. `before`, `after`, `reason` and who did it belong
    to a status; `by` is null and `by_name` empty where no person did it.
    """

    kind: str
    day: date
    at: datetime | None
    days: int | None
    touchpoint: int | None = None
    contact: int | None = None
    sale: int | None = None
    before: str = ""
    after: str = ""
    reason: str = ""
    by: int | None = None
    by_name: str = ""


class JourneyOut(Schema):
    """`part_of` is the lead that this one was merged into.

    `agreement` is how the answer to “How did you hear of us?” stands to what was tracked: agrees, differs, alone
    (nothing was tracked), unknown (no name of a platform); empty without an answer.
    """

    lead: int
    part_of: int | None
    agreement: str
    steps: list[JourneyStepOut]
    contacts: list[ContactOut]


router = Router(tags=["Leads"])


@router.get(
    "/leads/{int:pk}/journey",
    response=JourneyOut,
    auth=BearerToken(f"leads:{READ}", STEERING),
    url_name="lead_journey",
    summary="A lead in time",
)
def read_journey(request: HttpRequest, pk: Number) -> Any:
    """Touchpoints, the request, what was written again, changes of status and sales, the oldest first.

    Sales are told to a token that may read them.
    """
    lead: Lead = LEADS_API.get(pk)
    contacts = list(lead.contacts.select_related("key"))
    sales = sales_of(lead) if caller_of(request).may_read("sales") else []
    merge = LeadMerge.objects.filter(merged=lead).first()
    return JourneyOut(
        lead=lead.pk,
        part_of=merge.survivor_id if merge else None,
        agreement=asked_origin.agreement_of(lead) or "",
        steps=show_steps(journey_of(lead, sales, contacts)),
        contacts=[show_contact(row) for row in contacts],
    )


def show_steps(steps: Iterable[TimelineStep]) -> list[JourneyStepOut]:
    return [JourneyStepOut(kind=step.kind, day=step.day, at=step.at, days=step.days, **about(step)) for step in steps]


def about(step: TimelineStep) -> dict[str, Any]:
    row = step.row
    if step.kind == "status":
        by_name = str(row.by) if row.by else ""
        return {"before": row.before, "after": row.after, "reason": row.reason, "by": row.by_id, "by_name": by_name}
    return {ABOUT[step.kind]: row.pk} if step.kind in ABOUT else {}


def show_contact(row: CapturedContact) -> ContactOut:
    return ContactOut(
        id=row.pk,
        kind=row.kind,
        form=str(row.key),
        at=row.at,
        written=show_written(row),
        origin={name: {key: str(text) for key, text in said.items()} for name, said in row.origin.items()},
        consent_at=row.consent_at,
        consent_text=row.consent_text,
    )


def show_written(row: CapturedContact) -> WrittenOut:
    return WrittenOut(**{name: str(row.values.get(name, "")) for name in WRITTEN})
