"""Zones for tests that run by the real clock."""

from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.models import Agency
from core.schedule import MONDAY

# What an agency that chose none has its summary at.
HOUR = Agency._meta.get_field("summary_hour").default


def zone_between_mondays(at: datetime) -> str:
    """A zone in which the e-mail of last Monday can still be sent: none where a week is over and its own is to come."""
    zones = ("Europe/Paris", "Pacific/Honolulu")
    return next(zone for zone in zones if not _is_early_monday(at.astimezone(ZoneInfo(zone))))


def _is_early_monday(local: datetime) -> bool:
    return local.weekday() == MONDAY and local.hour < HOUR
