"""What if: fewer hours a week on a platform, what that saves and what it gives up."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from core.form_fields import HoursField
from reports.statistics.response_curve import Estimate, from_line, what_if
from reports.statistics.results import Range, ResponseLine

# What is asked when nobody asked yet: a fifth of the hours.
USUAL_PART = 0.2


class WhatIfForm(forms.Form):
    """How many hours a week less; as minutes, from a quarter of an hour to all of those worked now."""

    fewer = HoursField(label=_("Hours a week less"))

    def __init__(self, data: Mapping[str, str], *, hours_now: float) -> None:
        # Asked for in the address: without it, the usual part is shown as an example.
        usual = max(0.25, round(hours_now * USUAL_PART) or math.floor(hours_now * 4) / 8)
        asked = data if "fewer" in data else {"fewer": f"{usual:g}"}
        super().__init__(asked)
        field = self.fields["fewer"]
        assert isinstance(field, HoursField)
        field.most = max(field.least, Decimal(math.floor(hours_now * 4)) / 4)
        field.widget.attrs |= {"size": 6}

    @property
    def hours(self) -> float | None:
        """Hours a week less; None when what was typed is no such number."""
        minutes = self.cleaned_data.get("fewer") if self.is_valid() else None
        return None if minutes is None else minutes / 60


@dataclass(frozen=True)
class Answer:
    """What fewer hours would save and give up, per week, in cents; None for what is not known.

    ``left`` are the hours that would remain; ``net_cents`` is what is saved less the margin given up.
    """

    fewer: float
    left: float
    saved_cents: float | None
    leads: Range | None = None
    given_up_cents: Range | None = None
    net_cents: Range | None = None
    is_outside: bool = False


def answer(line: ResponseLine, fewer: float) -> Answer:
    """Read it off the stored curve; without one, only the money saved is known."""
    curve = from_line(line) if line.refusal is None else None
    saved = None if line.hour_cents is None else fewer * line.hour_cents
    left = max(line.hours_now - fewer, 0.0)
    if curve is None:
        return Answer(fewer, left, saved)
    projection = what_if(
        curve,
        hours=line.hours_now,
        fewer=min(fewer, line.hours_now),
        cost_of_hour=line.hour_cents or 0.0,
        value_of_lead=line.value_of_lead_cents or 0.0,
    )
    given_up = None if line.value_of_lead_cents is None else _range(projection.revenue)
    return Answer(
        fewer=fewer,
        left=projection.hours,
        saved_cents=saved,
        leads=_range(projection.leads),
        given_up_cents=given_up,
        net_cents=None if given_up is None or saved is None else _less(saved, given_up),
        is_outside=projection.is_outside,
    )


def _range(estimate: Estimate) -> Range:
    """Fewer hours do not bring leads, whatever the bounds of the curve."""
    return Range(*(max(bound, 0.0) for bound in (estimate.value, estimate.low, estimate.high)))


def _less(saved: float, given_up: Range) -> Range:
    return Range(saved - given_up.value, saved - given_up.high, saved - given_up.low)
