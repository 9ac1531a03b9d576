"""Flags: platforms, budgets and the agency itself, called out."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from campaigns.models import Agency, Campaign, EventKind, Platform
from campaigns.webhooks import events
from core.weeks import Week


class FlagKind(models.TextChoices):
    LOSING = "losing", _("Losing")
    OVER_LIMIT = "over_limit", _("Over its hours")
    OWN_BRAND = "own_brand", _("Over its own-brand hours")
    HOURS_BUDGET = "hours", _("Budget of hours")
    SPEND_BUDGET = "spend", _("Budget of bills")
    COST_BUDGET = "cost", _("Budget of all costs")
    LEAD_COST = "lead_cost", _("Target cost per lead")


# The budgets of a campaign; what the last two say follows from rates (docs/adr/0034).
BUDGETS = (FlagKind.HOURS_BUDGET, FlagKind.SPEND_BUDGET, FlagKind.COST_BUDGET, FlagKind.LEAD_COST)
BUDGETS_OF_MANAGERS = (FlagKind.HOURS_BUDGET, FlagKind.SPEND_BUDGET)


class FlagCleared(models.TextChoices):
    """Why a flag was taken down."""

    ABOVE_LINE = "above_line", _("Back above the line")
    UNJUDGED = "unjudged", _("No longer judged")
    RULE_GONE = "rule_gone", _("Its rule is no longer used")
    GIVEN_UP = "given_up", _("Given up")
    WITHIN_LIMIT = "within_limit", _("Within its limit")
    OVERTAKEN = "overtaken", _("The next threshold was reached")
    NO_BUDGET = "no_budget", _("No budget any more")


class FlagQuerySet(models.QuerySet["Flag"]):
    def open(self) -> "FlagQuerySet":
        return self.filter(cleared_on=None)

    def standing_in(self, week: Week) -> "FlagQuerySet":
        """Those that stand, and those that this week or a later one cleared, with what they are of, in one query."""
        since = self.filter(models.Q(cleared_on=None) | models.Q(cleared_on__gte=week.monday))
        return since.select_related("platform", "campaign", "acknowledged_by")

    def of_budgets(self) -> "FlagQuerySet":
        """What stands open of campaigns' budgets, in an order that says nothing of other flags."""
        rows = self.open().filter(kind__in=BUDGETS).select_related("campaign", "campaign__client")
        return rows.order_by("-raised_on", "campaign__name", "campaign", "kind")


class Flag(models.Model):
    """A platform called out: when, on what figures, who took note of it, and when it was over.

    Without a platform it is a campaign whose budget is used to `threshold` percent, or else the whole agency: too many
    hours on its own brand.
    """

    platform = models.ForeignKey(
        Platform, on_delete=models.CASCADE, null=True, related_name="flags", verbose_name=_("platform")
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, null=True, related_name="flags", verbose_name=_("campaign")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=FlagKind.choices)
    threshold = models.PositiveSmallIntegerField(_("threshold"), null=True, help_text=_("Percent of the budget."))
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
                condition=models.Q(cleared_on=None, platform=None, campaign=None),
                name="flag_one_open_of_the_agency",
            ),
            models.UniqueConstraint(
                fields=["campaign", "kind"], condition=models.Q(cleared_on=None), name="flag_one_open_per_budget"
            ),
            models.CheckConstraint(
                condition=models.Q(platform=None, campaign=None, threshold=None, kind="own_brand")
                | models.Q(platform__isnull=False, campaign=None, threshold=None, kind__in=["losing", "over_limit"])
                | models.Q(
                    platform=None,
                    campaign__isnull=False,
                    threshold__isnull=False,
                    kind__in=["hours", "spend", "cost", "lead_cost"],
                ),
                name="flag_of_a_platform_a_campaign_or_the_agency",
            ),
            models.CheckConstraint(
                condition=models.Q(cleared_on__isnull=True) | models.Q(cleared_on__gte=models.F("raised_on")),
                name="flag_cleared_after_raised",
            ),
        ]

    def __str__(self) -> str:
        subject = self.platform or self.campaign
        if subject is None:
            return str(self.get_kind_display())
        return str(_("%(platform)s: %(kind)s") % {"platform": subject, "kind": self.get_kind_display()})

    def save(self, *args: Any, **kwargs: Any) -> None:
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if is_new:
            events.emit(EventKind.FLAG_RAISED, lambda: self._told(Week(self.raised_on), _("A flag was raised")))

    def wants_attention(self, at: datetime) -> bool:
        """Whether it is open, not acknowledged, not snoozed."""
        is_asleep = self.snoozed_until is not None and self.snoozed_until > at.date()
        return self.cleared_on is None and self.acknowledged_at is None and not is_asleep

    def is_told_of(self, week: Week) -> bool:
        """Whether the end of this week raised it, cleared it, or found it still up."""
        if self.cleared_on is not None and self.cleared_on <= week.monday:
            return self.cleared_on == week.monday
        return self.raised_on <= week.monday

    def clear(self, week: Week, because: FlagCleared) -> None:
        """Take it down at the end of a week."""
        self.cleared_on, self.cleared_because = week.monday, because
        self.save(update_fields=["cleared_on", "cleared_because"])
        events.emit(EventKind.FLAG_CLEARED, lambda: self._told(week, _("A flag was cleared")))

    def _told(self, week: Week, what: str | Promise) -> dict[str, Any]:
        """What is told of it to the webhooks of directors."""
        return {
            "flag": self.pk,
            "kind": self.kind,
            "threshold": self.threshold,
            "platform": self.platform.name if self.platform else None,
            "campaign": self.campaign.name if self.campaign else None,
            "week": str(week),
            "text": Agency.translate(format_lazy("{what} ({flag})", what=what, flag=self)),
            "url": f"{settings.SITE_URL}{reverse('reports:flags')}",
        }

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
