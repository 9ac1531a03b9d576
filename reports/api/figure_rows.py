"""How a figure came about: the formula with its numbers, and the rows behind it, for directors alone.

Hours are told as a sum: their rows are grouped by rates, which no token reads. Each entry is at `/hours`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from core.access import Role
from core.api import paging
from core.api.access import READ, BearerToken
from core.api.paging import MOST, USUAL
from reports.api.figures import LookOut, LookQuery, cents_or_none, count, look_of, look_out
from reports.drilldown import figures
from reports.drilldown.figures import Explanation
from reports.drilldown.row_kinds import HOURS
from reports.drilldown.rows import SourceRow, SourceRows

FigureName = Literal[
    "hours",
    "cost",
    "spend",
    "leads",
    "qualified",
    "cost_per_lead",
    "cost_per_qualified",
    "revenue",
    "sales",
    "return",
    "loss",
]


class FigureRowsQuery(LookQuery):
    figure: FigureName
    cursor: str = Field("", max_length=20, description="`next` of the page before; empty for the first page.")
    limit: int = Field(USUAL, ge=1, le=MOST, description="How many rows of each kind at most.")


class TermOut(Schema):
    """One number of the formula in words: the sign before it, and the figure that explains it."""

    sign: str
    value: str
    name: str
    figure: str | None


class SourceRowOut(Schema):
    """One lead, sale or spend: its share of one (in decimals) and its amount, as the figure counts them."""

    name: str
    day: date | None
    week: str | None
    platform: str
    campaign: str
    share: str | None
    amount: str | None


class SourceRowsOut(Schema):
    """All rows of a kind add up to `minutes`, `share` and `amount`; of hours there are the sums alone."""

    kind: str
    minutes: int
    share: str
    amount: str | None
    rows: list[SourceRowOut]


class FigureRowsOut(LookOut):
    figure: str
    title: str
    value: str
    formula: list[TermOut]
    remarks: list[str]
    parts: list[SourceRowsOut]
    next: str


router = Router(tags=["Figures"])


@router.get(
    "/figures/rows",
    response=FigureRowsOut,
    by_alias=True,
    auth=BearerToken(f"figures:{READ}", [Role.DIRECTOR]),
    url_name="figure_rows",
    summary="How a figure came about",
)
def read_figure_rows(request: HttpRequest, query: Query[FigureRowsQuery]) -> Any:
    """The figure over all weeks that are asked for, its formula in words, and the rows that add up to it."""
    form, start = look_of(request, FigureRowsQuery), paging.number_of(query.cursor) if query.cursor else 0
    explanation = figures.explain(query.figure, form.period, form.filters)
    end = start + query.limit
    return {
        **look_out(form),
        **show_explanation(explanation),
        "parts": [show_rows(rows, start, end) for rows in explanation.parts],
        "next": str(end) if any(len(rows) > end for rows in listed(explanation.parts)) else "",
    }


def listed(parts: Sequence[SourceRows]) -> list[SourceRows]:
    return [rows for rows in parts if rows.kind != HOURS.name]


def show_explanation(explanation: Explanation) -> dict[str, Any]:
    return {
        "figure": explanation.figure.name,
        "title": explanation.title,
        "value": explanation.value,
        "formula": [
            TermOut(sign=term.sign, value=term.value, name=term.name, figure=term.figure) for term in explanation.terms
        ],
        "remarks": list(explanation.remarks),
    }


def show_rows(rows: SourceRows, start: int, end: int) -> SourceRowsOut:
    sums = rows.sums()
    shown = rows[start:end] if rows.kind != HOURS.name else []
    return SourceRowsOut(
        kind=rows.kind,
        minutes=sums.minutes,
        share=count(sums.millionths),
        amount=cents_or_none(sums.cents),
        rows=[show_row(row) for row in shown],
    )


def show_row(row: SourceRow) -> SourceRowOut:
    return SourceRowOut(
        name=row.name,
        day=row.day,
        week=str(row.week) if row.week else None,
        platform=row.platform,
        campaign=row.campaign,
        share=None if row.millionths is None else count(row.millionths),
        amount=cents_or_none(row.cents),
    )
