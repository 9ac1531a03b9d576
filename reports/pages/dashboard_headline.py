"""The dashboard's first sentence: what the hours cost and brought back, and what lost most."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models.agency import Basis
from core import money
from core.templatetags.retour import percent
from core.week_names import week_name
from core.weeks import Week
from reports.figures import formatting
from reports.figures.data_quality import rates_path, without_origin
from reports.figures.query import ReportFilters
from reports.figures.totals import Figures, round_half_up
from reports.pages.figure_links import FigureLinks
from reports.pages.period_report import PeriodReport
from reports.pages.platform_rows import PlatformRow, PlatformRows, purpose_shown
from reports.statistics.states import VerdictState

NEARLY_ALL = Fraction(19, 20)


@dataclass(frozen=True)
class Headline:
    """Sentences as HTML, in which each figure opens how it came about; `as_text` for where there is none."""

    sentences: Sequence[SafeString]
    loss: SafeString
    under: Sequence[SafeString]

    @property
    def as_text(self) -> str:
        return html.unescape(strip_tags(" ".join([*self.sentences, self.loss]))).strip()

    @property
    def under_as_text(self) -> str:
        return html.unescape(strip_tags(" ".join(self.under)))


def dashboard_headline(report: PeriodReport, links: FigureLinks) -> Headline:
    """The headline of a period: its hours, their cost, what came back, and what lost most."""
    rows, filters = report.rows, report.filters
    loser = _loser(rows) if filters.basis is Basis.CASH else None  # young work has not lost what is still to come
    sentences = [_result(report, links)]
    if filters.basis is Basis.COHORT:
        sentences.append(_still_to_come(rows, report.last_complete))
    origin = without_origin(report.missing, with_leads=False)  # the page counts them under what is missing
    return Headline(
        sentences=[sentence for sentence in sentences if sentence],
        loss=_loss(loser, filters, links),
        under=[format_html("{}", origin)] if origin else [],
    )


def _result(report: PeriodReport, links: FigureLinks) -> SafeString:
    """What the hours cost and brought, in one sentence."""
    total, filters = report.rows.total, report.filters
    figures = total.figures
    said = {
        "hours": _hours_a_week(report, links),
        "cost": _cost(report, links),
        "revenue": links.linked("revenue", formatting.cash(figures.revenue_cents)),
        "margin": _of_it_margin(total),
    }
    if figures.cost <= 0:
        return format_html(_without_cost(figures), **said)
    if total.is_unsold:
        return format_html(_("{hours} cost {cost}. No sale is recorded yet."), **said)
    if figures.revenue_cents == 0:
        return format_html(_("{hours} cost {cost} and brought back nothing yet."), **said)
    pattern = (
        _("{hours} cost {cost} and brought back {revenue}{margin}: {back}.")
        if filters.basis is Basis.CASH
        else _("{hours} cost {cost} and have so far brought back {revenue}{margin}: {back}.")
    )
    back = formatting.for_each_unit(total.returned or Fraction(0))
    return format_html(pattern, back=links.linked("return", back, "figure strong"), **said)


def _cost(report: PeriodReport, links: FigureLinks) -> SafeString:
    """The cost; `at least 142,952 €`, with the way to who has no rate, where it is that of a part of the hours."""
    figures = report.rows.total.figures
    cost = links.linked("cost", formatting.cash(figures.cost_cents), "figure strong")
    if not figures.unrated_minutes:
        return cost
    why = _("%(hours)s have no rate: what they cost is not in it.") % {
        "hours": money.format_hours(figures.unrated_minutes)
    }
    address = links.site + rates_path(report.missing)
    return format_html('<a href="{}" title="{}">{}</a> {}', address, why, _("at least"), cost)


def _hours_a_week(report: PeriodReport, links: FigureLinks) -> SafeString:
    """`Over the last 13 weeks, 235 hours a week`, or `From … to …, 12 hours a week on Facebook`."""
    period, total = report.period, report.rows.total
    hours = round_half_up(total.minutes_a_week / 60)
    words = ngettext("{hours} hour a week", "{hours} hours a week", hours).format(hours=money.format_number(hours))
    spent = links.linked("hours", words, "figure strong") if total.figures.minutes else format_html("{}", words)
    where = _where(report.rows, report.filters)
    if period.last == report.last_complete:
        pattern = ngettext(
            "Over the last week, {hours}{where}", "Over the last {weeks} weeks, {hours}{where}", period.weeks
        )
        return format_html(pattern, weeks=period.weeks, hours=spent, where=where)
    pattern = _("From {first} to {last}, {hours}{where}")
    ends = {"first": week_name(period.first), "last": week_name(period.last)}
    return format_html(pattern, **ends, hours=spent, where=where)


def _where(rows: PlatformRows, filters: ReportFilters) -> str:
    if filters.platform and not filters.needs_campaigns and rows.platforms:
        return _(" on {platform}").format(platform=rows.platforms[0].label)
    return _(" of what is chosen") if filters.is_filtered else ""


def _without_cost(figures: Figures) -> str:
    if figures.unrated_minutes:
        return _("{hours}: these hours have no rate, so what they cost is not known.")
    if figures.revenue_cents:
        return _("{hours}: nothing was spent, and {revenue} came in.")
    return _("{hours}: nothing was spent and nothing came in.")


def _of_it_margin(total: PlatformRow) -> str:
    """What margin leaves of the revenue, said only when that is not all of it."""
    if total.margin == 1:
        return ""
    return _(" ({kept} after a gross margin of {margin})").format(
        kept=formatting.cash(total.figures.revenue_cents * total.margin), margin=percent(total.margin)
    )


def _still_to_come(rows: PlatformRows, last_complete: Week) -> SafeString:
    """How much of what this work will bring is in by now, as far as the verdicts know how long returns take."""
    share = rows.share_in(last_complete)
    if share is None:
        return format_html("{}", _("More may come; how much is not known yet."))
    if share >= NEARLY_ALL:
        return format_html("{}", _("Nearly all of what this work will bring is in."))
    return format_html(_("Of what this work will bring, about {share} is in."), share=percent(share))


def _loser(rows: PlatformRows) -> PlatformRow | None:
    """Of the platforms that are judged as losing, the one that lost most in these weeks."""
    lost = [row for row in rows.platforms if row.loss_cents > 0 and row.state == VerdictState.LOSING]
    return max(lost, key=lambda row: row.loss_cents, default=None)


def _loss(loser: PlatformRow | None, filters: ReportFilters, links: FigureLinks) -> SafeString:
    if loser is None:
        return SafeString("")
    words = _("{platform} cost {loss} more than it brought.").format(
        platform=loser.label, loss=formatting.cash(loser.loss_cents)
    )
    return links.linked("loss", words, platform=loser.key, purpose=purpose_shown(filters).value)


def in_a_row(names: Sequence[str]) -> str:
    """`Facebook, LinkedIn and Pinterest`."""
    if len(names) < 2:
        return "".join(names)
    return _("{first} and {last}").format(first=", ".join(names[:-1]), last=names[-1])
