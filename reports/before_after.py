"""A campaign's comparison as its page tells it: the answer and what stands behind it, or what is missing for one."""

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from campaigns import money
from campaigns.models import Agency, Campaign, Platform
from reports.compared import Asked, Found, Read, from_json
from reports.comparison_picture import Picture, draw
from reports.models import Comparison
from reports.words import compared as words
from reports.words.amounts import cash


@dataclass(frozen=True)
class Term:
    """One term of a formula: its sign, its value, and what it is."""

    sign: str
    value: str
    name: str


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
    """What is known of this campaign now; what follows from rates only when `shows_money_out`."""
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
    when: dict[str, Any] = {"evaluated_at": stored.evaluated_at, "until": str(compared.asked.last_week)}
    names = dict(Platform.objects.values_list("pk", "name"))
    known = words.facts(compared, names) if compared.read else []
    if compared.found is None or compared.read is None:
        return Told(missing=words.refusal(compared), facts=known, **when)
    return _answered(compared.asked, compared.read, compared.found, known, when, shows_money_out=shows_money_out)


def _answered(
    asked: Asked,
    read: Read,
    found: Found,
    known: list[tuple[str, str]],
    when: dict[str, Any],
    *,
    shows_money_out: bool,
) -> Told:
    shows_gain = shows_money_out and not found.is_wide
    return Told(
        answer=words.answer(asked, found),
        under=[words.against(read), words.plain_ratio(read, found)],
        gain=words.gain(asked, read, found) if shows_gain else "",
        formula=_formula(asked, read, found) if shows_gain else [],
        result=cash(found.money.gain) if shows_gain and found.money else "",
        facts=known,
        picture=draw(asked, read, found),
        **when,
    )


def _formula(asked: Asked, read: Read, found: Found) -> list[Term]:
    """Units x value of one x margin - cost."""
    if found.money is None or read.unit_cents is None:
        return []
    return [
        Term("", money.format_number(Fraction(found.units), digits=1), _("units on top of what was expected")),
        Term(
            "×",
            money.format_money(Fraction(read.unit_cents)),
            _("revenue of these platforms for each, in the weeks compared"),
        ),
        Term("×", money.format_number(Fraction(asked.margin) * 100) + "\xa0%", _("gross margin")),
        Term("−", cash(read.invested_cents), _("hours at their rates and spend of the campaign, since it started")),
    ]
