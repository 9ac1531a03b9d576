"""Who is credited with each lead and sale: joins the rows of the database with the arithmetic of attribution.py."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q

from campaigns.models import Agency, Campaign, Lead, Sale
from campaigns.models import Touch as TouchRow
from core.weeks import Week
from reports.attribution.weights import MILLION, Model, Touch, eligible, share, weights
from reports.models import MODELS, Credit

Cell = tuple[int | None, int | None, date]  # platform, campaign, Monday of the work
VALUE_FIELDS = tuple(f"share_{model}" for model in MODELS) + tuple(f"cents_{model}" for model in MODELS)
KEY_FIELDS = ("lead_id", "sale_id", "platform_id", "campaign_id", "work_week", "money_week", "is_qualified")


@dataclass(frozen=True)
class Rules:
    """What the settings say about credit, read once per recomputation."""

    agency: Agency
    general_id: int

    @classmethod
    def current(cls) -> "Rules":
        return cls(agency=Agency.current(), general_id=Campaign.objects.general().pk)

    def end_of(self, day: date) -> datetime:
        """The last instant of a day in the agency's zone: a touch on the day of the sale came before it."""
        midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=self.agency.zone)
        return midnight.astimezone(UTC) - timedelta(microseconds=1)

    def campaign_of(self, platform_id: int | None, campaign_id: int | None) -> int | None:
        """Work on a platform that names no campaign is general presence; without a platform it stays unknown."""
        return campaign_id or (self.general_id if platform_id else None)

    def cell(self, touch: Touch) -> Cell:
        campaign_id = self.campaign_of(touch.platform, touch.campaign)
        return touch.platform, campaign_id, self.agency.week_of(touch.at).monday


@dataclass(frozen=True)
class Path:
    """The cells that share one conversion, touch by touch, and their weight under each model."""

    cells: Sequence[Cell]
    weights: dict[str, list[int]]

    @classmethod
    def of_touches(cls, touches: Sequence[Touch], rules: Rules, *, conversion_at: datetime, otherwise: Cell) -> "Path":
        """The path of the touches that may be credited; of the one cell `otherwise` when there are none."""
        journey = eligible(touches, conversion_at=conversion_at, lookback_days=rules.agency.lookback_days)
        if not journey:
            return cls.single(otherwise)
        half_life = float(rules.agency.half_life)
        by_model = {model: weights(Model(model), journey, half_life_days=half_life) for model in MODELS}
        return cls([rules.cell(touch) for touch in journey], by_model)

    @classmethod
    def single(cls, cell: Cell) -> "Path":
        return cls([cell], {model: [1] for model in MODELS})

    def shared(self, *, millionths: int, cents: int) -> dict[Cell, dict[str, int]]:
        """Both totals shared over the cells: `{cell: {"share_linear": ..., "cents_linear": ...}}`."""
        parts: dict[Cell, dict[str, int]] = defaultdict(lambda: dict.fromkeys(VALUE_FIELDS, 0))
        for model, touch_weights in self.weights.items():
            for name, total in (("share", millionths), ("cents", cents)):
                for cell, part in zip(self.cells, share(total, touch_weights), strict=True):
                    parts[cell][f"{name}_{model}"] += part
        return parts


def recompute(*, lead_ids: Collection[int] = (), sale_ids: Collection[int] = ()) -> set[date]:
    """Bring the credits of these leads, their sales and these sales up to date; return the weeks that changed.

    Weeks are Mondays, those of the work and those of the money. The caller holds a transaction.
    """
    rules = Rules.current()
    leads = list(Lead.objects.live().filter(pk__in=lead_ids))
    concerned_sales = _sales_and_their_refunds(lead_ids, sale_ids)
    sales = [sale for sale in concerned_sales if _counts(sale)]
    buyers = {lead_id for sale in sales if (lead_id := _original(sale).lead_id)}
    touches = _touches_of({lead.pk for lead in leads} | buyers)
    fresh = [row for lead in leads for row in _lead_credits(lead, touches[lead.pk], rules)]
    fresh += [row for sale in sales for row in _sale_credits(sale, touches, rules)]
    concerned = Q(lead_id__in=lead_ids) | Q(sale_id__in={*sale_ids, *(sale.pk for sale in concerned_sales)})
    return _replace(concerned, fresh)


def _sales_and_their_refunds(lead_ids: Collection[int], sale_ids: Collection[int]) -> list[Sale]:
    """Sales of these leads, these sales, and the refunds of either: a refund follows its original."""
    asked = Q(lead_id__in=lead_ids) | Q(pk__in=sale_ids)
    asked |= Q(refund_of__lead_id__in=lead_ids) | Q(refund_of_id__in=sale_ids)
    return list(Sale.objects.filter(asked).select_related("refund_of").distinct())


def _original(sale: Sale) -> Sale:
    """The sale whose path shares the credit: its own, or for a refund that of the sale it undoes."""
    return sale.refund_of or sale


def _counts(sale: Sale) -> bool:
    """Whether the sale counts: not voided, nor, for a refund, its original; that would take back what is not there."""
    return not sale.is_void and not (sale.refund_of and sale.refund_of.is_void)


def _touches_of(lead_ids: Iterable[int]) -> dict[int, list[Touch]]:
    found: dict[int, list[Touch]] = defaultdict(list)
    rows = TouchRow.objects.live().filter(lead_id__in=set(lead_ids), lead__voided_at=None)
    for pk, lead_id, at, platform_id, campaign_id in rows.values_list(
        "pk", "lead_id", "at", "platform_id", "campaign_id"
    ):
        found[lead_id].append(Touch(at=at, id=pk, platform=platform_id, campaign=campaign_id))
    return found


def _lead_credits(lead: Lead, touches: Sequence[Touch], rules: Rules) -> list[Credit]:
    received = rules.agency.week_of(lead.received_at).monday
    path = Path.of_touches(touches, rules, conversion_at=lead.received_at, otherwise=(None, None, received))
    return [
        Credit(
            lead_id=lead.pk,
            platform_id=platform_id,
            campaign_id=campaign_id,
            work_week=work_week,
            money_week=received,
            is_qualified=lead.qualified_at is not None,
            **values,
        )
        for (platform_id, campaign_id, work_week), values in path.shared(millionths=MILLION, cents=0).items()
    ]


def _sale_credits(sale: Sale, touches: dict[int, list[Touch]], rules: Rules) -> list[Credit]:
    """A sale's credits; a refund takes back along its original's path, in the week of the refund."""
    original = _original(sale)
    path = _path_of_sale(original, touches[original.lead_id] if original.lead_id else [], rules)
    millionths = 0 if sale.is_refund else MILLION
    money_week = Week.containing(sale.sold_on).monday
    return [
        Credit(
            sale_id=sale.pk,
            platform_id=platform_id,
            campaign_id=campaign_id,
            work_week=work_week,
            money_week=money_week,
            **values,
        )
        for (platform_id, campaign_id, work_week), values in path.shared(
            millionths=millionths, cents=sale.amount_cents
        ).items()
    ]


def _path_of_sale(sale: Sale, touches: Sequence[Touch], rules: Rules) -> Path:
    sold_week = Week.containing(sale.sold_on).monday
    if sale.lead_id is None:
        return Path.single((sale.platform_id, rules.campaign_of(sale.platform_id, sale.campaign_id), sold_week))
    unattributed: Cell = (None, None, sold_week)
    return Path.of_touches(touches, rules, conversion_at=rules.end_of(sale.sold_on), otherwise=unattributed)


def _replace(concerned: Q, fresh: list[Credit]) -> set[date]:
    """Put the fresh credits in place of the stored ones where they differ; return the weeks of what differs."""
    stored = {_values(row): row for row in Credit.objects.filter(concerned)}
    wanted = {_values(row): row for row in fresh}
    gone = [row for values, row in stored.items() if values not in wanted]
    new = [row for values, row in wanted.items() if values not in stored]
    Credit.objects.filter(pk__in=[row.pk for row in gone]).delete()
    Credit.objects.bulk_create(new, batch_size=500)
    return {week for row in (*gone, *new) for week in (row.work_week, row.money_week)}


def _values(row: Credit) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in (*KEY_FIELDS, *VALUE_FIELDS))
