"""A block pasted into the week: each value read as if it were typed, and nothing written."""

import re

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from core.access import EVERYONE, role_required
from core.weeks import Week
from timesheets import durations, hours, pasted_block
from timesheets.models import User
from timesheets.views.page import is_anothers_page, member_of, no_such_row, not_your_page
from timesheets.views.week import suggested, why

CELL = re.compile(r"c([0-9]{1,18})-([0-9]{1,18})-d([0-6])")
MOST_VALUES = 400


@require_POST
@role_required(*EVERYONE)
def preview(request: HttpRequest, week: Week) -> HttpResponse:
    """Say of each `text` what it becomes in its `cell`, in their order: the hours as written here, or why not."""
    if is_anothers_page(request):
        return not_your_page()
    member = member_of(request)
    try:
        values = _values(request, week)
    except ValueError:
        return no_such_row()
    tried = pasted_block.readings(member=member, values=values)
    return JsonResponse(
        {"cells": [_told(value, reading, member) for value, reading in zip(values, tried, strict=True)]}
    )


def _values(request: HttpRequest, week: Week) -> list[pasted_block.PastedValue]:
    """What was sent; ValueError when no page of ours sends it."""
    cells, texts = request.POST.getlist("cell"), request.POST.getlist("text")
    places = [CELL.fullmatch(cell) for cell in cells]
    if not 0 < len(cells) == len(texts) <= MOST_VALUES or None in places:
        raise ValueError
    return [
        pasted_block.PastedValue(hours.HoursCell(week.days[int(place[3])], int(place[1]), int(place[2])), text)
        for place, text in zip(places, texts, strict=True)
        if place
    ]


def _told(value: pasted_block.PastedValue, reading: pasted_block.PastedReading, member: User) -> dict[str, str]:
    if isinstance(reading.problem, durations.DurationError):
        return {"refused": why(reading.problem, value.text), "suggestion": suggested(reading.problem, member)}
    if reading.problem:
        return {"refused": str(reading.problem), "suggestion": ""}
    return {"text": hours.format_minutes(reading.minutes, member) if reading.minutes else ""}
