"""My week: the grid, and what it sends."""

import json
import re
from functools import cache
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.access import EVERYONE, STEERING, role_required
from core.patterns import Pattern, places
from core.weeks import Week
from timesheets import durations, grid, hours, row_choices
from timesheets.forms import RowForm
from timesheets.models import User
from timesheets.views import timer
from timesheets.views.page import SUMS, chosen_week, is_anothers_page, member_of, pk_in, shown, sums

EDIT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DAYS = {f"d{number}": number for number in range(7)}


@require_GET
@role_required(*EVERYONE)
def this_week(request: HttpRequest) -> HttpResponse:
    """Lead to the week that is asked for, else to the current one in the agency's zone."""
    text = request.GET.get("week", "")
    chosen, this_week = chosen_week(text), Week.containing(timezone.localdate())
    if text and chosen is None:
        messages.warning(request, _("There is no such week. Weeks are written like %(week)s.") % {"week": this_week})
    return redirect("timesheets:week", chosen or this_week)


@require_GET
@role_required(*EVERYONE)
def show(request: HttpRequest, week: Week) -> HttpResponse:
    """The member's own grid."""
    member = member_of(request)
    today, agency = timezone.localdate(), getattr(request, "agency", None)
    sheet = grid.build(member=member, week=week, today=today, agency=agency)
    context: dict[str, Any] = {"grid": sheet, "this_week": Week.containing(today)}
    context |= timer.context(member, getattr(member, "timer", None))  # read with the person (sign_in.Backend)
    if sheet.timesheet and sheet.timesheet.reopen_reason:
        context["reopening"] = sheet.timesheet.reopening
    if sheet.timesheet and sheet.is_locked:
        context["openers"] = list(User.objects.filter(role__in=STEERING, is_active=True).exclude(pk=member.pk)[:4])
    else:
        choices = row_choices.in_use()
        lately = [(row.platform_id, row.campaign_id) for row in sheet.suggestions]
        texts = row_choices.as_texts(choices, lately)
        context |= {"choices": choices.besides(texts), "texts": texts}
        if RowForm.was_sent(request.GET):
            context["refused"] = RowForm(request.GET)
    return render(request, "timesheets/week.html", context)


@require_POST
@role_required(*EVERYONE)
def save_cell(request: HttpRequest, week: Week) -> HttpResponse:
    """Save one cell: 200 with the sums around it, 422 when it cannot be, 409 when stale, 423 when locked."""
    member = member_of(request)
    if is_anothers_page(request):
        return _refusal(request, week, _("This page was opened by someone else. Reload it to log your own hours."), 409)
    try:
        cell, typed = _cell(request, week)
        minutes = durations.parse(typed)
        saved = hours.log(
            member=member,
            cell=cell,
            minutes=minutes,
            note=request.POST.get("note"),
            expected_version=request.POST.get("seen", ""),
            idempotency_key=_edit(request),
        )
    except durations.DurationError as error:
        return _refusal(request, week, why(error, typed), 422, suggestion=suggested(error, member))
    except hours.Locked as locked:
        return _refusal(request, week, str(locked), 423)
    except hours.Stale as stale:
        return _refusal(request, week, str(stale), 409, theirs=shown(stale.theirs, member), mine=typed)
    except hours.HoursRefused as refused:
        return _refusal(request, week, str(refused), 422)
    except ValueError:
        return _refusal(request, week, _("This row is gone. Reload the page."), 422)
    return _saved(request, cell, saved)


def _edit(request: HttpRequest) -> str | None:
    """The id that the page gave to this edit; None when it gave none that can be one."""
    text = request.POST.get("edit", "")
    return text if EDIT.fullmatch(text) else None


def _cell(request: HttpRequest, week: Week) -> tuple[hours.HoursCell, str]:
    """Which cell was sent and what was typed in it; ValueError when it is none of this week's."""
    sent = [name for name in DAYS if name in request.POST]
    if len(sent) != 1:
        raise ValueError
    cell = hours.HoursCell(
        day=week.days[DAYS[sent[0]]],
        platform_id=pk_in(request, "platform"),
        campaign_id=pk_in(request, "campaign"),
    )
    return cell, request.POST[sent[0]]


def why(error: durations.DurationError, typed: str) -> str:
    """Say what is wrong with a text that is no duration."""
    reasons = {
        "not_a_duration": _("“%(typed)s” is not a duration. Write 1:30, 1.5, 1h30 or 90m."),
        "minutes_over_59": _("“%(typed)s” has more than 59 minutes."),
        "seconds_over_59": _("“%(typed)s” has more than 59 seconds."),
        "negative": _("Hours cannot be negative."),
        "over_a_day": _("“%(typed)s” is more than a day, which has 24 hours."),
    }
    return reasons[error.code] % {"typed": typed.strip()[:20]}


def suggested(error: durations.DurationError, member: User) -> str:
    return "" if error.suggestion is None else hours.format_minutes(error.suggestion, member)


def _saved(request: HttpRequest, cell: hours.HoursCell, saved: hours.Saved) -> HttpResponse:
    member = member_of(request)
    response = HttpResponse(_saved_pattern(get_language()).fill(sums(cell, saved, member)))
    response["HX-Trigger"] = json.dumps({"hours:saved": shown(saved, member)})
    return response


@cache
def _saved_pattern(_language: str | None) -> Pattern:
    return Pattern(render_to_string("timesheets/_saved.html", places(SUMS)))


def _refusal(request: HttpRequest, week: Week, sentence: str, status: int, **more: Any) -> HttpResponse:
    """The sentence that stands under the row, with what can be done about it."""
    sent = next((name for name in DAYS if name in request.POST), "d0")
    context = {
        "sentence": sentence,
        "day": grid.day_label(week.days[DAYS[sent]]),
        "cell_id": f"c{request.POST.get('platform')}-{request.POST.get('campaign')}-{sent}",
        **more,
    }
    return render(request, "timesheets/_refused.html", context, status=status)
