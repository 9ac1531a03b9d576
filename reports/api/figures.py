"""Figures for programs, from the reads of the pages; nothing made of what hours cost for managers (docs/adr/0015)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from campaigns.attribution import MILLION
from campaigns.models import Agency, Campaign, Platform
from core import money
from core.access import STEERING, Role
from core.api import paging
from core.api.access import READ, BearerToken, caller_of
from core.api.paging import Number
from core.api.problems import Problem
from core.money import to_decimal
from core.weeks import Week
from reports.figures.filters import ReportForm
from reports.figures.period_figures import read_period
from reports.figures.query import By, figures_by
from reports.figures.totals import Figures
from reports.pages.beyond_sales import TABLES
from reports.pages.platform_rows import PlatformRow, platform_rows
from reports.verdicts.records import latest_verdicts

BeyondName = Literal["purposes", "outcomes", "clients", "time", "quality"]
ByName = Literal["platform", "campaign", "week", "client", "purpose", "member"]


class LookQuery(Schema):
    """How figures are looked at, named as in the addresses of the pages; the agency's usual look where it is left."""

    weeks: str = Field("", max_length=10, description="How many complete weeks: 4, 13, 26 or 52.")
    first: str = Field("", alias="from", max_length=10, description="The first ISO week: 2026-W47.")
    last: str = Field("", alias="to", max_length=10, description="The last ISO week.")
    platform: str = Field("", max_length=20, description="A platform's number, or none.")
    client: str = Field("", max_length=20, description="A client's number, or own.")
    campaign: str = Field("", max_length=20)
    purpose: str = Field("", max_length=20)
    model: str = Field("", max_length=20, description="The attribution model.")
    basis: str = Field("", max_length=20, description="cash or cohort.")


class FiguresQuery(LookQuery):
    by: ByName = "platform"


class WorkFiguresOut(Schema):
    """What was done and what came of it, in decimals; nothing here is made of what hours cost."""

    hours: str
    spend: str
    leads: str
    qualified_leads: str
    sales: str
    revenue: str


class FiguresOut(WorkFiguresOut):
    """And what it cost: null, and not 0, where hours have no rate; a ratio that divides by nothing is null."""

    hours_without_rate: str
    labour_cost: str | None
    cost: str | None
    cost_per_lead: str | None
    cost_per_qualified_lead: str | None
    return_per_1: str | None


class LineOut(Schema):
    """One line: `row` says what it is, `key` which: a number, a week, a purpose; null for those below the lines."""

    row: str
    key: str | None
    name: str
    state: str
    figures: FiguresOut


class LookOut(Schema):
    first: str = Field(alias="from")
    last: str = Field(alias="to")
    model: str
    basis: str
    currency: str


class FiguresTableOut(LookOut):
    lines: list[LineOut]
    total: FiguresOut


class BeyondOut(LookOut):
    """The rows of one table, by the names of its columns; an unknown amount is null."""

    rows: list[dict[str, str | int | None]]


class WorkOut(LookOut):
    """`money_out` is null for who may not see what hours cost."""

    figures: WorkFiguresOut
    money_out: FiguresOut | None


router = Router(tags=["Figures"])
DIRECTOR, STEERS = BearerToken(f"figures:{READ}", [Role.DIRECTOR]), BearerToken(f"figures:{READ}", STEERING)


def look_of(request: HttpRequest, schema: type[LookQuery]) -> ReportForm:
    """The look that the parameters ask for, read as the pages read it, but strictly."""
    paging.known_only(request, schema)
    agency = Agency.current()
    query = {name: value for name, value in request.GET.dict().items() if value}
    form = ReportForm.from_query(query, agency=agency, last_complete=agency.last_complete_week(timezone.now()))
    if form.problems:
        raise Problem(422, " ".join(form.problems))
    return form


def look_out(form: ReportForm) -> dict[str, Any]:
    return {
        "from": str(form.period.first),
        "to": str(form.period.last),
        "model": form.filters.model,
        "basis": form.filters.basis.value,
        "currency": money.currency(),
    }


def cents(value: int) -> str:
    return str(Decimal(value).scaleb(-2))


def cents_or_none(value: int | None) -> str | None:
    return None if value is None else cents(value)


def count(millionths: int) -> str:
    return plain(to_decimal(Fraction(millionths, MILLION), 6))


def plain(number: Decimal) -> str:
    return f"{number:f}"


def work_figures(figures: Figures) -> dict[str, str]:
    return {
        "hours": plain(to_decimal(figures.hours, 2)),
        "spend": cents(figures.spend_cents),
        "leads": count(figures.leads_millionths),
        "qualified_leads": count(figures.qualified_millionths),
        "sales": count(figures.sales_millionths),
        "revenue": cents(figures.revenue_cents),
    }


def all_figures(figures: Figures, returned: Fraction | None) -> FiguresOut:
    return FiguresOut(
        **work_figures(figures),
        hours_without_rate=plain(to_decimal(Fraction(figures.unrated_minutes, 60), 2)),
        labour_cost=cents_or_none(figures.known_labour_cents),
        cost=cents_or_none(figures.known_cost_cents),
        cost_per_lead=cents_or_none(figures.cost_per_lead_cents),
        cost_per_qualified_lead=cents_or_none(figures.cost_per_qualified_cents),
        return_per_1=None if returned is None else plain(to_decimal(returned, 4)),
    )


@router.get("/figures", response=FiguresTableOut, by_alias=True, auth=DIRECTOR, url_name="figures", summary="Figures")
def read_figures(request: HttpRequest, query: Query[FiguresQuery]) -> Any:
    """The dashboard's table by platform, or the same figures by campaign, week, client, purpose or member."""
    form = look_of(request, FiguresQuery)
    if query.by == "platform":
        lines, total = platform_lines(form)
    else:
        found = figures_by(form.period, By(query.by), form.filters)
        lines = [
            line(query.by if row.key is not None else "unattributed", row.key, row.label, row.figures, form)
            for row in found.rows
        ]
        total = all_figures(found.total, found.total.return_per_unit(form.margin))
    return {**look_out(form), "lines": lines, "total": total}


@router.get(
    "/beyond/{name}", response=BeyondOut, by_alias=True, auth=DIRECTOR, url_name="beyond", summary="Beyond sales"
)
def read_beyond(request: HttpRequest, name: BeyondName, query: Query[LookQuery]) -> Any:
    """A table of the page Beyond sales: by purpose, outcomes, clients and own brand, who spends the time, quality."""
    form = look_of(request, LookQuery)
    header, rows = TABLES[name](form.period, form.filters, Agency.current())
    return {**look_out(form), "rows": [dict(zip(header, map(cell, row), strict=True)) for row in rows]}


def cell(value: Any) -> str | int | None:
    """A number of rows is whole; all else that is a number is a decimal."""
    return plain(value) if isinstance(value, Decimal) else value


def platform_lines(form: ReportForm) -> tuple[list[LineOut], FiguresOut]:
    read = read_period(form.period, form.filters)
    table = platform_rows(read, latest_verdicts(form.last_complete), margin=form.margin)
    below = (("unattributed", table.unattributed), ("keeping", table.keeping), ("of_which_general", table.general))
    lines = [of_row("platform", row) for row in table.platforms]
    return [*lines, *(of_row(name, row) for name, row in below)], all_figures(table.total.figures, table.total.returned)


def of_row(name: str, row: PlatformRow) -> LineOut:
    state = row.state if row.key is not None else ""
    key = None if row.key is None else str(row.key)
    return LineOut(row=name, key=key, name=row.label, state=state, figures=all_figures(row.figures, row.returned))


def line(row: str, key: Any, label: str, figures: Figures, form: ReportForm) -> LineOut:
    shown = None if key is None else str(Week(key)) if isinstance(key, date) else str(key)
    returned = figures.return_per_unit(form.margin)
    return LineOut(row=row, key=shown, name=label, state="", figures=all_figures(figures, returned))


@router.get(
    "/platforms/{int:pk}/figures",
    response=WorkOut,
    by_alias=True,
    auth=STEERS,
    url_name="platform_figures",
    summary="A platform's figures",
)
def read_platform_figures(request: HttpRequest, pk: Number, query: Query[LookQuery]) -> Any:
    return work_of(request, Platform, "platform", pk)


@router.get(
    "/campaigns/{int:pk}/figures",
    response=WorkOut,
    by_alias=True,
    auth=STEERS,
    url_name="campaign_figures",
    summary="A campaign's figures",
)
def read_campaign_figures(request: HttpRequest, pk: Number, query: Query[LookQuery]) -> Any:
    return work_of(request, Campaign, "campaign", pk)


def work_of(request: HttpRequest, model: type[Platform] | type[Campaign], name: str, pk: int) -> dict[str, Any]:
    if not model._default_manager.filter(pk=pk).exists():
        raise Http404
    form = look_of(request, LookQuery).narrowed_to(name, pk)
    figures = figures_by(form.period, By.PLATFORM, form.filters).total
    sees_cost = caller_of(request).is_director
    money_out = all_figures(figures, figures.return_per_unit(form.margin)) if sees_cost else None
    return {**look_out(form), "figures": work_figures(figures), "money_out": money_out}
