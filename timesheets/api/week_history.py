"""What was done to a person's week: who submitted, approved and reopened it, and who was reminded."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from campaigns.api.history import HistoryStepOut, show_steps
from core.access import STEERING
from core.api.access import READ, BearerToken
from core.api.paging import Number
from core.history import steps_of
from timesheets.api.asked import person_of, week_at
from timesheets.models import Reminder, Timesheet


class ReminderOut(Schema):
    """An e-mail about the week; `asked_by` is null where nobody asked for it."""

    due_at: datetime
    kind: str
    state: str
    asked_by: int | None


class WeekHistoryOut(Schema):
    """Steps with the newest first, at most 50; of a week that nobody has touched none."""

    steps: list[HistoryStepOut]
    reminders: list[ReminderOut]


router = Router(tags=["History"])


@router.get(
    "/people/{int:pk}/weeks/{week}/history",
    response=WeekHistoryOut,
    auth=BearerToken(f"hours:{READ}", STEERING),
    url_name="person_week_history",
    summary="History of a person's week",
)
def read_week_history(request: HttpRequest, pk: Number, week: str) -> Any:
    """Who changed what of it when, and when its person was reminded."""
    person, monday = person_of(pk), week_at(week).monday
    sheet = Timesheet.objects.filter(member=person, week=monday).first()
    sent = Reminder.objects.filter(member=person, week=monday)
    return WeekHistoryOut(
        steps=show_steps(steps_of(sheet)) if sheet else [],
        reminders=[
            ReminderOut(due_at=row.due_at, kind=row.kind, state=row.state, asked_by=row.asked_by_id) for row in sent
        ],
    )
