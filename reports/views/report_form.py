"""The form of a report, read from the address of a request."""

from datetime import datetime

from django.http import HttpRequest

from campaigns.models import Agency
from core.lists import InvalidQuery
from reports.figures.filters import ReportForm


def read_form(request: HttpRequest, *, at: datetime, agency: Agency | None = None) -> ReportForm:
    """The address read against the settings and the week that was last over."""
    agency = agency or Agency.current()
    return ReportForm.from_query(request.GET.dict(), agency=agency, last_complete=agency.last_complete_week(at))


def read_form_strictly(request: HttpRequest, *, at: datetime) -> ReportForm:
    """The same for a file; InvalidQuery when the address asks for what there cannot be."""
    form = read_form(request, at=at)
    if form.problems:
        raise InvalidQuery(form.problems)
    return form
