"""What came of the work a person was part of, for themselves."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.access import EVERYONE, role_required
from core.list_words import no_choice
from core.lists import clean
from reports.pages.own_campaigns import first_day
from reports.pages.own_campaigns import own_campaigns as read_own_campaigns
from timesheets.models import User

PERIODS = ("weeks", "year")


@require_safe
@role_required(*EVERYONE)
def own_campaigns(request: HttpRequest) -> HttpResponse:
    """By campaign and not by person, without money, for the last thirteen weeks or this year."""
    member: User = request.user  # type: ignore[assignment]
    today = timezone.localdate()
    wanted = clean(request.GET.get("period", ""))
    period = wanted if wanted in PERIODS else PERIODS[0]
    since = first_day(period, today)
    context = {
        "period": period,
        "since": since,
        "rows": read_own_campaigns(member, since=since, today=today),
        "problems": [no_choice(_("Period"), wanted)] if wanted not in ("", period) else [],
    }
    return render(request, "reports/own_campaigns.html", context)
