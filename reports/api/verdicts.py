"""Verdicts and summaries for programs: for directors alone."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from core.access import Role
from core.api import paging
from core.api.access import READ, BearerToken
from core.api.paging import Number, Page, PageQuery
from core.weeks import Week
from reports.models import Evaluation, SummaryDelivery, Verdict
from reports.verdicts.records import StoredVerdict


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


# -- summaries --------------------------------------------------------------------------------------------------------


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
