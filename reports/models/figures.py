"""Credits and the two rollups that add them up, with what hours and spend cost."""

from collections.abc import Callable, Iterable
from typing import ClassVar, TypeVar

from django.db import models
from django.db.models.functions import Coalesce

from campaigns.models import Campaign, Lead, Platform, Sale
from campaigns.models.agency import Basis
from core.weeks import Week
from reports.attribution.sums import CENTS_COLUMNS, SHARE_COLUMNS, SUM_COLUMNS

ModelT = TypeVar("ModelT", bound=models.Model)


def with_columns(
    kind: "type[models.IntegerField[int, int]]", columns: Iterable[str]
) -> Callable[[type[ModelT]], type[ModelT]]:
    """Give a model a column for each of these names; it holds 0 until something is added up in it."""

    def add(table: type[ModelT]) -> type[ModelT]:
        for column in columns:
            table.add_to_class(column, kind(default=0))
        return table

    return add


@with_columns(models.BigIntegerField, CENTS_COLUMNS)
@with_columns(models.IntegerField, SHARE_COLUMNS)
class Credit(models.Model):
    """The share of one lead or one sale that goes to a platform and campaign, for the work of one week.

    Two columns per attribution model, `share_linear` and `cents_linear`, so that every model is ready side by side.
    Shares are millionths of the lead or sale; both add up exactly over the rows of a lead or sale. No platform and no
    campaign: that part is unattributed. Refunds have negative cents and no shares: they take money back, not a count.
    """

    # The indexes of lead and sale: the credits to replace, and those that a deletion takes along. Those of platform and
    # campaign: whether one of them may go, and a merge of platforms.
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, null=True, related_name="credits")
    sale = models.ForeignKey(Sale, on_delete=models.CASCADE, null=True, related_name="credits")
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, null=True, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="+")
    work_week = models.DateField()
    money_week = models.DateField()
    is_qualified = models.BooleanField(default=False)

    # What tells the credits of one lead or sale apart, and what each model gives them.
    KEY: ClassVar = ("lead_id", "sale_id", "platform_id", "campaign_id", "work_week", "money_week", "is_qualified")
    AMOUNTS: ClassVar = SHARE_COLUMNS + CENTS_COLUMNS

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lead__isnull=True) ^ models.Q(sale__isnull=True), name="credit_of_a_lead_or_a_sale"
            ),
            models.UniqueConstraint(
                Coalesce("lead", 0),
                Coalesce("sale", 0),
                Coalesce("platform", 0),
                Coalesce("campaign", 0),
                "work_week",
                name="credit_once_per_cell",
            ),
        ]
        indexes = [
            # cell_sums: the credits of one cell on either basis; a cell without platform or campaign is found too
            models.Index("work_week", Coalesce("platform", 0), Coalesce("campaign", 0), name="credit_of_work_cell"),
            models.Index("money_week", Coalesce("platform", 0), Coalesce("campaign", 0), name="credit_of_money_cell"),
        ]

    def __str__(self) -> str:
        return f"credit of {'lead' if self.lead_id else 'sale'} {self.lead_id or self.sale_id}"


@with_columns(models.BigIntegerField, SUM_COLUMNS)
class WeekFigures(models.Model):
    """The columns of both rollups: what one week cost and brought, `leads_linear` and so on under each model.

    Minutes and spend are whole; labour is in cent-minutes (minutes x cents an hour: divide by 60 once, at display);
    leads, qualified leads and sales are in millionths; revenue is in cents.
    """

    week = models.DateField()
    basis = models.CharField(max_length=6, choices=Basis.choices)
    # No index of its own, here and below: each sum that is written would keep it too, and platforms rarely go.
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)

    AMOUNTS: ClassVar = SUM_COLUMNS

    class Meta:
        abstract = True


class CampaignWeek(WeekFigures):
    """The fine rollup: one row per week, platform and campaign, for each basis."""

    # The list of campaigns, which knows no reports, sums the hours of its rows by this name.
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, null=True, related_name="cells", db_index=False)

    KEY: ClassVar = ("week", "basis", "platform_id", "campaign_id")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "week", "basis", Coalesce("platform", 0), Coalesce("campaign", 0), name="campaign_week_once"
            ),
        ]
        # grouped: the cells of one campaign, or of those whose budget is nearly used, among those of all
        indexes = [models.Index(fields=["campaign", "basis", "week"], name="campaign_week_of_campaign")]

    def __str__(self) -> str:
        return f"{Week(self.week)} {self.basis} {self.platform_id} {self.campaign_id}"


class PlatformWeek(WeekFigures):
    """The coarse rollup: one row per week and platform, for each basis. The dashboard reads this one."""

    KEY: ClassVar = ("week", "basis", "platform_id")

    class Meta:
        constraints = [
            models.UniqueConstraint("week", "basis", Coalesce("platform", 0), name="platform_week_once"),
        ]

    def __str__(self) -> str:
        return f"{Week(self.week)} {self.basis} {self.platform_id}"
