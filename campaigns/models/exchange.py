"""What other currencies were worth: the agency's own table, by day."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.currencies import DatedRate, RateTable

# An amount in another currency without its currency says nothing, nor the other way round.
BOTH_OR_NONE = models.Q(original_cents=None, original_currency="") | (
    models.Q(original_cents__isnull=False) & ~models.Q(original_currency="")
)


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    def currencies(self) -> list[str]:
        """The currencies that have rates, each once."""
        return list(self.order_by("currency").values_list("currency", flat=True).distinct())

    def table(self) -> RateTable:
        """All rates, by currency, the oldest first."""
        rates: dict[str, list[DatedRate]] = {}
        for currency, day, rate in self.order_by("day").values_list("currency", "day", "rate"):
            rates.setdefault(currency, []).append((day, rate))
        return RateTable(rates)


class ExchangeRate(models.Model):
    """What one of another currency was worth on a day, in the agency's own."""

    currency = models.CharField(_("currency"), max_length=3)
    day = models.DateField(_("day"))
    rate = models.DecimalField(
        _("rate"), max_digits=20, decimal_places=10, validators=[MinValueValidator(Decimal("0.0000000001"))]
    )
    history = HistoricalRecords()

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency", "-day"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "day"], name="exchange_rate_once_a_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"
