"""What goes out besides hours, and what comes back besides money: spend and outcomes."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models.catalogue import Campaign, Platform, normalise
from campaigns.models.exchange import BOTH_OR_NONE
from campaigns.models.voidable import LiveQuerySet, Voidable
from core.week_names import week_name
from core.weeks import Week


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
    ends_on = models.DateField(_("to"), db_index=True)  # in_weeks: the spend of a week or of some
    amount_cents = models.BigIntegerField(_("amount, in cents"))
    # What it was in another currency, hundredths of it; `amount_cents` is that at the rate of the first day.
    original_cents = models.BigIntegerField(_("original amount, in hundredths"), null=True, blank=True, editable=False)
    original_currency = models.CharField(_("original currency"), max_length=3, blank=True, editable=False)
    description = models.CharField(_("description"), max_length=200, blank=True)

    objects = SpendQuerySet.as_manager()

    class Meta:
        verbose_name = _("spend")
        verbose_name_plural = _("spend")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            # Below 0 is what an ad account gives back.
            models.CheckConstraint(condition=~models.Q(amount_cents=0), name="spend_not_zero"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="spend_dates_in_order"),
            models.CheckConstraint(condition=BOTH_OR_NONE, name="spend_original_with_currency"),
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
        """The part of the amount, in cents, that falls in this week."""
        return self.cents_between(week.monday, week.sunday)

    def cents_between(self, first: date | None, last: date | None) -> int:
        """The part of the amount, in cents, from one day to another; an end that is None is open.

        Day k of n carries amount * k // n less what the days before carried, so that the weeks add up to the amount.
        """
        days = (self.ends_on - self.starts_on).days + 1
        before = min(max(((first or self.starts_on) - self.starts_on).days, 0), days)
        through = min(max(((last or self.ends_on) - self.starts_on).days + 1, 0), days)
        return self.amount_cents * through // days - self.amount_cents * before // days


class OutcomeQuerySet(LiveQuerySet["Outcome"]):
    def in_weeks(self, first: Week, last: Week) -> "OutcomeQuerySet":
        return self.filter(week__gte=first.monday, week__lte=last.monday)

    def measures(self) -> list[str]:
        """What has been counted so far, each once, in alphabetical order."""
        return list(self.order_by("measure").values_list("measure", flat=True).distinct())


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

    objects = OutcomeQuerySet.as_manager()

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


def spelled(measure: str, known: Iterable[str]) -> str:
    """The measure as it is written already, whatever the case and spaces of this text; as it is when it is new.

    So that one thing that is counted is one measure, and adds up.
    """
    plain = " ".join(measure.split())
    folded = normalise(plain)
    return next((measure for measure in known if normalise(measure) == folded), plain)


class OutcomeValue(Voidable):
    """What the agency holds one unit of a measure to be worth, from a week on: its own scale.

    Nobody paid it: it is shown beside totals of money and is never part of one.
    """

    measure = models.CharField(_("what is counted"), max_length=80)
    week = models.DateField(_("from week"), help_text=_("Its Monday."))
    value_cents = models.BigIntegerField(_("value of one, in cents"))
    reason = models.CharField(_("why this much"), max_length=200)
    history = HistoricalRecords()

    objects = LiveQuerySet["OutcomeValue"].as_manager()

    class Meta:
        verbose_name = _("value of an outcome")
        verbose_name_plural = _("values of outcomes")
        ordering = ["measure", "-week", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "week"], condition=models.Q(voided_at=None), name="outcome_value_once_a_week"
            ),
            models.CheckConstraint(condition=models.Q(value_cents__gte=0), name="outcome_value_not_negative"),
            models.CheckConstraint(condition=models.Q(week__iso_week_day=1), name="outcome_value_week_is_a_monday"),
        ]

    def __str__(self) -> str:
        return str(_("%(measure)s from %(week)s")) % {"measure": self.measure, "week": week_name(self.week)}


class Scale:
    """The values in force, read once: what one unit of a measure is worth in a week, in cents."""

    def __init__(self) -> None:
        self._steps: dict[str, list[tuple[date, int]]] = {}
        rows = OutcomeValue.objects.live().order_by("week").values_list("measure", "week", "value_cents")
        for measure, week, cents in rows:
            self._steps.setdefault(measure, []).append((week, cents))

    def value_of(self, measure: str, monday: date) -> int | None:
        """The last value from this week or before; None when the agency had given none by then."""
        before = [cents for week, cents in self._steps.get(measure, ()) if week <= monday]
        return before[-1] if before else None
