"""What is wrong with a file or with one of its rows: data first, and sentences in this one place."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.imports.files.file_errors import FileError
from campaigns.imports.files.file_reader import line_label
from campaigns.imports.files.workbook_reader import MAX_EXPANSION, MAX_UNPACKED_BYTES

_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class RowError:
    """One value that stops an import: where it stands, what was read, and what would be right.

    ``column`` is the header as the file writes it, empty when the whole row is meant. ``code`` is a key of
    ``PROBLEMS``, ``params`` fill its sentence (all texts; ``value`` is what was read). ``right`` is a text to write
    instead, when the checker knows one better than the code's own advice.
    """

    line: int
    column: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    right: str = ""

    @classmethod
    def of_value(cls, line: int, column: str, value: str, code: str, *, right: str = "", **params: str) -> Self:
        """Return the error of one cell; an empty cell is always reported as missing."""
        return cls(line, column, code if value else "missing_value", {"value": shown(value), **params}, right)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "params": dict(self.params)}

    def __str__(self) -> str:
        return f"{self.where()} {self.problem()} {self.advice()}".rstrip()

    def where(self) -> str:
        if not self.column:
            return _("Line %(line)s:") % {"line": self.line_label}
        return _("Line %(line)s, column “%(column)s”:") % {"line": self.line_label, "column": shown(self.column)}

    @property
    def line_label(self) -> str:
        return line_label(self.line)

    def problem(self) -> str:
        """Say what was read and what is wrong with it."""
        return str(PROBLEMS[self.code][0]) % {"value": "", **self.params}

    def advice(self) -> str:
        """Say what would be right."""
        if self.right:
            return _("If you mean %(right)s, write %(right)s.") % {"right": self.right}
        return str(PROBLEMS[self.code][1]) % {"value": "", **self.params}


def shown(value: str) -> str:
    """Return a text short and plain enough to stand in a sentence."""
    plain = "".join(character if character.isprintable() else "�" for character in value)
    return plain if len(plain) <= _LONGEST_SHOWN else f"{plain[: _LONGEST_SHOWN - 1]}…"


def describe_file_error(error: FileError) -> str:
    """Say in a sentence why a file cannot be read and what to do."""
    sentence = str(FILE_PROBLEMS[error.code]) % {
        "mebibytes": MAX_UNPACKED_BYTES // 1024**2,
        "times": MAX_EXPANSION,
    }
    if error.line is None:
        return sentence
    return _("Line %(line)s: %(sentence)s") % {"line": line_label(error.line), "sentence": sentence}


_ISO_DAY = gettext_lazy("Write the day as 2026-03-02.")
_NUMBER = gettext_lazy("Write it as 1234.56, with no more than two decimals.")

# code: what is wrong, what would be right
PROBLEMS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    # the row
    "missing_value": (
        gettext_lazy("this cell is empty."),
        gettext_lazy("Fill it in, or remove the row."),
    ),
    "surplus_cells": (
        gettext_lazy("the row has more values than the header has columns."),
        gettext_lazy("Put values that contain the separator, such as 1,5, between double quotes."),
    ),
    "repeated_id": (
        gettext_lazy("line %(other_line)s has “%(value)s” too, with different values."),
        gettext_lazy("Use each id only once."),
    ),
    "id_of_another": (
        gettext_lazy("“%(value)s” is the id of another lead already."),
        gettext_lazy(
            "Numbers that start anew in each file are no ids: say that the external id is not in this file (in a map: "
            "column,,external_id)."
        ),
    ),
    "too_long": (
        gettext_lazy("“%(value)s” is too long."),
        gettext_lazy("The limit is %(most)s characters."),
    ),
    # durations
    "not_a_duration": (
        gettext_lazy("“%(value)s” is not a duration."),
        gettext_lazy("Write 1:30, 1.5 or 90m."),
    ),
    "minutes_over_59": (
        gettext_lazy("“%(value)s” has more than 59 minutes after the colon."),
        gettext_lazy("Write 1:30, 1.5 or 90m."),
    ),
    "seconds_over_59": (
        gettext_lazy("“%(value)s” has more than 59 seconds."),
        gettext_lazy("Write 01:30:00, 1:30 or 1.5."),
    ),
    "negative": (
        gettext_lazy("“%(value)s” is negative."),
        gettext_lazy("Hours cannot be negative. To take hours back, correct the original row."),
    ),
    "end_before_start": (
        gettext_lazy("“%(value)s” is before the start, %(start)s."),
        gettext_lazy("Correct the start or the end, or write how long it took in a column of its own."),
    ),
    "over_a_day": (
        gettext_lazy("“%(value)s” is more than 24 hours."),
        gettext_lazy("A number without a unit is hours: write 90 minutes as 1:30 or 90m."),
    ),
    "longer_than_a_day": (
        gettext_lazy("“%(value)s” is more than 24 hours."),
        gettext_lazy("A day has 24 hours: write what of it was on this day, or leave the line out."),
    ),
    "day_over_24_hours": (
        gettext_lazy("this row brings %(person)s to %(hours)s hours on %(day)s."),
        gettext_lazy(
            "A day has 24 hours. Where the file alone has more, say below whether such days are cut, spread over their "
            "week or left out (in a map: option,cut,long_days, option,spread,long_days or option,leave_out,long_days), "
            "or leave single lines out."
        ),
    ),
    "week_submitted": (
        gettext_lazy("%(person)s has already submitted week %(week)s."),
        gettext_lazy("Reopen that week first, or remove the row."),
    ),
    "not_your_hours": (
        gettext_lazy("this row is for “%(value)s”, not for you."),
        gettext_lazy(
            "You can import only your own hours here: remove the other rows. If this is another name of yours, "
            "a director can add it."
        ),
    ),
    # numbers
    "not_a_number": (gettext_lazy("“%(value)s” is not a number."), _NUMBER),
    "ambiguous_number": (
        gettext_lazy("“%(value)s” can be read in two ways."),
        gettext_lazy("Say whether the comma or the point is the decimal sign of this column."),
    ),
    "too_precise": (gettext_lazy("“%(value)s” has more than two decimals."), _NUMBER),
    "too_large": (
        gettext_lazy("“%(value)s” is too large."),
        gettext_lazy("Check the decimal sign: write amounts like 1234.56."),
    ),
    "partly_refunded": (
        gettext_lazy("part of this sale was given back, but the row does not say how much."),
        gettext_lazy("Name the column that holds the amount given back, or leave the row out."),
    ),
    "positive_refund": (
        gettext_lazy("“%(value)s” is a refund, but its amount is not negative."),
        gettext_lazy("Write a refund with a minus sign."),
    ),
    "overlap_in_file": (
        gettext_lazy(
            "This row is about %(period)s, and line %(other_line)s about %(other)s: some days would count twice."
        ),
        gettext_lazy("Export the campaign by day, or with periods that do not overlap."),
    ),
    "overlap_of_periods": (
        gettext_lazy(
            "“%(value)s” has %(period)s here, and %(other)s in “%(file)s”, which is imported: some days would count "
            "twice."
        ),
        gettext_lazy("Export it with the same periods and accounts as before, or undo the earlier import."),
    ),
    "overlap_of_levels": (
        gettext_lazy(
            "“%(value)s” is broken down by %(level)s here, and by %(other_level)s in “%(file)s”, which is imported "
            "(%(other)s): its amount would count twice."
        ),
        gettext_lazy("Export it broken down as before, or undo the earlier import."),
    ),
    "over_refund": (
        gettext_lazy("“%(value)s” is more than what is left to refund of the sale (%(left)s)."),
        gettext_lazy("Together, refunds cannot exceed the amount of the sale."),
    ),
    "under_refunds": (
        gettext_lazy("“%(value)s” is less than what has been refunded of this sale (%(refunded)s)."),
        gettext_lazy("Correct the amount, or put the corrected refunds into the same file."),
    ),
    "sale_after_refund": (
        gettext_lazy("“%(value)s” is later than a refund of this sale (%(refunded_on)s)."),
        gettext_lazy("A sale comes before its refunds."),
    ),
    "was_a_refund": (
        gettext_lazy("“%(value)s” is already recorded as a refund, but this row does not say which sale it refunds."),
        gettext_lazy("Name the refunded sale, or give this sale another id."),
    ),
    "was_refunded": (
        gettext_lazy("“%(value)s” is already recorded as a sale that was refunded."),
        gettext_lazy("Give the refund an id of its own."),
    ),
    "refund_of_refund": (
        gettext_lazy("“%(value)s” is itself a refund."),
        gettext_lazy("Name the sale that was refunded."),
    ),
    "refund_before_sale": (
        gettext_lazy("“%(value)s” is earlier than the sale it refunds (%(sold_on)s)."),
        gettext_lazy("A refund comes after its sale."),
    ),
    "other_currency": (
        gettext_lazy("the amount is marked “%(value)s”, which is not %(currency)s and can be several currencies."),
        gettext_lazy(
            "Say which: in a column named currency, or the same for all rows (in a map: constant,USD,currency)."
        ),
    ),
    "no_rate": (
        gettext_lazy(
            "the amount is in %(currency)s, and there is no rate for %(day)s, nor for the seven days before it."
        ),
        gettext_lazy("Enter one under Exchange rates, then check the file again, or leave the line out."),
    ),
    "not_a_count": (
        gettext_lazy("“%(value)s” is not a whole number, 0 or more."),
        gettext_lazy("Write a number like 0, 12 or 1200."),
    ),
    # days and times
    "not_a_week": (
        gettext_lazy("“%(value)s” is not a week."),
        gettext_lazy("Write the week as 2026-W47, or the day in a column named date."),
    ),
    "not_a_date": (gettext_lazy("“%(value)s” is not a day."), _ISO_DAY),
    "a_period": (
        gettext_lazy("“%(value)s” is a period, not one day."),
        gettext_lazy("Write one day as 2026-03-02; a first and a last day stand in two columns."),
    ),
    "not_a_time": (
        gettext_lazy("“%(value)s” is not a time of day."),
        gettext_lazy("Write the time as 09:14 or 9:14 AM."),
    ),
    "two_digit_year": (gettext_lazy("“%(value)s” has a two-digit year."), _ISO_DAY),
    "year_out_of_range": (gettext_lazy("the year in “%(value)s” looks wrong."), _ISO_DAY),
    "no_such_day": (gettext_lazy("“%(value)s” does not exist in the calendar."), _ISO_DAY),
    "ambiguous_date": (
        gettext_lazy("“%(value)s” could be day and month, or month and day."),
        gettext_lazy("Say which comes first in this column, or write the day as 2026-03-02."),
    ),
    "not_in_order": (
        gettext_lazy("“%(value)s” has day and month in a different order from the rest of the column."),
        _ISO_DAY,
    ),
    "dates_reversed": (
        gettext_lazy("the last day, “%(value)s”, is before the first day, %(first)s."),
        gettext_lazy("Swap the two days."),
    ),
    "not_employed": (
        gettext_lazy("%(person)s had already left by %(value)s."),
        gettext_lazy("Check this day, or the day this person left."),
    ),
    # what they point at
    "unknown_person": (
        gettext_lazy("nobody is called “%(value)s”."),
        gettext_lazy("Choose who that is, or add this person."),
    ),
    "unclear_person": (
        gettext_lazy("more than one person is called “%(value)s”."),
        gettext_lazy("Choose who is meant, or export with e-mail addresses."),
    ),
    "unknown_platform": (
        gettext_lazy("there is no platform “%(value)s”."),
        gettext_lazy("Choose which platform that is, or create it."),
    ),
    "unknown_campaign": (
        gettext_lazy("there is no campaign “%(value)s”."),
        gettext_lazy("Choose which campaign that is, or create it."),
    ),
    "unknown_lead": (
        gettext_lazy("there is no lead “%(value)s”."),
        gettext_lazy("Import the leads first, or leave the cell empty."),
    ),
    "touch_of_nobody": (
        gettext_lazy("there is no lead “%(value)s”."),
        gettext_lazy("Import the leads first, or remove the row."),
    ),
    "unclear_lead": (
        gettext_lazy("more than one lead is called “%(value)s”."),
        gettext_lazy("Give the lead's id."),
    ),
    "unknown_sale": (
        gettext_lazy("there is no sale “%(value)s”."),
        gettext_lazy("Give the external id of a sale that is already here or in this file."),
    ),
    "unknown_status": (
        gettext_lazy("“%(value)s” is not a status."),
        gettext_lazy("Write one of: %(choices)s."),
    ),
    "unknown_reason": (
        gettext_lazy("“%(value)s” is not a reason for disqualifying."),
        gettext_lazy("Write one of: %(choices)s."),
    ),
    "reason_missing": (
        gettext_lazy("a disqualified lead needs a reason."),
        gettext_lazy("Write one of: %(choices)s."),
    ),
    "not_an_email": (
        gettext_lazy("“%(value)s” is not an e-mail address."),
        gettext_lazy("Write it as name@example.com."),
    ),
}

FILE_PROBLEMS: Mapping[str, str | Promise] = {
    "empty": gettext_lazy("The file is empty: its first line must name the columns."),
    "not_text": gettext_lazy("This is not a text file. Export the rows as CSV (UTF-8) or XLSX."),
    "old_excel": gettext_lazy(
        "This is an old Excel file (.xls) or one with a password. Save it as XLSX without a password, or as CSV."
    ),
    "not_a_workbook": gettext_lazy("This is an archive, but not an Excel workbook. Save the rows as XLSX or CSV."),
    "damaged_workbook": gettext_lazy("The workbook is damaged. Open it in a spreadsheet and save it again as XLSX."),
    "unpacks_too_big": gettext_lazy(
        "The workbook unpacks to more than %(mebibytes)s MiB. Save the rows as CSV, or split them."
    ),
    "expands_too_much": gettext_lazy(
        "The workbook expands more than %(times)s times when it is unpacked. Save the rows as CSV."
    ),
    "no_rows": gettext_lazy("There are no rows under the header."),
    "broken_quotes": gettext_lazy(
        "A quotation mark in this row is never closed, or is not doubled within a value. Export the file again."
    ),
    "cell_too_long": gettext_lazy(
        "A cell in this row is longer than 131,072 characters. Perhaps a quotation mark is opened and never closed."
    ),
    "line_too_long": gettext_lazy("This line is too long to be a row. Export the file as CSV again."),
    "too_many_columns": gettext_lazy("The header has too many columns. Keep only those with values."),
}
