"""A block pasted from a spreadsheet: what each of its values would become, before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from timesheets import durations, hours
from timesheets.models import User


@dataclass(frozen=True, slots=True)
class PastedValue:
    """One value and the cell it goes to; `text` is as it stands in the block."""

    cell: hours.HoursCell
    text: str


@dataclass(frozen=True, slots=True)
class PastedReading:
    """What saving a value would do: leave these minutes in its cell, or be refused for this reason."""

    minutes: int = 0
    problem: durations.DurationError | hours.HoursRefused | None = None


def readings(*, member: User, values: Sequence[PastedValue]) -> list[PastedReading]:
    """Save them all, one after the other as the page will, see what comes of it, and undo it: nothing is written.

    So a preview refuses what a save refuses: a day that was submitted, or one that its own values fill to more than 24
    hours.
    """
    with transaction.atomic():
        tried = [_tried(member, value) for value in values]
        transaction.set_rollback(True)
    return tried


def _tried(member: User, value: PastedValue) -> PastedReading:
    try:
        return PastedReading(hours.log(member=member, cell=value.cell, minutes=durations.parse(value.text)).minutes)
    except (durations.DurationError, hours.HoursRefused) as problem:
        return PastedReading(problem=problem)
