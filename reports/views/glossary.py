"""The glossary: what the words on the screens mean."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.access import EVERYONE, role_required
from reports.pages.glossary import TERMS


@require_safe
@role_required(*EVERYONE)
def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, "reports/glossary.html", {"terms": TERMS})
