"""Weeks for programs: handed in and taken back by whose they are, approved and sent back by others."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from campaigns.api.collection import NAMESPACE
from core import task_queue
from core.access import EVERYONE, STEERING
from core.api import gate, paging
from core.api.access import READ, WRITE, BearerToken, caller_of
from core.api.paging import Number, Page, PageQuery, Sent
from core.api.problems import Problem
from core.weeks import Week
from timesheets import missing_hours, reminders, team
from timesheets.api.asked import ISO_WEEK_OR_NONE, in_weeks, member_of, person_of, week_at
from timesheets.expected_hours import ExpectedHours, expected_hours
from timesheets.forms import ReopenForm
from timesheets.models import Timesheet, User, lock_member


class WeekOut(Schema):
    """Where a person's week stands; `state` is open, submitted or approved.

    `id` is null while nobody has touched it.
    """

    id: int | None
    person: int
    week: str
    state: str
    submitted_at: datetime | None
    submitted_through: date | None
    approved_at: datetime | None
    approved_through: date | None
    approved_by: int | None
    reopen_reason: str


class TeamLineOut(WeekOut):
    """And what was logged and expected; `state` may also be missing, or away."""

    name: str
    minutes: int
    expected_minutes: int
    is_missing: bool


class SubmitIn(Sent):
    through: date | None = Field(None, description="Only the days up to this one; the whole week without.")


class ReasonIn(Sent):
    reason: str = Field("", max_length=200)


router = Router(tags=["Weeks"])
READER, TEAM_READER = BearerToken(f"hours:{READ}", EVERYONE), BearerToken(f"hours:{READ}", STEERING)
WRITER, TEAM_WRITER = BearerToken(f"hours:{WRITE}", EVERYONE), BearerToken(f"hours:{WRITE}", STEERING)


class WeeksQuery(PageQuery):
    first: str = Field("", pattern=ISO_WEEK_OR_NONE, description="The first ISO week: 2026-W47.")
    last: str = Field("", pattern=ISO_WEEK_OR_NONE, description="The last ISO week.")


@router.get("/weeks", response=Page[WeekOut], auth=READER, url_name="weeks", summary="Weeks")
def read_weeks(request: HttpRequest, query: Query[WeeksQuery]) -> Any:
    """Where weeks stand: one's own, and for a manager and a director everybody's."""
    paging.known_only(request, WeeksQuery)
    caller = caller_of(request)
    rows = Timesheet.objects.all()
    rows = rows if caller.role in STEERING else rows.filter(member=caller.person)
    return paging.page_of(in_weeks(rows, query.first, query.last), query, show_week)


def show_week(row: Timesheet) -> WeekOut:
    return WeekOut(**week_fields(row))


def week_fields(row: Timesheet) -> dict[str, Any]:
    state = "approved" if row.approved_at else "submitted" if row.submitted_at else "open"
    return {
        "id": row.pk,
        "person": row.member_id,
        "week": str(Week(row.week)),
        "state": state,
        "submitted_at": row.submitted_at,
        "submitted_through": row.submitted_through,
        "approved_at": row.approved_at,
        "approved_through": row.approved_through,
        "approved_by": row.approved_by_id,
        "reopen_reason": row.reopen_reason,
    }


def sheet_of(person: User, week: Week) -> Timesheet:
    """The person's week, which is open where nobody has touched it yet."""
    found = Timesheet.objects.filter(member=person, week=week.monday).first()
    return found or Timesheet(member=person, week=week.monday)


def answer(response: HttpResponse, sheet: Timesheet, *, is_own: bool) -> Status:
    """The week as it is now, with its version and its address."""
    shown, week = show_week(sheet), str(Week(sheet.week))
    response["ETag"] = gate.quoted(gate.version_of(shown))
    place = ("own_week", [week]) if is_own else ("person_week", [sheet.member_id, week])
    response["Location"] = reverse(f"{NAMESPACE}:{place[0]}", args=place[1])
    return Status(200, shown)


def reason_of(body: ReasonIn) -> str:
    form = ReopenForm(body.model_dump())
    if not form.is_valid():
        raise Problem(422, errors=[{"field": "reason", "message": _("Say why the week is reopened.")}])
    return str(form.cleaned_data["reason"])


# -- one's own --------------------------------------------------------------------------------------------------------


@router.get("/weeks/{week}", response=WeekOut, auth=READER, url_name="own_week", summary="One's own week")
def read_own_week(request: HttpRequest, response: HttpResponse, week: str) -> Any:
    return answer(response, sheet_of(member_of(request), week_at(week)), is_own=True)


@router.post("/weeks/{week}/submit", response=WeekOut, auth=WRITER, url_name="week_submit", summary="Hand a week in")
def submit_week(request: HttpRequest, response: HttpResponse, week: str, body: SubmitIn) -> Any:
    """Hand in one's own week, with hours or with nothing, or its first days."""
    try:
        with transaction.atomic():
            sheet = Timesheet.of(member_of(request), week_at(week))
            sheet.submit(at=timezone.now(), through=body.through)
    except ValueError as error:
        message = _("This day is not in the week.")
        raise Problem(422, errors=[{"field": "through", "message": message}]) from error
    except Timesheet.AlreadySubmitted as error:
        raise Problem(409, _("This was submitted already.")) from error
    return answer(response, sheet, is_own=True)


@router.post(
    "/weeks/{week}/take-back", response=WeekOut, auth=WRITER, url_name="week_take_back", summary="Take a week back"
)
def take_back_week(request: HttpRequest, response: HttpResponse, week: str, body: ReasonIn) -> Any:
    """Reopen one's own week with a reason; what a manager has approved only a manager reopens."""
    sheet = sheet_of(member_of(request), week_at(week))
    try:
        done_to(sheet, lambda: sheet.take_back(reason=reason_of(body)))
    except Timesheet.NotReopened as error:
        raise Problem(409, _("There is nothing here that you can reopen yourself.")) from error
    return answer(response, sheet, is_own=True)


# -- the team ---------------------------------------------------------------------------------------------------------


@router.get(
    "/weeks/{week}/team", response=list[TeamLineOut], auth=TEAM_READER, url_name="team_week", summary="The team's week"
)
def read_team_week(request: HttpRequest, week: str) -> Any:
    """Everyone at work or with hours in the week, with what is missing."""
    reader = caller_of(request).person or User()
    sheet = team.of_week(week_at(week), today=timezone.localdate(), reader=reader)
    expected = expected_hours([line.person for line in sheet.people], sheet.week)
    return [show_line(line, sheet.week, expected[line.person.pk]) for line in sheet.people]


def show_line(line: team.PersonWeek, week: Week, expected: ExpectedHours) -> TeamLineOut:
    fields = week_fields(line.sheet or Timesheet(member=line.person, week=week.monday))
    return TeamLineOut(
        **{**fields, "state": line.state.value},
        name=str(line.person),
        minutes=line.total,
        expected_minutes=expected.minutes,
        is_missing=line.is_missing,
    )


@router.get(
    "/people/{int:pk}/weeks/{week}",
    response=WeekOut,
    auth=TEAM_READER,
    url_name="person_week",
    summary="A person's week",
)
def read_week(request: HttpRequest, response: HttpResponse, pk: Number, week: str) -> Any:
    return answer(response, sheet_of(person_of(pk), week_at(week)), is_own=False)


@router.post(
    "/people/{int:pk}/weeks/{week}/approve",
    response=WeekOut,
    auth=TEAM_WRITER,
    url_name="week_approve",
    summary="Approve a week",
    openapi_extra={"parameters": [gate.IF_MATCH]},
)
def approve_week(request: HttpRequest, response: HttpResponse, pk: Number, week: str) -> Any:
    """Accept what is submitted, of which the version was seen: what came since is not approved unseen."""
    person, by = person_of(pk), approver(request)
    try:
        with transaction.atomic():
            lock_member(person.pk)
            sheet = sheet_of(person, week_at(week))
            gate.check_version(request.headers, show_week(sheet))
            done_to(sheet, lambda: sheet.approve(at=timezone.now(), by=by))
    except (Timesheet.NotApproved, Timesheet.NotReopened) as error:
        raise Problem(409, _("Nothing new is submitted there, or it is your own.")) from error
    return answer(response, sheet, is_own=False)


@router.post(
    "/people/{int:pk}/weeks/{week}/reopen",
    response=WeekOut,
    auth=TEAM_WRITER,
    url_name="week_reopen",
    summary="Send a week back",
)
def reopen_week(request: HttpRequest, response: HttpResponse, pk: Number, week: str, body: ReasonIn) -> Any:
    """Give a submitted week back to its person, with a reason that is kept."""
    sheet = sheet_of(person_of(pk), week_at(week))
    approver(request)
    try:
        done_to(sheet, lambda: sheet.reopen(reason=reason_of(body)))
    except Timesheet.NotReopened as error:
        raise Problem(409, _("This week is open already.")) from error
    return answer(response, sheet, is_own=False)


@router.post(
    "/people/{int:pk}/weeks/{week}/remind",
    response=WeekOut,
    auth=TEAM_WRITER,
    url_name="week_remind",
    summary="Remind a person of a week",
)
def remind_of_week(request: HttpRequest, response: HttpResponse, pk: Number, week: str) -> Any:
    """Ask for the week by e-mail, at most once a day."""
    person, wanted, by = person_of(pk), week_at(week), approver(request)
    if not missing_hours.is_missing(person, wanted):
        sentence = _("%(person)s has submitted this week, or is not at work in it.")
        raise Problem(409, sentence % {"person": person})
    try:
        reminder = reminders.ask(person, wanted, by=by, at=timezone.now())
    except reminders.AskedAlready as error:
        sentence = _("%(person)s was reminded of this week within the last day.")
        raise Problem(409, sentence % {"person": person}) from error
    task_queue.enqueue_on_commit("timesheets.remind", reminder_id=reminder.pk)
    return answer(response, sheet_of(person, wanted), is_own=False)


def approver(request: HttpRequest) -> User:
    """Who answers for it: a person, and no program."""
    person = caller_of(request).person
    if person is None:
        raise Problem(403, _("A person answers for this, and no service: use the token of one."))
    return person  # type: ignore[no-any-return]


def done_to(sheet: Timesheet, verb: Callable[[], None]) -> None:
    """Do it to a week that is stored; nobody has touched one that is not."""
    if sheet.pk is None:
        raise Timesheet.NotReopened
    verb()
