"""What a file may do to the days of people: nobody works after they left, nor more than 24 hours on one day."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from campaigns.imports.errors import RowError
from campaigns.imports.importers.base import ImportContext, PlannedChange
from timesheets import durations
from timesheets.imports.cells import NO_START, Logged
from timesheets.imports.existing_entries import day_sums
from timesheets.imports.people import People
from timesheets.imports.writing import growth_of
from timesheets.models import MINUTES_IN_A_DAY


def check_employed(context: ImportContext, people: People, changes: Sequence[PlannedChange]) -> None:
    """Who has left logs no more hours; the day somebody joined may be that of their account, and is only said."""
    column = context.layout.column("day")
    for change in changes:
        member, day = change.record.key[:2]
        joined_on, left_on = people.there.get(member, (date.min, None))
        if change.action == "same" or (change.was and growth_of(change) <= 0):
            continue
        if left_on and day > left_on:
            line, who = change.record.line, change.record.who
            context.errors.append(RowError.of_value(line, column, day.isoformat(), "not_employed", person=who))
        elif day < joined_on:
            context.remarks.note("before_joining", change.record.line)


def check_days(context: ImportContext, changes: Sequence[PlannedChange]) -> None:
    """Nobody's day has more than 24 hours, what is there already included."""
    minutes_there = day_sums({change.record.key[:2] for change in changes if change.record.key[0] > 0})
    for (member, day), group in groupby(changes, key=lambda change: change.record.key[:2]):
        of_day = list(group)
        total = minutes_there.get((member, day), 0)
        for change in of_day:
            before = change.found.minutes if change.found else 0
            total += change.now.get("minutes", before) - before
        if total > MINUTES_IN_A_DAY:
            first = of_day[0].record
            hours = durations.format_clock(total)
            column = context.layout.column("duration")
            params = {"person": first.who, "day": day.isoformat(), "hours": hours}
            context.errors.append(RowError.of_value(first.line, column, hours, "day_over_24_hours", **params))
        _note_overlaps(context, [row for change in of_day for row in change.record.logged])


def _note_overlaps(context: ImportContext, logged: Sequence[Logged]) -> None:
    timed = sorted((row for row in logged if row.start != NO_START), key=lambda row: (row.start, row.line))
    until = 0
    for row in timed:
        if row.start < until:
            context.remarks.note("overlap", row.line)
        until = max(until, row.start + row.seconds)
