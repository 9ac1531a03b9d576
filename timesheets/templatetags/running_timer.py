"""The timer that runs, in the head of every page."""

from typing import Any

from django import template
from django.utils import timezone

from timesheets import timers
from timesheets.models import Timer

register = template.Library()


@register.inclusion_tag("timesheets/_running.html", takes_context=True)
def running_timer(context: dict[str, Any], is_swapped: bool = False) -> dict[str, Any]:
    """The timer of whoever is signed in, read with their account: it costs no statement (sign_in.Backend).

    A page that read it itself has `timer` in its context.
    """
    request = context.get("request")
    member = getattr(request, "user", None)
    if not getattr(member, "is_authenticated", False):
        return {"person": None}
    timer = context["timer"] if "timer" in context else getattr(member, "timer", None)
    return {"person": member, "is_swapped": is_swapped, "csrf_token": context.get("csrf_token"), **_shown(timer)}


def _shown(timer: Timer | None) -> dict[str, Any]:
    if timer is None:
        return {"timer": None, "number": ""}
    now = timezone.now()
    return {
        "timer": timer,
        "number": timer.pk,
        "elapsed": timers.elapsed(timer, at=now),
        "is_overnight": timers.is_overnight(timer, at=now),
    }
