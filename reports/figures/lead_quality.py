"""Who asks: which leads cannot afford the price, platform by platform, and what one costs that can."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.attribution import MILLION
from campaigns.models import Platform
from campaigns.models.agency import Basis
from campaigns.models.funnel import DisqualifiedReason, LeadStatus
from reports.figures.query import Period, ReportFilters, grouped
from reports.figures.totals import Figures, round_half_up
from reports.models import Credit

# What is known of a lead: the fields of `Quality` that count it, in their order.
_CANNOT, _OTHER, _UNKNOWN = _GROUPS = ("cannot", "other", "unknown")


@dataclass(frozen=True)
class Quality:
    """Credited leads of one platform, in millionths, by what is known of them."""

    key: int | None
    label: str
    figures: Figures
    cannot_millionths: int = 0
    other_millionths: int = 0
    unknown_millionths: int = 0

    @property
    def able_millionths(self) -> int:
        """All leads but those that cannot afford the price; a lead that nobody has judged yet may."""
        return self.figures.leads_millionths - self.cannot_millionths

    @property
    def cannot_share(self) -> Fraction | None:
        """Leads that cannot afford the price / all leads; None without leads."""
        return (
            Fraction(self.cannot_millionths, self.figures.leads_millionths)
            if self.figures.leads_millionths > 0
            else None
        )

    @property
    def cost_per_able_cents(self) -> int | None:
        """Cost / leads that can; None without such leads or without cost."""
        if self.able_millionths <= 0 or self.figures.cost <= 0:
            return None
        return round_half_up(self.figures.cost * MILLION / self.able_millionths)


@dataclass(frozen=True)
class Qualities:
    """Platforms, those whose leads can least afford the price first, and `unattributed`, which add up to `total`."""

    rows: Sequence[Quality]
    unattributed: Quality
    total: Quality


def lead_quality(period: Period, filters: ReportFilters) -> Qualities:
    """Leads as the attribution model shares them, with what became of each; three queries."""
    counts: dict[int | None, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for platform_id, status, reason, shares in credited_leads(period, filters):
        counts[platform_id][_group(status, reason)] += shares
    figures = {key: costs for (key,), costs in grouped(period, filters, "platform").items()}
    names = dict(Platform.objects.values_list("pk", "name"))
    rows = [_quality(key, name, figures, counts) for key, name in names.items() if key in figures or key in counts]
    everything: dict[str, int] = defaultdict(int)
    for groups in counts.values():
        for group, shares in groups.items():
            everything[group] += shares
    total = Figures.total(figures.values())
    return Qualities(
        rows=sorted(rows, key=lambda row: (-(row.cannot_share or 0), row.label)),
        unattributed=_quality(None, _("Unattributed"), figures, counts),
        total=Quality(None, pgettext("sum", "All"), total, *(everything[group] for group in _GROUPS)),
    )


def _group(status: str, reason: str) -> str:
    if reason == DisqualifiedReason.CANNOT_AFFORD:
        return _CANNOT
    if status == LeadStatus.DISQUALIFIED:
        return _OTHER
    return _UNKNOWN if status == LeadStatus.NEW else ""


def credited_leads(period: Period, filters: ReportFilters) -> list[tuple[int | None, str, str, int]]:
    """Platform, status, reason and the millionths of leads credited, one row for each combination."""
    week = "money_week" if filters.basis is Basis.CASH else "work_week"
    span = {f"{week}__gte": period.first.monday, f"{week}__lte": period.last.monday}
    rows = Credit.objects.filter(sale=None, **span, **filters.conditions()).order_by()
    sums = rows.values_list("platform", "lead__status", "lead__disqualified_reason").annotate(
        Sum(f"share_{filters.model}")
    )
    return [(platform_id, status, reason, int(shares)) for platform_id, status, reason, shares in sums]


def _quality(
    key: int | None, label: str, figures: dict[int | None, Figures], counts: dict[int | None, dict[str, int]]
) -> Quality:
    known = counts.get(key, {})
    return Quality(key, label, figures.get(key, Figures()), *(known.get(group, 0) for group in _GROUPS))
