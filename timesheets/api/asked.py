"""What the addresses of hours read out of a request: weeks, and whose token it is."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from core.api.access import caller_of
from core.api.problems import Problem
from core.form_fields import FIRST_DAY, LAST_DAY
from core.weeks import Week
from timesheets.models import User

ISO_WEEK_OR_NONE = r"^$|^[0-9]{4}-W[0-9]{2}$"


def member_of(request: HttpRequest) -> User:
    person = caller_of(request).person
    if person is None:
        raise Problem(403, _("A service has no hours of its own."))
    return person  # type: ignore[no-any-return]


def person_of(pk: int) -> User:
    person = User.objects.filter(pk=pk).first()
    if person is None:
        raise Http404
    return person


def week_at(text: str) -> Week:
    """The week that an address names, or a 404 for one that can hold no hours."""
    try:
        week = Week.parse(text)
    except ValueError as error:
        raise Http404 from error
    if not FIRST_DAY <= week.monday <= week.sunday <= LAST_DAY:
        raise Http404
    return week


def in_weeks(rows: QuerySet[Any], first: str, last: str) -> QuerySet[Any]:
    if first:
        rows = rows.filter(week__gte=monday_of("first", first))
    return rows.filter(week__lte=monday_of("last", last)) if last else rows


def monday_of(name: str, text: str) -> date:
    try:
        return Week.parse(text).monday
    except ValueError as error:
        message = _("There is no such week. Weeks are written like %(week)s.") % {"week": "2026-W47"}
        raise Problem(422, errors=[{"field": name, "message": message}]) from error
