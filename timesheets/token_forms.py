"""What is said of a token when it is made."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.models import ApiToken
from core.access import Role
from core.api.access import NOUNS, READ, SCOPES, WRITE, can_write, nouns_of
from timesheets import api_tokens
from timesheets.models import User

A_YEAR = 365
MOST_TOKENS = 50
NOTHING, READ_AND_WRITE = "none", "write"
LEVELS = [
    (NOTHING, pgettext_lazy("of a token", "Nothing")),
    (READ, gettext_lazy("Read")),
    (READ_AND_WRITE, gettext_lazy("Read and write")),
]


class ApiTokenForm(forms.Form):
    """A token of the person who fills it in: never more than they may themselves."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("By which you tell it from others: “Zapier”.")
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"),
        coerce=int,
        initial=A_YEAR,
        choices=[
            (30, gettext_lazy("30 days")),
            (90, gettext_lazy("90 days")),
            (A_YEAR, gettext_lazy("A year")),
            (0, gettext_lazy("Until it is revoked")),
        ],
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        role = self.most_role
        for noun in nouns_of(role):
            levels = LEVELS if can_write(role, noun) else LEVELS[:2]
            self.fields[noun] = forms.ChoiceField(label=NOUNS[noun], choices=levels, initial=NOTHING)

    @property
    def most_role(self) -> Role:
        """The highest role that its token can have."""
        return Role(self.by.role)

    @property
    def scopes(self) -> list[str]:
        """Reading what one may write goes with it."""
        chosen = {noun: self.cleaned_data.get(noun) for noun in NOUNS}
        wanted = {f"{noun}:{READ}" for noun, level in chosen.items() if level in (READ, READ_AND_WRITE)}
        wanted |= {f"{noun}:{WRITE}" for noun, level in chosen.items() if level == READ_AND_WRITE}
        return [scope for scope in SCOPES if scope in wanted]

    @property
    def about(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in NOUNS]

    @property
    def rights(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in NOUNS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.scopes:
            raise ValidationError(_("Choose at least one thing that it may read."))
        if ApiToken.objects.filter(made_by=self.by, revoked_at=None).count() >= MOST_TOKENS:
            raise ValidationError(
                _("That would be more than %(most)s tokens. Revoke some first.") % {"most": MOST_TOKENS}
            )
        return cleaned

    def save(self, *, at: datetime) -> tuple[ApiToken, str]:
        return self._given(at=at, role=Role(self.by.role), person=self.by)

    def _given(self, *, at: datetime, role: Role, person: User | None) -> tuple[ApiToken, str]:
        return api_tokens.give(
            name=self.cleaned_data["name"],
            role=role,
            scopes=self.scopes,
            expires_at=api_tokens.expiry(self.cleaned_data["days"], at),
            by=self.by,
            person=person,
        )


class ServiceTokenForm(ApiTokenForm):
    """A token of a program that is nobody's: it may what its role may, and no director's."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[(Role.MANAGER.value, Role.MANAGER.label), (Role.MEMBER.value, Role.MEMBER.label)],
        help_text=gettext_lazy(
            "A manager’s reads no cost. A member’s reads neither leads nor money, and has no hours."
        ),
    )

    @property
    def most_role(self) -> Role:
        return Role.MANAGER

    def save(self, *, at: datetime) -> tuple[ApiToken, str]:
        return self._given(at=at, role=Role(self.cleaned_data["role"]), person=None)
