"""What the first page of a director says besides its figures: what the week changed, and what the figures lack."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from campaigns.models import Agency
from core.access import Role
from core.api.access import READ, BearerToken
from core.weeks import Week
from reports.api.figures import LookOut, LookQuery, look_of, look_out
from reports.figures.data_quality import missing_items
from reports.figures.filters import EARLIEST, LATEST
from reports.pages.dashboard import freshness, new_changes
from reports.pages.period_report import PeriodReport, read_report
from reports.verdicts.weekly_changes import Change
from reports.weekly_email import content


class WeekChangeOut(Schema):
    """What the last complete week changed of a platform, or of the agency where there is none."""

    kind: str
    platform: int | None
    flag: int | None
    sentence: str


class ReportOut(LookOut):
    """`missing` is what the figures lack, `next_steps` what would let platforms be judged, all in sentences.

    The figures are complete up to `as_of`; while `is_updating` a change waits to be counted.
    """

    last_complete: str
    changes: list[WeekChangeOut]
    missing: list[str]
    next_steps: list[str]
    as_of: datetime | None
    is_updating: bool


class SummaryPreviewOut(Schema):
    week: str
    subject: str
    text: str


router = Router(tags=["Figures"])
DIRECTOR = BearerToken(f"figures:{READ}", [Role.DIRECTOR])


@router.get(
    "/report", response=ReportOut, by_alias=True, auth=DIRECTOR, url_name="report", summary="What the week changed"
)
def read_week_report(request: HttpRequest, query: Query[LookQuery]) -> Any:
    """What changed, what the figures lack and how fresh they are."""
    form, at = look_of(request, LookQuery), timezone.now()
    report = read_report(form.period, form.filters, agency=Agency.current(), last_complete=form.last_complete)
    fresh = freshness(at)
    return {**look_out(form), **show_report(report), "as_of": fresh.as_of, "is_updating": fresh.is_updating}


def show_report(report: PeriodReport) -> dict[str, Any]:
    return {
        "last_complete": str(report.last_complete),
        "changes": [show_change(change) for change in new_changes(report)],
        "missing": [item.sentence for item in missing_items(report.missing)],
        "next_steps": [step.sentence for step in report.next_steps.steps],
    }


def show_change(change: Change) -> WeekChangeOut:
    return WeekChangeOut(
        kind=change.kind.value,
        platform=change.platform.pk if change.platform else None,
        flag=change.flag.pk if change.flag else None,
        sentence=change.sentence,
    )


@router.get(
    "/summaries/preview/{week}",
    response=SummaryPreviewOut,
    auth=DIRECTOR,
    url_name="summary_preview",
    summary="A summary as it would be written now",
)
def read_preview(request: HttpRequest, week: str) -> Any:
    """In the agency's language."""
    wanted = summary_week(week)
    letter = content.write(content.look_back(wanted), language=Agency.current().language)
    return SummaryPreviewOut(week=str(wanted), subject=letter.subject, text=letter.text)


def summary_week(text: str) -> Week:
    try:
        week = Week.parse(text)
    except ValueError as error:
        raise Http404 from error
    if not EARLIEST <= week <= LATEST:
        raise Http404
    return week
