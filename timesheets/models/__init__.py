"""People, what their hours cost, the hours they log, and the weeks they submit."""

from timesheets.models.absences import Absence
from timesheets.models.entries import CostRate, TimeEntry, rate_on, restamp, stamp
from timesheets.models.people import (
    JOIN_DAY_UNKNOWN,
    MINUTES_IN_A_DAY,
    PersonAlias,
    PersonErasure,
    User,
    lock_member,
    lock_members,
)
from timesheets.models.sessions import Session
from timesheets.models.setup import SetupToken
from timesheets.models.timesheets import PinnedRow, Reminder, Timer, Timesheet, TimesheetRow

__all__ = [
    "JOIN_DAY_UNKNOWN",
    "MINUTES_IN_A_DAY",
    "Absence",
    "CostRate",
    "PersonAlias",
    "PersonErasure",
    "PinnedRow",
    "Reminder",
    "Session",
    "SetupToken",
    "TimeEntry",
    "Timer",
    "Timesheet",
    "TimesheetRow",
    "User",
    "lock_member",
    "lock_members",
    "rate_on",
    "restamp",
    "stamp",
]
