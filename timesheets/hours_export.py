"""Hours on their way out, in Retour's own format, which the importer reads back to the same cells."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache

from campaigns.models import Campaign
from timesheets import durations, history
from timesheets.models.entries import TimeEntryQuerySet

HEADER = ("date", "email", "platform", "campaign", "hours", "note")
# What an hour cost on its day: for directors alone, and passed over when the file comes back.
HEADER_WITH_RATES = (*HEADER, "hourly_rate")
COLUMNS = ("day", "member__email", "platform__name", "campaign", "minutes", "note", "hourly_cents")
ROWS_AT_ONCE = 2_000


def hours(entries: TimeEntryQuerySet) -> Iterator[Sequence[object]]:
    """One line per cell of a week. Names that two campaigns share come with their client."""
    for line, _hourly_cents in _lines(entries):
        yield line


def hours_with_rates(entries: TimeEntryQuerySet) -> Iterator[Sequence[object]]:
    """The same, and the rate of each day; empty where there was none."""
    for line, hourly_cents in _lines(entries):
        yield *line, None if hourly_cents is None else Decimal(hourly_cents).scaleb(-2)


def _lines(entries: TimeEntryQuerySet) -> Iterator[tuple[Sequence[object], int | None]]:
    """Each line with the rate of its day in cents. Of a million entries none needs to become an object."""
    names = history.campaign_names(Campaign.objects.select_related("client"))
    in_order = entries.order_by("day", "member__email", "pk").values_list(*COLUMNS)
    for day, email, platform, campaign, minutes, note, hourly_cents in in_order.iterator(ROWS_AT_ONCE):
        yield (day, email, platform, names[campaign], _hours(minutes), note), hourly_cents


@cache  # a day has 1,440 minutes
def _hours(minutes: int) -> Decimal:
    return Decimal(durations.format_decimal(minutes))
