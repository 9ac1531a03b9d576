"""What a checked or imported file comes to, in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.imports.importers.base import Action
from campaigns.imports.ledger.sentences import clock, lacking_described, submitted_described
from core.money import format_money, format_number

ACTIONS: tuple[Action, ...] = ("create", "update", "same")


def described(counts: Mapping[str, Any]) -> Iterator[str]:
    """Say what a file would do, or did: what is new, what changes, what stays, and the sums."""
    yield from rows_described(counts)
    yield from _corrections(counts)
    if weeks := counts.get("left_out_weeks"):
        yield _("Left out. %(weeks)s") % {"weeks": submitted_described(weeks)}
    if lacking := counts.get("lacking"):
        yield lacking_described(lacking)
        if counts.get("complete") == "yes":
            yield _("The file holds everything, you said: these rows are taken out.")
        else:
            yield _("They are kept.")
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


def _corrections(counts: Mapping[str, Any]) -> Iterator[str]:
    """Say what a file changes of what earlier ones brought, and what it cannot since somebody changed it here."""
    if changed := counts.get("changed"):
        sentence = ngettext(
            "%(count)s entry changed, hours %(hours)s.", "%(count)s entries changed, hours %(hours)s.", changed
        )
        yield sentence % {"count": format_number(changed), "hours": _signed_clock(counts.get("changed_seconds", 0))}
    if moved := counts.get("moved"):
        sentence = ngettext(
            "%(count)s entry moved to another day, platform or campaign.",
            "%(count)s entries moved to another day, platform or campaign.",
            moved,
        )
        yield sentence % {"count": format_number(moved)}
    if notes := counts.get("notes"):
        sentence = ngettext("%(count)s note corrected.", "%(count)s notes corrected.", notes)
        yield sentence % {"count": format_number(notes)}
    if cents := counts.get("changed_cents"):
        yield _("Amounts that changed: %(amount)s.") % {"amount": f"{'+' if cents > 0 else ''}{format_money(cents)}"}
    if lost := counts.get("lost"):
        sentence = ngettext(
            "%(count)s deal is no longer won: its sale is voided (%(amount)s).",
            "%(count)s deals are no longer won: their sales are voided (%(amount)s).",
            lost,
        )
        yield sentence % {"count": format_number(lost), "amount": format_money(counts.get("lost_cents", 0))}
    yield from _refund_corrections(counts)
    for conflict in counts.get("conflicts", []):
        yield _conflict_of_amounts(conflict) if "cents_here" in conflict else _conflict(conflict)


def _refund_corrections(counts: Mapping[str, Any]) -> Iterator[str]:
    """Say which sales were given back since, and which refunds are none any more."""
    if given_back := counts.get("given_back"):
        sentence = ngettext(
            "%(count)s sale was given back as a whole and is voided (%(amount)s).",
            "%(count)s sales were given back as a whole and are voided (%(amount)s).",
            given_back,
        )
        yield sentence % {"count": format_number(given_back), "amount": format_money(counts["given_back_cents"])}
    if withdrawn := counts.get("no_more_refunded"):
        sentence = ngettext(
            "%(count)s refund is no longer in its sale's row and is voided (%(amount)s).",
            "%(count)s refunds are no longer in their sales' rows and are voided (%(amount)s).",
            withdrawn,
        )
        yield sentence % {"count": format_number(withdrawn), "amount": format_money(counts["no_more_refunded_cents"])}


def _conflict(conflict: Mapping[str, Any]) -> str:
    here, in_file = (clock(conflict[name] * 60) for name in ("minutes_here", "minutes_in_file"))
    return _(
        "Line %(line)s: somebody changed the hours of %(who)s on %(day)s since an earlier file brought them. "
        "%(here)s is kept; with this file it would be %(in_file)s."
    ) % {**conflict, "here": here, "in_file": in_file}


def _conflict_of_amounts(conflict: Mapping[str, Any]) -> str:
    here, in_file = (format_money(conflict[name]) for name in ("cents_here", "cents_in_file"))
    return _(
        "Line %(line)s: somebody changed “%(what)s” since an earlier file brought it. %(here)s is kept; the file says "
        "%(in_file)s."
    ) % {**conflict, "here": here, "in_file": in_file}


def _signed_clock(seconds: int) -> str:
    return f"{'-' if seconds < 0 else '+'}{clock(abs(seconds))}"


def _to_make(name_type: str, names: list[str]) -> str:
    listed = ", ".join(names[:20]) + ("…" if len(names) > 20 else "")
    sentence = {
        "platform": ngettext("A new platform: %(names)s.", "New platforms: %(names)s.", len(names)),
        "campaign": ngettext("A new campaign: %(names)s.", "New campaigns: %(names)s.", len(names)),
        "person": ngettext("A new person: %(names)s.", "New people: %(names)s.", len(names)),
    }[name_type]
    return sentence % {"names": listed}
