"""What the database guards about hours. core/triggers.py says how."""

from campaigns.triggers import logging, mark_cells, marking
from core.triggers import Installable, Trigger, raising

DAY_IS_FULL = (
    "(SELECT COALESCE(SUM(minutes), 0) FROM timesheets_timeentry "
    "WHERE member_id = NEW.member_id AND day = NEW.day) > 1440"
)
TOO_FULL = "A day has 24 hours."
# Once for a statement, whose rows may be of many members. The sums are only right when nobody else adds to the same
# days meanwhile: so the members are locked first, in the order of their keys, and a later statement reads the sums,
# which sees what those wrote who held the locks before.
MEMBERS = "ARRAY(SELECT DISTINCT member_id FROM new_rows)"
LOCK_MEMBERS = f"PERFORM 1 FROM timesheets_user WHERE id = ANY ({MEMBERS}) ORDER BY id FOR NO KEY UPDATE;"
A_DAY_IS_FULL = (
    "EXISTS (SELECT 1 FROM (SELECT DISTINCT member_id, day FROM new_rows) AS changed "
    "WHERE (SELECT SUM(minutes) FROM timesheets_timeentry "
    "WHERE member_id = changed.member_id AND day = changed.day) > 1440)"
)

SUM_TRIGGERS = [
    Trigger(
        name=f"day_holds_24_hours_{event.lower()}",
        table="timesheets_timeentry",
        event=event,
        when=DAY_IS_FULL,
        refuse=TOO_FULL,
        for_statement=f"{LOCK_MEMBERS} IF {A_DAY_IS_FULL} THEN {raising(TOO_FULL)} END IF;",
    )
    for event in ("INSERT", "UPDATE")
]

# Never `hourly_cents`: nobody may be able to tell that what an hour costs was changed, or when.
SHOWN = ("member_id", "day", "platform_id", "campaign_id", "minutes", "note", "version")

SHOWN_OF_WEEKS = (
    *("member_id", "week", "submitted_at", "submitted_through", "approved_at", "approved_through", "approved_by_id"),
    "reopen_reason",
)

TRIGGERS: list[Installable] = [
    *marking("timesheets_timeentry", mark_cells("week", "week", costs=True)),
    *logging("hours", "timesheets_timeentry", SHOWN, owner="{row}.member_id"),
    *logging("week", "timesheets_timesheet", SHOWN_OF_WEEKS, owner="{row}.member_id"),
    *logging(
        "absence", "timesheets_absence", ("member_id", "first_day", "last_day", "is_half"), owner="{row}.member_id"
    ),
    *SUM_TRIGGERS,
]
