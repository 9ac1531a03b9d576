"""What the dashboard counts beside the figures, as expressions, so that they come with the row of the agency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Subquery

from campaigns.models import Agency, JobRun, Lead, Sale, StaleMark
from core.weeks import Week
from reports.pages.first_steps import count_of


@dataclass(frozen=True)
class DashboardCounts:
    """Sales after a week, leads that were won without a sale, and whether changes wait since the last sweep."""

    sales_since: int
    won_without_sale: int
    has_stale_marks: bool
    swept_at: datetime | None

    @classmethod
    def expressions(cls, week: Week) -> Mapping[str, Any]:
        """By the names of the fields."""
        later = Sale.objects.live().filter(refund_of=None, sold_on__gt=week.sunday)
        return {
            "sales_since": count_of(later),
            "won_without_sale": count_of(Lead.objects.won_without_sale()),
            "has_stale_marks": Exists(StaleMark.objects.all()),
            "swept_at": Subquery(JobRun.objects.filter(name="sweep").values("finished_at")[:1]),
        }

    @classmethod
    def of(cls, agency: Any) -> "DashboardCounts":
        """What stands on an agency that was read with these expressions."""
        return cls(agency.sales_since, agency.won_without_sale, agency.has_stale_marks, agency.swept_at)

    @classmethod
    def read(cls, week: Week) -> "DashboardCounts":
        return cls.of(Agency.objects.annotate(**cls.expressions(week)).get())
