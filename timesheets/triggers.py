"""What the database guards about hours. core/triggers.py says how."""

from campaigns.triggers import logging, mark_cells, marking
from core.triggers import Installable, Trigger

DAY_IS_FULL = (
    "(SELECT COALESCE(SUM(minutes), 0) FROM timesheets_timeentry "
    "WHERE member_id = NEW.member_id AND day = NEW.day) > 1440"
)
# The sum is only right when nobody else adds to the same day meanwhile.
LOCK_MEMBER = "PERFORM 1 FROM timesheets_user WHERE id = NEW.member_id FOR NO KEY UPDATE;"

SUM_TRIGGERS = [
    Trigger(
        name=f"day_holds_24_hours_{event.lower()}",
        table="timesheets_timeentry",
        event=event,
        when=DAY_IS_FULL,
        refuse="A day has 24 hours.",
        postgres_first=LOCK_MEMBER,
    )
    for event in ("INSERT", "UPDATE")
]

# Never `hourly_cents`: nobody may be able to tell that what an hour costs was changed, or when.
SHOWN = ("member_id", "day", "platform_id", "campaign_id", "minutes", "note", "version")

TRIGGERS: list[Installable] = [
    *marking("timesheets_timeentry", mark_cells("week", "week", costs=True)),
    *logging("hours", "timesheets_timeentry", SHOWN, owner="{row}.member_id"),
    *SUM_TRIGGERS,
]
