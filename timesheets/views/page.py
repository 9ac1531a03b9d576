"""What every part of the week's page asks of a request."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import money
from core.form_fields import WeekField
from core.weeks import Week
from timesheets import hours
from timesheets.models import User


def member_of(request: HttpRequest) -> User:
    """The person who is signed in; `role_required` let them in."""
    assert isinstance(request.user, User)
    return request.user


def is_anothers_page(request: HttpRequest) -> bool:
    """Whether the page was made for someone else, who has signed in over it in another window since."""
    return request.POST.get("member", str(request.user.pk)) != str(request.user.pk)


def not_your_page() -> HttpResponse:
    """The answer to what was sent from there."""
    return _said(_("This page was opened by someone else. Reload it to log your own hours."), 403)


def no_such_row() -> HttpResponse:
    """The answer to what no page of ours sends."""
    return _said(_("This row is gone. Reload the page."), 400)


def _said(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")


def chosen_week(text: str) -> Week | None:
    """The week that a week field sent, None when it is none."""
    try:
        return Week(WeekField(required=False).clean(text))
    except (ValidationError, AttributeError):
        return None


def pk_in(request: HttpRequest, name: str) -> int:
    """A number that was sent; ValueError when it can be no primary key."""
    text = request.POST.get(name, "")
    if not text.isdecimal() or len(text) > 18:
        raise ValueError(name)
    return int(text)


def shown(saved: hours.Saved, member: User) -> dict[str, str]:
    """A cell's content as the page holds it."""
    text = hours.format_minutes(saved.minutes, member) if saved.minutes else ""
    return {"text": text, "note": saved.note, "tag": saved.etag}


def row_key(cell: hours.HoursCell) -> str:
    return f"{cell.platform_id}-{cell.campaign_id}"


def day_key(cell: hours.HoursCell) -> int:
    """0 for Monday."""
    return cell.day.weekday()


SUMS = ("row_key", "day_key", "row_total", "day_total", "week_total", "week_sum", "time")


def sums(cell: hours.HoursCell, saved: hours.Saved, member: User) -> dict[str, object]:
    """What `_saved.html` needs: the sums around a cell, and when it was saved."""
    return {
        "row_key": row_key(cell),
        "day_key": day_key(cell),
        "row_total": _total(saved.row_minutes, member),
        "day_total": _total(saved.day_minutes, member),
        "week_total": _total(saved.week_minutes, member),
        "week_sum": hours.format_minutes(saved.week_minutes, member),
        "time": f"{timezone.localtime():%H:%M}",
    }


def _total(minutes: int, member: User) -> str:
    return hours.format_minutes(minutes, member) if minutes else money.NO_FIGURE
