"""Beyond sales: the page, its tables as files, and what stands behind its figures. For a director."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.exports_guard import recorded_export
from campaigns.models import Agency
from core.access import Role, role_required
from core.lists import clean, pages_of, paginate
from core.spreadsheets import TableFormat, or_the_page, table_response
from reports.drilldown import beyond_sales
from reports.drilldown.tables import DrilldownTable
from reports.figures.filters import ReportForm
from reports.figures.purposes import Part
from reports.pages.beyond_sales import TABLES
from reports.pages.beyond_sales import beyond as put_together
from reports.views.report_form import read_form, read_form_strictly

ROWS_A_PAGE = 50


@require_safe
@role_required(Role.DIRECTOR)
def beyond(request: HttpRequest) -> HttpResponse:
    form = read_form(request, at=timezone.now())
    page = put_together(form.period, form.filters, agency=Agency.current(), last_complete=form.last_complete)
    lists = pages_of(request.GET, measures=page.measures, attention=page.time.rows, asking=page.quality.rows)
    return render(request, "reports/beyond.html", lists | {"form": form, "beyond": page})


@require_safe
@role_required(Role.DIRECTOR)
@recorded_export("figures", "reports:beyond")
@or_the_page("reports:beyond")
def table(request: HttpRequest, name: str) -> HttpResponseBase:
    """One panel as a file; `format` says which."""
    if name not in TABLES:
        raise Http404
    form = read_form_strictly(request, at=timezone.now())
    header, rows = TABLES[name](form.period, form.filters, Agency.current())
    return table_response(TableFormat.of(request.GET), f"{name}-{form.period.first}-{form.period.last}", header, rows)


@require_safe
@role_required(Role.DIRECTOR)
def behind(request: HttpRequest, what: str) -> HttpResponse:
    """How a figure of the page came about, as a page or as the panel over it."""
    form = read_form(request, at=timezone.now())
    drilldown = wanted_table(request, what, form)
    problems = [*form.problems]
    context = {
        "form": form,
        "table": drilldown,
        "page": paginate(drilldown.rows, ROWS_A_PAGE, request.GET.get("page", ""), problems),
        "problems": problems,
        "what": what,
        "measure": measure_asked(request),
    }
    if request.headers.get("HX-Target") != "panel-body":
        return render(request, "reports/behind.html", context)
    panel = render(request, "reports/_behind.html", context)
    panel["HX-Push-Url"] = "false"  # the page below stays where it is
    return panel


@require_safe
@role_required(Role.DIRECTOR)
@recorded_export("figures", "reports:beyond")
@or_the_page("reports:behind", "what")
def behind_csv(request: HttpRequest, what: str) -> HttpResponseBase:
    form = read_form_strictly(request, at=timezone.now())
    drilldown = wanted_table(request, what, form)
    name = f"{what}-{form.period.first}-{form.period.last}"
    return table_response(TableFormat.of(request.GET), name, drilldown.header, drilldown.plain_rows())


def measure_asked(request: HttpRequest) -> str:
    return clean(request.GET.get("measure", ""))


def wanted_table(request: HttpRequest, what: str, form: ReportForm) -> DrilldownTable:
    """The table that the address names; 404 for one that is not there, or a measure that nobody counted."""
    if what == "outcome":
        drilldown = beyond_sales.outcome_table(measure_asked(request), form.period, form.filters)
    elif what in set(Part):
        drilldown = beyond_sales.sales_table(Part(what), form.period, form.filters)
    else:
        drilldown = (
            beyond_sales.DRILLDOWNS[what](form.period, form.filters) if what in beyond_sales.DRILLDOWNS else None
        )
    if drilldown is None:
        raise Http404
    return drilldown
