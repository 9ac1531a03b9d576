"""What the names in a file stand for: platforms, campaigns, people; each unknown one is noted once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError
from django.utils import translation

from campaigns.imports.mapping.column_mapping import CREATE, LEAVE_OUT, ColumnMapping
from campaigns.lookups import CAMPAIGN_IN_USE, PLATFORM_IN_USE
from campaigns.models import Campaign, CampaignAlias, Client, Platform, PlatformAlias
from campaigns.models.catalogue import PlatformKind, normalise
from core.invisible import without_invisible

LEFT_OUT: Final = 0  # no row has this id
AMBIGUOUS: Final = -(2**62)
PALETTE = 12
LONGEST_CLIENT = 120
LONGEST_CAMPAIGN_ALIAS = 530
KINDS_BY_WORD = {
    PlatformKind.SEARCH: ("search", "google", "bing", "seo", "adwords"),
    PlatformKind.NEWSLETTER: ("newsletter", "mail"),
    PlatformKind.EVENT: ("event", "fair", "webinar"),
    PlatformKind.REFERRAL: ("referral", "partner"),
}


@dataclass
class Name:
    """A text that stands for nothing yet: how often it is met, where first, what it would be called.

    ``reason`` says why it cannot just be made: ambiguous, blank or no_email.
    """

    text: str
    target: str
    line: int
    reason: str = ""
    count: int = 0


@dataclass
class Directory:
    """Names of one type: ``known`` folded names and ``aliases`` with their ids. ``creating`` welcomes every new name.

    While a file is checked nothing is made: a name that will be made stands for a negative number of its own.
    """

    model: ClassVar[type[Model]]
    longest: ClassVar[int] = 120
    # Where names are looked up once they are many; "" where there are never many.
    url_name: ClassVar[str] = ""

    name_type: str
    known: dict[str, int]
    aliases: dict[str, int]
    mapping: ColumnMapping
    creating: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, Name] = field(default_factory=dict)
    to_make: dict[str, Name] = field(default_factory=dict)
    _answers: dict[str, int] = field(default_factory=dict)
    # What had to be made along with it, by type of name: the clients of campaigns.
    brought: dict[str, list[int]] = field(default_factory=dict)
    _promised: list[Name] = field(default_factory=list)

    def find(self, text: str, *, line: int, within: str = "") -> int | None:
        """The id that a text stands for, LEFT_OUT, or None when that is unknown, which is then noted.

        ``within`` is the client that the row of a campaign names.
        """
        full = f"{within} / {text}" if within and text else text
        answer = self._answers.get(full)
        if answer is None:
            answer = self._look_up(full, text, line)
        if answer is None:
            self.unknown[normalise(full)].count += 1
            return None
        self._answers[full] = answer
        if answer < LEFT_OUT:
            self._promised[-1 - answer].count += 1
        return answer

    def ask(self, text: str, *, line: int, reason: str) -> None:
        """Note a text that only a person can say the meaning of."""
        self.unknown.setdefault(normalise(text), Name(text, text, line, reason)).count += 1

    def knows(self, text: str) -> int | None:
        """The id of a text that is known, without asking about it when it is not."""
        target = self.mapping.target(self.name_type, text)
        name = normalise(text if target in (None, CREATE, LEAVE_OUT) else target)
        identity = self.known.get(name)
        if identity in (None, AMBIGUOUS):
            identity = self.aliases.get(name, identity)
        return None if identity == AMBIGUOUS or target == LEAVE_OUT else identity

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """What a name may be said to stand for, as (name, label)."""
        return [(str(row), str(row)) for row in cls.model._default_manager.all()]

    def label(self, target: str) -> str:
        """What a name is also called in the file: a person beside the e-mail address."""
        return self.labels.get(normalise(target), "")

    @classmethod
    def remove_unused(cls, ids: Sequence[int]) -> list[int]:
        """Remove what an import made and nothing hangs on; return the ids of the rest."""
        left = []
        for row in cls.model._default_manager.filter(pk__in=ids):
            try:
                with transaction.atomic():
                    row.delete()
            except (ProtectedError, IntegrityError):
                left.append(row.pk)
        return left

    def cannot_make(self, name: str) -> str:
        """Why nothing of this name can be made; empty when it can."""
        if len(name.strip()) > self.longest:
            return "too_long"
        return "" if name else "blank"

    def make(self, name: Name) -> int:
        """Make what this name stands for; return its id."""
        raise NotImplementedError

    def remember(self, text: str, identity: int) -> None:
        """Keep a text as another name, so that nobody is asked again."""
        raise NotImplementedError

    def make_missing(self) -> list[int]:
        """Make what is to be made, keep as aliases what was said about names; return the ids of what was made."""
        made = []
        for key, name in self.to_make.items():
            self.known[key] = self.make(name)
            made.append(self.known[key])
        for text, identity in list(self._mapped_names()):
            self.remember(text, identity)
        self.to_make.clear()
        self._answers.clear()
        self._promised.clear()
        return made

    def _mapped_names(self) -> Iterator[tuple[str, int]]:
        for text, target in self.mapping.names.get(self.name_type, {}).items():
            identity = self.known.get(normalise(target), 0)
            if text and target not in (CREATE, LEAVE_OUT) and text not in self.aliases and identity > 0:
                yield text, identity

    def _look_up(self, full: str, text: str, line: int) -> int | None:
        target = self.mapping.target(self.name_type, full) or self.mapping.target(self.name_type, text)
        if target == LEAVE_OUT:
            return LEFT_OUT
        is_new = target in (None, CREATE)
        name = full if target is None or is_new else target
        identity = self.known.get(normalise(name), self.aliases.get(normalise(name)))
        if identity in (None, AMBIGUOUS) and is_new:
            identity = self.aliases.get(normalise(text), identity)
        if identity is None or identity == AMBIGUOUS:
            wanted = self.creating or target == CREATE
            return self._note(full, name, line, wanted=wanted, ambiguous=identity == AMBIGUOUS)
        return identity

    def _note(self, full: str, name: str, line: int, *, wanted: bool, ambiguous: bool) -> int | None:
        """Promise a name that may be made, else note it as unknown."""
        reason = "ambiguous" if ambiguous else self.cannot_make(name)
        if not wanted or reason:
            self.unknown.setdefault(normalise(full), Name(full, name, line, reason))
            return None
        promise = self.to_make.setdefault(normalise(name), Name(full, without_invisible(name), line))
        if promise not in self._promised:
            self._promised.append(promise)
        return -1 - self._promised.index(promise)


class Platforms(Directory):
    """The agency's platforms, by name or alias."""

    model = Platform
    longest = 80
    url_name = PLATFORM_IN_USE

    @classmethod
    def load(cls, mapping: ColumnMapping, *, creating: bool) -> "Platforms":
        known = {normalise(name): pk for pk, name in Platform.objects.values_list("pk", "name")}
        aliases = dict(PlatformAlias.objects.values_list("text", "platform_id"))
        return cls("platform", known, aliases, mapping, creating)

    def make(self, name: Name) -> int:
        folded = normalise(name.target)
        kinds = (kind for kind, words in KINDS_BY_WORD.items() if any(word in folded for word in words))
        colour = Platform.objects.count() % PALETTE + 1
        return Platform.objects.create(name=name.target, kind=next(kinds, PlatformKind.SOCIAL), colour=colour).pk

    def remember(self, text: str, identity: int) -> None:
        PlatformAlias.objects.get_or_create(text=text[:160], defaults={"platform_id": identity})


class Clients(Directory):
    """The clients that campaigns bring along: made with them, removed after them."""

    model = Client


def names_of_general_presence() -> set[str]:
    """What General presence is called in every language: exports are written in the reader's."""
    names = set()
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            names.add(normalise(str(Campaign(is_general=True))))
    return names


class Campaigns(Directory):
    """The agency's campaigns, by `Client / Campaign`, by alias, or by name where only one client has it."""

    model = Campaign
    longest = 400
    url_name = CAMPAIGN_IN_USE
    # Whether `Client / Campaign` in a file names a client: in Retour's own format.
    names_clients: bool = False

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        campaigns = Campaign.objects.select_related("client").order_by("client__name", "name")
        return [(f"{each.client.name} / {each.name}", f"{each} · {each.client.name}") for each in campaigns]

    def is_general(self, text: str) -> bool:
        """Whether a text is what General presence is called in some language, and nothing else was said of it."""
        return self.mapping.target(self.name_type, text) is None and normalise(text) in self.general_names

    @cached_property
    def general_names(self) -> set[str]:
        return names_of_general_presence()

    @classmethod
    def load(cls, mapping: ColumnMapping, *, creating: bool) -> "Campaigns":
        known: dict[str, int] = {}
        for pk, name, client in Campaign.objects.values_list("pk", "name", "client__name"):
            folded = normalise(name)
            known[folded] = AMBIGUOUS if folded in known else pk
            known[normalise(f"{client} / {name}")] = pk
        # A system without it yet makes it when hours need it; until then its name means "no campaign".
        general = Campaign.objects.filter(is_general=True).values_list("pk", flat=True).first() or LEFT_OUT
        known |= dict.fromkeys(names_of_general_presence(), general)
        aliases = dict(CampaignAlias.objects.values_list("text", "campaign_id"))
        return cls("campaign", known, aliases, mapping, creating)

    def find(self, text: str, *, line: int, within: str = "") -> int | None:
        if within and text:
            self.labels.setdefault(normalise(f"{within} / {text}"), within)
        return super().find(text, line=line, within=within)

    def make(self, name: Name) -> int:
        owner, own_name = self._owner_and_name(name.target)
        if not owner:
            return Client.objects.own_brand().campaigns.create(name=own_name).pk
        folded = normalise(owner)
        client = next((known for known in Client.objects.all() if normalise(known.name) == folded), None)
        if client is None:
            client = Client.objects.create(name=owner)
            self.brought.setdefault("client", []).append(client.pk)
        return client.campaigns.get_or_create(name=own_name)[0].pk

    def _owner_and_name(self, name: str) -> tuple[str, str]:
        """The client of a new campaign, empty for the own brand, and its own name.

        `EU / Prospecting` in an ad account is one name: a client is made of it only where the row names the client
        by itself, where a person said so, or in Retour's own format, which writes it so.
        """
        owner = self.label(name)
        if not owner and (self.names_clients or normalise(name) in self._said):
            owner = name.partition(" / ")[0] if " / " in name else ""
        return owner.strip(), name[len(f"{owner} / ") if owner else 0 :].strip()

    @cached_property
    def _said(self) -> set[str]:
        """What people said that texts stand for, folded."""
        return {normalise(target) for target in self.mapping.names.get(self.name_type, {}).values()}

    def cannot_make(self, name: str) -> str:
        owner, own_name = self._owner_and_name(name)
        if len(owner) > LONGEST_CLIENT or len(own_name) > self.longest:
            return "too_long"
        return "" if own_name else "blank"

    def remember(self, text: str, identity: int) -> None:
        CampaignAlias.objects.get_or_create(text=text[:LONGEST_CAMPAIGN_ALIAS], defaults={"campaign_id": identity})
