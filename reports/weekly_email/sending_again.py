"""Sending a summary again because a director asks: the stored copy, or one written anew (docs/adr/0005)."""

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Agency
from core import outbox
from core.weeks import Week
from reports.models import Subscriber, SummaryDelivery
from reports.weekly_email import content, delivery


def refusal(summary: SummaryDelivery, *, at: datetime) -> str | Promise:
    """Why this summary cannot be sent again now; empty when it can."""
    if summary.subscriber.unsubscribed_at:
        return _("%(subscriber)s has unsubscribed: nothing is sent.") % {"subscriber": summary.subscriber}
    if not delivery.may_read(summary.subscriber.email):
        return delivery.NOT_FOR_THEM
    if not summary.can_be_resent:
        return _("There is nothing to send again.")
    if summary.is_written_anew and Week(summary.week) > Agency.current().last_complete_week(at):
        return _("This week is not over yet: its summary can be written from Monday on.")
    return ""


def send_again(summary: SummaryDelivery, *, at: datetime, by: Any) -> SummaryDelivery | None:
    """Have it sent again and record who asked; return the copy that goes out, None when there is nothing to send.

    What failed or may be lost goes out as it is stored, in its own row. What an outage skipped or a wrong clock sent
    too early is written anew, and what was sent goes out a second time: a row of its own, and the earlier one stays.
    """
    if refusal(summary, at=at):
        return None
    if summary.is_written_anew:
        return _copy(summary, _written_anew(summary, at=at), at=at, by=by)
    if summary.state == SummaryDelivery.State.SENT:
        return _copy(summary, content.Letter(summary.subject, summary.text, summary.html), at=at, by=by)
    return summary if delivery.resend(summary, at=at, by=by) else None


def _written_anew(summary: SummaryDelivery, *, at: datetime) -> content.Letter:
    subscriber: Subscriber = summary.subscriber
    day = at.astimezone(Agency.current().zone).date()
    return content.write(
        content.look_back(Week(summary.week)),
        language=subscriber.language,
        unsubscribe_url=delivery.unsubscribe_url(subscriber),
        rewriting=content.Rewriting(day, was_early=summary.is_early),
        is_directors=delivery.is_director(subscriber.email),
    )


def _copy(summary: SummaryDelivery, letter: content.Letter, *, at: datetime, by: Any) -> SummaryDelivery | None:
    """The row of another copy; of two clicks one makes it."""
    row, is_new = SummaryDelivery.objects.get_or_create(
        replaces=summary,
        defaults={
            "subscriber": summary.subscriber,
            "week": summary.week,
            "next_attempt_at": at,
            "resent_at": at,
            "resent_by": by,
            "message_id": outbox.new_message_id(),
            "subject": letter.subject,
            "text": letter.text,
            "html": letter.html,
        },
    )
    return row if is_new else None
