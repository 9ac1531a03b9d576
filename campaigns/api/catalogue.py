"""Platforms, clients and campaigns. They are made inactive, never deleted: past figures rest on them."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Literal

from django.db.models import Count, Q
from django.http import HttpRequest
from ninja import Field, Router, Schema

from campaigns.api.collection import (
    AMOUNT,
    CURRENCY,
    Collection,
    add_reading,
    add_writing,
    amount,
    filled,
    week_of,
)
from campaigns.forms import CampaignForm, ClientForm, PlatformForm
from campaigns.models import Campaign, Client, Platform
from campaigns.views.catalogue import CAMPAIGNS, CLIENTS, PLATFORMS, next_colour, this_week
from campaigns.weekly_limits import with_limit_in_force
from core import money
from core.access import STEERING
from core.api.access import caller_of
from core.api.paging import Number, Sent, left_out

PlatformKindName = Literal["social", "search", "newsletter", "event", "referral", "other"]
PurposeName = Literal["reach", "keep", "serve"]
MeasureName = Literal["leads", "qualified", "sales"]


class PlatformOut(Schema):
    """`limit_in_force_minutes` is that of this week: of a trial up to week `trial_ends`, else the platform's own."""

    id: int
    name: str
    kind: str
    weekly_limit_minutes: int | None
    limit_in_force_minutes: int | None
    trial_ends: str | None
    colour: int
    aliases: list[str]
    is_active: bool


class PlatformIn(Sent):
    name: str = left_out(max_length=80)
    kind: PlatformKindName = "social"
    weekly_limit_minutes: int | None = left_out(ge=15, le=600_000)
    colour: int = left_out(ge=1, le=12)
    aliases: list[str] = Field([], max_length=200)
    is_active: bool = True


class ClientOut(Schema):
    id: int
    name: str
    is_own_brand: bool
    is_active: bool


class ClientIn(Sent):
    name: str = left_out(max_length=120)
    is_active: bool = True


class BudgetsOut(Schema):
    """What follows from rates: for directors alone."""

    budget_cost: str | None
    target_cost_per_lead: str | None


class CampaignOut(Schema):
    """`money_out` is null for who may not see what hours cost."""

    id: int
    client: int
    name: str
    purpose: str
    goal: str
    objective: str
    action: str
    indicator: str
    measure: str
    compared_by: str
    baseline_starts_on: date | None
    baseline_ends_on: date | None
    starts_on: date | None
    ends_on: date | None
    budget_minutes: int | None
    budget_spend: str | None
    currency: str
    aliases: list[str]
    is_general: bool
    is_active: bool
    money_out: BudgetsOut | None


class CampaignIn(Sent):
    client: Number = left_out()
    name: str = left_out(max_length=400)
    purpose: PurposeName = "reach"
    goal: str = Field("", max_length=200)
    objective: str = Field("", max_length=200)
    action: str = Field("", max_length=200)
    indicator: str = Field("", max_length=200)
    measure: str = Field("", max_length=200)
    compared_by: MeasureName = "leads"
    baseline_starts_on: date | None = None
    baseline_ends_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    budget_minutes: int | None = left_out(ge=15, le=60_000_000, description="For the whole campaign.")
    budget_spend: str | None = left_out(pattern=AMOUNT, description="For all that is paid besides hours.")
    budget_cost: str | None = left_out(pattern=AMOUNT, description="For hours at their rates and bills: of directors.")
    target_cost_per_lead: str | None = left_out(pattern=AMOUNT, description="At most, all costs counted: of directors.")
    currency: str = left_out(pattern=CURRENCY, description="The agency's own.")
    aliases: list[str] = Field([], max_length=200)
    is_active: bool = True


def show_platform(row: Any) -> PlatformOut:
    trial_ends = week_of(row.trial_ends) if row.trial_ends else None
    return filled(
        PlatformOut,
        row,
        limit_in_force_minutes=row.limit_in_force,
        trial_ends=trial_ends,
        aliases=[alias.text for alias in row.aliases.all()],
    )


def show_campaign(row: Campaign) -> CampaignOut:
    return filled(
        CampaignOut,
        row,
        name=str(row),
        compared_by=row.counted,
        budget_spend=amount(row.budget_spend_cents),
        currency=money.currency(),
        aliases=[alias.text for alias in row.aliases.all()],
        money_out=None,
    )


def money_out(row: Campaign) -> dict[str, Any]:
    shown = BudgetsOut(budget_cost=amount(row.budget_cost_cents), target_cost_per_lead=amount(row.target_lead_cents))
    return {"money_out": shown}


def platform_form(_request: Any, row: Platform | None, data: Any) -> PlatformForm:
    return PlatformForm(data, instance=row, initial={} if row else {"colour": next_colour(), "is_active": True})


def in_hours(*names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What is sent in minutes, as people type hours: `450` is `7:30`."""

    def typed(data: dict[str, Any]) -> dict[str, Any]:
        minutes = {name: int(data[name]) for name in names if data.get(name)}
        return {**data, **{name: f"{count // 60}:{count % 60:02d}" for name, count in minutes.items()}}

    return typed


def client_form(_request: Any, row: Client | None, data: Any) -> ClientForm:
    return ClientForm(data, instance=row)


def campaign_form(request: HttpRequest, row: Campaign | None, data: Any) -> CampaignForm:
    return CampaignForm(data, instance=row, shows_money_out=caller_of(request).is_director)


PLATFORMS_API = Collection(
    name="platforms",
    one="platform",
    scope="catalogue",
    roles=STEERING,
    listing=PLATFORMS,
    rows=lambda: with_limit_in_force(Platform.objects.prefetch_related("aliases").distinct(), this_week()),
    show=show_platform,
    out=PlatformOut,
    sent=PlatformIn,
    form=platform_form,
    as_typed=in_hours("weekly_limit_minutes"),
)
CLIENTS_API = Collection(
    name="clients",
    one="client",
    scope="catalogue",
    roles=STEERING,
    listing=CLIENTS,
    rows=lambda: Client.objects.annotate(campaign_count=Count("campaigns", filter=Q(campaigns__is_active=True))),
    show=partial(filled, ClientOut),
    out=ClientOut,
    sent=ClientIn,
    form=client_form,
)
CAMPAIGNS_API = Collection(
    name="campaigns",
    one="campaign",
    scope="catalogue",
    roles=STEERING,
    listing=CAMPAIGNS,
    rows=lambda: Campaign.objects.select_related("client").prefetch_related("aliases").distinct(),
    show=show_campaign,
    out=CampaignOut,
    sent=CampaignIn,
    form=campaign_form,
    fields={
        "compared_by": "counted",
        "budget_spend": "budget_spend_cents",
        "budget_cost": "budget_cost_cents",
        "target_cost_per_lead": "target_lead_cents",
    },
    of_directors=money_out,
    as_typed=in_hours("budget_minutes"),
)

router = Router(tags=["Platforms, clients and campaigns"])
for each in (PLATFORMS_API, CLIENTS_API, CAMPAIGNS_API):
    add_reading(router, each)
    add_writing(router, each)
