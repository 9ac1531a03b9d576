"""What a checked or imported file comes to, in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.imports.importers.base import Action
from core.money import format_money, format_number

ACTIONS: tuple[Action, ...] = ("create", "update", "same")


def described(counts: Mapping[str, Any]) -> Iterator[str]:
    """Say what a file would do, or did: what is new, what changes, what stays, and the sums."""
    yield from rows_described(counts)
    if seconds := counts.get("seconds"):
        yield _("%(hours)s hours in the file.") % {"hours": format_number(seconds / 3600, digits=2)}
    if "cents" in counts:
        yield _("%(amount)s in the file.") % {"amount": format_money(counts["cents"])}
    for name_type, names in counts.get("make", {}).items():
        yield _to_make(name_type, list(names))


def rows_described(counts: Mapping[str, Any]) -> Iterator[str]:
    """Say how many rows are new, change and stay, without anything that stands in them."""
    done = counts.get("written") or counts
    numbers = {action: int(done.get(action, 0)) for action in ACTIONS}
    if any(numbers.values()):
        written = {action: format_number(number) for action, number in numbers.items()}
        yield _("%(create)s new, %(update)s changed, %(same)s already there.") % written


def _to_make(name_type: str, names: list[str]) -> str:
    listed = ", ".join(names[:20]) + ("…" if len(names) > 20 else "")
    sentence = {
        "platform": ngettext("A new platform: %(names)s.", "New platforms: %(names)s.", len(names)),
        "campaign": ngettext("A new campaign: %(names)s.", "New campaigns: %(names)s.", len(names)),
        "person": ngettext("A new person: %(names)s.", "New people: %(names)s.", len(names)),
    }[name_type]
    return sentence % {"names": listed}
