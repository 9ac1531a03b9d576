"""The keys that forms write by, and what each writing led to."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.catalogue import Campaign, Platform
from campaigns.models.funnel import Lead
from core import sealing

PURPOSE = "retour: secrets of form senders"


class FormSource(models.TextChoices):
    """Who sends: a form in a visitor's browser, or the server of a form program with a secret."""

    FORM = "form", _("HTML form")
    TYPEFORM = "typeform", "Typeform"
    WEBFLOW = "webflow", "Webflow"
    TALLY = "tally", "Tally"
    WORDPRESS = "wordpress", "WordPress"


def new_key() -> str:
    return secrets.token_urlsafe(18)


class CaptureKeyQuerySet(models.QuerySet["CaptureKey"]):
    def in_force(self) -> "CaptureKeyQuerySet":
        return self.filter(revoked_at=None)


class CaptureKey(models.Model):
    """What stands in the address that a form writes to.

    A public one is read by everybody who looks at the form, so it allows no more than to write; a server's has a
    secret besides, which is sealed here and shown once.
    """

    name = models.CharField(_("name"), max_length=120, help_text=_("Which form it is for."))
    source = models.CharField(_("sent by"), max_length=10, choices=FormSource.choices, default=FormSource.FORM)
    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)
    sealed_secret = models.TextField(blank=True, editable=False)
    origins = models.TextField(_("sites that the form stands on"), blank=True)
    thank_you = models.CharField(_("thank-you page"), max_length=500, blank=True)
    field_names = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = CaptureKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("key of a form")
        verbose_name_plural = _("keys of forms")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:capture_key", args=[self.pk])

    @property
    def is_public(self) -> bool:
        return self.source == FormSource.FORM

    @property
    def address(self) -> str:
        """Where the form writes to."""
        return f"{settings.SITE_URL}{reverse('campaigns:capture', args=[self.key])}"

    @property
    def secret(self) -> str:
        """What the sender signs with; empty when it cannot be read any more, and then nothing is believed."""
        try:
            return sealing.unseal(self.sealed_secret, purpose=PURPOSE) if self.sealed_secret else ""
        except sealing.Unreadable:
            return ""

    def seal(self, secret: str) -> None:
        self.sealed_secret = sealing.seal(secret, purpose=PURPOSE)


class ContactKind(models.TextChoices):
    """What a writing led to."""

    NEW = "new", _("New lead")
    REPEAT = "repeat", _("Wrote again")
    SPAM = "spam", _("Spam")
    TEST = "test", _("Test")


class CapturedContactQuerySet(models.QuerySet["CapturedContact"]):
    def quarantined(self) -> "CapturedContactQuerySet":
        return self.filter(kind=ContactKind.SPAM)

    def mentioning(self, texts: Iterable[str]) -> "CapturedContactQuerySet":
        """Those of no lead in which one of these texts is a whole value: few, since they go after 30 days."""
        folded = {text.strip().casefold() for text in texts}
        rows = self.filter(lead=None).values_list("pk", "values", "email")
        found = [
            pk
            for pk, values, email in rows
            if folded & {str(value).strip().casefold() for value in [*values.values(), email] if value}
        ]
        return self.filter(pk__in=found)


# The parts of what was written, in the order in which they are shown.
WRITTEN = {
    "name": _("Name"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "company": _("Company"),
    "how_heard": _("How they heard of us"),
    "message": _("Message"),
}


class CapturedContact(models.Model):
    """That somebody wrote by a form, what the form said of their origin and consent, and what the lead does not hold.

    Of a new lead the lead itself holds what was written; of one who wrote again, of spam and of a test `values` does.
    """

    key = models.ForeignKey(CaptureKey, on_delete=models.PROTECT, related_name="contacts", verbose_name=_("form"))
    kind = models.CharField(_("kind"), max_length=6, choices=ContactKind.choices)
    lead = models.ForeignKey(
        Lead, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts", verbose_name=_("lead")
    )
    at = models.DateTimeField(_("at"), db_index=True)  # retention: what is too old
    email = models.EmailField(_("e-mail"), blank=True)
    values = models.JSONField(default=dict, blank=True)
    origin = models.JSONField(default=dict, blank=True)
    consent_at = models.DateTimeField(_("consent given"), null=True, blank=True)
    consent_text = models.CharField(_("consent"), max_length=500, blank=True)
    # Keyed hashes of all that was written, and of the sender's own number: what comes twice is one.
    content_hash = models.CharField(max_length=64, blank=True, db_index=True)
    sender_hash = models.CharField(max_length=64, blank=True, db_index=True)

    objects = CapturedContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact by a form")
        verbose_name_plural = _("contacts by forms")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%Y-%m-%d %H:%M}"

    @property
    def written(self) -> list[tuple[Any, str]]:
        """What was written, with the words for each part."""
        return [(words, self.values[name]) for name, words in WRITTEN.items() if self.values.get(name)]


class RememberedOrigin(models.Model):
    """Where a person last noted a call or a talk: offered to them next time."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.platform)
