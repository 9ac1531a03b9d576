"""The weekly e-mails of the last weeks, as if each had been sent on its Monday; nobody is sent anything."""

from django.db import models

from operations.demo.plan import Plan, at
from reports.models import SummaryDelivery
from reports.weekly_email import delivery

SENT_WEEKS = 5
SENDING_HOUR = 8


def write(plan: Plan) -> None:
    """Decide the weeks whose Monday has come, each at its hour, and mark them as sent."""
    for back in range(SENT_WEEKS, -1, -1):
        week = plan.ago(back)
        due = at(week.next.monday, SENDING_HOUR)
        if due.date() < plan.today:
            delivery.decide(week, at=due)
    SummaryDelivery.objects.filter(state=SummaryDelivery.State.WAITING).update(
        state=SummaryDelivery.State.SENT, attempts=1, sent_at=models.F("next_attempt_at")
    )
