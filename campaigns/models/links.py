"""Tracking links: addresses that say where somebody came from, and how often each was followed on a day."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from campaigns.links import targets
from campaigns.links.naming import NamingRules
from campaigns.models.catalogue import Campaign, Platform

# Without letters and digits that are taken for one another when somebody types them from paper.
SLUG_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
SLUG_LENGTH = 8
USUAL_MEDIUMS = ("social", "paid_social", "email", "cpc", "referral", "event", "qr")


def new_slug() -> str:
    return "".join(secrets.choice(SLUG_LETTERS) for _number in range(SLUG_LENGTH))


def usual_mediums() -> str:
    return "\n".join(USUAL_MEDIUMS)


class LinkRules(models.Model):
    """How the agency names what its links say, and where they may lead. There is one row, or none yet."""

    allowed_hosts = models.TextField(_("hosts that links may lead to"), blank=True)
    mediums = models.TextField(_("mediums"), blank=True, default=usual_mediums)
    is_lower_case = models.BooleanField(_("only small letters"), default=True)
    has_no_spaces = models.BooleanField(_("no spaces"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("rules of links")
        verbose_name_plural = _("rules of links")

    def __str__(self) -> str:
        return str(_("Rules of links"))

    @classmethod
    def current(cls) -> "LinkRules":
        """The one row; as long as nobody saved it, what holds without one."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def hosts(self) -> list[str]:
        return self.allowed_hosts.split()

    @property
    def naming(self) -> NamingRules:
        return NamingRules(
            is_lower_case=self.is_lower_case, has_no_spaces=self.has_no_spaces, mediums=tuple(self.mediums.split())
        )


class TrackingLinkQuerySet(models.QuerySet["TrackingLink"]):
    def active(self) -> "TrackingLinkQuerySet":
        return self.filter(is_active=True)

    def with_clicks(self) -> "TrackingLinkQuerySet":
        """Each with `clicks`: how often it was followed. They are added up for those of a page, not for all."""
        days = LinkClicks.objects.filter(link=models.OuterRef("pk")).order_by().values("link")
        clicks = models.Subquery(days.values(clicks=models.Sum("count")))
        return self.annotate(clicks=models.functions.Coalesce(clicks, 0))


class TrackingLink(models.Model):
    """A short address for one place where a campaign is seen: it leads to the target and says where from.

    Its platform and campaign never change: what came through it, came from there (a database trigger refuses it).
    """

    slug = models.CharField(_("short name"), max_length=40, unique=True, default=new_slug)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="links", verbose_name=_("campaign"), editable=False
    )
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="links", verbose_name=_("platform"))
    target = models.CharField(_("leads to"), max_length=1000)
    utm_source = models.CharField(max_length=100)
    utm_medium = models.CharField(max_length=60)
    utm_campaign = models.CharField(max_length=160)
    utm_term = models.CharField(max_length=100, blank=True)
    utm_content = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = TrackingLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("tracking link")
        verbose_name_plural = _("tracking links")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return " · ".join(filter(None, (str(self.platform), self.utm_medium, self.utm_content, self.utm_term)))

    def get_absolute_url(self) -> str:
        return reverse("campaigns:link", args=[self.pk])

    @property
    def address(self) -> str:
        """What is posted, printed and sent."""
        return f"{settings.SITE_URL}{reverse('campaigns:go', args=[self.slug])}"

    @property
    def utm(self) -> dict[str, str]:
        names = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
        return {name: value for name in names if (value := getattr(self, name))}

    def destination(self, **more: str) -> str:
        """The target with what the link says, and what else is given, appended once."""
        return targets.with_parameters(self.target, {**self.utm, **more})


class LinkClicks(models.Model):
    """How often a link was followed on a day of the agency. Nothing is kept of who did."""

    # No index of its own: link_clicks_once_a_day begins with it.
    link = models.ForeignKey(TrackingLink, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField(_("day"))
    count = models.PositiveBigIntegerField(_("clicks"), default=0)

    class Meta:
        verbose_name = _("clicks of a day")
        verbose_name_plural = _("clicks of days")
        ordering = ["link", "day"]
        constraints = [models.UniqueConstraint(fields=["link", "day"], name="link_clicks_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.count}"

    @classmethod
    def add(cls, link_id: int, day: Any, count: int) -> None:
        """Count that many more; workers that add at the same time each add theirs."""
        cls.objects.get_or_create(link_id=link_id, day=day)
        cls.objects.filter(link_id=link_id, day=day).update(count=models.F("count") + count)
