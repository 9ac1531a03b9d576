"""Flags for programs, and a director's answers to them: for directors alone."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Literal

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from campaigns.api.collection import NAMESPACE, filled
from campaigns.models import Agency
from core.access import Role
from core.api import gate, paging
from core.api.access import READ, WRITE, BearerToken, caller_of
from core.api.paging import Number, Page, PageQuery, Sent
from core.api.problems import Problem
from core.weeks import Week
from reports.figures.budgets import BudgetUse
from reports.models import Flag
from reports.models.flags import FlagQuerySet
from reports.verdicts.budget_flags import uses_now
from reports.verdicts.flags import MOST_WEEKS_SNOOZED, flag_views, take_back
from reports.verdicts.records import StoredVerdict, latest_verdicts
from reports.views.flags import LONGEST_NOTE


class FlagOut(Schema):
    """`campaign` and `threshold`, in percent, are those of a budget; a flag of the own brand has no platform either."""

    id: int
    platform: int | None
    campaign: int | None
    kind: str
    threshold: int | None
    raised_on: str
    cleared_on: str | None
    cleared_because: str
    sentence: str
    then: str
    now: str
    acknowledged_at: datetime | None
    note: str
    snoozed_until: date | None


class FlagsQuery(PageQuery):
    show: Literal["open", "past", "all"] = "open"


class NoteIn(Sent):
    note: str = Field("", max_length=LONGEST_NOTE)


class SnoozeIn(Sent):
    weeks: int = Field(ge=1, le=MOST_WEEKS_SNOOZED)


router = Router(tags=["Flags"])
DIRECTOR = BearerToken(f"figures:{READ}", [Role.DIRECTOR])
ANSWERS = BearerToken(f"decisions:{WRITE}", [Role.DIRECTOR], shows="figures")


@router.get("/flags", response=Page[FlagOut], auth=DIRECTOR, url_name="flags", summary="Flags")
def read_flags(request: HttpRequest, query: Query[FlagsQuery]) -> Any:
    """Platforms that were called out, why, and what the last verdict says."""
    paging.known_only(request, FlagsQuery)
    rows = Flag.objects.select_related("platform", "campaign")
    if query.show != "all":
        rows = rows.filter(cleared_on__isnull=query.show == "open")
    return paging.page_of(rows, query, shower(timezone.now()))


def shower(at: datetime) -> Callable[[Flag], FlagOut]:
    """What shows a flag beside the last verdicts and what is used of budgets, both read once."""
    agency = Agency.current()
    week = agency.last_complete_week(at)
    verdicts = latest_verdicts(week)
    budgets = uses_now(Flag.objects.of_budgets(), week, agency)
    return lambda row: show_flag(row, verdicts, at, budgets)


def show_flag(
    row: Flag, verdicts: Mapping[int, StoredVerdict], at: datetime, budgets: Mapping[int, BudgetUse]
) -> FlagOut:
    [view] = flag_views([row], verdicts, at, budgets)
    return filled(
        FlagOut,
        row,
        raised_on=str(Week(row.raised_on)),
        cleared_on=str(Week(row.cleared_on)) if row.cleared_on else None,
        sentence=view.sentence,
        then=view.then_words,
        now=view.now_words,
    )


def answer(response: HttpResponse, pk: int, *, status: int = 200) -> Any:
    """The flag as it is now, with its version and its address."""
    shown = shower(timezone.now())(flag_of(Flag.objects.all(), pk))
    response["ETag"] = gate.quoted(gate.version_of(shown))
    response["Location"] = reverse(f"{NAMESPACE}:flag", args=[pk])
    return Status(status, shown)


def flag_of(rows: FlagQuerySet, pk: int) -> Flag:
    row = rows.select_related("platform", "campaign", "acknowledged_by").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@router.get("/flags/{int:pk}", response=FlagOut, auth=DIRECTOR, url_name="flag", summary="A flag")
def read_flag(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    return answer(response, pk)


# -- answers ----------------------------------------------------------------------------------------------------------


def open_flag(pk: int) -> Flag:
    """The flag, held: one that is over waits for no answer."""
    row = flag_of(Flag.objects.select_for_update(of=("self",)), pk)
    if row.cleared_on:
        raise Problem(409, _("This flag is over, and waits for no answer."))
    return row


@router.post(
    "/flags/{int:pk}/acknowledge",
    response=FlagOut,
    auth=ANSWERS,
    url_name="flag_acknowledge",
    summary="Take note of a flag",
)
def acknowledge_flag(request: HttpRequest, response: HttpResponse, pk: Number, body: NoteIn) -> Any:
    """Take note of a flag; one that was noted already keeps its note."""
    with transaction.atomic():
        row = open_flag(pk)
        if row.acknowledged_at is None:
            row.acknowledge(at=timezone.now(), by=caller_of(request).person, note=body.note)
    return answer(response, pk)


@router.post("/flags/{int:pk}/snooze", response=FlagOut, auth=ANSWERS, url_name="flag_snooze", summary="Put a flag off")
def snooze_flag(request: HttpRequest, response: HttpResponse, pk: Number, body: SnoozeIn) -> Any:
    with transaction.atomic():
        open_flag(pk).snooze(at=timezone.now(), weeks=body.weeks)
    return answer(response, pk)


@router.post(
    "/flags/{int:pk}/take-back",
    response=FlagOut,
    auth=ANSWERS,
    url_name="flag_take_back",
    summary="Take back the answer to a flag",
)
def take_back_answer(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    """Withdraw the note or the snooze: the flag waits for an answer again, and a record is kept."""
    with transaction.atomic():
        take_back(open_flag(pk), by=caller_of(request).person)
    return answer(response, pk)
