"""Hours on their way out, in Retour's own format, which the importer reads back to the same cells."""

from collections.abc import Iterator
from decimal import Decimal

from campaigns.models import Campaign
from timesheets import durations, history
from timesheets.models import TimeEntry
from timesheets.models.entries import TimeEntryQuerySet

HEADER = ("date", "email", "platform", "campaign", "hours", "note")
# What an hour cost on its day: for directors alone, and passed over when the file comes back.
HEADER_WITH_RATES = (*HEADER, "hourly_rate")
ROWS_AT_ONCE = 2_000


def hours(entries: TimeEntryQuerySet) -> Iterator[tuple[object, ...]]:
    """One line per cell of a week. Names that two campaigns share come with their client."""
    for entry, place in _with_places(entries):
        yield entry.day, entry.member.email, *place, _hours(entry), entry.note


def hours_with_rates(entries: TimeEntryQuerySet) -> Iterator[tuple[object, ...]]:
    """The same, and the rate of each day; empty where there was none."""
    for entry, place in _with_places(entries):
        rate = None if entry.hourly_cents is None else Decimal(entry.hourly_cents).scaleb(-2)
        yield entry.day, entry.member.email, *place, _hours(entry), entry.note, rate


def _with_places(entries: TimeEntryQuerySet) -> Iterator[tuple[TimeEntry, tuple[str, str]]]:
    names = history.campaign_names(Campaign.objects.select_related("client"))
    in_order = entries.select_related("platform", "member").order_by("day", "member__email", "pk")
    for entry in in_order.iterator(ROWS_AT_ONCE):
        yield entry, (entry.platform.name, names[entry.campaign_id])


def _hours(entry: TimeEntry) -> Decimal:
    return Decimal(durations.format_decimal(entry.minutes))
