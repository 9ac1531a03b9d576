"""What is submitted is closed to a file: who submitted it or a manager reopens it, or it is left out of the file."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from campaigns.imports.errors import RowError
from campaigns.imports.importers.base import ImportContext, PlannedChange
from core.weeks import Week
from timesheets.imports.existing_entries import closed_days


class SubmittedWeeks:
    """The weeks that are closed to the file of this context, with the seconds that it has for them."""

    def __init__(self, context: ImportContext) -> None:
        self.context = context
        self._seconds: Counter[tuple[str, str]] = Counter()

    @property
    def are_left_out(self) -> bool:
        return "submitted" in self.context.mapping.options

    def check(self, changes: Sequence[PlannedChange]) -> None:
        """Turn changes of closed days into errors, or into nothing where somebody said so."""
        changing = real(changes)
        closed = closed_days({change.record.key[:2] for change in changing})
        for change in changing if closed else ():
            member, day = change.record.key[:2]
            if (member, day) not in closed:
                continue
            week, who = str(Week.containing(day)), change.record.who
            self._seconds[who, week] += sum(row.seconds for row in change.record.logged)
            if self.are_left_out:
                change.action = "same"
                continue
            column, line = self.context.layout.column("day"), change.record.line
            error = RowError.of_value(line, column, day.isoformat(), "week_submitted", person=who, week=week)
            self.context.errors.append(error)

    def questions(self) -> list[dict[str, Any]]:
        """Whether to leave out the submitted weeks, all of them: none is ever forced open."""
        weeks = self.as_json()
        return [{"ask": "submitted", "weeks": weeks}] if weeks and not self.are_left_out else []

    def as_json(self) -> list[dict[str, Any]]:
        return [{"who": who, "week": week, "seconds": seconds} for (who, week), seconds in self._seconds.items()]


def real(changes: Iterable[PlannedChange]) -> list[PlannedChange]:
    """Those that change something."""
    return [change for change in changes if change.action != "same"]
