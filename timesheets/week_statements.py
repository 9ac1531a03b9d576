"""What the page of a week reads: each statement is written once (core/statements.py)."""

from typing import Any, TypedDict

from django.db.models import DateField, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from campaigns.models import Campaign, Platform
from core.statements import Given, Statement
from timesheets.models import PinnedRow, TimeEntry, Timesheet, TimesheetRow

NAMES = (
    "platform_id",
    "platform__name",
    "platform__colour",
    "campaign_id",
    "campaign__name",
    "campaign__is_general",
    "campaign__client__name",
)


class Names(TypedDict):
    """One row of a query for NAMES."""

    platform_id: int
    platform__name: str
    platform__colour: int
    campaign_id: int
    campaign__name: str
    campaign__is_general: bool
    campaign__client__name: str


def _sheets() -> QuerySet[Timesheet]:
    """A member's timesheets of these weeks, with the `minutes` of each week."""
    entries = TimeEntry.objects.filter(member=OuterRef("member"), week=OuterRef("week")).order_by()
    minutes = entries.values("member").annotate(total=Sum("minutes")).values("total")
    sheets = Timesheet.objects.filter(member=Given("member"), week__gte=Given("first"), week__lte=Given("last"))
    return sheets.annotate(minutes=Coalesce(Subquery(minutes), 0)).order_by()


def _own_rows() -> QuerySet[Any, Any]:
    """The rows that were added to a member's week or removed from it, and those pinned since."""
    columns = ("is_pinned", "is_removed", "pk", *NAMES)
    kept = TimesheetRow.objects.filter(timesheet__member=Given("member"), timesheet__week=Given("monday"))
    pinned = PinnedRow.objects.filter(
        member=Given("member"), since__lte=Given("monday"), platform__is_active=True, campaign__is_active=True
    )
    return _both(
        kept.annotate(is_pinned=Value(False)).values(*columns),
        pinned.annotate(is_pinned=Value(True), is_removed=Value(False)).values(*columns),
    ).order_by("pk")


def _both(first: QuerySet[Any, Any], second: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """The rows of two queries; only together can they be ordered."""
    return first.order_by().union(second.order_by(), all=True)


def _entries() -> QuerySet[Any, Any]:
    """A member's entries of a week, by row."""
    entries: QuerySet[Any, Any] = TimeEntry.objects.filter(member=Given("member"), week=Given("monday"))
    return entries.order_by("platform__name", "campaign__name", "pk").values(
        "pk", "day", "minutes", "note", "version", *NAMES
    )


def _recent_rows() -> QuerySet[Any, Any]:
    """The rows that a member had hours on in these weeks: when last, how many, and whether they are in use still."""
    entries: QuerySet[Any, Any] = TimeEntry.objects.filter(member=Given("member"))
    names: QuerySet[Any, Any] = (
        entries.filter(week__gte=Given("first"), week__lte=Given("last"))
        .values(*NAMES, "platform__is_active", "campaign__is_active")
        .annotate(total=Sum("minutes"), last_week=Max("week"))
        .order_by("platform__name", "campaign__name")
    )
    return names


def _in_use() -> QuerySet[Any, Any]:
    """The platforms and campaigns that a row can be of, in the order of their lists."""
    columns = ("is_campaign", "is_other", "name", "pk", "client_name", "ended")
    no_day = Value(None, output_field=DateField())
    platforms = Platform.objects.active().annotate(
        is_campaign=Value(False), is_other=Value(False), client_name=Value(""), ended=no_day
    )
    campaigns = Campaign.objects.active().annotate(
        is_campaign=Value(True), is_other=~Q(is_general=True), client_name=F("client__name"), ended=F("ends_on")
    )
    return _both(platforms.values_list(*columns), campaigns.values_list(*columns)).order_by(*columns[:3])


SHEETS: Statement[Any] = Statement(_sheets)
OWN_ROWS = Statement(_own_rows)
ENTRIES = Statement(_entries)
RECENT_ROWS = Statement(_recent_rows)
IN_USE = Statement(_in_use)
