"""What a request asks to see."""

from datetime import datetime

from django.http import HttpRequest

from campaigns.models import Agency
from core.lists import InvalidQuery
from reports.figures.filters import ReportForm


def asked(request: HttpRequest, *, at: datetime) -> ReportForm:
    """The address read against the settings and the week that was last over."""
    agency = Agency.current()
    return ReportForm.from_query(request.GET.dict(), agency=agency, last_complete=agency.last_complete_week(at))


def asked_exactly(request: HttpRequest, *, at: datetime) -> ReportForm:
    """The same for a file; InvalidQuery when the address asks for what there cannot be."""
    form = asked(request, at=at)
    if form.problems:
        raise InvalidQuery(form.problems)
    return form
