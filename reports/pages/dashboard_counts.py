"""What the dashboard counts beside the figures, as expressions, so that they come with the row of the agency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Subquery

from campaigns.models import Agency, JobRun, Lead, Sale, StaleMark
from core.statements import Given, Statement
from core.weeks import Week
from reports.pages.first_steps import count_of, counted


@dataclass(frozen=True)
class DashboardCounts:
    """Sales after a week, leads that were won without a sale, and whether changes wait since the last sweep."""

    sales_since: int
    won_without_sale: int
    has_stale_marks: bool
    swept_at: datetime | None

    @classmethod
    def expressions(cls) -> Mapping[str, Any]:
        """By the names of the fields; of the week that ends on the day given as `sunday`."""
        later = Sale.objects.live().filter(refund_of=None, sold_on__gt=Given("sunday"))
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
        return cls.of(_COUNTS.rows(sunday=week.sunday)[0])


_COUNTS: Statement[Agency] = Statement(lambda: Agency.objects.annotate(**DashboardCounts.expressions()))
# The same beside what the first steps count.
WITH_FIRST_STEPS: Statement[Agency] = Statement(lambda: counted(DashboardCounts.expressions()))
