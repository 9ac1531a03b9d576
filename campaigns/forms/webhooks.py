"""A receiver of webhooks, as it is set up."""

import ipaddress
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import EventKind, Webhook
from campaigns.models.webhooks import FOR_DIRECTORS
from core.outgoing_http import AddressError, Target, is_public

MOST_WEBHOOKS = 20
LONGEST_URL = 1000
# What one may be told, as the form offers it; the last group is for directors alone.
GROUPS = (
    (
        gettext_lazy("Leads and sales"),
        [kind for kind in EventKind if kind.value.startswith(("lead.", "sale.", "refund."))],
    ),
    (gettext_lazy("The team, and files"), [kind for kind in EventKind if kind.value.startswith(("week.", "import."))]),
    (gettext_lazy("Computed from what hours cost"), [kind for kind in EventKind if kind in FOR_DIRECTORS]),
)
PROBLEMS = {
    "url": gettext_lazy("This is no address of the web. Write it like https://example.com/hook."),
    "login": gettext_lazy("Leave the name and the password out of the address."),
    "https": gettext_lazy("The address has to begin with https://, so that nobody reads along."),
}


class WebhookForm(forms.ModelForm):
    """A receiver: its address is asked for, never shown. Managers choose among what is not computed from cost."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=LONGEST_URL,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told"), widget=forms.CheckboxSelectMultiple, choices=()
    )
    has_personal_data = forms.BooleanField(
        label=gettext_lazy("With names, e-mail addresses and phone numbers"),
        required=False,
        help_text=gettext_lazy("Without them it is told numbers, statuses and amounts, and a link."),
    )
    accepts_readers = forms.BooleanField(
        label=gettext_lazy("Everyone in this channel will read what hours cost. That is intended."),
        required=False,
    )

    class Meta:
        model = Webhook
        fields = ("name", "format", "url", "events", "has_personal_data", "accepts_readers", "is_active")
        help_texts = {
            "name": gettext_lazy("For your list: not the name of a person."),
            "is_active": gettext_lazy("Switched off, what happens is not kept for it."),
        }

    def __init__(self, *args: Any, is_director: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = GROUPS if is_director else GROUPS[:-1]
        self.fields["events"].choices = [  # type: ignore[attr-defined]
            (title, [(kind.value, kind.label) for kind in kinds]) for title, kinds in groups
        ]
        self.fields["events"].help_text = _(
            "Rows that a file brings are not told one by one: the import is, once it is done."
        )
        if not is_director:
            del self.fields["accepts_readers"]
        if self.instance.pk:
            self.fields["format"].disabled = True
            self.fields["url"].required = False
            self.fields["url"].help_text = _("Empty: it stays %(address)s") % {"address": self.instance.shown_url}

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        if url:
            try:
                target = Target.of(url, private_hosts=settings.WEBHOOK_PRIVATE_HOSTS)
            except AddressError as error:
                raise ValidationError(PROBLEMS[str(error)]) from error
            if target.host not in settings.WEBHOOK_PRIVATE_HOSTS and _is_inside(target.host):
                raise ValidationError(
                    _("This address lies inside a network of its own. WEBHOOK_PRIVATE_HOSTS can allow its host.")
                )
        return url

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance.pk and Webhook.objects.count() >= MOST_WEBHOOKS:
            raise ValidationError(_("There are %(most)s webhooks, which is the most. Remove one first.") % _most())
        is_chat = cleaned.get("format") != Webhook.Format.STANDARD
        tells_cost = bool(FOR_DIRECTORS & set(cleaned.get("events", ())))
        if is_chat and tells_cost and not cleaned.get("accepts_readers"):
            self.add_error("accepts_readers", _("Tick this to go on, or choose only what is not computed from cost."))
        return cleaned

    def save(self, commit: bool = True) -> Webhook:
        if self.cleaned_data["url"]:
            self.instance.url = self.cleaned_data["url"]
        webhook: Webhook = super().save(commit)
        return webhook


def _most() -> dict[str, int]:
    return {"most": MOST_WEBHOOKS}


def _is_inside(host: str) -> bool:
    """Whether a host is an address, or a name, that only the own machine or network knows."""
    try:
        return not is_public(str(ipaddress.ip_address(host)))
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
