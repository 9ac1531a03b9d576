"""Platforms that are gone because they became part of another one: what tells where each of them went.

The admin's log is the record: the entry of what went says into which platform, that of the other what moved.
"""

import json

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from campaigns.models import Platform

INTO = "merged_into"


def record(gone: Platform, into: Platform, *, by_id: int, message: str) -> None:
    """Write both entries; `message` tells people what moved."""
    LogEntry.objects.log_actions(by_id, [gone], DELETION, change_message=_told(into), single_object=True)
    LogEntry.objects.log_actions(by_id, [into], CHANGE, change_message=message, single_object=True)


def current(pk: int) -> int | None:
    """The key of this platform, or of the one it has become part of by now; None for one that is nowhere."""
    found: int | None = pk
    while found is not None and not Platform.objects.filter(pk=found).exists():
        found = _went_into(found)
    return found


def current_choice(number: str) -> str:
    """The number of this platform in an address, or of the one it has become part of; itself where it is nowhere."""
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    return str(current(int(number)) or number) if is_number else number


def _went_into(pk: int) -> int | None:
    kind = ContentType.objects.get_for_model(Platform)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(pk), action_flag=DELETION)
    message = entries.filter(change_message__contains=INTO).values_list("change_message", flat=True).first()
    return int(json.loads(message)[INTO]) if message else None


def merged_into(platform: Platform) -> QuerySet[LogEntry]:
    """What became part of this platform, newest first: `object_repr` is what it was called."""
    kind = ContentType.objects.get_for_model(Platform)
    entries = LogEntry.objects.filter(content_type=kind, action_flag=DELETION, change_message=_told(platform))
    return entries.select_related("user").order_by("-action_time", "-pk")


def _told(into: Platform) -> str:
    return json.dumps({INTO: into.pk})
