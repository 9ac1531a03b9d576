"""Verdicts, flags and summaries for programs: for directors alone."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from campaigns.models import Agency
from core.access import Role
from core.api import paging
from core.api.access import READ, BearerToken
from core.api.paging import Number, Page, PageQuery
from core.weeks import Week
from reports.figures.budgets import BudgetUse
from reports.models import Evaluation, Flag, SummaryDelivery, Verdict
from reports.verdicts.budget_flags import uses_now
from reports.verdicts.flags import flag_views
from reports.verdicts.records import StoredVerdict, latest_verdicts


class RangeOut(Schema):
    value: float
    low: float
    high: float


class VerdictOut(Schema):
    id: int
    platform: int
    week: str
    state: str
    plain_state: str
    sentence: str
    plain_rule: str
    return_in_the_end: RangeOut | None
    chance_of_loss: float | None
    depends_on_model: bool
    evaluated_at: datetime | None


class EvidenceOut(VerdictOut):
    """`evidence` is all that the method found, as it is stored (docs/method.md); null before it was asked."""

    evidence: dict[str, Any] | None


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


class SummaryOut(Schema):
    id: int
    week: str
    state: str
    subject: str
    sent_at: datetime | None


class SummaryTextOut(SummaryOut):
    text: str


class VerdictsQuery(PageQuery):
    platform: int | None = Field(None, ge=1, le=paging.LARGEST)


class FlagsQuery(PageQuery):
    show: Literal["open", "past", "all"] = "open"


router = Router(tags=["Figures"])
DIRECTOR = BearerToken(f"figures:{READ}", [Role.DIRECTOR])


# -- verdicts ---------------------------------------------------------------------------------------------------------


@router.get("/verdicts", response=Page[VerdictOut], auth=DIRECTOR, url_name="verdicts", summary="Verdicts")
def read_verdicts(request: HttpRequest, query: Query[VerdictsQuery]) -> Any:
    """What the method said of each platform at the end of each week."""
    paging.known_only(request, VerdictsQuery)
    rows = Verdict.objects.all()
    rows = rows.filter(platform=query.platform) if query.platform else rows
    return paging.page_of(rows, query, lambda row: VerdictOut(**show_verdict(row)))


@router.get(
    "/verdicts/{int:pk}", response=EvidenceOut, auth=DIRECTOR, url_name="verdict", summary="A verdict's evidence"
)
def read_verdict(request: HttpRequest, pk: Number) -> Any:
    """One verdict with what it rests on."""
    row = Verdict.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    found = Evaluation.objects.filter(platform=row.platform_id, week=row.week).first()
    return EvidenceOut(**show_verdict(row), evidence=found.results if found else None)


def show_verdict(row: Verdict) -> dict[str, Any]:
    verdict = StoredVerdict.of(row)
    returned = verdict.returned
    return {
        "id": row.pk,
        "platform": row.platform_id,
        "week": str(verdict.week),
        "state": str(verdict.state),
        "plain_state": str(verdict.plain_state),
        "sentence": verdict.sentence,
        "plain_rule": verdict.plain_rule,
        "return_in_the_end": RangeOut(value=returned.value, low=returned.low, high=returned.high) if returned else None,
        "chance_of_loss": verdict.chance_of_loss,
        "depends_on_model": verdict.depends_on_model,
        "evaluated_at": verdict.evaluated_at,
    }


# -- flags and summaries ----------------------------------------------------------------------------------------------


@router.get("/flags", response=Page[FlagOut], auth=DIRECTOR, url_name="flags", summary="Flags")
def read_flags(request: HttpRequest, query: Query[FlagsQuery]) -> Any:
    """Platforms that were called out, why, and what the last verdict says."""
    paging.known_only(request, FlagsQuery)
    at = timezone.now()
    agency = Agency.current()
    week = agency.last_complete_week(at)
    verdicts = latest_verdicts(week)
    budgets = uses_now(Flag.objects.of_budgets(), week, agency)
    rows = Flag.objects.select_related("platform", "campaign")
    if query.show != "all":
        rows = rows.filter(cleared_on__isnull=query.show == "open")
    return paging.page_of(rows, query, lambda row: show_flags([row], verdicts, at, budgets)[0])


def show_flags(
    rows: Iterable[Flag],
    verdicts: dict[int, StoredVerdict],
    at: datetime,
    budgets: Mapping[int, BudgetUse] | None = None,
) -> list[FlagOut]:
    return [
        FlagOut(
            id=view.flag.pk,
            platform=view.flag.platform_id,
            campaign=view.flag.campaign_id,
            kind=view.flag.kind,
            threshold=view.flag.threshold,
            raised_on=str(Week(view.flag.raised_on)),
            cleared_on=str(Week(view.flag.cleared_on)) if view.flag.cleared_on else None,
            cleared_because=view.flag.cleared_because,
            sentence=view.sentence,
            then=view.then_words,
            now=view.now_words,
            acknowledged_at=view.flag.acknowledged_at,
            note=view.flag.note,
            snoozed_until=view.flag.snoozed_until,
        )
        for view in flag_views(rows, verdicts, at, budgets)
    ]


@router.get("/summaries", response=Page[SummaryOut], auth=DIRECTOR, url_name="summaries", summary="Summaries")
def read_summaries(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """The weekly e-mails: of which week, and how their sending ended."""
    paging.known_only(request, PageQuery)
    rows = SummaryDelivery.objects.defer("text", "html")
    return paging.page_of(rows, query, lambda row: SummaryOut(**show_summary(row)))


@router.get(
    "/summaries/{int:pk}", response=SummaryTextOut, auth=DIRECTOR, url_name="summary", summary="A summary with its text"
)
def read_summary(request: HttpRequest, pk: Number) -> Any:
    row = SummaryDelivery.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    return SummaryTextOut(**show_summary(row), text=row.text)


def show_summary(row: SummaryDelivery) -> dict[str, Any]:
    return {
        "id": row.pk,
        "week": str(Week(row.week)),
        "state": row.state,
        "subject": row.subject,
        "sent_at": row.sent_at,
    }
