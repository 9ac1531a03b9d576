"""Where hours go and whose work they are: platforms, clients, campaigns and the other names they go by."""

import unicodedata
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.invisible import without_invisible
from core.lookups import SEPARATOR, are_many
from core.statements import Statement


def normalise(text: str) -> str:
    """Fold a name for matching: no case, single spaces, nothing invisible, no `www.`, accents in their one letter.

    Nothing is kept for the next row of a file: many are names and addresses of people, which an erasure must reach.
    """
    visible = without_invisible(text)
    letters = visible if visible.isascii() else unicodedata.normalize("NFC", visible)
    return " ".join(letters.casefold().split()).removeprefix("www.")


class PlatformKind(models.TextChoices):
    """Social platforms are judged beside their alternatives."""

    SOCIAL = "social", _("Social")
    SEARCH = "search", _("Search")
    NEWSLETTER = "newsletter", _("Newsletter")
    EVENT = "event", _("Events")
    REFERRAL = "referral", _("Referral")
    OTHER = "other", _("Other")


class PlatformQuerySet(models.QuerySet["Platform"]):
    def active(self) -> "PlatformQuerySet":
        return self.filter(is_active=True)

    def named(self, text: str) -> "Platform | None":
        """The platform that goes by this name or alias, whatever its case and spaces."""
        folded = normalise(text)
        if alias := PlatformAlias.objects.select_related("platform").filter(text=folded).first():
            return alias.platform
        return next((platform for platform in self.all() if normalise(platform.name) == folded), None)


class Platform(models.Model):
    """Where hours go: Facebook, LinkedIn, a newsletter, a trade fair."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=PlatformKind.choices, default=PlatformKind.SOCIAL)
    weekly_limit_minutes = models.PositiveIntegerField(_("weekly limit, in minutes"), null=True, blank=True)
    colour = models.PositiveSmallIntegerField(_("colour"), default=1, help_text=_("1 to 12, from the palette."))
    is_active = models.BooleanField(_("active"), default=True)

    objects = PlatformQuerySet.as_manager()

    class Meta:
        verbose_name = _("platform")
        verbose_name_plural = _("platforms")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(colour__gte=1, colour__lte=12), name="platform_colour_in_palette"
            ),
            models.CheckConstraint(
                condition=models.Q(weekly_limit_minutes__isnull=True) | models.Q(weekly_limit_minutes__gt=0),
                name="platform_limit_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Alias(models.Model):
    """Another name of something, as files and links write it: kept folded, each for one thing."""

    text: "models.CharField[str, str]"

    class Meta:
        abstract = True
        ordering = ["text"]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.text = normalise(self.text)
        super().save(*args, **kwargs)


class PlatformAlias(Alias):
    """Another name of a platform, as files and links write it: `fb`, `m.facebook.com`."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(_("alias"), max_length=160, unique=True)

    class Meta(Alias.Meta):
        verbose_name = _("platform alias")
        verbose_name_plural = _("platform aliases")


class ClientQuerySet(models.QuerySet["Client"]):
    def own_brand(self) -> "Client":
        """The agency itself as a client, made when the database is new."""
        return self.get_or_create(is_own_brand=True, defaults={"name": "Own brand"})[0]


class Client(models.Model):
    """Whose work it is. One client is the agency itself."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    is_own_brand = models.BooleanField(_("own brand"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_own_brand"], condition=models.Q(is_own_brand=True), name="client_one_own_brand"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Purpose(models.TextChoices):
    """What a campaign is for; only the first is judged by new sales."""

    REACH = "reach", _("Reach new customers")
    KEEP = "keep", _("Keep existing customers")
    SERVE = "serve", _("Customer service")


class ComparedMeasure(models.TextChoices):
    """What a campaign's run is compared by with its baseline; the names are those of the figures' columns."""

    LEADS = "leads", _("Leads")
    QUALIFIED = "qualified", _("Qualified leads")
    SALES = "sales", _("Sales")


def campaign_label(name: str, *, is_general: bool) -> str:
    return str(_("General presence")) if is_general else name


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def active(self) -> "CampaignQuerySet":
        return self.filter(is_active=True)

    def general(self) -> "Campaign":
        """*General presence*: holds the hours that belong to no campaign, so that they are shown, never dropped."""
        return self.get_or_create(
            is_general=True, defaults={"name": "General presence", "client": Client.objects.own_brand()}
        )[0]

    def named(self, text: str) -> "Campaign | None":
        """The campaign that goes by this name or alias; `Client / Campaign` when two clients share a name."""
        folded = normalise(text)
        if alias := CampaignAlias.objects.select_related("campaign").filter(text=folded).first():
            return alias.campaign
        matches = [campaign for campaign in self.select_related("client") if folded in campaign.folded_names]
        return matches[0] if len(matches) == 1 else None


class Campaign(models.Model):
    """Hours, leads and sales meet here. Its chain says what it wants and how that is measured."""

    # No index of its own: campaign_name_unique_for_client begins with it.
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="campaigns", verbose_name=_("client"), db_index=False
    )
    name = models.CharField(_("name"), max_length=400)
    purpose = models.CharField(_("purpose"), max_length=8, choices=Purpose.choices, default=Purpose.REACH)
    goal = models.CharField(
        _("goal"), max_length=200, blank=True, help_text=_("What the business wants: sell more sites.")
    )
    objective = models.CharField(
        _("objective"), max_length=200, blank=True, help_text=_("What this campaign must reach: 30 requests a month.")
    )
    action = models.CharField(
        _("action"), max_length=200, blank=True, help_text=_("What the team does: two posts a week.")
    )
    indicator = models.CharField(
        _("indicator"), max_length=200, blank=True, help_text=_("What shows it: requests by form.")
    )
    measure = models.CharField(
        _("measure"), max_length=200, blank=True, help_text=_("How it is counted: leads a week.")
    )
    counted = models.CharField(
        _("compared by"),
        max_length=9,
        choices=ComparedMeasure.choices,
        default=ComparedMeasure.LEADS,
        help_text=_("What is counted in the weeks of the baseline and of the run."),
    )
    baseline_starts_on = models.DateField(_("baseline from"), null=True, blank=True)
    baseline_ends_on = models.DateField(_("baseline to"), null=True, blank=True)
    starts_on = models.DateField(_("runs from"), null=True, blank=True)
    ends_on = models.DateField(_("runs to"), null=True, blank=True)
    # Of the whole campaign. The last two, and what follows from them, are for directors alone (docs/adr/0034).
    budget_minutes = models.PositiveIntegerField(_("budget of hours, in minutes"), null=True, blank=True)
    budget_spend_cents = models.BigIntegerField(_("budget of bills, in cents"), null=True, blank=True)
    budget_cost_cents = models.BigIntegerField(_("budget of all costs, in cents"), null=True, blank=True)
    target_lead_cents = models.BigIntegerField(_("target cost per lead, in cents"), null=True, blank=True)
    is_general = models.BooleanField(default=False, editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-is_general", "name"]
        constraints = [
            models.UniqueConstraint(fields=["client", "name"], name="campaign_name_unique_for_client"),
            models.UniqueConstraint(
                fields=["is_general"], condition=models.Q(is_general=True), name="campaign_one_general"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="campaign_dates_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(baseline_starts_on__isnull=True, baseline_ends_on__isnull=True)
                | models.Q(baseline_ends_on__gte=models.F("baseline_starts_on")),
                name="campaign_baseline_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(budget_minutes__isnull=True) | models.Q(budget_minutes__gt=0),
                name="campaign_budget_of_hours_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(budget_spend_cents__isnull=True) | models.Q(budget_spend_cents__gt=0),
                name="campaign_budget_of_bills_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(budget_cost_cents__isnull=True) | models.Q(budget_cost_cents__gt=0),
                name="campaign_budget_of_costs_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(target_lead_cents__isnull=True) | models.Q(target_lead_cents__gt=0),
                name="campaign_target_cost_positive",
            ),
        ]

    def __str__(self) -> str:
        return campaign_label(self.name, is_general=self.is_general)

    def clean(self) -> None:
        for first, last in (("starts_on", "ends_on"), ("baseline_starts_on", "baseline_ends_on")):
            start, end = getattr(self, first), getattr(self, last)
            if start and end and end < start:
                raise ValidationError({last: _("The end must not be before the start.")})
        if bool(self.baseline_starts_on) != bool(self.baseline_ends_on):
            raise ValidationError({"baseline_ends_on": _("Give both ends of the baseline, or neither.")})

    def get_absolute_url(self) -> str:
        return reverse("campaigns:campaign", args=[self.pk])

    @property
    def folded_names(self) -> set[str]:
        """The ways this campaign may be written in a file, folded."""
        return {normalise(self.name), normalise(f"{self.client.name} / {self.name}")}


_NAMES = ("pk", "name", "is_general", "client__name", "is_active", "ends_on")
CAMPAIGN_NAMES = Statement(lambda: Campaign.objects.values_list(*_NAMES))
NAMES_IN_USE = Statement(lambda: Campaign.objects.filter(is_active=True).values_list(*_NAMES))


def campaign_options() -> list[tuple[int, str]]:
    """Number and label of each campaign, as columns; once they are many, as `campaigns_in_use`."""
    rows = CAMPAIGN_NAMES.rows()
    if are_many(rows):
        return _with_clients(rows)
    return [(pk, campaign_label(name, is_general=is_general)) for pk, name, is_general, *_of_many in rows]


def campaigns_in_use() -> list[tuple[int, str]]:
    """Number and name of each, with its client, which tells it from its like: open campaigns before ended ones."""
    return _with_clients(NAMES_IN_USE.rows())


def _with_clients(rows: list[Any]) -> list[tuple[int, str]]:
    return [
        (pk, campaign_label(name, is_general=is_general) if is_general else f"{name}{SEPARATOR}{client}")
        for pk, name, is_general, client, *_when in sorted(rows, key=_open_ones_first)
    ]


def _open_ones_first(row: Any) -> tuple[bool, bool, int]:
    *_names, is_general, _client, is_active, ends_on = row
    return not is_general, not is_active, -(ends_on or date.max).toordinal()


class CampaignAlias(Alias):
    """Another name of a campaign, as a tracker or a link writes it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="aliases")
    # As long as the longest `Client / Campaign`.
    text = models.CharField(_("alias"), max_length=530, unique=True)

    class Meta(Alias.Meta):
        verbose_name = _("campaign alias")
        verbose_name_plural = _("campaign aliases")
