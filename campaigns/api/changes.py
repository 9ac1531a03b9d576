"""What changed since a cursor (docs/adr/0039)."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from campaigns import change_log
from campaigns.models import LoggedKind
from core.access import EVERYONE, STEERING
from core.api import paging
from core.api.access import BearerToken, Caller, caller_of
from core.api.problems import Problem

# What a token must be able to read to hear of it.
NOUN_OF = {
    LoggedKind.PLATFORM: "catalogue",
    LoggedKind.CLIENT: "catalogue",
    LoggedKind.CAMPAIGN: "catalogue",
    LoggedKind.LEAD: "leads",
    LoggedKind.TOUCHPOINT: "leads",
    LoggedKind.SALE: "sales",
    LoggedKind.SPEND: "spend",
    LoggedKind.OUTCOME: "outcomes",
    LoggedKind.OUTCOME_VALUE: "outcomes",
    LoggedKind.EXCHANGE_RATE: "exchange_rates",
    LoggedKind.LINK: "catalogue",
    LoggedKind.DECISION: "decisions",
    LoggedKind.TRIAL: "decisions",
}
# Of these a member hears of their own.
OF_PEOPLE = (LoggedKind.HOURS, LoggedKind.WEEK, LoggedKind.ABSENCE)
MOST = 1000


class ChangeOut(Schema):
    kind: str
    id: int
    event: str


class ChangesQuery(Schema):
    cursor: str = Field("", max_length=40, description="`cursor` of the answer before; `latest`: none but what comes.")
    limit: int = Field(200, ge=1, le=MOST, description="How many at most.")


class ChangesOut(Schema):
    """Entries in the order in which they became visible; `cursor` goes into the next request."""

    items: list[ChangeOut]
    cursor: str
    has_more: bool


router = Router(tags=["Changes"])


@router.get("/changes", response=ChangesOut, auth=BearerToken(None, EVERYONE), url_name="changes", summary="Changes")
def read_changes(request: HttpRequest, query: Query[ChangesQuery]) -> Any:
    """What was added, changed, voided, restored, merged, erased, withdrawn and deleted, of all it may read."""
    paging.known_only(request, ChangesQuery)
    caller = caller_of(request)
    series = change_log.OF_DIRECTORS if caller.is_director else change_log.SHARED
    try:
        page = change_log.read(query.cursor, wanted=readable(caller), limit=query.limit, series=series)
    except change_log.UnknownCursor as error:
        message = _("Send the cursor of the answer before.")
        raise Problem(422, errors=[{"field": "cursor", "message": message}]) from error
    except change_log.ExpiredCursor as error:
        raise Problem(410, _("What came after this cursor is no longer known. Read everything again.")) from error
    items = [ChangeOut(kind=entry.kind, id=entry.object_id, event=entry.event) for entry in page.entries]
    return ChangesOut(items=items, cursor=page.cursor, has_more=page.has_more)


def readable(caller: Caller) -> Q:
    """The kinds that the token may read; of what belongs to people a member's own, of which a service has none."""
    steers = caller.role in STEERING
    wanted = Q(kind__in=[kind for kind, noun in NOUN_OF.items() if steers and caller.may_read(noun)])
    if caller.may_read("hours") and (steers or caller.person):
        of_people = Q(kind__in=OF_PEOPLE)
        wanted |= of_people if steers else of_people & Q(owner_id=caller.person.pk)
    return wanted
