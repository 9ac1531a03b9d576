"""What directors decided: what they publish to managers, and trials of another weekly limit."""

from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from campaigns.api.collection import NAMESPACE, filled, week_of
from campaigns.forms import DecisionForm
from campaigns.forms.decisions import LONGEST_SENTENCE
from campaigns.models import Agency, Decision, LimitTrial, Platform
from campaigns.views import editing
from core.access import STEERING, Role
from core.api import gate, paging, problems
from core.api.access import READ, WRITE, BearerToken, Caller, caller_of
from core.api.paging import Number, Page, PageQuery, Sent
from core.api.problems import Problem
from core.weeks import Week
from reports.pages.trial_page import TrialPage, read_trial, trial_line
from reports.views.limit_trials import trial_form

ABOUT = r"^$|^(platform|limit|trial):[0-9]{1,18}$"


class DecisionOut(Schema):
    """What managers read, as it was published; `withdrawn_at` is null while they do."""

    id: int
    platform: int | None
    heading: str
    facts: str
    sentence: str
    published_at: datetime
    published_by: int | None
    withdrawn_at: datetime | None


class DecisionIn(Sent):
    about: str = Field("", pattern=ABOUT, description="platform:3, limit:3 (its limit of this week) or trial:7.")
    sentence: str = Field("", max_length=LONGEST_SENTENCE, description="In the director's own words.")
    facts: str = Field("", max_length=2000, description="What the answer 409 says that managers would read.")


class DecisionsQuery(PageQuery):
    show: Literal["published", "withdrawn", "all"] = "published"


class TrialOut(Schema):
    """A weekly limit that holds from `first_week` to `last_week`; then the platform's own holds again."""

    id: int
    platform: int
    limit_minutes: int
    earlier_limit_minutes: int | None
    first_week: str
    last_week: str
    planned_last_week: str
    status: str
    is_open: bool
    started_at: datetime
    ended_at: datetime | None


class TrialWeekOut(Schema):
    week: str
    minutes: int
    limit_minutes: int
    is_complete: bool


class TrialResultOut(TrialOut):
    """And what came of it, in the sentences of its page."""

    weeks: list[TrialWeekOut]
    kept: str
    leads: list[str]
    sales: list[str]
    remarks: list[str]


class TrialIn(Sent):
    limit_minutes: int = Field(ge=1, le=600_000)


router = Router(tags=["Decisions and trials"])
READER = BearerToken(f"decisions:{READ}", STEERING)
DIRECTOR, WRITER = (BearerToken(f"decisions:{verb}", [Role.DIRECTOR]) for verb in (READ, WRITE))
# Of a trial, whose answer holds what was worked so far.
BEGINNER = BearerToken(f"decisions:{WRITE}", [Role.DIRECTOR], returns_stored_data=True)


def answer(response: HttpResponse, shown: Schema, url_name: str, pk: int, status: int = 200) -> Status:
    response["ETag"] = gate.quoted(gate.version_of(shown))
    response["Location"] = reverse(f"{NAMESPACE}:{url_name}", args=[pk])
    return Status(status, shown)


# -- decisions --------------------------------------------------------------------------------------------------------


def decisions_for(caller: Caller) -> QuerySet[Decision]:
    """Managers find no more what was withdrawn."""
    return Decision.objects.all() if caller.is_director else Decision.objects.published()


def show_decision(row: Decision) -> DecisionOut:
    return filled(DecisionOut, row)


@router.get(
    "/decisions", response=Page[DecisionOut], auth=READER, url_name="decisions", summary="Decisions that are published"
)
def read_decisions(request: HttpRequest, query: Query[DecisionsQuery]) -> Any:
    """What directors published to managers; what they withdrew, directors alone still find."""
    paging.known_only(request, DecisionsQuery)
    rows = decisions_for(caller_of(request))
    if query.show != "all":
        rows = rows.filter(withdrawn_at__isnull=query.show == "published")
    return paging.page_of(rows, query, show_decision)


@router.get("/decisions/{int:pk}", response=DecisionOut, auth=READER, url_name="decision", summary="A decision")
def read_decision(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    row = decisions_for(caller_of(request)).filter(pk=pk).first()
    if row is None:
        raise Http404
    return answer(response, show_decision(row), "decision", pk)


@router.post("/decisions", response={201: DecisionOut}, auth=WRITER, url_name="decisions", summary="Publish a decision")
def publish_decision(request: HttpRequest, response: HttpResponse, body: DecisionIn) -> Any:
    """Publish it to managers. About a limit or a trial, what they would read is sent back as `facts` first."""
    at = timezone.now()
    form = DecisionForm({"about": body.about, "sentence": body.sentence}, week=Agency.current().week_of(at))
    if not form.is_valid():
        raise problems.of_form(form)
    decision = form.decision()
    if body.facts != decision.facts:
        sentence = _("Managers would read what stands in “facts”. Send it with the rest to publish it.")
        raise Problem(409, sentence, facts=decision.facts)
    decision.published_at, decision.published_by = at, caller_of(request).person
    decision.save()
    return answer(response, show_decision(decision), "decision", decision.pk, 201)


@router.post(
    "/decisions/{int:pk}/withdraw",
    response=DecisionOut,
    auth=WRITER,
    url_name="decision_withdraw",
    summary="Withdraw a decision",
)
def withdraw_decision(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    """Let managers read it no more."""
    row = Decision.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    row.withdraw(at=timezone.now(), by=caller_of(request).person)
    row.refresh_from_db()
    return answer(response, show_decision(row), "decision", pk)


# -- trials -----------------------------------------------------------------------------------------------------------


def trial_fields(trial: LimitTrial, week: Week) -> dict[str, Any]:
    line = trial_line(trial, week)
    return {
        "first_week": week_of(trial.first_week),
        "last_week": week_of(trial.last_week),
        "planned_last_week": str(trial.planned_last),
        "status": line.status,
        "is_open": line.is_open,
    }


def show_trial(trial: LimitTrial, week: Week) -> TrialOut:
    return filled(TrialOut, trial, **trial_fields(trial, week))


def show_result(page: TrialPage, week: Week) -> TrialResultOut:
    weeks = [
        TrialWeekOut(
            week=str(each.week),
            minutes=each.minutes,
            limit_minutes=each.limit_minutes,
            is_complete=each.is_complete,
        )
        for each in page.weeks
    ]
    told = {"kept": page.kept, "leads": page.leads, "sales": page.sales, "remarks": page.remarks}
    return filled(TrialResultOut, page.trial, weeks=weeks, **told, **trial_fields(page.trial, week))


def trial_of(pk: int) -> LimitTrial:
    trial = LimitTrial.objects.select_related("platform").filter(pk=pk).first()
    if trial is None:
        raise Http404
    return trial


def this_week(at: datetime) -> Week:
    return Agency.current().week_of(at)


def trial_answer(response: HttpResponse, trial: LimitTrial, at: datetime, status: int = 200) -> Status:
    shown = show_result(read_trial(trial, at=at), this_week(at))
    return answer(response, shown, "trial", trial.pk, status)


@router.get("/trials", response=Page[TrialOut], auth=DIRECTOR, url_name="trials", summary="Trials of limits")
def read_trials(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """Every trial of another weekly limit there ever was."""
    paging.known_only(request, PageQuery)
    week = this_week(timezone.now())
    return paging.page_of(LimitTrial.objects.all(), query, lambda row: show_trial(row, week))


@router.get("/trials/{int:pk}", response=TrialResultOut, auth=DIRECTOR, url_name="trial", summary="A trial")
def read_one_trial(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    """One trial: the hours kept to, and what came beside the weeks before."""
    return trial_answer(response, trial_of(pk), timezone.now())


@router.post(
    "/platforms/{int:pk}/trials",
    response={201: TrialResultOut},
    auth=BEGINNER,
    url_name="platform_trials",
    summary="Begin a trial",
)
def begin_trial(request: HttpRequest, response: HttpResponse, pk: Number, body: TrialIn) -> Any:
    """Try another limit on a platform for eight whole weeks, from next Monday."""
    at = timezone.now()
    typed = {"limit_minutes": f"{body.limit_minutes // 60}:{body.limit_minutes % 60:02d}"}
    with transaction.atomic():
        platform = Platform.objects.select_for_update().filter(pk=pk).first()
        if platform is None:
            raise Http404
        form = trial_form(typed, platform=platform, at=at, by=caller_of(request).person)
        if not form.is_valid() or not editing.saved(form):
            raise problems.of_form(form)
    return trial_answer(response, form.instance, at, 201)


@router.post(
    "/trials/{int:pk}/end", response=TrialResultOut, auth=WRITER, url_name="trial_end", summary="End a trial early"
)
def end_trial(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    """Let the earlier limit hold again from next Monday."""
    at, trial = timezone.now(), trial_of(pk)
    if not trial.end(week=this_week(at), at=at, by=caller_of(request).person):
        raise Problem(409, _("It has ended already, or ends by itself this Sunday."))
    return trial_answer(response, trial, at)
