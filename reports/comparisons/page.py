"""A campaign's comparison as its page tells it: the answer and what stands behind it, or what is missing for one."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from campaigns.models import Agency, Campaign, Platform
from core import money
from core.templatetags.retour import percent
from core.week_names import week_name
from core.weeks import Week
from reports.comparisons import wording as words
from reports.comparisons.chart import ComparisonChart, comparison_chart
from reports.comparisons.records import ComparisonData, ComparisonRecord, ComparisonResult, ComparisonSpec, from_json
from reports.figures.filters import LONGEST
from reports.figures.formatting import cash
from reports.models import Comparison


@dataclass(frozen=True)
class Term:
    """One term of a formula: its sign, its value, what it is, and where its own rows are."""

    sign: str
    value: str
    name: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class ComparisonView:
    """The comparison in words: an answer with what stands behind it, or what is missing for one.

    ``is_waiting`` while the jobs have not answered what the campaign asks now.
    """

    missing: list[str] = field(default_factory=list)
    needs_dates: bool = False
    is_waiting: bool = False
    answer: str = ""
    under: list[str] = field(default_factory=list)
    gain: str = ""
    formula: list[Term] = field(default_factory=list)
    result: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    picture: ComparisonChart | None = None
    evaluated_at: datetime | None = None
    until: str = ""


def comparison_view(campaign: Campaign, *, at: datetime, shows_money_out: bool) -> ComparisonView:
    """What is known of this campaign now; what follows from rates only when `shows_money_out`."""
    if missing := _missing_dates(campaign):
        return ComparisonView(missing=[missing], needs_dates=True)
    found = current_record(campaign, at=at)
    if found is None:
        return ComparisonView(is_waiting=True)
    return _computed(campaign, *found, shows_money_out=shows_money_out)


def current_record(campaign: Campaign, *, at: datetime) -> tuple[ComparisonRecord, datetime] | None:
    """What the jobs found for what the campaign asks now, and when; None while they have not."""
    if _missing_dates(campaign):
        return None
    agency = Agency.current()
    stored = Comparison.objects.filter(campaign=campaign).first()
    record = from_json(stored.results) if stored else None
    spec = ComparisonSpec.of(campaign, agency, agency.last_complete_week(at))
    if stored is None or record is None or not record.spec.differs_only_in_time_from(spec):
        return None
    return record, stored.evaluated_at


def _missing_dates(campaign: Campaign) -> str:
    if not campaign.baseline_starts_on:
        return _("It has no baseline yet.")
    return "" if campaign.starts_on else _("It is not said on which day its run starts.")


def _computed(
    campaign: Campaign, record: ComparisonRecord, evaluated_at: datetime, *, shows_money_out: bool
) -> ComparisonView:
    """The view of a record. When it was computed follows from rates too: one that changes has it computed anew."""
    names = dict(Platform.objects.values_list("pk", "name"))
    view = ComparisonView(
        facts=words.facts(record, names) if record.data else [],
        evaluated_at=evaluated_at if shows_money_out else None,
        until=week_name(record.spec.last_week),
    )
    if record.result is None or record.data is None:
        return replace(view, missing=words.refusal_sentences(record))
    view = _answered(view, record.spec, record.data, record.result)
    return _with_gain(view, campaign, record.spec, record.data, record.result) if shows_money_out else view


def _answered(
    view: ComparisonView, spec: ComparisonSpec, data: ComparisonData, result: ComparisonResult
) -> ComparisonView:
    return replace(
        view,
        answer=words.answer(spec, result),
        under=[words.against(data), words.plain_ratio(data, result), words.spells(result)],
        picture=comparison_chart(spec, data, result),
    )


def _with_gain(
    view: ComparisonView, campaign: Campaign, spec: ComparisonSpec, data: ComparisonData, result: ComparisonResult
) -> ComparisonView:
    """The same with the money, unless the bounds are too wide for any."""
    if result.is_wide:
        return view
    if result.money is None or data.unit_cents is None:
        return replace(view, gain=words.gain(spec, data, result))
    return replace(
        view,
        gain=words.gain(spec, data, result),
        formula=_formula(campaign, spec, data.unit_cents, data.invested_cents, result.units),
        result=cash(result.money.gain),
    )


def _formula(campaign: Campaign, spec: ComparisonSpec, unit: float, invested: float, units: float) -> list[Term]:
    """Units x value of one x margin - cost, cents in, rounded for the eye."""
    each = _("revenue of these platforms for each, in the weeks compared")
    cost = _("hours at their rates and spend of the campaign, since it started")
    return [
        Term("", money.format_number(Fraction(units), digits=1), _("units on top of what was expected")),
        Term("×", money.format_money(Fraction(unit)), each),
        Term("×", percent(Fraction(spec.margin)), _("gross margin")),
        Term("−", cash(invested), cost, _rows_of_cost(campaign, spec)),
    ]


def _rows_of_cost(campaign: Campaign, spec: ComparisonSpec) -> str:
    """Where the hours and spend are explained; nothing for a run longer than a page of figures takes."""
    first = Week.containing(date.fromisoformat(spec.starts_on))
    if first.weeks_until(spec.last_week) >= LONGEST:
        return ""
    wanted: dict[str, str | int] = {
        "figure": "cost",
        "campaign": campaign.pk,
        "from": str(first),
        "to": str(spec.last_week),
    }
    return f"{reverse('reports:explain')}?{urlencode(wanted)}"
