"""The formula and the rows behind a figure that is not sales, for a page and for a spreadsheet alike.

`reports.drilldown.figures` does the same for hours, cost, leads and revenue; the terms here lead on to it.
"""

from collections.abc import Callable, Mapping
from datetime import date

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Agency, Campaign
from campaigns.models.funnel import DisqualifiedReason
from core import money
from core.templatetags.retour import percent, short_day
from core.week_names import week_name
from reports.drilldown.figures import FormulaTerm
from reports.drilldown.row_kinds import credited, sale_name
from reports.drilldown.rows import CreditRows
from reports.drilldown.tables import (
    DrilldownCell,
    DrilldownColumn,
    DrilldownRow,
    DrilldownTable,
    hours_cell,
    money_cell,
    number_cell,
    share_cell,
    text_cell,
)
from reports.figures.formatting import credited_count
from reports.figures.lead_quality import lead_quality
from reports.figures.outcomes import OutcomeCount, weeks_of
from reports.figures.purposes import PART_WORDS, Part, credits_of
from reports.figures.query import Period, ReportFilters
from reports.figures.time_allocation import clients_first, own_limit, who_spends
from reports.models import Credit
from timesheets.models import TimeEntry

# -- outcomes ---------------------------------------------------------------------------------------------------------


def outcome_table(measure: str, period: Period, filters: ReportFilters) -> DrilldownTable | None:
    """Week by week what was counted and what the work cost; None for a measure that nobody counted in these weeks."""
    entries = weeks_of(measure, period, filters)
    if not entries:
        return None
    total = sum((entry.counted for entry in entries[1:]), start=entries[0].counted)
    return DrilldownTable(
        title=_("%(measure)s: cost of one") % {"measure": measure},
        value=money.format_money(total.cost_each_cents),
        terms=[
            FormulaTerm("", money.format_money(total.figures.known_cost_cents), _("cost of those weeks")),
            FormulaTerm("÷", money.format_number(total.count), measure),
        ],
        columns=[
            DrilldownColumn("week", _("Week")),
            DrilldownColumn("platform", _("Platform")),
            DrilldownColumn("campaign", _("Campaign")),
            DrilldownColumn("count", _("Count"), is_number=True),
            DrilldownColumn("minutes", _("Hours"), is_number=True),
            DrilldownColumn("cost", _("Cost"), is_number=True),
            DrilldownColumn("own_scale", _("Own scale"), is_number=True),
        ],
        rows=[
            [
                text_cell(week_name(entry.monday)),
                text_cell(entry.platform),
                text_cell(entry.campaign),
                number_cell(entry.counted.count),
                hours_cell(entry.counted.figures.minutes),
                money_cell(entry.counted.figures.known_cost_cents),
                money_cell(entry.counted.value_cents if entry.counted.valued else None),
            ]
            for entry in entries
        ],
        sums=[
            "",
            "",
            "",
            money.format_number(total.count),
            money.format_hours(total.figures.minutes),
            money.format_money(total.figures.known_cost_cents),
            money.format_money(total.value_cents) if total.valued else "",
        ],
        remarks=_outcome_remarks(total),
    )


def _outcome_remarks(total: OutcomeCount) -> list[str]:
    remarks = [_("The cost is that of the platform and campaign in each week that was counted, hours and spend.")]
    if total.figures.unrated_minutes:
        remarks.append(_("Some of these hours have no rate: the true cost is higher."))
    if total.valued:
        remarks.append(
            _("On your own scale, %(count)s of them are worth %(value)s. This is an estimate, not money that came in.")
            % {"count": money.format_number(total.valued), "value": money.format_money(total.value_cents, digits=0)}
        )
    return remarks


# -- sales by purpose -------------------------------------------------------------------------------------------------


def sales_table(part: Part, period: Period, filters: ReportFilters) -> DrilldownTable:
    """The sales of one line of the split, each with the day since which its customer is one."""
    credits_of_part, days = credits_of(part, period, filters)
    share_field, cents_field = f"share_{filters.model}", f"cents_{filters.model}"
    shown = credits_of_part.exclude(**{share_field: 0, cents_field: 0}).order_by("-sale__sold_on", "-sale", "pk")
    sums = shown.order_by().aggregate(shares=Sum(share_field, default=0), cents=Sum(cents_field, default=0))
    rows = shown.select_related("sale", "sale__lead", "platform", "campaign")
    return DrilldownTable(
        title=str(PART_WORDS[part]),
        value=money.format_money(sums["cents"]),
        columns=[
            DrilldownColumn("sale", _("Sale")),
            DrilldownColumn("sold_on", _("Sold")),
            DrilldownColumn("customer_since", _("First bought")),
            DrilldownColumn("platform", _("Platform")),
            DrilldownColumn("campaign", _("Campaign")),
            DrilldownColumn("share", _("Share"), is_number=True),
            DrilldownColumn("amount", _("Credited"), is_number=True),
        ],
        rows=CreditRows(rows, lambda row: _sale_row(row, days, getattr(row, share_field), getattr(row, cents_field))),
        sums=["", "", "", "", "", credited_count(sums["shares"]), money.format_money(sums["cents"])],
        remarks=[_REMARKS[part]()] if part in _REMARKS else [],
    )


_REMARKS: dict[Part, Callable[[], str]] = {
    Part.REACH: lambda: _("First sales of a customer: nobody known by this lead, e-mail or company had bought before."),
    Part.KEEP: lambda: _("Sales to customers who had bought on an earlier day and had not been refunded all of it."),
}


def _sale_row(credit: Credit, days: dict[int, date], millionths: int, cents: int) -> DrilldownRow:
    sale = credit.sale
    assert sale
    since = days.get(sale.refund_of_id or sale.pk)
    name = f"{sale} · {sale.lead}" if sale.lead else str(sale)
    return [
        DrilldownCell(sale_name(credit), name, sale.get_absolute_url()),
        DrilldownCell(short_day(sale.sold_on), sale.sold_on),
        DrilldownCell(short_day(since) if since else money.NO_FIGURE, since),
        text_cell(str(credit.platform or "")),
        text_cell(str(credit.campaign or "")),
        share_cell(millionths),
        money_cell(cents),
    ]


# -- clients first ----------------------------------------------------------------------------------------------------


def own_brand_table(period: Period, filters: ReportFilters) -> DrilldownTable:
    """The hours on the own brand, by campaign."""
    total = clients_first(period, filters, own_limit(Agency.current())).total
    entries = TimeEntry.objects.in_weeks(period.first, period.last).filter(**filters.conditions())
    minutes = dict(
        entries.filter(campaign__client__is_own_brand=True).order_by().values_list("campaign").annotate(Sum("minutes"))
    )
    campaigns = Campaign.objects.in_bulk(minutes)
    by_size = sorted(minutes.items(), key=lambda item: (-item[1], str(campaigns[item[0]])))
    remarks = [_("Hours of no campaign, General presence, are the own brand’s.")]
    if total.limit is not None:
        remarks.append(
            _("The limit is %(limit)s. A week above it raises a flag; two weeks within it clear it.")
            % {"limit": percent(total.limit)}
        )
    return DrilldownTable(
        title=_("Share of hours on the own brand"),
        value=percent(total.share, 1),
        terms=[
            FormulaTerm("", money.format_hours(total.own_minutes), _("hours on the own brand")),
            FormulaTerm("÷", money.format_hours(total.minutes), _("all hours"), "hours"),
        ],
        columns=[DrilldownColumn("campaign", _("Campaign")), DrilldownColumn("minutes", _("Hours"), is_number=True)],
        rows=[[text_cell(str(campaigns[pk]), _campaign_url(pk)), hours_cell(logged)] for pk, logged in by_size],
        sums=["", money.format_hours(total.own_minutes)],
        remarks=remarks,
    )


def _campaign_url(pk: int) -> str:
    return reverse("campaigns:campaign", args=[pk])


# -- who spends the time ----------------------------------------------------------------------------------------------


def dearest_table(period: Period, filters: ReportFilters) -> DrilldownTable:
    """Who the most expensive quarter is."""
    time = who_spends(period, filters)
    dearest = {person.pk for person in time.dearest}
    remarks = [
        _("The quarter of the people whose hour costs most on the last day of these weeks, at least one of them."),
    ]
    if time.without_rate:
        remarks.append(_("Nobody without a rate is counted among them: set the rates first."))
    return DrilldownTable(
        title=_("Hours of the most expensive quarter"),
        value=percent(time.total.share, 1),
        terms=[
            FormulaTerm("", money.format_hours(time.total.dear_minutes), _("their hours")),
            FormulaTerm("÷", money.format_hours(time.total.minutes), _("all hours"), "hours"),
        ],
        columns=[
            DrilldownColumn("person", _("Person")),
            DrilldownColumn("is_in_the_quarter", _("Among them")),
            DrilldownColumn("hourly_rate", _("Rate"), is_number=True),
            DrilldownColumn("minutes", _("Hours"), is_number=True),
        ],
        rows=[
            [
                text_cell(person.name),
                DrilldownCell(_("yes") if person.pk in dearest else "", person.pk in dearest),
                money_cell(person.hourly_cents),
                hours_cell(person.minutes),
            ]
            for person in time.people
        ],
        sums=["", "", "", money.format_hours(time.total.minutes)],
        remarks=remarks,
    )


# -- lead quality -----------------------------------------------------------------------------------------------------


def quality_table(period: Period, filters: ReportFilters) -> DrilldownTable:
    """The leads that cannot afford the price, as the attribution model shares them."""
    total = lead_quality(period, filters).total
    share_field = f"share_{filters.model}"
    unable = credited(period, filters).filter(sale=None, lead__disqualified_reason=DisqualifiedReason.CANNOT_AFFORD)
    rows = (
        unable.exclude(**{share_field: 0})
        .select_related("lead", "platform", "campaign")
        .order_by("-lead__received_at", "-lead", "pk")
    )
    return DrilldownTable(
        title=_("Leads that cannot afford the price"),
        value=percent(total.cannot_share, 1),
        terms=[
            FormulaTerm("", credited_count(total.cannot_millionths), _("leads that cannot afford it")),
            FormulaTerm("÷", credited_count(total.figures.leads_millionths), _("leads"), "leads"),
        ],
        columns=[
            DrilldownColumn("lead", _("Lead")),
            DrilldownColumn("received", _("Received")),
            DrilldownColumn("platform", _("Platform")),
            DrilldownColumn("campaign", _("Campaign")),
            DrilldownColumn("share", _("Share"), is_number=True),
        ],
        rows=CreditRows(rows, lambda credit: _lead_row(credit, getattr(credit, share_field))),
        sums=["", "", "", "", credited_count(total.cannot_millionths)],
        remarks=[_("Someone who can is any other lead, judged or not yet.")],
    )


def able_table(period: Period, filters: ReportFilters) -> DrilldownTable:
    """Platform by platform, what one lead costs that can afford the price."""
    quality = lead_quality(period, filters)
    rows = [*quality.rows, quality.unattributed]
    return DrilldownTable(
        title=_("Cost per lead that can afford it"),
        value=money.format_money(quality.total.cost_per_able_cents),
        terms=[
            FormulaTerm("", money.format_money(quality.total.figures.known_cost_cents), _("cost"), "cost"),
            FormulaTerm("÷", credited_count(quality.total.able_millionths), _("leads that can afford it")),
        ],
        columns=[
            DrilldownColumn("platform", _("Platform")),
            DrilldownColumn("cost", _("Cost"), is_number=True),
            DrilldownColumn("leads", _("Leads"), is_number=True),
            DrilldownColumn("cannot_afford", _("Cannot afford it"), is_number=True),
            DrilldownColumn("cost_per_able", _("Cost per lead that can"), is_number=True),
        ],
        rows=[
            [
                text_cell(row.label),
                money_cell(row.figures.known_cost_cents),
                share_cell(row.figures.leads_millionths),
                share_cell(row.cannot_millionths),
                money_cell(row.cost_per_able_cents),
            ]
            for row in rows
        ],
        sums=[
            "",
            money.format_money(quality.total.figures.known_cost_cents),
            credited_count(quality.total.figures.leads_millionths),
            credited_count(quality.total.cannot_millionths),
            "",
        ],
    )


def _lead_row(credit: Credit, millionths: int) -> DrilldownRow:
    lead = credit.lead
    assert lead
    return [
        text_cell(str(lead), lead.get_absolute_url()),
        DrilldownCell(short_day(timezone.localdate(lead.received_at)), timezone.localtime(lead.received_at)),
        text_cell(str(credit.platform or "")),
        text_cell(str(credit.campaign or "")),
        share_cell(millionths),
    ]


# By the name in their address, beside `outcome` and the parts of the split.
DRILLDOWNS: Mapping[str, Callable[[Period, ReportFilters], DrilldownTable]] = {
    "own_brand": own_brand_table,
    "dearest": dearest_table,
    "cannot_afford": quality_table,
    "able": able_table,
}
