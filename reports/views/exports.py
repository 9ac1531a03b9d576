"""What a page shows, as a file."""

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.exports_guard import recorded_export
from core.access import Role, role_required
from core.lists import InvalidQuery
from core.spreadsheets import TableFormat, or_the_page, table_response
from reports.drilldown.rows import EXPORT_COLUMNS, export_rows
from reports.figures.period_figures import read_period
from reports.pages import dashboard_export
from reports.pages.platform_rows import platform_rows
from reports.verdicts.records import latest_verdicts
from reports.views.explain import unknown_names, wanted_explanation
from reports.views.report_form import read_form_strictly


@require_safe
@role_required(Role.DIRECTOR)
@recorded_export("figures", "reports:dashboard")
@or_the_page("reports:dashboard")
def figures(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The dashboard's table."""
    form = read_form_strictly(request, at=timezone.now())
    read = read_period(form.period, form.filters)
    table = platform_rows(read, latest_verdicts(form.last_complete), margin=form.margin)
    name = f"figures-{form.period.first}-{form.period.last}"
    header, lines = dashboard_export.HEADER, dashboard_export.table_rows(table)
    return table_response(_format(request, kind), name, header, lines)


@require_safe
@role_required(Role.DIRECTOR)
@recorded_export("rows", "reports:dashboard", of_people=True)
@or_the_page("reports:explain")
def rows(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The rows behind one figure."""
    form = read_form_strictly(request, at=timezone.now())
    if unknown := unknown_names(request):
        raise InvalidQuery(unknown)
    explanation = wanted_explanation(request, form)
    name = f"{explanation.figure.name}-{form.period.first}-{form.period.last}"
    return table_response(_format(request, kind), name, EXPORT_COLUMNS, export_rows(explanation.parts))


def _format(request: HttpRequest, kind: str) -> TableFormat:
    """What the address asks for, else what its ending says."""
    return TableFormat.of(request.GET) if "format" in request.GET else TableFormat(kind)
