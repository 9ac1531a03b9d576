"""The search over everything: as a page, and as the list under the field while somebody types."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.access import STEERING, role_required
from core.lists import clean
from core.weeks import Week
from reports.pages.search import search as search_for


@require_safe
@role_required(*STEERING)
def search(request: HttpRequest) -> HttpResponse:
    """Members have no page of any of these, so no search either."""
    week = Week.containing(timezone.localdate())
    results = search_for(clean(request.GET.get("q", "")), reader=request.user, week=week)  # type: ignore[arg-type]
    is_part = request.headers.get("HX-Target") == "found"
    template = "reports/_found.html" if is_part else "reports/search.html"
    return render(request, template, {"results": results})
