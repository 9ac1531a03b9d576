"""What goes out besides hours, and what comes back besides money: spend and outcomes."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.catalogue import Campaign, Platform
from campaigns.models.voidable import LiveQuerySet, Voidable
from campaigns.weeks import Week


class SpendQuerySet(LiveQuerySet["Spend"]):
    def in_weeks(self, first: Week, last: Week) -> "SpendQuerySet":
        """Spend with at least one day in these weeks."""
        return self.filter(starts_on__lte=last.sunday, ends_on__gte=first.monday)


class Spend(Voidable):
    """Ads, tools, freelancers: money out on a platform, spread evenly over the days it covers."""

    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True, unique=True)
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="spend", verbose_name=_("platform"))
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="spend",
        verbose_name=_("campaign"),
        help_text=_("Empty: general presence."),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), db_index=True)
    amount_cents = models.BigIntegerField(_("amount, in cents"))
    description = models.CharField(_("description"), max_length=200, blank=True)

    objects = SpendQuerySet.as_manager()

    class Meta:
        verbose_name = _("spend")
        verbose_name_plural = _("spend")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="spend_positive"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="spend_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.description or f"{self.platform} {self.starts_on}"

    def clean(self) -> None:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The end must not be before the start.")})

    @property
    def weeks(self) -> Iterator[Week]:
        return Week.range(Week.containing(self.starts_on), Week.containing(self.ends_on))

    def cents_in(self, week: Week) -> int:
        """The part of the amount, in cents, that falls in this week.

        Day k of n carries amount * k // n less what the days before carried, so that the weeks add up to the amount.
        """
        days = (self.ends_on - self.starts_on).days + 1
        before = min(max((week.monday - self.starts_on).days, 0), days)
        through = min(max((week.sunday - self.starts_on).days + 1, 0), days)
        return self.amount_cents * through // days - self.amount_cents * before // days


class Outcome(Voidable):
    """A count that is not money: followers, comments, opt-ins, tickets answered. Never enters a total of money."""

    platform = models.ForeignKey(
        Platform, on_delete=models.PROTECT, related_name="outcomes", verbose_name=_("platform")
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="outcomes", verbose_name=_("campaign")
    )
    week = models.DateField(_("week"), help_text=_("Its Monday."))
    measure = models.CharField(_("what was counted"), max_length=80, help_text=_("For instance: followers gained."))
    count = models.BigIntegerField(_("count"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = LiveQuerySet["Outcome"].as_manager()

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        ordering = ["-week", "measure"]
        constraints = [
            models.UniqueConstraint(
                fields=["week", "platform", "campaign", "measure"],
                condition=models.Q(voided_at=None),
                name="outcome_once_a_week",
            ),
            models.CheckConstraint(condition=models.Q(count__gte=0), name="outcome_not_negative"),
            models.CheckConstraint(condition=models.Q(week__iso_week_day=1), name="outcome_week_is_a_monday"),
        ]

    def __str__(self) -> str:
        return f"{self.measure}: {self.count}"
