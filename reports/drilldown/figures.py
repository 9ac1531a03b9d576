"""How a figure came about: the formula with its numbers, and the rows behind it, which add up to it exactly.

Each figure is one record of `_FIGURES`; the kinds of rows it names are read by `reports.drilldown.row_kinds`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Agency
from core import money
from reports.drilldown.row_kinds import ENTRIES, HOURS, SALES, SPEND, RowKind, credited_leads, entries
from reports.drilldown.rows import SourceRows
from reports.figures import formatting
from reports.figures.query import Period, ReportFilters, grouped
from reports.figures.totals import Figures, round_half_up
from timesheets.models import User

LOSS = "loss"
NO_COST = gettext_lazy("Nothing was spent, so there is no figure.")


@dataclass(frozen=True, slots=True)
class FormulaTerm:
    """One number of a formula: the sign before it, the number in words, its name, and the figure that explains it."""

    sign: str
    value: str
    name: str
    figure: str | None = None


Formula = Callable[[Figures, Fraction], list[FormulaTerm]]


def _no_formula(figures: Figures, margin: Fraction) -> list[FormulaTerm]:
    return []


@dataclass(frozen=True, kw_only=True)
class ExplainedFigure:
    """A figure that can be explained, from the sums of a period and the gross margin.

    `name` stands in addresses; `rows` are the kinds of rows behind it; `value` is written as on the dashboard, money
    with its cents. `gaps` are the reasons for which there may be no figure: what must not be zero, with a sentence.
    """

    name: str
    title: Promise
    rows: Sequence[RowKind]
    value: Callable[[Figures, Fraction], str]
    formula: Formula = _no_formula
    gaps: Sequence[tuple[Callable[[Figures], int], Promise]] = ()


@dataclass(frozen=True)
class Explanation:
    """A figure, how it is computed, and the kinds of rows behind it."""

    figure: ExplainedFigure
    value: str
    terms: Sequence[FormulaTerm]
    parts: Sequence[SourceRows]
    remarks: Sequence[str] = field(default=())

    @property
    def title(self) -> str:
        return str(self.figure.title)


def explain(name: str, period: Period, filters: ReportFilters, *, agency: Agency | None = None) -> Explanation:
    """Everything behind one figure of a period."""
    agency, figure = agency or Agency.current(), EXPLAINED[name]
    totals = _total(period, filters)
    return Explanation(
        figure=figure,
        value=figure.value(totals, agency.margin),
        terms=figure.formula(totals, agency.margin),
        parts=[kind.read(period, filters) for kind in figure.rows],
        remarks=[*_remarks(figure, totals, agency), *_rest(figure, totals, period, filters, agency)],
    )


def _total(period: Period, filters: ReportFilters) -> Figures:
    return Figures.total(grouped(period, filters, "platform").values())


def _rest(
    figure: ExplainedFigure, totals: Figures, period: Period, filters: ReportFilters, agency: Agency
) -> list[str]:
    """Of a platform's loss: what all other work brought back in the same weeks; nothing where that was nothing."""
    if figure.name != LOSS or not filters.platform or totals.loss(agency.margin) <= 0:
        return []
    everything = replace(filters, platform=None, purpose=None)
    rest = _total(period, everything) - totals
    returned = rest.return_per_unit(agency.margin)
    if not returned:
        return []
    return [_("Without this work it would be %(back)s.") % {"back": formatting.for_each_unit(returned)}]


def explain_person(member: User, period: Period, filters: ReportFilters) -> Explanation:
    """The entries behind one person's line."""
    rows = entries(period, filters, member)
    return Explanation(EXPLAINED["hours"], formatting.exact_hours(rows.sums().minutes), [], [rows])


def _remarks(figure: ExplainedFigure, totals: Figures, agency: Agency) -> list[str]:
    """What is missing from the figure, why there may be none, and what counts."""
    remarks = []
    if totals.unrated_minutes and HOURS in figure.rows:
        remarks.append(
            _("%(hours)s have no rate and are not in the cost: the true cost is higher.")
            % {"hours": formatting.exact_hours(totals.unrated_minutes)}
        )
    remarks += [str(sentence) for part, sentence in figure.gaps if not part(totals)]
    if any(kind.is_credited for kind in figure.rows):
        remarks.append(
            _(
                "Touchpoints up to %(days)s days before count, each with its part of the lead or sale; one without any "
                "is unattributed."
            )
            % {"days": agency.lookback_days}
        )
    return remarks


# -- formulas ---------------------------------------------------------------------------------------------------------


def _cost(figures: Figures, sign: str = "") -> FormulaTerm:
    return FormulaTerm(sign, money.format_money(figures.known_cost_cents), _("cost"), "cost")


def _loss(figures: Figures, margin: Fraction) -> str:
    known = figures.known_cost_cents is not None
    return money.format_money(round_half_up(figures.loss(margin)) if known else None)


def _labour_and_spend(figures: Figures, margin: Fraction) -> list[FormulaTerm]:
    rated = formatting.exact_hours(figures.minutes - figures.unrated_minutes)
    labour = _("%(hours)s at their rates") % {"hours": rated}
    return [
        FormulaTerm("", money.format_money(figures.known_labour_cents), labour, "hours"),
        FormulaTerm("+", money.format_money(figures.spend_cents), _("spend"), "spend"),
    ]


def _revenue_after_margin(figures: Figures, margin: Fraction) -> list[FormulaTerm]:
    return [*_credited(figures, margin), _cost(figures, "÷")]


def _credited(figures: Figures, margin: Fraction, sign: str = "") -> list[FormulaTerm]:
    return [
        FormulaTerm(sign, money.format_money(figures.revenue_cents), _("credited revenue"), "revenue"),
        FormulaTerm("×", _("%(number)s %%") % {"number": _plain_percent(margin)}, _("gross margin")),
    ]


def _plain_percent(ratio: Fraction) -> str:
    percent = ratio * 100
    return money.format_number(percent, digits=0 if percent.denominator == 1 else 2)


# -- the figures ------------------------------------------------------------------------------------------------------


def _lead_figures(
    name: str,
    *,
    millionths: Callable[[Figures], int],
    title: Promise,
    rows_title: Promise,
    cost_name: str,
    cost_title: Promise,
    noun: Promise,
    none: Promise,
) -> tuple[ExplainedFigure, ExplainedFigure]:
    """A credited count of leads, and the cost of one.

    `name` is that of the count in `reports.attribution.sums`. `noun` names it in the formula of the cost, `none` says
    that there was nothing to divide by.
    """
    kind = credited_leads(name, rows_title)
    counted = ExplainedFigure(
        name=name,
        title=title,
        rows=(kind,),
        value=lambda figures, margin: formatting.credited_count(millionths(figures)),
    )
    cost_of_one = ExplainedFigure(
        name=cost_name,
        title=cost_title,
        rows=(HOURS, SPEND, kind),
        value=lambda figures, margin: money.format_money(figures.cost_each_cents(millionths(figures))),
        formula=lambda figures, margin: [
            _cost(figures),
            FormulaTerm("÷", formatting.credited_count(millionths(figures)), str(noun), name),
        ],
        gaps=((lambda figures: figures.cost_cents, NO_COST), (millionths, none)),
    )
    return counted, cost_of_one


_FIGURES = (
    ExplainedFigure(
        name="return",
        title=format_lazy(gettext_lazy("Return per {unit} of cost"), unit=money.ONE_UNIT),
        rows=(SALES, HOURS, SPEND),
        value=lambda figures, margin: formatting.per_unit(figures.return_per_unit(margin)),
        formula=_revenue_after_margin,
        gaps=((lambda figures: figures.cost_cents, NO_COST),),
    ),
    ExplainedFigure(
        name=LOSS,
        title=gettext_lazy("Cost less what came back"),
        rows=(HOURS, SPEND, SALES),
        value=_loss,
        formula=lambda figures, margin: [_cost(figures), *_credited(figures, margin, "−")],
    ),
    ExplainedFigure(
        name="cost",
        title=gettext_lazy("Cost"),
        rows=(HOURS, SPEND),
        value=lambda figures, margin: money.format_money(figures.known_cost_cents),
        formula=_labour_and_spend,
    ),
    ExplainedFigure(
        name="revenue",
        title=gettext_lazy("Revenue"),
        rows=(SALES,),
        value=lambda figures, margin: money.format_money(figures.revenue_cents),
    ),
    *_lead_figures(
        "leads",
        millionths=lambda figures: figures.leads_millionths,
        title=gettext_lazy("Leads"),
        rows_title=gettext_lazy("Leads, as credited"),
        cost_name="cost_per_lead",
        cost_title=gettext_lazy("Cost per lead"),
        noun=gettext_lazy("leads"),
        none=gettext_lazy("There were no leads to divide by, so there is no figure."),
    ),
    *_lead_figures(
        "qualified",
        millionths=lambda figures: figures.qualified_millionths,
        title=gettext_lazy("Qualified leads"),
        rows_title=gettext_lazy("Qualified leads, as credited"),
        cost_name="cost_per_qualified",
        cost_title=gettext_lazy("Cost per qualified lead"),
        noun=gettext_lazy("qualified leads"),
        none=gettext_lazy("There were no qualified leads to divide by, so there is no figure."),
    ),
    ExplainedFigure(
        name="hours",
        title=gettext_lazy("Hours"),
        rows=(HOURS,),
        value=lambda figures, margin: formatting.exact_hours(figures.minutes),
    ),
    ExplainedFigure(
        name="sales",
        title=gettext_lazy("Sales"),
        rows=(SALES,),
        value=lambda figures, margin: formatting.credited_count(figures.sales_millionths),
    ),
    ExplainedFigure(
        name="spend",
        title=gettext_lazy("Spend"),
        rows=(SPEND,),
        value=lambda figures, margin: money.format_money(figures.spend_cents),
    ),
)
EXPLAINED: Mapping[str, ExplainedFigure] = {figure.name: figure for figure in _FIGURES}
ROW_KINDS: Mapping[str, RowKind] = {kind.name: kind for figure in _FIGURES for kind in (*figure.rows, ENTRIES)}
