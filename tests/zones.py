"""Zones for tests that run by the real clock."""

from datetime import datetime
from zoneinfo import ZoneInfo

from core.schedule import MONDAY
from reports.weekly_email.delivery import HOUR


def zone_between_mondays(at: datetime) -> str:
    """A zone in which the e-mail of last Monday can still be sent: none where a week is over and its own is to come."""
    zones = ("Europe/Paris", "Pacific/Honolulu")
    return next(zone for zone in zones if not _is_early_monday(at.astimezone(ZoneInfo(zone))))


def _is_early_monday(local: datetime) -> bool:
    return local.weekday() == MONDAY and local.hour < HOUR
