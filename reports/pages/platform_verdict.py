"""What stands behind a platform's verdict, as its page shows it: pictures, tables and sentences of one `Assessment`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from babel.dates import format_date
from django.utils.translation import gettext as _

from campaigns.attribution import MODELS
from core import money
from reports.figures.formatting import cash, for_each_unit, in_100, per_unit
from reports.pages import what_if
from reports.pages.platform_charts import (
    DelayCurve,
    Payback,
    delay_curve,
    payback,
    per_1,
    target_words,
)
from reports.pages.response_chart import HoursAndLeads, hours_and_leads
from reports.statistics.results import Assessment, Quarter, ResponseLine
from reports.statistics.states import VerdictState
from reports.verdicts.wording import refusal_sentences
from reports.verdicts.wording import response_curve as line_words
from reports.verdicts.wording import return_lag as delay_words
from reports.verdicts.wording.attribution_models import model_refusal
from reports.verdicts.wording.response_curve import cash_range, count_range, per_unit_range


@dataclass(frozen=True)
class Pace:
    """How long returns take, and whose sales that was seen in."""

    sentence: str
    half: str
    source: str
    refusals: Sequence[str]
    curve: DelayCurve


@dataclass(frozen=True)
class PipelineQuarter:
    """What work that is done is still to bring in one calendar quarter, or in what is left of it."""

    name: str
    expected: str
    bounds: str


@dataclass(frozen=True)
class NextHour:
    """Where the next hour stops paying, or why that is not said."""

    answer: str
    doubling: str
    refusals: Sequence[str]
    picture: HoursAndLeads | None
    line: ResponseLine
    hours_now: str
    lead: str
    next_lead: str
    next_lead_bounds: str
    next_return: str
    next_return_bounds: str
    least: str
    hour: str
    value_of_lead: str
    exponent: str
    exponent_bounds: str


@dataclass(frozen=True)
class Instead:
    """The what-if form and its answer in words; no answer to what could not be read."""

    form: what_if.WhatIfForm
    answer: what_if.Answer | None = None
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelRow:
    """The verdict under one attribution model, or why it was not asked."""

    name: str
    meaning: str
    is_chosen: bool
    state: str = ""
    plain_state: str = ""
    came: str = ""
    below: str = ""
    refusal: str = ""
    differs: bool = False
    plain_differs: bool = False


@dataclass(frozen=True)
class PlatformVerdict:
    """All of it. Parts that cannot be drawn are None."""

    until: date
    target: str
    payback: Payback | None
    total: str
    total_bounds: str
    pipeline: Sequence[PipelineQuarter]
    pace: Pace | None
    refusals: Sequence[str]
    next_hour: NextHour
    instead: Instead | None
    models: Sequence[ModelRow]
    differing: int


def platform_verdict(
    assessment: Assessment, *, platform: str, chosen_model: str, query: Mapping[str, str]
) -> PlatformVerdict:
    """`query` is the page's address, in which a question about fewer hours may stand."""
    until = date.fromisoformat(assessment.inputs_until)
    is_unsold = assessment.state == VerdictState.NO_SALES
    models = [] if is_unsold else model_rows(assessment, chosen_model)
    total = per_1(assessment.total, assessment.total_cost_cents)
    return PlatformVerdict(
        until=until,
        target=target_words(assessment.target),
        payback=payback(assessment),
        total=for_each_unit(total.value) if total else "",
        total_bounds=per_unit_range(total) if total else "",
        pipeline=[_quarter(quarter) for quarter in assessment.quarters],
        pace=_pace(assessment, platform),
        refusals=[] if assessment.delay else refusal_sentences(assessment.refusals),
        next_hour=_next_hour(assessment.line),
        instead=_instead(assessment.line, query),
        models=models,
        differing=sum(row.differs for row in models),
    )


def _quarter(quarter: Quarter) -> PipelineQuarter:
    first, expected = date.fromisoformat(quarter.first_day), quarter.expected
    name = str(format_date(first, "QQQ y", locale=money.current_locale()))
    return PipelineQuarter(name=name, expected=cash(expected.value), bounds=cash_range(expected))


def _pace(assessment: Assessment, platform: str) -> Pace | None:
    delay = assessment.delay
    if delay is None or not delay.share:
        return None
    return Pace(
        sentence=delay_words.sentence(delay),
        half=delay_words.half(delay),
        source=delay_words.source(delay, platform),
        refusals=refusal_sentences(delay.refusals),
        curve=delay_curve(delay),
    )


def _next_hour(line: ResponseLine) -> NextHour:
    lead, back = line.marginal_lead_cents, line.marginal_return
    return NextHour(
        answer=line_words.answer(line),
        doubling=line_words.doubling(line),
        refusals=line_words.refusal_words(line),
        picture=hours_and_leads(line),
        line=line,
        hours_now=line_words.hours(line.hours_now),
        lead=cash(line.lead_cents) if line.lead_cents is not None else "",
        next_lead=line_words.cash_or_more(lead) if lead else "",
        next_lead_bounds=cash_range(lead) if lead else "",
        next_return=per_unit(back.value) if back else "",
        next_return_bounds=per_unit_range(back) if back else "",
        least=line_words.hours(line.least_hours),
        hour=cash(line.hour_cents) if line.hour_cents is not None else "",
        value_of_lead=cash(line.value_of_lead_cents) if line.value_of_lead_cents is not None else "",
        exponent=line_words.exponent(line.b),
        exponent_bounds=line_words.exponent_bounds(line),
    )


def _instead(line: ResponseLine, query: Mapping[str, str]) -> Instead | None:
    """Nothing can be left out where there are no hours."""
    if line.hours_now < 0.25:
        return None
    form = what_if.WhatIfForm(query, hours_now=line.hours_now)
    if form.hours is None:
        return Instead(form)
    effect = what_if.answer(line, form.hours)
    words = {"fewer": line_words.hours(effect.fewer), "left": line_words.hours(effect.left)}
    if effect.saved_cents is not None:
        words["saved"] = cash(effect.saved_cents)
    if effect.leads:
        words |= {"leads": line_words.count(effect.leads.value), "leads_bounds": count_range(effect.leads)}
    if effect.given_up_cents:
        words |= {"given_up": cash(effect.given_up_cents.value), "given_up_bounds": cash_range(effect.given_up_cents)}
    if effect.net_cents:
        words |= {"net": cash(effect.net_cents.value), "net_bounds": cash_range(effect.net_cents)}
    return Instead(form, effect, words)


def model_rows(assessment: Assessment, chosen: str) -> list[ModelRow]:
    """One row per model in the order of the registry; those that say otherwise than the verdict are marked."""
    by_choice = assessment.models.get(chosen)
    verdict = assessment.state if assessment.is_averaged or by_choice is None else by_choice.state
    rows = []
    for model in MODELS:
        row = ModelRow(_(model.label), _(model.meaning), model.name == chosen)
        if under := assessment.models.get(model.name):
            rows.append(
                replace(
                    row,
                    state=under.state,
                    plain_state=under.plain_state,
                    came=cash(under.returned_cents),
                    below="" if under.p_below is None else in_100(under.p_below),
                    differs=by_choice is not None and under.state != verdict,
                    plain_differs=by_choice is not None and under.plain_state != by_choice.plain_state,
                )
            )
        elif refusal := assessment.models_refused.get(model.name):
            rows.append(replace(row, refusal=model_refusal(refusal)))
    return rows
