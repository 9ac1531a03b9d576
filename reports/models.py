"""What is computed from the rows: credits, rollups, verdicts and flags, and the weekly summary's deliveries."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Lead, LimitTrial, Platform, Sale
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
            models.Index(fields=["work_week", "platform", "campaign"]),
            models.Index(fields=["money_week", "platform", "campaign"]),
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
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, null=True, related_name="+")

    AMOUNTS: ClassVar = SUM_COLUMNS

    class Meta:
        abstract = True


class CampaignWeek(WeekFigures):
    """The fine rollup: one row per week, platform and campaign, for each basis."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, null=True, related_name="+")

    KEY: ClassVar = ("week", "basis", "platform_id", "campaign_id")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "week", "basis", Coalesce("platform", 0), Coalesce("campaign", 0), name="campaign_week_once"
            ),
        ]

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


class Verdict(models.Model):
    """What the rule said of a platform at the end of one week, with the figures it was said on."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="verdicts")
    week = models.DateField(help_text=_("Monday of the last complete week it looks at."))
    state = models.CharField(max_length=12)
    plain_state = models.CharField(max_length=10, default="", help_text=_("What the plain rule alone would say."))
    figures = models.JSONField(default=dict)
    evaluated_at = models.DateTimeField()

    class Meta:
        ordering = ["-week", "platform"]
        constraints = [models.UniqueConstraint(fields=["platform", "week"], name="verdict_once_a_week")]

    def __str__(self) -> str:
        return f"{self.platform} {Week(self.week)}: {self.state}"


class Evaluation(models.Model):
    """All that the method found at the end of one week, for one platform: `reports.statistics.results.Assessment`.

    Beside the verdict, because it is long: pages that list platforms read the verdict, a platform's own page this.
    """

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="evaluations")
    week = models.DateField(help_text=_("Monday of the last complete week it looks at."))
    results = models.JSONField()
    evaluated_at = models.DateTimeField()

    class Meta:
        ordering = ["-week", "platform"]
        constraints = [models.UniqueConstraint(fields=["platform", "week"], name="evaluation_once_a_week")]

    def __str__(self) -> str:
        return f"{self.platform} {Week(self.week)}"


class Comparison(models.Model):
    """A campaign's baseline against its run, as last computed: `reports.comparisons.records.ComparisonRecord`.

    One for each campaign that says both periods. `until` is the last week of the run that was looked at.
    """

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="comparison")
    until = models.DateField(help_text=_("Monday of the last week of the run that it looks at."))
    results = models.JSONField()
    evaluated_at = models.DateTimeField()

    class Meta:
        ordering = ["campaign"]

    def __str__(self) -> str:
        return f"{self.campaign} {Week(self.until)}"


class TrialComparison(models.Model):
    """The weeks of a trial against those before it, as last computed: a `ComparisonRecord` for leads, one for sales."""

    trial = models.OneToOneField(LimitTrial, on_delete=models.CASCADE, related_name="comparison")
    results = models.JSONField()
    evaluated_at = models.DateTimeField()

    class Meta:
        ordering = ["trial"]

    def __str__(self) -> str:
        return str(self.trial)


class FlagKind(models.TextChoices):
    LOSING = "losing", _("Losing")
    OVER_LIMIT = "over_limit", _("Over its hours")
    OWN_BRAND = "own_brand", _("Over its own-brand hours")


class FlagCleared(models.TextChoices):
    """Why a flag was taken down."""

    ABOVE_LINE = "above_line", _("Back above the line")
    UNJUDGED = "unjudged", _("No longer judged")
    RULE_GONE = "rule_gone", _("Its rule is no longer used")
    GIVEN_UP = "given_up", _("Given up")
    WITHIN_LIMIT = "within_limit", _("Within its limit")


class FlagQuerySet(models.QuerySet["Flag"]):
    def open(self) -> "FlagQuerySet":
        return self.filter(cleared_on=None)

    def wanting_attention(self, at: datetime) -> "FlagQuerySet":
        """Open, not acknowledged, not snoozed."""
        awake = models.Q(snoozed_until=None) | models.Q(snoozed_until__lte=at.date())
        return self.open().filter(awake, acknowledged_at=None)


class Flag(models.Model):
    """A platform called out: when, on what figures, who took note of it, and when it was over.

    Without a platform it is the whole agency that is called out: too many hours on its own brand.
    """

    platform = models.ForeignKey(
        Platform, on_delete=models.CASCADE, null=True, related_name="flags", verbose_name=_("platform")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=FlagKind.choices)
    raised_on = models.DateField(_("raised"), help_text=_("Monday of the week it was raised on."))
    figures = models.JSONField(_("figures then"), default=dict)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    note = models.TextField(_("note"), blank=True)
    snoozed_until = models.DateField(_("snoozed until"), null=True)
    cleared_on = models.DateField(_("cleared"), null=True)
    cleared_because = models.CharField(
        _("cleared because"),
        max_length=12,
        choices=FlagCleared.choices,
        blank=True,
        default="",
        help_text=_("Empty while it is up, and where it was not recorded yet."),
    )

    objects = FlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        ordering = ["-raised_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "kind"], condition=models.Q(cleared_on=None), name="flag_one_open_per_kind"
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(cleared_on=None, platform=None),
                name="flag_one_open_of_the_agency",
            ),
            models.CheckConstraint(
                condition=models.Q(platform=None, kind="own_brand")
                | (models.Q(platform__isnull=False) & ~models.Q(kind="own_brand")),
                name="flag_of_a_platform_or_the_agency",
            ),
            models.CheckConstraint(
                condition=models.Q(cleared_on__isnull=True) | models.Q(cleared_on__gte=models.F("raised_on")),
                name="flag_cleared_after_raised",
            ),
        ]

    def __str__(self) -> str:
        if self.platform is None:
            return str(self.get_kind_display())
        return str(_("%(platform)s: %(kind)s") % {"platform": self.platform, "kind": self.get_kind_display()})

    def clear(self, week: Week, because: FlagCleared) -> None:
        """Take it down at the end of a week."""
        self.cleared_on, self.cleared_because = week.monday, because
        self.save(update_fields=["cleared_on", "cleared_because"])

    def acknowledge(self, *, at: datetime, by: Any, note: str) -> None:
        self.acknowledged_at, self.acknowledged_by, self.note = at, by, note
        self.save(update_fields=["acknowledged_at", "acknowledged_by", "note"])

    def snooze(self, *, at: datetime, weeks: int) -> None:
        self.snoozed_until = at.date() + timedelta(weeks=weeks)
        self.save(update_fields=["snoozed_until"])

    def take_back(self) -> None:
        """Withdraw the answer: it waits for attention again."""
        self.acknowledged_at, self.acknowledged_by, self.note, self.snoozed_until = None, None, "", None
        self.save(update_fields=["acknowledged_at", "acknowledged_by", "note", "snoozed_until"])


class Subscriber(models.Model):
    """Someone who gets the Monday e-mail: a director, or an address outside the agency."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True, blank=True)

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering = ["email"]

    def __str__(self) -> str:
        return self.name or self.email


class SummaryDelivery(models.Model):
    """The one decision about one subscriber's summary of one week, or a later copy that a director asked for.

    A later copy `replaces` the one before it, which stays as it was (docs/adr/0005).
    """

    class State(models.TextChoices):
        WAITING = "pending", _("Waiting to be sent")
        CLAIMED = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Refused for good")
        UNKNOWN = "unknown", _("Unknown: it may have arrived")
        DROPPED = "skipped", _("Skipped")

    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="deliveries")
    week = models.DateField(_("week"), help_text=_("Monday of the week it sums up."))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    resent_at = models.DateTimeField(_("sent again"), null=True)
    resent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    is_missed = models.BooleanField(default=False, help_text=_("An outage kept it from being sent in its week."))
    is_early = models.BooleanField(default=False, help_text=_("It was written before its week was over."))
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by", verbose_name=_("takes the place of")
    )
    message_id = models.CharField(max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)

    class Meta:
        verbose_name = _("summary delivery")
        verbose_name_plural = _("summary deliveries")
        ordering = ["-week", "subscriber", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "week"], condition=models.Q(replaces=None), name="delivery_one_per_week"
            )
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"])]

    def __str__(self) -> str:
        return f"{self.subscriber}, {Week(self.week)}: {self.state}"

    @property
    def can_be_resent(self) -> bool:
        """Whether a director may have it sent again; the newest of several copies alone."""
        has_ended = self.state in (self.State.FAILED, self.State.UNKNOWN, self.State.SENT)
        return (has_ended or self.is_missed) and not hasattr(self, "replaced_by")

    @property
    def is_written_anew(self) -> bool:
        """Whether sending it again writes it anew: what is stored was never written, is old, or came too early."""
        return self.is_missed or self.is_early

    @property
    def asks_first(self) -> bool:
        """Whether it has arrived as it should, so that another copy is a second one."""
        return self.state == self.State.SENT and not self.is_written_anew
