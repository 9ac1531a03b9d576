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
from core.weeks import Week
from reports.figures import formatting
from reports.figures.data_quality import Missing
from reports.figures.query import ReportFilters
from reports.figures.totals import Figures, return_per_unit, round_half_up
from reports.pages.period_report import PeriodReport
from reports.pages.platform_rows import PlatformRow, PlatformRows
from reports.statistics.states import VerdictState

NEARLY_ALL = Fraction(19, 20)


@dataclass(frozen=True)
class Headline:
    """Sentences as HTML, with the numbers that matter in bold; `as_text` for where there is none."""

    sentences: Sequence[SafeString]
    loss: SafeString
    under: Sequence[SafeString]

    @property
    def as_text(self) -> str:
        return html.unescape(strip_tags(" ".join([*self.sentences, self.loss]))).strip()

    @property
    def under_as_text(self) -> str:
        return html.unescape(strip_tags(" ".join(self.under)))


def dashboard_headline(report: PeriodReport, *, counts_timesheets: bool = True) -> Headline:
    """The headline of a period; `counts_timesheets` unless something else says who has not submitted."""
    rows, filters = report.rows, report.filters
    loser = _loser(rows) if filters.basis is Basis.CASH else None  # young work has not lost what is still to come
    sentences = [_spent(report), _brought(rows.total, filters)]
    if filters.basis is Basis.COHORT:
        sentences.append(_still_to_come(rows, report.last_complete))
    return Headline(
        sentences=[sentence for sentence in sentences if sentence],
        loss=_loss(loser, alone=len(rows.platforms) > 1),
        under=_under(rows, loser, _timesheets(report.missing) if counts_timesheets else ""),
    )


def _b(text: str) -> SafeString:
    return format_html("<b>{}</b>", text)


def _spent(report: PeriodReport) -> SafeString:
    period = report.period
    hours = round_half_up(report.rows.total.minutes_a_week / 60)
    spent = ngettext("{hours} hour a week", "{hours} hours a week", hours).format(hours=money.format_number(hours))
    where = _where(report.rows, report.filters)
    if period.last == report.last_complete:
        pattern = ngettext(
            "Over the last week the team spent {hours} on {where}.",
            "Over the last {weeks} weeks the team spent {hours} on {where}.",
            period.weeks,
        )
        return format_html(pattern, weeks=period.weeks, hours=_b(spent), where=where)
    pattern = _("From {first} to {last} the team spent {hours} on {where}.")
    return format_html(pattern, first=period.first, last=period.last, hours=_b(spent), where=where)


def _where(rows: PlatformRows, filters: ReportFilters) -> str:
    if filters.platform and not filters.needs_campaigns and rows.platforms:
        return rows.platforms[0].label
    return _("what is shown here") if filters.is_filtered else _("its platforms")


def _brought(total: PlatformRow, filters: ReportFilters) -> SafeString:
    figures = total.figures
    if total.is_unsold and figures.cost > 0:
        return format_html(_("It cost {cost}. No sale is recorded yet."), cost=_b(formatting.cash(figures.cost)))
    if total.returned is None:
        return _brought_without_cost(figures)
    if figures.revenue_cents == 0:
        return format_html(
            _("It cost {cost} and has brought back nothing yet."), cost=_b(formatting.cash(figures.cost))
        )
    pattern = (
        _("It cost {cost} and, by the week of the sale, has brought back {revenue}{margin}: {back}.")
        if filters.basis is Basis.CASH
        else _("It cost {cost} and, by the week of the work, has brought back {revenue}{margin} so far: {back}.")
    )
    return format_html(
        pattern,
        cost=_b(formatting.cash(figures.cost)),
        revenue=formatting.cash(figures.revenue_cents),
        margin=_of_it_margin(total),
        back=_b(formatting.for_each_unit(total.returned)),
    )


def _brought_without_cost(figures: Figures) -> SafeString:
    if figures.unrated_minutes:
        return format_html("{}", _("Its hours have no rate, so what they cost is not known."))
    if figures.revenue_cents:
        return format_html(
            _("Nothing was spent, and {revenue} came in."), revenue=_b(formatting.cash(figures.revenue_cents))
        )
    return format_html("{}", _("Nothing was spent and nothing came in."))


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
    return format_html(_("Of what this work will bring, about {share} is in."), share=_b(percent(share)))


def _loser(rows: PlatformRows) -> PlatformRow | None:
    """Of the platforms that are judged as losing, the one that lost most in these weeks."""
    lost = [line for line in rows.platforms if line.gain_cents < 0 and line.state == VerdictState.LOSING]
    return min(lost, key=lambda line: line.gain_cents, default=None)


def _loss(loser: PlatformRow | None, *, alone: bool) -> SafeString:
    if loser is None:
        return SafeString("")
    if loser.judged != loser.figures:
        pattern = _("{platform} lost {loss} on reaching new customers.")
    else:
        pattern = _("{platform} alone lost {loss}.") if alone else _("{platform} lost {loss}.")
    return format_html(pattern, platform=loser.label, loss=formatting.cash(-loser.gain_cents))


def _under(rows: PlatformRows, loser: PlatformRow | None, timesheets: str) -> list[SafeString]:
    sentences = [
        _without(rows, loser) if loser and len(rows.platforms) > 1 else "",
        timesheets,
        _origin(rows),
        _depends(rows),
    ]
    return [format_html("{}", sentence) for sentence in sentences if sentence]


def _without(rows: PlatformRows, loser: PlatformRow) -> str:
    rest = rows.total.figures - loser.judged
    returned = return_per_unit(cost=rest.cost, revenue_cents=rest.revenue_cents, margin=rows.total.margin)
    if returned is None:
        return ""
    pattern = (
        _("Without {platform} it would be {back}.")
        if loser.judged == loser.figures
        else _("Without that work it would be {back}.")
    )
    return pattern.format(platform=loser.label, back=formatting.per_unit(returned))


def _timesheets(missing: Missing) -> str:
    count = len(missing.not_submitted)
    if not count:
        return ""
    pattern = ngettext(
        "{missing} timesheet of {expected} is missing.", "{missing} timesheets of {expected} are missing.", count
    )
    return pattern.format(missing=count, expected=missing.expected)


def _origin(rows: PlatformRows) -> str:
    unknown, sales = rows.unattributed.figures.sales_millionths, rows.total.figures.sales_millionths
    if unknown <= 0 or sales <= 0:
        return ""
    share = max(Fraction(unknown, sales), Fraction(1, 100))
    return _("{share} of sales have no known origin.").format(share=percent(share))


def _depends(rows: PlatformRows) -> str:
    names = [line.label for line in rows.platforms if line.verdict and line.verdict.depends_on_model]
    if not names:
        return ""
    pattern = ngettext(
        "The verdict on {platforms} depends on the attribution model.",
        "The verdicts on {platforms} depend on the attribution model.",
        len(names),
    )
    return pattern.format(platforms=in_a_row(names))


def in_a_row(names: Sequence[str]) -> str:
    """`Facebook, LinkedIn and Pinterest`."""
    if len(names) < 2:
        return "".join(names)
    return _("{first} and {last}").format(first=", ".join(names[:-1]), last=names[-1])
