"""Someone asked, was met here and there, and bought: leads, touches, sales and refunds."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.models.catalogue import Campaign, Platform
from campaigns.models.erasures import is_erased_id
from campaigns.models.exchange import BOTH_OR_NONE
from campaigns.models.voidable import LiveQuerySet, Voidable


class LeadStatus(models.TextChoices):
    NEW = "new", _("New")
    QUALIFIED = "qualified", _("Qualified")
    DISQUALIFIED = "disqualified", _("Disqualified")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class DisqualifiedReason(models.TextChoices):
    CANNOT_AFFORD = "cannot_afford", _("Cannot afford it")
    WRONG_FIT = "wrong_fit", _("Wrong fit")
    NO_ANSWER = "no_answer", _("No answer")
    DUPLICATE = "duplicate", _("Duplicate")
    SPAM = "spam", _("Spam")


class LeadQuerySet(LiveQuerySet["Lead"]):
    def with_email(self, *addresses: str) -> "LeadQuerySet":
        """Those of one of these addresses, in whatever case it is written."""
        folded = [Lower(models.Value(address)) for address in addresses]
        return self.alias(folded_email=Lower("email")).filter(folded_email__in=folded)

    def won_without_sale(self) -> "LeadQuerySet":
        """Won, and nobody has entered what they bought."""
        return self.filter(~has_sale(), voided_at=None, status=LeadStatus.WON)


def has_sale() -> models.Exists:
    """Whether a lead has a sale that counts."""
    return models.Exists(Sale.objects.refundable().filter(lead=models.OuterRef("pk")))


class Lead(Voidable):
    """Someone who asked. Its platform and campaign are those of its touches."""

    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True, unique=True)
    received_at = models.DateTimeField(_("received"), db_index=True)  # the list of leads, newest first; retention
    name = models.CharField(_("name"), max_length=160, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    company = models.CharField(_("company"), max_length=160, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    how_heard = models.CharField(_("how they heard of us"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=LeadStatus.choices, default=LeadStatus.NEW)
    disqualified_reason = models.CharField(_("reason"), max_length=14, choices=DisqualifiedReason.choices, blank=True)
    qualified_at = models.DateTimeField(
        _("qualified"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When it first counted as qualified; empty while it never did, or once it was disqualified."),
    )
    note = models.TextField(_("note"), blank=True)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(status="disqualified") & ~models.Q(disqualified_reason=""))
                | (~models.Q(status="disqualified") & models.Q(disqualified_reason="")),
                name="lead_reason_when_disqualified",
            ),
        ]
        indexes = [
            # The list of leads: how many there are, and how many of each status, without reading one.
            models.Index(fields=["voided_at", "status"], name="lead_status"),
            # The list of leads by name
            models.Index(fields=["name", "company", "id"], name="lead_by_name"),
            # What was answered is counted, which is little beside the leads.
            models.Index(fields=["how_heard"], condition=~models.Q(how_heard=""), name="lead_how_heard"),
            # LeadQuerySet.won_without_sale: leads that were won, held against the sales of each
            models.Index(fields=["id"], condition=models.Q(status="won", voided_at=None), name="lead_won"),
            # LeadQuerySet.with_email: who writes again by a form, is named in a file, or may be the same person
            models.Index(Lower("email"), name="lead_email"),
        ]

    def __str__(self) -> str:
        if self.erased_at:
            return str(_("Erased lead %(number)s")) % {"number": self.pk}
        return self.name or self.company or self.external_id or str(_("Lead %(number)s")) % {"number": self.pk}

    def clean(self) -> None:
        self.external_id = self.external_id or None
        if self.status == LeadStatus.DISQUALIFIED and not self.disqualified_reason:
            raise ValidationError({"disqualified_reason": _("Say why this lead was disqualified.")})
        if self.status != LeadStatus.DISQUALIFIED:
            self.disqualified_reason = ""

    def get_absolute_url(self) -> str:
        return reverse("campaigns:lead", args=[self.pk])

    def move_to(self, status: str, *, at: datetime, by: Any = None, reason: str = "") -> None:
        """Change the status and keep the record of it; nothing happens when nothing changes."""
        if change := self.step_to(status, reason, at=at, by=by):
            with transaction.atomic():
                self.save()
                change.save()

    def step_to(self, status: str, reason: str, *, at: datetime, by: Any) -> "StatusChange | None":
        """Change the status without saving; return the record of it, None when nothing changes.

        A lead counts as qualified from the first time it is qualified or won, and no more once it is disqualified.
        """
        if status == self.status and reason == self.disqualified_reason:
            return None
        change = StatusChange(lead=self, at=at, before=self.status, after=status, reason=reason, by=by)
        self.status, self.disqualified_reason = status, reason
        self.qualified_at = qualified_since(self.qualified_at, status, at)
        return change


def qualified_since(since: datetime | None, status: str, at: datetime) -> datetime | None:
    """When a lead that now has `status` counts as qualified from; None when it does not."""
    if status in (LeadStatus.QUALIFIED, LeadStatus.WON):
        return since or at
    return None if status in (LeadStatus.DISQUALIFIED, LeadStatus.NEW) else since


class StatusChange(models.Model):
    """One step of a lead from one status to another."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="status_changes")
    at = models.DateTimeField(_("at"))
    before = models.CharField(_("from"), max_length=12, choices=LeadStatus.choices, blank=True)
    after = models.CharField(_("to"), max_length=12, choices=LeadStatus.choices)
    reason = models.CharField(_("reason"), max_length=14, choices=DisqualifiedReason.choices, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_before_display()} → {self.get_after_display()}"


class Touch(Voidable):
    """One contact of a lead with a platform and campaign, at an instant.

    Never edited, only added or voided: a database trigger refuses any other update, because credits and past
    summaries rest on it. A direct touch has no platform.
    """

    # No index of its own: the one of lead and instant begins with it.
    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, related_name="touches", verbose_name=_("lead"), db_index=False
    )
    at = models.DateTimeField(_("at"))
    platform = models.ForeignKey(
        Platform, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("platform")
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("campaign")
    )
    utm_source = models.CharField(max_length=200, blank=True)
    utm_medium = models.CharField(max_length=200, blank=True)
    utm_campaign = models.CharField(max_length=200, blank=True)

    objects = LiveQuerySet["Touch"].as_manager()

    class Meta:
        verbose_name = _("touchpoint")
        verbose_name_plural = _("touchpoints")
        ordering = ["at", "pk"]
        indexes = [
            # The path of a lead, on its page and where credit is shared. Platform and campaign are looked for when one
            # is to go or to become part of another.
            models.Index(fields=["lead", "at"]),
        ]

    def __str__(self) -> str:
        origin = self.platform or _("Direct")
        return f"{origin} · {self.at:%Y-%m-%d %H:%M}"


class SaleQuerySet(LiveQuerySet["Sale"]):
    def refundable(self) -> "SaleQuerySet":
        return self.filter(refund_of=None, amount_cents__gte=0, voided_at=None)


class Sale(Voidable):
    """Money agreed on a day, with or without a lead. A refund is a negative sale that points at the one it undoes.

    A refund of which nobody knows the sale points at none: it counts as unattributed, unless its platform is known.
    """

    external_id = models.CharField(_("external id"), max_length=120, null=True, blank=True, unique=True)
    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, null=True, blank=True, related_name="sales", verbose_name=_("lead")
    )
    platform = models.ForeignKey(
        Platform,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("platform"),
        help_text=_("Only used when the sale has no lead."),
    )
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("campaign"),
        help_text=_("Only used when the sale has no lead."),
    )
    sold_on = models.DateField(_("sold on"), db_index=True)  # the list of sales, newest first
    amount_cents = models.BigIntegerField(_("amount, in cents"))
    # What it was in another currency, hundredths of it; `amount_cents` is that at the rate of its day, or its sale's.
    original_cents = models.BigIntegerField(_("original amount, in hundredths"), null=True, blank=True, editable=False)
    original_currency = models.CharField(_("original currency"), max_length=3, blank=True, editable=False)
    refund_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("refund of")
    )
    description = models.CharField(_("description"), max_length=200, blank=True)
    # Its versions are asked for by sale, and by lead, platform and original sale when one of these goes.
    history = HistoricalRecords(no_db_index=["campaign", "external_id", "sold_on"])

    objects = SaleQuerySet.as_manager()

    class Meta:
        verbose_name = _("sale")
        verbose_name_plural = _("sales")
        ordering = ["-sold_on", "-pk"]
        constraints = [
            # A sale of 0 is allowed: real files hold won deals whose value is not known yet.
            models.CheckConstraint(
                condition=models.Q(refund_of__isnull=True) | models.Q(amount_cents__lt=0),
                name="sale_refund_is_below_zero",
            ),
            models.CheckConstraint(condition=BOTH_OR_NONE, name="sale_original_with_currency"),
            models.CheckConstraint(
                condition=models.Q(refund_of__isnull=True) | ~models.Q(refund_of=models.F("pk")),
                name="sale_not_its_own_refund",
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.shown_id or str(_("Sale %(number)s")) % {"number": self.pk}

    def get_absolute_url(self) -> str:
        return reverse("campaigns:sale", args=[self.pk])

    @property
    def shown_id(self) -> str:
        """The external id; nothing when it was erased with its lead."""
        return "" if is_erased_id(self.external_id) else self.external_id or ""

    @property
    def is_refund(self) -> bool:
        return self.refund_of_id is not None or self.amount_cents < 0

    @property
    def refundable_cents(self) -> int:
        """What is left to refund, in cents."""
        given_back = self.refunds.live().aggregate(total=models.Sum("amount_cents"))["total"] or 0
        return self.amount_cents + int(given_back)
