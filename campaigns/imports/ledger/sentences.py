"""What is said of rows that a file lacks, and of weeks that are closed to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.money import format_money, format_number


def lacking_described(lacking: Mapping[str, Any]) -> str:
    """Say which rows of earlier files are not in this one, with their sums."""
    sentence = ngettext(
        "%(count)s row of earlier files between %(first)s and %(last)s is not in this one: %(sums)s.",
        "%(count)s rows of earlier files between %(first)s and %(last)s are not in this one: %(sums)s.",
        lacking["count"],
    )
    shown = clock if lacking["unit"] == "seconds" else format_money
    sums = ", ".join(f"{name} {shown(amount)}" for name, amount in lacking["sums"])
    return sentence % {
        "count": format_number(lacking["count"]),
        "first": lacking["first"],
        "last": lacking["last"],
        "sums": sums,
    }


def complete_question(lacking: Mapping[str, Any]) -> str:
    """Ask whether a file holds everything of what it lacks something of."""
    names = ", ".join(name for name, _amount in lacking["sums"])
    asked = _("Does this file hold everything of %(names)s from %(first)s to %(last)s?") % {**lacking, "names": names}
    filtered = _("It looks filtered: much of what earlier files brought is not in it.")
    return f"{asked} {filtered}" if lacking["looks_filtered"] else asked


def submitted_described(weeks: Sequence[Mapping[str, Any]]) -> str:
    """Say which weeks of whom are submitted, with the hours that the file has for them."""
    listed = ", ".join(f"{week['who']} {week['week']} ({clock(week['seconds'])})" for week in weeks)
    return _("Submitted weeks: %(listed)s.") % {"listed": listed}


def clock(seconds: int) -> str:
    """Hours and minutes of seconds, as people write them."""
    minutes = (seconds + 30) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"
