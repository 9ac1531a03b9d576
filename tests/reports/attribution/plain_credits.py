"""Who is credited with each lead and sale, one by one and with objects: what the arrays must come to.

This is how credits were computed before `reports/attribution/credits.py` computed many at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from campaigns.attribution import MILLION, PATH_MODELS, Journey, JourneyTouch, eligible, share
from campaigns.models import Agency, Campaign, Lead, Sale, Touch
from core.weeks import Week
from reports.attribution.sums import RollupCell
from reports.models import Credit


@dataclass(frozen=True)
class CreditRules:
    """What the settings say about credit, read once per recomputation."""

    agency: Agency
    general_id: int

    @classmethod
    def current(cls) -> "CreditRules":
        return cls(agency=Agency.current(), general_id=Campaign.objects.general().pk)

    def end_of(self, day: date) -> datetime:
        """The last instant of a day in the agency's zone: a touch on the day of the sale came before it."""
        midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=self.agency.zone)
        return midnight.astimezone(UTC) - timedelta(microseconds=1)

    def campaign_of(self, platform_id: int | None, campaign_id: int | None) -> int | None:
        """Work on a platform that names no campaign is general presence; without a platform it stays unknown."""
        return campaign_id or (self.general_id if platform_id else None)

    def cell(self, touch: JourneyTouch) -> RollupCell:
        campaign_id = self.campaign_of(touch.platform, touch.campaign)
        return RollupCell(self.agency.week_of(touch.at).monday, touch.platform, campaign_id)

    def journey(self, lead: Lead, touches: Sequence[JourneyTouch], *, conversion_at: datetime) -> Journey:
        """The touches of a lead that may be credited with its conversion at this instant."""
        counted = eligible(touches, conversion_at=conversion_at, lookback_days=self.agency.lookback_days)
        return Journey(counted, lead_at=lead.received_at, half_life_days=float(self.agency.half_life))


@dataclass(frozen=True)
class CreditSplit:
    """The cells that share one conversion, touch by touch, and their weight under each model."""

    cells: Sequence[RollupCell]
    weights: dict[str, list[int]]

    @classmethod
    def along(cls, journey: Journey, rules: CreditRules, *, otherwise: RollupCell) -> "CreditSplit":
        """Split among the touches of a journey; all to the cell `otherwise` when it has none."""
        if not journey.touches:
            return cls.whole(otherwise)
        by_model = {model.name: model.weights(journey) for model in PATH_MODELS}
        return cls([rules.cell(touch) for touch in journey.touches], by_model)

    @classmethod
    def whole(cls, cell: RollupCell) -> "CreditSplit":
        return cls([cell], {model.name: [1] for model in PATH_MODELS})

    def parts(self, *, millionths: int, cents: int) -> dict[RollupCell, dict[str, int]]:
        """Both totals shared over the cells: `{cell: {"share_linear": ..., "cents_linear": ...}}`."""
        parts: dict[RollupCell, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Credit.AMOUNTS, 0))
        for model, touch_weights in self.weights.items():
            for name, total in (("share", millionths), ("cents", cents)):
                for cell, part in zip(self.cells, share(total, touch_weights), strict=True):
                    parts[cell][f"{name}_{model}"] += part
        return parts


def all_credits() -> set[tuple[object, ...]]:
    """What the credits of all leads and sales must say, in the columns of `Credit.KEY` and `Credit.AMOUNTS`."""
    sales = Sale.objects.select_related("lead", "refund_of__lead")
    credits = _credits_of(list(Lead.objects.live()), [sale for sale in sales if _counts(sale)])
    return {_values(credit) for credit in credits}


def stored_credits() -> set[tuple[object, ...]]:
    return {_values(credit) for credit in Credit.objects.all()}


def _credits_of(leads: Sequence[Lead], sales: Sequence[Sale]) -> list[Credit]:
    rules = CreditRules.current()
    buyers = {lead_id for sale in sales if (lead_id := _original(sale).lead_id)}
    touches = _touches_of({lead.pk for lead in leads} | buyers)
    credits = [credit for lead in leads for credit in _lead_credits(lead, touches[lead.pk], rules)]
    return credits + [credit for sale in sales for credit in _sale_credits(sale, touches, rules)]


def _original(sale: Sale) -> Sale:
    """The sale whose journey shares the credit: its own, or for a refund that of the sale it undoes."""
    return sale.refund_of or sale


def _counts(sale: Sale) -> bool:
    """Whether the sale counts: not voided, nor, for a refund, its original; that would take back what is not there."""
    return not sale.is_void and not (sale.refund_of and sale.refund_of.is_void)


def _touches_of(lead_ids: Iterable[int]) -> dict[int, list[JourneyTouch]]:
    touches: dict[int, list[JourneyTouch]] = defaultdict(list)
    rows = Touch.objects.live().filter(lead_id__in=set(lead_ids), lead__voided_at=None)
    for pk, lead_id, at, platform_id, campaign_id in rows.values_list(
        "pk", "lead_id", "at", "platform_id", "campaign_id"
    ):
        touches[lead_id].append(JourneyTouch(at=at, id=pk, platform=platform_id, campaign=campaign_id))
    return touches


def _lead_credits(lead: Lead, touches: Sequence[JourneyTouch], rules: CreditRules) -> list[Credit]:
    received = rules.agency.week_of(lead.received_at).monday
    journey = rules.journey(lead, touches, conversion_at=lead.received_at)
    split = CreditSplit.along(journey, rules, otherwise=RollupCell(received, None, None))
    return [
        Credit(
            lead_id=lead.pk,
            platform_id=cell.platform_id,
            campaign_id=cell.campaign_id,
            work_week=cell.week,
            money_week=received,
            is_qualified=lead.qualified_at is not None,
            **amounts,
        )
        for cell, amounts in split.parts(millionths=MILLION, cents=0).items()
    ]


def _sale_credits(sale: Sale, touches: dict[int, list[JourneyTouch]], rules: CreditRules) -> list[Credit]:
    """A sale's credits; a refund takes back along its original's journey, in the week of the refund."""
    original = _original(sale)
    split = _split_of_sale(original, touches[original.lead_id] if original.lead_id else [], rules)
    millionths = 0 if sale.is_refund else MILLION
    return [
        Credit(
            sale_id=sale.pk,
            platform_id=cell.platform_id,
            campaign_id=cell.campaign_id,
            work_week=cell.week,
            money_week=Week.containing(sale.sold_on).monday,
            **amounts,
        )
        for cell, amounts in split.parts(millionths=millionths, cents=sale.amount_cents).items()
    ]


def _split_of_sale(sale: Sale, touches: Sequence[JourneyTouch], rules: CreditRules) -> CreditSplit:
    sold_week = Week.containing(sale.sold_on).monday
    if sale.lead is None:
        campaign_id = rules.campaign_of(sale.platform_id, sale.campaign_id)
        return CreditSplit.whole(RollupCell(sold_week, sale.platform_id, campaign_id))
    journey = rules.journey(sale.lead, touches, conversion_at=rules.end_of(sale.sold_on))
    return CreditSplit.along(journey, rules, otherwise=RollupCell(sold_week, None, None))


def _values(row: Credit) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in (*Credit.KEY, *Credit.AMOUNTS))
