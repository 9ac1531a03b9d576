"""What a campaign's page shows of the reports, for programs; what follows from rates for directors (docs/adr/0034)."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, cast

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from campaigns.api.collection import amount, week_of
from campaigns.models import Agency, Campaign
from core import money
from core.access import EVERYONE, STEERING
from core.api import paging
from core.api.access import READ, BearerToken, caller_of
from core.api.paging import Number
from core.api.problems import Problem
from core.money import to_decimal
from reports.api.figures import plain
from reports.api.verdicts import RangeOut
from reports.comparisons.page import comparison_view, current_record
from reports.comparisons.records import ComparisonRecord, ComparisonResult
from reports.figures.budgets import BudgetUse, budget_uses, shown_to
from reports.models import BUDGETS, BUDGETS_OF_MANAGERS, FlagKind
from reports.pages.own_campaigns import first_day, own_campaigns
from reports.verdicts.budget_flags import BudgetAlert, open_alerts

BudgetKindName = Literal["hours", "spend", "cost", "lead_cost"]


class ComparisonMoneyOut(Schema):
    """What it gained with its cost taken off, in the agency's currency; the numbers are null where there are none."""

    sentence: str
    gain: RangeOut | None
    roi: float | None
    invested: str | None
    currency: str
    evaluated_at: datetime


class ComparisonOut(Schema):
    """The run against the baseline. `ratio` is 1 when nothing changed; `units` came on top of what was expected.

    `missing` says what an answer lacks, `is_waiting` that one is being computed; the figures are null meanwhile, and
    `units` where the bounds are too wide. `money_out` is null for who may not see what hours cost.
    """

    campaign: int
    is_waiting: bool
    missing: list[str]
    until: str | None
    counted: str
    answer: str
    remarks: list[str]
    ratio: RangeOut | None
    units: RangeOut | None
    plain_ratio: float | None
    money_out: ComparisonMoneyOut | None


class BudgetOut(Schema):
    """What is used of one budget: of hours in whole minutes, of all others in the currency; null while nothing is.

    `alert` is the percentage at which an alert stands, 80 or 100, else 0.
    """

    kind: BudgetKindName
    budget_minutes: int | None
    used_minutes: int | None
    budget: str | None
    used: str | None
    currency: str
    percent: int | None
    alert: int
    hours_without_rate: str
    until: str | None


class AlertOut(Schema):
    campaign: int
    kind: str
    threshold: int
    raised_on: str
    sentence: str


class OwnCampaignOut(Schema):
    """Leads that met the campaign, and how many of them are qualified and won today."""

    campaign: int
    name: str
    leads: int
    qualified_leads: int
    won: int


class OwnCampaignsQuery(Schema):
    period: Literal["weeks", "year"] = Field("weeks", description="The last thirteen weeks, or this year.")


router = Router(tags=["Figures"])
STEERS = BearerToken(f"figures:{READ}", STEERING)


def campaign_of(pk: int, **which: bool) -> Campaign:
    row = Campaign.objects.filter(pk=pk, **which).first()
    if row is None:
        raise Http404
    return row


# -- before and after -------------------------------------------------------------------------------------------------


@router.get(
    "/campaigns/{int:pk}/comparison",
    response=ComparisonOut,
    auth=STEERS,
    url_name="campaign_comparison",
    summary="Before and after",
)
def read_comparison(request: HttpRequest, pk: Number) -> Any:
    """A campaign's run against its baseline."""
    at, campaign = timezone.now(), campaign_of(pk, is_general=False)
    sees_cost = caller_of(request).is_director
    view = comparison_view(campaign, at=at, shows_money_out=sees_cost)
    found = current_record(campaign, at=at)
    result = found[0].result if found else None
    return ComparisonOut(
        campaign=campaign.pk,
        is_waiting=view.is_waiting,
        missing=view.missing,
        until=str(found[0].spec.last_week) if found else None,
        counted=campaign.counted,
        answer=view.answer,
        remarks=[sentence for sentence in view.under if sentence],
        money_out=gained(view.gain, *found) if found and sees_cost else None,
        **ratios(result),
    )


def ratios(result: ComparisonResult | None) -> dict[str, Any]:
    if result is None:
        return {"ratio": None, "units": None, "plain_ratio": None}
    units = RangeOut(value=result.units, low=result.units_low, high=result.units_high)
    return {
        "ratio": RangeOut(value=result.ratio, low=result.low, high=result.high),
        "units": None if result.is_wide else units,
        "plain_ratio": result.plain,
    }


def gained(sentence: str, record: ComparisonRecord, evaluated_at: datetime) -> ComparisonMoneyOut:
    """Amounts are estimates, in cents inside, with whole bounds as those of units."""
    result, data = record.result, record.data
    estimate = result.money if result and not result.is_wide else None
    bounds = RangeOut(value=estimate.gain / 100, low=estimate.low / 100, high=estimate.high / 100) if estimate else None
    return ComparisonMoneyOut(
        sentence=sentence,
        gain=bounds,
        roi=estimate.roi if estimate else None,
        invested=known_cost(data.invested_cents, data.unrated_minutes) if data else None,
        currency=money.currency(),
        evaluated_at=evaluated_at,
    )


def known_cost(cents: float, unrated_minutes: int) -> str | None:
    """Null, and not 0, where there are hours without a rate and nothing else is known."""
    return None if unrated_minutes and not cents else plain(to_decimal(Decimal(cents) / 100, 2))


# -- budgets ----------------------------------------------------------------------------------------------------------


def kinds_for(request: HttpRequest) -> tuple[FlagKind, ...]:
    return BUDGETS if caller_of(request).is_director else BUDGETS_OF_MANAGERS


@router.get(
    "/campaigns/{int:pk}/budgets",
    response=list[BudgetOut],
    auth=STEERS,
    url_name="campaign_budgets",
    summary="What is used of a campaign's budgets",
)
def read_budgets(request: HttpRequest, pk: Number) -> Any:
    """Of the whole campaign; budgets of cost and the target cost per lead for directors alone."""
    campaign, agency = campaign_of(pk), Agency.current()
    uses = budget_uses([campaign], week=agency.last_complete_week(timezone.now()), agency=agency)
    return [show_budget(use) for use in shown_to(uses.get(campaign.pk, []), kinds_for(request))]


def show_budget(use: BudgetUse) -> BudgetOut:
    is_hours = use.kind is FlagKind.HOURS_BUDGET
    return BudgetOut(
        kind=cast(BudgetKindName, use.kind.value),
        budget_minutes=use.budget if is_hours else None,
        used_minutes=use.used if is_hours else None,
        budget=None if is_hours else amount(use.budget),
        used=None if is_hours else amount(use.used),
        currency=money.currency(),
        percent=use.percent,
        alert=use.level,
        hours_without_rate=plain(to_decimal(Decimal(use.unrated_minutes) / 60, 2)),
        until=str(use.until) if use.until else None,
    )


@router.get(
    "/budget-alerts", response=list[AlertOut], auth=STEERS, url_name="budget_alerts", summary="Alerts of budgets"
)
def read_alerts(request: HttpRequest) -> Any:
    """The campaigns of which a budget is used to 80 or 100 percent; those of cost for directors alone."""
    agency = Agency.current()
    alerts = open_alerts(agency.last_complete_week(timezone.now()), agency, kinds=kinds_for(request))
    return [show_alert(alert) for alert in alerts]


def show_alert(alert: BudgetAlert) -> AlertOut:
    return AlertOut(
        campaign=alert.campaign.pk,
        kind=alert.flag.kind,
        threshold=alert.flag.threshold or 0,
        raised_on=week_of(alert.flag.raised_on),
        sentence=alert.sentence,
    )


# -- one's own --------------------------------------------------------------------------------------------------------


@router.get(
    "/my-campaigns",
    response=list[OwnCampaignOut],
    auth=BearerToken(f"hours:{READ}", EVERYONE),
    url_name="my_campaigns",
    summary="What came of the campaigns that one worked on",
)
def read_own_campaigns(request: HttpRequest, query: Query[OwnCampaignsQuery]) -> Any:
    """By campaign and not by person, without money."""
    paging.known_only(request, OwnCampaignsQuery)
    person, today = caller_of(request).person, timezone.localdate()
    if person is None:
        raise Problem(403, _("A service has no hours of its own."))
    return [
        OwnCampaignOut(
            campaign=row.campaign.pk,
            name=str(row.campaign),
            leads=row.leads,
            qualified_leads=row.qualified,
            won=row.won,
        )
        for row in own_campaigns(person, since=first_day(query.period, today), today=today)
    ]
