"""What is odd in a file but no error: counted and said, never silent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from campaigns.imports.files.file_reader import line_label
from core.money import format_money, format_number

LONGEST_SHOWN = 130
MOST_LISTED = 40

# Each is met `count` times, first in line `line`.
REMARKS: Mapping[str, Any] = {
    "not_wanted": ngettext_lazy(
        "%(count)s row is not won or paid and is skipped.",
        "%(count)s rows are not won or paid and are skipped.",
        "count",
    ),
    "refunded_whole": ngettext_lazy(
        "%(count)s row was given back as a whole and does not count (line %(line)s).",
        "%(count)s rows were given back as a whole and do not count (line %(line)s first).",
        "count",
    ),
    "converted": ngettext_lazy(
        "%(count)s amount is in another currency (%(value)s, line %(line)s): it is counted at the rate of its day and "
        "keeps what it was.",
        "%(count)s amounts are in another currency (%(value)s, line %(line)s first): they are counted at the rates of "
        "their days and keep what they were.",
        "count",
    ),
    "return_matched": ngettext_lazy(
        "%(count)s refund does not name its sale and is matched with the only one that fits (line %(line)s).",
        "%(count)s refunds do not name their sales and are matched with the only ones that fit (line %(line)s first).",
        "count",
    ),
    "return_unattributed": ngettext_lazy(
        "%(count)s refund is of no known sale and counts as unattributed (line %(line)s).",
        "%(count)s refunds are of no known sales and count as unattributed (line %(line)s first).",
        "count",
    ),
    "return_left_out": ngettext_lazy(
        "%(count)s refund of no known sale is left out, as you said: line %(lines)s%(sum)s.",
        "%(count)s refunds of no known sales are left out, as you said: lines %(lines)s%(sum)s.",
        "count",
    ),
    "line_item": ngettext_lazy(
        "%(count)s line is a further article of an order and belongs to its sale (line %(line)s).",
        "%(count)s lines are further articles of orders and belong to their sales (line %(line)s first).",
        "count",
    ),
    "lost_but_refunded": ngettext_lazy(
        "%(count)s deal is no longer won (line %(line)s), but its sale has refunds and stays. Void it by hand.",
        "%(count)s deals are no longer won (line %(line)s first), but their sales have refunds and stay. Void them by "
        "hand.",
        "count",
    ),
    "lost_unclear": ngettext_lazy(
        "%(count)s lost deal without an id has the name of a sale that is here (line %(line)s). If it is that one, "
        "void it by hand, or export the deals with their ids.",
        "%(count)s lost deals without an id have the names of sales that are here (line %(line)s first). If they are "
        "those, void them by hand, or export the deals with their ids.",
        "count",
    ),
    "same_email": ngettext_lazy(
        "%(count)s new lead has the e-mail address of another lead (line %(line)s): this address is a lead already. If "
        "they are one person, a director can merge them.",
        "%(count)s new leads have the e-mail address of another lead (line %(line)s first): these addresses are leads "
        "already. Where they are one person, a director can merge them.",
        "count",
    ),
    "merged_lead": ngettext_lazy(
        "%(count)s row is of a person whose leads were merged (line %(line)s): its name, address, phone, company and "
        "note are not taken, since another row of this person says them otherwise. Correct them on the lead's page.",
        "%(count)s rows are of people whose leads were merged (line %(line)s first): their names, addresses, phones, "
        "companies and notes are not taken, since other rows of these people say them otherwise. Correct them on the "
        "lead's page.",
        "count",
    ),
    "rounded_id": ngettext_lazy(
        "%(count)s id was rounded by a spreadsheet (line %(line)s) and is not used: other rows would get the same one.",
        "%(count)s ids were rounded by a spreadsheet (line %(line)s first) and are not used: other rows would get the "
        "same ones.",
        "count",
    ),
    "lacking_kept": ngettext_lazy(
        "%(count)s cell or amount that is not in the file is kept: somebody changed it since, or its week is "
        "submitted.",
        "%(count)s cells or amounts that are not in the file are kept: somebody changed them since, or their weeks are "
        "submitted.",
        "count",
    ),
    "note_kept": ngettext_lazy(
        "%(count)s note is another one in the file (line %(line)s), and somebody changed it here since: it is kept.",
        "%(count)s notes are others in the file (line %(line)s first), and somebody changed them here since: they are "
        "kept.",
        "count",
    ),
    "total_row": ngettext_lazy(
        "%(count)s row is a total and is skipped: line %(lines)s.",
        "%(count)s rows are totals and are skipped: lines %(lines)s.",
        "count",
    ),
    "group_row": ngettext_lazy(
        "%(count)s row names a group or is a footnote, and is skipped: line %(lines)s.",
        "%(count)s rows name groups or are footnotes, and are skipped: lines %(lines)s.",
        "count",
    ),
    "header_row": ngettext_lazy(
        "%(count)s row repeats the names of the columns and is skipped: line %(lines)s.",
        "%(count)s rows repeat the names of the columns and are skipped: lines %(lines)s.",
        "count",
    ),
    "left_out_line": ngettext_lazy(
        "%(count)s row is left out, as you said: line %(lines)s%(sum)s.",
        "%(count)s rows are left out, as you said: lines %(lines)s%(sum)s.",
        "count",
    ),
    "left_out": ngettext_lazy(
        "%(count)s row is left out, because you chose to leave out its name.",
        "%(count)s rows are left out, because you chose to leave out their names.",
        "count",
    ),
    "zero_hours": ngettext_lazy(
        "%(count)s row has no hours and is skipped (line %(line)s).",
        "%(count)s rows have no hours and are skipped (line %(line)s first).",
        "count",
    ),
    "zero_spend": ngettext_lazy(
        "%(count)s row has an amount of 0 and is skipped (line %(line)s).",
        "%(count)s rows have an amount of 0 and are skipped (line %(line)s first).",
        "count",
    ),
    "over_midnight": ngettext_lazy(
        "%(count)s entry goes over midnight and counts on both days (line %(line)s).",
        "%(count)s entries go over midnight and count on both days (line %(line)s first).",
        "count",
    ),
    "long_entry_open": ngettext_lazy(
        "%(count)s entry is longer than 16 hours, perhaps a forgotten timer, and is left out until you say what to do "
        "with it: line %(lines)s%(sum)s.",
        "%(count)s entries are longer than 16 hours, perhaps forgotten timers, and are left out until you say what to "
        "do with them: lines %(lines)s%(sum)s.",
        "count",
    ),
    "long_entry_split": ngettext_lazy(
        "%(count)s entry longer than 16 hours counts on each of its days: line %(lines)s%(sum)s.",
        "%(count)s entries longer than 16 hours count on each of their days: lines %(lines)s%(sum)s.",
        "count",
    ),
    "long_entry_cut": ngettext_lazy(
        "%(count)s entry longer than 16 hours counts up to midnight only: line %(lines)s, written as%(sum)s.",
        "%(count)s entries longer than 16 hours count up to midnight only: lines %(lines)s, written as%(sum)s.",
        "count",
    ),
    "long_entry_leave_out": ngettext_lazy(
        "%(count)s entry longer than 16 hours is left out: line %(lines)s%(sum)s.",
        "%(count)s entries longer than 16 hours are left out: lines %(lines)s%(sum)s.",
        "count",
    ),
    "long_day_cut": ngettext_lazy(
        "%(count)s day of more than 24 hours is cut to 24: from line %(lines)s, less%(sum)s.",
        "%(count)s days of more than 24 hours are cut to 24: from lines %(lines)s, less%(sum)s.",
        "count",
    ),
    "long_day_spread": ngettext_lazy(
        "%(count)s day of more than 24 hours is spread evenly over the working days of its week: from line "
        "%(lines)s%(sum)s.",
        "%(count)s days of more than 24 hours are spread evenly over the working days of their weeks: from lines "
        "%(lines)s%(sum)s.",
        "count",
    ),
    "long_day_leave_out": ngettext_lazy(
        "%(count)s day of more than 24 hours is left out: from line %(lines)s%(sum)s.",
        "%(count)s days of more than 24 hours are left out: from lines %(lines)s%(sum)s.",
        "count",
    ),
    "credit": ngettext_lazy(
        "%(count)s row is a credit, which is taken off what was spent (line %(line)s).",
        "%(count)s rows are credits, which are taken off what was spent (line %(line)s first).",
        "count",
    ),
    "rounded": ngettext_lazy(
        "%(count)s amount has more than two decimals and is rounded to the cent (line %(line)s).",
        "%(count)s amounts have more than two decimals and are rounded to the cent (line %(line)s first).",
        "count",
    ),
    "won_without_amount": ngettext_lazy(
        "%(count)s won deal has no amount and is left out: line %(lines)s.",
        "%(count)s won deals have no amount and are left out: lines %(lines)s.",
        "count",
    ),
    "zero_sale": ngettext_lazy(
        "%(count)s sale has an amount of 0 (line %(line)s): it counts as a sale only.",
        "%(count)s sales have an amount of 0 (line %(line)s first): they count as sales only.",
        "count",
    ),
    "big_sale": ngettext_lazy(
        "%(count)s sale is more than 50 times the median sale of the file (line %(line)s: %(value)s). "
        "Check it: one such sale can decide a verdict.",
        "%(count)s sales are more than 50 times the median sale of the file (line %(line)s: %(value)s). "
        "Check them: one such sale can decide a verdict.",
        "count",
    ),
    "before_joining": ngettext_lazy(
        "%(count)s row is dated before its person joined (line %(line)s).",
        "%(count)s rows are dated before their person joined (line %(line)s first).",
        "count",
    ),
    "before_lead": ngettext_lazy(
        "%(count)s sale is dated before its lead came in (line %(line)s).",
        "%(count)s sales are dated before their lead came in (line %(line)s first).",
        "count",
    ),
    "in_future": ngettext_lazy(
        "%(count)s row is dated in the future (line %(line)s).",
        "%(count)s rows are dated in the future (line %(line)s first).",
        "count",
    ),
    "no_origin": ngettext_lazy(
        "%(count)s lead has no origin (line %(line)s): what it brings will count as Unattributed.",
        "%(count)s leads have no origin (line %(line)s first): what they bring will count as Unattributed.",
        "count",
    ),
    "no_platform": ngettext_lazy(
        "%(count)s row has a name that you chose to leave without a platform (line %(line)s).",
        "%(count)s rows have a name that you chose to leave without a platform (line %(line)s first).",
        "count",
    ),
    "unlinked": ngettext_lazy(
        "%(count)s sale matches no known lead (line %(line)s) and is imported without one.",
        "%(count)s sales match no known lead (line %(line)s first) and are imported without one.",
        "count",
    ),
    "no_reason": ngettext_lazy(
        "%(count)s lead is disqualified without a reason (line %(line)s): it counts as wrong fit.",
        "%(count)s leads are disqualified without a reason (line %(line)s first): they count as wrong fit.",
        "count",
    ),
    "from_nowhere": ngettext_lazy(
        "%(count)s row counts visits without a source (direct, not set) and is left out: line %(line)s.",
        "%(count)s rows count visits without a source (direct, not set) and are left out: line %(line)s first.",
        "count",
    ),
    "campaign_unknown": ngettext_lazy(
        "%(count)s touchpoint names an unknown campaign (line %(line)s) and is imported without one.",
        "%(count)s touchpoints name an unknown campaign (line %(line)s first) and are imported without one.",
        "count",
    ),
    "repeated": ngettext_lazy(
        "%(count)s row repeats an earlier one with the same id and counts once (line %(line)s).",
        "%(count)s rows repeat an earlier one with the same id and count once (line %(line)s first).",
        "count",
    ),
    "overlap": ngettext_lazy(
        "%(count)s row overlaps in time with another of the same person (line %(line)s). It counts as logged.",
        "%(count)s rows overlap in time with another of the same person (line %(line)s first). They count as logged.",
        "count",
    ),
    "cell_held": ngettext_lazy(
        "%(count)s cell already has hours (line %(line)s): the hours of the file are added to it.",
        "%(count)s cells already have hours (line %(line)s first): the hours of the file are added to them.",
        "count",
    ),
    "cell_replaced": ngettext_lazy(
        "%(count)s cell already has other hours (line %(line)s): those of the file replace them.",
        "%(count)s cells already have other hours (line %(line)s first): those of the file replace them.",
        "count",
    ),
    "under_a_minute": ngettext_lazy(
        "%(count)s cell comes to less than half a minute and is left out (line %(line)s).",
        "%(count)s cells come to less than half a minute and are left out (line %(line)s first).",
        "count",
    ),
}

# About the file as a whole.
FILE_REMARKS: Mapping[str, Any] = {
    "unread": "",
    "header_line": ngettext_lazy(
        "The columns are named in line %(line)s; %(count)s line above it is not read.",
        "The columns are named in line %(line)s; %(count)s lines above it are not read.",
        "count",
    ),
    "period_above": gettext_lazy(
        "No column holds the days. The period above the columns, %(first)s to %(last)s, is that of every row."
    ),
    "period_of_rows": gettext_lazy(
        "Every row begins on %(first)s, the first day of the period above the columns: its amount is of %(first)s to "
        "%(last)s. To have it by day, export the file by day."
    ),
    "period_of_weeks": gettext_lazy(
        "No column holds the days, and the file is of %(first)s to %(last)s: what is counted by weeks takes a file of "
        "one week, Monday to Sunday, or one with a column of dates."
    ),
    "hidden_rows": ngettext_lazy(
        "%(count)s row is hidden in the sheet, by a filter perhaps, and is read all the same.",
        "%(count)s rows are hidden in the sheet, by a filter perhaps, and are read all the same.",
        "count",
    ),
    "empty_formulas": ngettext_lazy(
        "%(count)s cell holds a formula without its value and is read as empty: save the workbook in a spreadsheet "
        "first.",
        "%(count)s cells hold formulas without their values and are read as empty: save the workbook in a spreadsheet "
        "first.",
        "count",
    ),
    "encoding": gettext_lazy(
        "The file was read as Windows-1252, but words such as “%(value)s” look wrong. Check the names, or export the "
        "file as UTF-8."
    ),
    "half_swapped": gettext_lazy(
        "In column “%(value)s” the days up to the 12th are written in another way than later ones. A spreadsheet may "
        "have taken their day for the month: check some of them."
    ),
}

UNREAD: Mapping[str, Any] = {
    "columns": ngettext_lazy("the column %(names)s", "the columns %(names)s", "count"),
    "tags": ngettext_lazy("the tag %(names)s", "the tags %(names)s", "count"),
    "sheets": ngettext_lazy("the sheet %(names)s", "the sheets %(names)s", "count"),
}


@dataclass
class Remarks:
    """Counts oddities by code, with the line of the first and what it holds."""

    counted: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, code: str, line: int = 0, value: str = "") -> None:
        remark = self.counted.setdefault(code, {"code": code, "count": 0, "line": line, "value": value})
        remark["count"] += 1

    def set_aside(self, code: str, line: int, sums: Mapping[str, int]) -> None:
        """Count a row that is not read, with its line and what it comes to; one that holds several counts, once."""
        if not sums and self.counted.get(code, {}).get("last") == line:
            return
        self.note(code, line)
        remark = self.counted[code]
        remark["last"] = line
        lines = remark.setdefault("lines", [])
        if len(lines) < MOST_LISTED:
            lines.append(line)
        for unit, number in sums.items():
            remark[unit] = remark.get(unit, 0) + number

    def as_json(self) -> list[dict[str, Any]]:
        return list(self.counted.values())


# What a map may say about them; not translated, since it is to be typed as it stands.
MAP_LINES_OF_REMARKS: Mapping[str, str] = {
    "long_entry_open": "option,split,long_entries / option,cut,long_entries / option,leave_out,long_entries",
}


def sentences(remarks: Sequence[Mapping[str, Any]], *, with_map: bool = False) -> list[str]:
    """Say each remark; `with_map` says also how a map answers it."""
    known = [remark for remark in remarks if remark["code"] in REMARKS or remark["code"] in FILE_REMARKS]
    return [_sentence(remark) + (_map_hint(remark["code"]) if with_map else "") for remark in known]


def _map_hint(code: str) -> str:
    lines = MAP_LINES_OF_REMARKS.get(code)
    return " " + _("In a map: %(line)s.") % {"line": lines} if lines else ""


def _sentence(remark: Mapping[str, Any]) -> str:
    code = remark["code"]
    if code == "unread":
        return _("Nothing looks at %(listed)s.") % {"listed": "; ".join(_unread(remark))}
    lines = remark.get("lines", [remark.get("line", 0)])
    listed = ", ".join(map(line_label, lines)) + ("…" if remark["count"] > len(lines) else "")
    values = {**remark, "line": line_label(remark.get("line", 0)), "lines": listed, "sum": _sum(remark)}
    return str((FILE_REMARKS.get(code) or REMARKS[code]) % values)


def _sum(remark: Mapping[str, Any]) -> str:
    """What the rows of a remark come to, in brackets; empty when they come to nothing that can be added up."""
    if seconds := remark.get("seconds"):
        return _(" (%(hours)s hours)") % {"hours": format_number(seconds / 3600, digits=2)}
    return f" ({format_money(remark['cents'])})" if remark.get("cents") else ""


def _unread(remark: Mapping[str, Any]) -> Iterator[str]:
    """What of a file no field holds: each kind of it with its names."""
    for kind, sentence in UNREAD.items():
        if names := remark.get(kind):
            more = "…" if len(names) > MOST_LISTED else ""
            listed = ", ".join(f"“{cut_short(name)}”" for name in names[:MOST_LISTED]) + more
            yield str(sentence % {"names": listed, "count": len(names)})


def cut_short(value: Any) -> Any:
    """A text as long as a sentence takes it; other values as they are."""
    return f"{value[: LONGEST_SHOWN - 1]}…" if isinstance(value, str) and len(value) > LONGEST_SHOWN else value
