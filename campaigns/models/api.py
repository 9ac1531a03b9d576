"""What programs that ask `/api/` need: their tokens, what was answered once, and the log of what changed."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access import Role

LETTERS_SHOWN = 4
# How often it is written down that a token was used.
USE_NOTED_EVERY = timedelta(hours=1)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self, at: datetime) -> "ApiTokenQuerySet":
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=at), revoked_at=None)

    def of(self, text: str, at: datetime) -> "ApiToken | None":
        """The token that this text is, as long as it is valid."""
        return self.valid(at).select_related("person").filter(token_hash=ApiToken.hash_of(text)).first()

    def revoke(self, at: datetime) -> int:
        return self.filter(revoked_at=None).update(revoked_at=at)


class ApiToken(models.Model):
    """What a program shows instead of signing in: a person's, or a service's (docs/adr/0038).

    Only a hash is kept: the token has 256 random bits, so that nobody finds it by trying. `role` is the most that it
    ever may; a person's never has more than the person has at that moment.
    """

    PREFIX = "retour_"

    name = models.CharField(_("name"), max_length=80, help_text=_("By which you tell it from others: “Zapier”."))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="api_tokens",
        verbose_name=_("person"),
        help_text=_("None: a service."),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    scopes = models.JSONField(pgettext_lazy("what a token allows", "may"), default=list)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    last_letters = models.CharField(max_length=LETTERS_SHOWN, editable=False)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("made by")
    )
    expires_at = models.DateTimeField(_("valid until"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False) | ~models.Q(role=Role.DIRECTOR),
                name="api_token_of_a_service_is_below_director",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def make(cls, **fields: Any) -> tuple["ApiToken", str]:
        """Make a token; the text is told this once."""
        text = cls.PREFIX + secrets.token_urlsafe(32)
        kept = {"token_hash": cls.hash_of(text), "last_letters": text[-LETTERS_SHOWN:]}
        return cls.objects.create(**kept, **fields), text

    @staticmethod
    def hash_of(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    def is_valid(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)

    def note_use(self, at: datetime) -> None:
        """Keep roughly when it was used last: reading does not become writing."""
        if self.last_used_at is None or self.last_used_at < at - USE_NOTED_EVERY:
            ApiToken.objects.filter(pk=self.pk).update(last_used_at=at)


class IdempotentAnswer(models.Model):
    """What a request with an `Idempotency-Key` led to, so that the same request again writes nothing again.

    The address of what it made, not what was in it: nobody's data is kept twice. `body_hash` is keyed, and emptied when
    somebody is erased; a repetition can then not be told from another request, and is refused.
    """

    KEPT = timedelta(hours=24)

    # No index of its own: idempotent_answer_once begins with it.
    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=64, help_text="A hash of what the program sent as its key.")
    body_hash = models.CharField(max_length=64, blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    led_to = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_index=True)  # retention: what is too old

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="idempotent_answer_once")]

    def __str__(self) -> str:
        return self.led_to

    @classmethod
    def empty(cls) -> None:
        """Forget what was sent, for the sake of somebody who is erased."""
        cls.objects.exclude(body_hash="").update(body_hash="")


class LoggedKind(models.TextChoices):
    PLATFORM = "platform"
    CLIENT = "client"
    CAMPAIGN = "campaign"
    LEAD = "lead"
    TOUCHPOINT = "touchpoint"
    SALE = "sale"
    SPEND = "spend"
    OUTCOME = "outcome"
    OUTCOME_VALUE = "outcome_value"
    EXCHANGE_RATE = "exchange_rate"
    LINK = "link"
    DECISION = "decision"
    TRIAL = "trial"
    HOURS = "hours"
    WEEK = "week"
    ABSENCE = "absence"


class ChangeEvent(models.TextChoices):
    CREATED = "created"
    CHANGED = "changed"
    VOIDED = "voided"
    RESTORED = "restored"
    MERGED = "merged"
    ERASED = "erased"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"


class LoggedChange(models.Model):
    """That a row was written, in the order in which that became visible (docs/adr/0039).

    Triggers write it in the transaction of the change, without a position. `owner_id` is whose hours they are, by
    number. Plain ids, no foreign keys: what is deleted keeps its entry. What only directors are told of has no place
    among what everybody else reads, so that nobody can tell that it is there (docs/adr/0047).
    """

    # The index: what changed after a position, and what has none yet.
    position = models.BigIntegerField(null=True, unique=True)
    shared_position = models.BigIntegerField(null=True, unique=True)
    kind = models.CharField(max_length=16, choices=LoggedKind.choices)
    object_id = models.BigIntegerField()
    event = models.CharField(max_length=10, choices=ChangeEvent.choices)
    owner_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    # With a default of the database: triggers of the version before know nothing of it, until they are made anew.
    is_for_directors = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.position}: {self.kind} {self.object_id} {self.event}"


class ChangeCounter(models.Model):
    """The last positions that were given out, and the lock under which the next are.

    `epoch` names this course of events: a restored backup begins another, in which old cursors mean nothing.
    """

    epoch = models.CharField(max_length=16)
    last = models.BigIntegerField(default=0)
    pruned = models.BigIntegerField(default=0, help_text="The last position that is no longer kept.")
    shared_last = models.BigIntegerField(default=0)
    shared_pruned = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.epoch}-{self.last}"
