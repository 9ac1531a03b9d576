"""Beyond sales: what the work is for, what it brings besides money, whose time it takes, and who asks.

Everything on that page, put together once; the platform's page shows the split by purpose of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from campaigns.attribution import MILLION
from campaigns.models import Agency
from core import money
from core.weeks import Week
from reports.figures.lead_quality import Qualities, Quality, lead_quality
from reports.figures.outcomes import Measure, OutcomeCount, outcomes
from reports.figures.purposes import Split, split
from reports.figures.query import Period, ReportFilters
from reports.figures.time_allocation import ClientsFirst, OwnShare, WhoSpends, clients_first, own_limit, who_spends
from reports.figures.totals import Figures
from reports.pages.dashboard_charts import DashboardChart, HoursLayer, hours_chart

# Colours of the palette for the own brand and for clients, in its chart.
OWN_COLOUR, CLIENT_COLOUR = 4, 1


@dataclass(frozen=True)
class Beyond:
    """All that the page shows for one period under one set of filters."""

    purposes: Split
    measures: Sequence[Measure]
    clients: ClientsFirst
    clients_chart: DashboardChart | None
    time: WhoSpends
    quality: Qualities

    @property
    def is_empty(self) -> bool:
        return self.purposes.total.is_empty and not self.measures


def beyond(period: Period, filters: ReportFilters, *, agency: Agency, last_complete: Week) -> Beyond:
    """Put the page together; the number of queries does not depend on how much was logged."""
    clients = clients_first(period, filters, own_limit(agency))
    return Beyond(
        purposes=split(period, filters),
        measures=outcomes(period, filters),
        clients=clients,
        clients_chart=_clients_chart(clients, period, last_complete),
        time=who_spends(period, filters),
        quality=lead_quality(period, filters),
    )


def _clients_chart(clients: ClientsFirst, period: Period, last_complete: Week) -> DashboardChart | None:
    """Hours a week, the own brand below and clients above."""
    shares = [share for _week, share in clients.weeks]
    own = HoursLayer(_("Own brand"), OWN_COLOUR, [share.own_minutes for share in shares])
    theirs = HoursLayer(_("Clients"), CLIENT_COLOUR, [share.client_minutes for share in shares])
    return hours_chart([own, theirs], period, last_complete)


# -- as files ---------------------------------------------------------------------------------------------------------

Header = Sequence[str]
Table = tuple[Header, Iterator[Sequence[Any]]]


def _amount(cents: int | Fraction | None) -> Any:
    return None if cents is None else money.to_decimal(Fraction(cents) / 100, 2)


def _count(millionths: int) -> Any:
    return money.to_decimal(Fraction(millionths, MILLION), 6)


def _ratio(value: Fraction | None) -> Any:
    return None if value is None else money.to_decimal(value, 6)


def purposes_table(period: Period, filters: ReportFilters, agency: Agency) -> Table:
    """One row for each line of the split, the total last."""
    by_purpose = split(period, filters)

    def row(key: str, label: str, figures: Figures) -> Sequence[Any]:
        back = figures.return_per_unit(agency.margin)
        sales = _count(figures.sales_millionths), _amount(figures.revenue_cents)
        return (key, label, figures.minutes, _amount(figures.known_cost_cents), *sales, _ratio(back))

    def rows() -> Iterator[Sequence[Any]]:
        for line in by_purpose.lines:
            back = None if not line.is_judged_by_sales else line.figures.return_per_unit(agency.margin)
            yield (*row(line.part, line.label, line.figures)[:-1], _ratio(back))
        yield row("total", "Total", by_purpose.total)

    return ("row", "name", "minutes", "cost", "sales", "revenue", "return"), rows()


def outcomes_table(period: Period, filters: ReportFilters, agency: Agency) -> Table:
    """One row for each measure, platform and campaign."""

    def row(measure: str, platform: str, campaign: str, counted: OutcomeCount) -> Sequence[Any]:
        figures = counted.figures
        cost = figures.minutes, _amount(figures.known_cost_cents), _amount(counted.cost_each_cents)
        scale = (counted.valued, _amount(counted.value_cents)) if counted.valued else (0, None)
        return (measure, platform, campaign, counted.count, *cost, *scale)

    def rows() -> Iterator[Sequence[Any]]:
        for measure in outcomes(period, filters):
            for place in measure.rows:
                yield row(measure.name, str(place.platform), str(place.campaign), place.counted)

    header = ("measure", "platform", "campaign", "count", "minutes", "cost", "cost_of_one", "valued", "own_scale")
    return header, rows()


def clients_table(period: Period, filters: ReportFilters, agency: Agency) -> Table:
    """One row for each week, then for each group of people, then for all."""

    def row(kind: str, name: str, share: OwnShare) -> Sequence[Any]:
        return (kind, name, share.minutes, share.own_minutes, _ratio(share.share), _ratio(share.limit))

    def rows() -> Iterator[Sequence[Any]]:
        clients = clients_first(period, filters, own_limit(agency))
        yield from (row("week", str(week), share) for week, share in clients.weeks)
        yield from (row("group", role.value, share) for role, share in clients.groups)
        yield row("total", "Total", clients.total)

    return ("row", "name", "minutes", "own_brand_minutes", "share", "limit"), rows()


def time_table(period: Period, filters: ReportFilters, agency: Agency) -> Table:
    """One row for each platform, the total last."""

    def rows() -> Iterator[Sequence[Any]]:
        time = who_spends(period, filters)
        for spent in [*time.rows, time.total]:
            dear = spent.dear_minutes, _ratio(spent.share), _amount(spent.cost_cents), _ratio(spent.cost_share)
            yield (spent.label, spent.minutes, *dear)

    header = ("platform", "minutes", "dearest_minutes", "share", "dearest_cost", "share_of_labour_cost")
    return header, rows()


def quality_table(period: Period, filters: ReportFilters, agency: Agency) -> Table:
    """One row for each platform, Unattributed, and the total last."""

    def row(quality: Quality) -> Sequence[Any]:
        leads = (
            _count(quality.figures.leads_millionths),
            _count(quality.cannot_millionths),
            _ratio(quality.cannot_share),
        )
        others = _count(quality.other_millionths), _count(quality.unknown_millionths)
        return (
            quality.label,
            *leads,
            *others,
            _amount(quality.figures.known_cost_cents),
            _amount(quality.cost_per_able_cents),
        )

    def rows() -> Iterator[Sequence[Any]]:
        by_platform = lead_quality(period, filters)
        yield from (row(quality) for quality in [*by_platform.rows, by_platform.unattributed, by_platform.total])

    header = (
        "platform",
        "leads",
        "cannot_afford",
        "share",
        "turned_away_otherwise",
        "not_judged",
        "cost",
        "cost_per_able",
    )
    return header, rows()


TABLES: Mapping[str, Callable[[Period, ReportFilters, Agency], Table]] = {
    "purposes": purposes_table,
    "outcomes": outcomes_table,
    "clients": clients_table,
    "time": time_table,
    "quality": quality_table,
}
