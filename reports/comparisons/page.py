"""A campaign's comparison as its page tells it: the answer and what stands behind it, or what is missing for one."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from campaigns.models import Agency, Campaign, Platform
from core import money
from core.templatetags.retour import percent
from core.weeks import Week
from reports.comparisons import wording as words
from reports.comparisons.chart import Picture, draw
from reports.comparisons.records import Asked, Found, Read, from_json
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
class Told:
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
    picture: Picture | None = None
    evaluated_at: datetime | None = None
    until: str = ""


def tell(campaign: Campaign, *, at: datetime, shows_money_out: bool) -> Told:
    """What is known of this campaign now; what follows from rates only when `shows_money_out`.

    When it was computed follows from them too: a rate that changes has it computed anew.
    """
    if not campaign.baseline_starts_on:
        return Told(missing=[_("It has no baseline yet.")], needs_dates=True)
    if not campaign.starts_on:
        return Told(missing=[_("It is not said on which day its run starts.")], needs_dates=True)
    agency = Agency.current()
    stored = Comparison.objects.filter(campaign=campaign).first()
    compared = from_json(stored.results) if stored else None
    asked = Asked.of(campaign, agency, agency.last_complete_week(at))
    if stored is None or compared is None or not compared.asked.is_as_asked_by(asked):
        return Told(is_waiting=True)
    evaluated_at = stored.evaluated_at if shows_money_out else None
    when: dict[str, Any] = {"evaluated_at": evaluated_at, "until": str(compared.asked.last_week)}
    names = dict(Platform.objects.values_list("pk", "name"))
    known = words.facts(compared, names) if compared.read else []
    if compared.found is None or compared.read is None:
        return Told(missing=words.refusal(compared), facts=known, **when)
    told = _answered(compared.asked, compared.read, compared.found)
    told = replace(told, facts=known, **when)
    return _with_gain(told, campaign, compared.asked, compared.read, compared.found) if shows_money_out else told


def _answered(asked: Asked, read: Read, found: Found) -> Told:
    return Told(
        answer=words.answer(asked, found),
        under=[words.against(read), words.plain_ratio(read, found)],
        picture=draw(asked, read, found),
    )


def _with_gain(told: Told, campaign: Campaign, asked: Asked, read: Read, found: Found) -> Told:
    """The same with the money, unless the bounds are too wide for any."""
    if found.is_wide:
        return told
    if found.money is None or read.unit_cents is None:
        return replace(told, gain=words.gain(asked, read, found))
    return replace(
        told,
        gain=words.gain(asked, read, found),
        formula=_formula(campaign, asked, read.unit_cents, read.invested_cents, found.units),
        result=cash(found.money.gain),
    )


def _formula(campaign: Campaign, asked: Asked, unit: float, invested: float, units: float) -> list[Term]:
    """Units x value of one x margin - cost, cents in, rounded for the eye."""
    each = _("revenue of these platforms for each, in the weeks compared")
    cost = _("hours at their rates and spend of the campaign, since it started")
    return [
        Term("", money.format_number(Fraction(units), digits=1), _("units on top of what was expected")),
        Term("×", money.format_money(Fraction(unit)), each),
        Term("×", percent(Fraction(asked.margin)), _("gross margin")),
        Term("−", cash(invested), cost, _rows_of_cost(campaign, asked)),
    ]


def _rows_of_cost(campaign: Campaign, asked: Asked) -> str:
    """Where the hours and spend are explained; nothing for a run longer than a page of figures takes."""
    first = Week.containing(date.fromisoformat(asked.starts_on))
    if first.weeks_until(asked.last_week) >= LONGEST:
        return ""
    wanted: dict[str, str | int] = {
        "figure": "cost",
        "campaign": campaign.pk,
        "from": str(first),
        "to": str(asked.last_week),
    }
    return f"{reverse('reports:explain')}?{urlencode(wanted)}"
