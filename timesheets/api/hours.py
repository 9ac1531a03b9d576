"""Hours for programs: reading them, and writing one's own cell by cell as the page does."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Max, Min, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from ninja import Field, Query, Router, Schema

from campaigns.api.imports import ImportOut, RowsIn, headings, import_answer, write_rows
from campaigns.models import Campaign, Platform
from campaigns.models.catalogue import campaign_options
from campaigns.models.imports import ImportKind
from core.access import EVERYONE, STEERING
from core.api import gate, paging
from core.api.access import READ, WRITE, BearerToken, Caller, caller_of, may_be_told
from core.api.paging import Number, Page, PageQuery, Sent
from core.api.problems import Problem
from core.form_fields import FIRST_DAY, LAST_DAY
from core.lists import Filter, Listing, by_field, named_rows
from core.lookups import Options
from core.weeks import Week
from timesheets import hours
from timesheets.api.asked import ISO_WEEK_OR_NONE, in_weeks, member_of
from timesheets.hours import HoursCell
from timesheets.models import TimeEntry, User

FEW_WEEKS = 13


def people() -> Options:
    return [(person.pk, str(person)) for person in User.objects.all()]


HOURS = Listing(
    title=gettext_lazy("Hours"),
    sorts={"day": ["day"]},
    default="day",
    filters=[
        Filter("person", gettext_lazy("Person"), people, by_field("member")),
        Filter("platform", gettext_lazy("Platform"), named_rows(Platform.objects.all()), by_field("platform")),
        Filter("campaign", gettext_lazy("Campaign"), campaign_options, by_field("campaign")),
    ],
)


class HoursOut(Schema):
    id: int
    person: int
    day: date
    week: str
    platform: int
    campaign: int
    minutes: int
    note: str
    version: str


class CellOut(Schema):
    """One place in the week: what a member logged on a day for a platform and a campaign; `version` "" for nothing."""

    day: date
    platform: int
    campaign: int
    minutes: int
    note: str
    version: str


class CellIn(Sent):
    minutes: int = Field(ge=0, le=24 * 60, description="Whole minutes; 0 empties the cell.")
    note: str | None = Field(None, max_length=500, description="Left as it is when it is not sent.")


class HoursQuery(PageQuery):
    first: str = Field("", pattern=ISO_WEEK_OR_NONE, description="The first ISO week: 2026-W47.")
    last: str = Field("", pattern=ISO_WEEK_OR_NONE, description="The last ISO week.")
    person: str = Field("", max_length=20, description="A person's number; for managers and directors.")
    platform: str = Field("", max_length=20)
    campaign: str = Field("", max_length=20)


class NamedOut(Schema):
    id: int
    name: str


class ChoicesOut(Schema):
    """What hours can be logged on: platforms and campaigns in use."""

    platforms: list[NamedOut]
    campaigns: list[NamedOut]


class PersonOut(Schema):
    id: int
    name: str
    logs_hours: bool
    is_active: bool


router = Router(tags=["Hours"])
READER, TEAM_READER = BearerToken(f"hours:{READ}", EVERYONE), BearerToken(f"hours:{READ}", STEERING)
WRITER = BearerToken(f"hours:{WRITE}", EVERYONE)


def entries_for(caller: Caller) -> QuerySet[TimeEntry]:
    """Everybody's for those who see the team, else one's own: a service has none."""
    rows = TimeEntry.objects.all()
    return rows if caller.role in STEERING else rows.filter(member=caller.person)


def show_entry(row: TimeEntry) -> HoursOut:
    return HoursOut(
        id=row.pk,
        person=row.member_id,
        day=row.day,
        week=str(Week(row.week)),
        platform=row.platform_id,
        campaign=row.campaign_id,
        minutes=row.minutes,
        note=row.note,
        version=row.etag,
    )


@router.get("/hours", response=Page[HoursOut], auth=READER, url_name="hours", summary="Hours")
def read_hours(request: HttpRequest, query: Query[HoursQuery]) -> Any:
    """One's own hours; a manager and a director read everybody's."""
    paging.known_only(request, HoursQuery)
    rows = paging.narrowed(in_weeks(entries_for(caller_of(request)), query.first, query.last), HOURS, request)
    if query.first and query.last and not query.cursor:
        rows = between_their_numbers(rows, query)
    return paging.page_of(rows, query, show_entry)


def between_their_numbers(rows: QuerySet[TimeEntry], query: HoursQuery) -> QuerySet[TimeEntry]:
    """The same rows. Those of a few weeks are found by their weeks, and where their numbers begin and end.

    In the order of numbers PostgreSQL would go through every entry before these weeks to find the first of them. On the
    pages after the first, the cursor says where to go on.
    """
    if Week.parse(query.first).weeks_until(Week.parse(query.last)) >= FEW_WEEKS:
        return rows
    number = Coalesce("pk", "pk")  # the number itself would be looked for in its own order again
    ends = rows.aggregate(first=Min(number), last=Max(number))
    return rows.filter(pk__gte=ends["first"], pk__lte=ends["last"]) if ends["first"] else rows.none()


@router.get("/hours/choices", response=ChoicesOut, auth=READER, url_name="hours_choices", summary="What hours go on")
def read_choices(request: HttpRequest) -> Any:
    campaigns = Campaign.objects.active().select_related("client")
    return ChoicesOut(
        platforms=[NamedOut(id=row.pk, name=row.name) for row in Platform.objects.active()],
        campaigns=[NamedOut(id=row.pk, name=str(row)) for row in campaigns],
    )


@router.get("/people", response=list[PersonOut], auth=TEAM_READER, url_name="people", summary="The team")
def read_people(request: HttpRequest) -> Any:
    """Who logs hours: numbers and names."""
    return [
        PersonOut(id=row.pk, name=str(row), logs_hours=row.logs_hours, is_active=row.is_active)
        for row in User.objects.order_by("pk")
    ]


# -- one's own cells --------------------------------------------------------------------------------------------------


def cell_at(day: date, platform: int, campaign: int) -> HoursCell:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Http404
    return HoursCell(day=day, platform_id=platform, campaign_id=campaign)


def show_cell(response: HttpResponse, cell: HoursCell, *, minutes: int, note: str, version: str) -> CellOut:
    response["ETag"] = gate.quoted(version)
    return CellOut(
        day=cell.day,
        platform=cell.platform_id,
        campaign=cell.campaign_id,
        minutes=minutes,
        note=note,
        version=version,
    )


CELL = "/hours/{day}/{int:platform}/{int:campaign}"


@router.get(CELL, response=CellOut, auth=READER, url_name="hours_cell", summary="One cell")
def read_cell(request: HttpRequest, response: HttpResponse, day: date, platform: Number, campaign: Number) -> Any:
    """What one logged on a day for a platform and a campaign; its ETag is what a change of it is sent with."""
    cell = cell_at(day, platform, campaign)
    own = TimeEntry.objects.of(member_of(request))
    entry = own.filter(day=day, platform=platform, campaign=campaign).first()
    if entry is None:
        return show_cell(response, cell, minutes=0, note="", version=hours.NO_ENTRY)
    return show_cell(response, cell, minutes=entry.minutes, note=entry.note, version=entry.etag)


@router.put(CELL, response=CellOut, auth=WRITER, url_name="hours_cell", summary="Log hours")
def write_cell(
    request: HttpRequest, response: HttpResponse, day: date, platform: Number, campaign: Number, body: CellIn
) -> Any:
    """Say what one worked: with the ETag of what was read as If-Match, or If-None-Match: * where nothing was."""
    cell, seen = cell_at(day, platform, campaign), gate.wanted_version(request.headers)
    saved = written(
        request,
        lambda: hours.log(
            member=member_of(request),
            cell=cell,
            minutes=body.minutes,
            note=body.note,
            expected_version=None if seen == "*" else seen,
        ),
    )
    return show_cell(response, cell, minutes=saved.minutes, note=saved.note, version=saved.etag)


def written(request: HttpRequest, log: Callable[[], hours.Saved]) -> hours.Saved:
    """The save, or the problem that its refusal is."""
    try:
        return log()
    except hours.Stale as stale:
        theirs: dict[str, Any] = {"minutes": stale.theirs.minutes, "note": stale.theirs.note}
        problem = Problem(412, str(stale), **(theirs if may_be_told(request, 412) else {}))
        problem.headers["ETag"] = gate.quoted(stale.theirs.etag)
        raise problem from stale
    except hours.Locked as locked:
        raise Problem(409, str(locked)) from locked
    except hours.HoursRefused as refused:
        raise Problem(422, str(refused)) from refused


# -- many at once -----------------------------------------------------------------------------------------------------


class HoursRowsIn(RowsIn):
    own: bool = Field(False, description="Only one's own hours, and no name is learnt; a member's always are.")


@router.post(
    "/hours/bulk",
    response={201: ImportOut},
    auth=WRITER,
    url_name="hours_bulk",
    summary="Log many hours",
    description="Columns: " + ", ".join(headings(ImportKind.HOURS)) + ". A member's own need no name.",
)
def add_many_hours(request: HttpRequest, response: HttpResponse, body: HoursRowsIn) -> Any:
    caller = caller_of(request)
    is_own = body.own or caller.role not in STEERING
    only_for = member_of(request).pk if is_own else None
    return import_answer(response, write_rows(ImportKind.HOURS, body.rows, caller, only_for=only_for))
