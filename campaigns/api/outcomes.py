"""Outcomes, which are no money, and what the agency holds them to be worth, which is for directors."""

from datetime import datetime

from ninja import Field, Router, Schema

from campaigns.api.collection import (
    AMOUNT,
    CURRENCY,
    Collection,
    add_reading,
    add_voiding,
    add_writing,
    amount,
    filled,
    week_of,
)
from campaigns.forms import OutcomeForm, OutcomeValueForm
from campaigns.models import Outcome, OutcomeValue
from campaigns.views.outcomes import OUTCOMES, VALUES
from core import money
from core.access import STEERING, Role
from core.api.paging import Number, Sent, left_out

ISO_WEEK = r"^[0-9]{4}-W[0-9]{2}$"


class OutcomeOut(Schema):
    id: int
    platform: int
    campaign: int
    week: str
    measure: str
    count: int
    note: str
    voided_at: datetime | None
    void_reason: str


class OutcomeIn(Sent):
    platform: Number = left_out()
    campaign: Number = left_out()
    week: str = left_out(pattern=ISO_WEEK, description="An ISO week: 2026-W47.")
    measure: str = left_out(max_length=80)
    count: int = left_out(ge=0, le=10**15)
    note: str = Field("", max_length=200)


class OutcomeValueOut(Schema):
    """What one of a measure is worth from a week on, by the agency's own judgement; it enters no total of money."""

    id: int
    measure: str
    week: str
    value: str | None
    currency: str
    reason: str
    voided_at: datetime | None
    void_reason: str


class OutcomeValueIn(Sent):
    measure: str = left_out(max_length=80)
    week: str = left_out(pattern=ISO_WEEK, description="From which ISO week on.")
    value: str = left_out(pattern=AMOUNT, description="A decimal: 0.50.")
    currency: str = left_out(pattern=CURRENCY, description="The agency's own.")
    reason: str = Field("", max_length=200, description="What the value rests on.")


def show_value(row: OutcomeValue) -> OutcomeValueOut:
    return filled(
        OutcomeValueOut, row, week=week_of(row.week), value=amount(row.value_cents), currency=money.currency()
    )


OUTCOMES_API = Collection(
    name="outcomes",
    one="outcome",
    scope="outcomes",
    roles=STEERING,
    listing=OUTCOMES,
    rows=lambda: Outcome.objects.all(),
    show=lambda row: filled(OutcomeOut, row, week=week_of(row.week)),
    out=OutcomeOut,
    sent=OutcomeIn,
    form=lambda _request, row, data: OutcomeForm(data, instance=row),
)

OUTCOME_VALUES_API = Collection(
    name="outcome-values",
    one="outcome_value",
    scope="outcomes",
    roles=[Role.DIRECTOR],
    listing=VALUES,
    rows=lambda: OutcomeValue.objects.all(),
    show=show_value,
    out=OutcomeValueOut,
    sent=OutcomeValueIn,
    form=lambda _request, row, data: OutcomeValueForm(data, instance=row),
    fields={"value": "value_cents"},
)

router = Router(tags=["Outcomes"])
for each in (OUTCOMES_API, OUTCOME_VALUES_API):
    add_reading(router, each)
    add_writing(router, each)
    add_voiding(router, each)
