"""What the names in a file stand for: platforms, campaigns, people, statuses; each unknown one is noted once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from campaigns.intake.mapping import CREATE, LEAVE_OUT, Said
from campaigns.models import Campaign, CampaignAlias, Client, Platform, PlatformAlias
from campaigns.models.catalogue import PlatformKind, normalise

LEFT_OUT: Final = 0  # no row has this id
AMBIGUOUS: Final = -(2**62)
PALETTE = 12
KINDS_BY_NAME = {
    PlatformKind.SEARCH: ("search", "google", "bing", "seo", "sea", "adwords"),
    PlatformKind.NEWSLETTER: ("newsletter", "mail", "e-mail", "email"),
    PlatformKind.EVENT: ("event", "fair", "salon", "webinar"),
    PlatformKind.REFERRAL: ("referral", "partner", "word of mouth"),
}


@dataclass
class Unknown:
    """A name that stands for nothing yet: as it is written, how often, where first, and why when not just new."""

    text: str
    target: str
    line: int
    count: int = 0
    reason: str = ""


@dataclass
class Directory:
    """Names of one sort. ``known`` are folded names with their ids; ``creating`` makes every new name welcome.

    While a file is checked nothing is made: a name to be made stands for a negative number of its own.
    """

    sort: str
    known: dict[str, int]
    said: Said
    creating: bool = False
    unknown: dict[str, Unknown] = field(default_factory=dict)
    to_make: dict[str, Unknown] = field(default_factory=dict)
    _answers: dict[tuple[str, str], int | None] = field(default_factory=dict)

    def find(self, text: str, *, line: int, within: str = "") -> int | None:
        """The id that a text stands for, LEFT_OUT, or None when that is unknown and noted.

        ``within`` is the client that a campaign's row names.
        """
        key = (text, within)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._look_up(text, line, within)
        if answer is None:
            self.unknown[self._key(text, within)].count += 1
        elif answer < LEFT_OUT:
            self._made(answer).count += 1
        return answer

    def can_make(self, target: str) -> str:
        """Why nothing of this name can be made; empty when it can."""
        return "" if target else "blank"

    def make(self, unknown: Unknown) -> int:
        """Make what this name stands for, and return its id."""
        raise NotImplementedError

    def remember(self, text: str, identity: int) -> None:
        """Keep a text as another name, so that nobody is asked again."""
        raise NotImplementedError

    def make_missing(self) -> list[int]:
        """Make what is to be made and keep what was said about names; return the ids of what was made."""
        made = []
        for key, unknown in self.to_make.items():
            identity = self.make(unknown)
            made.append(identity)
            self.known[key] = identity
        self.to_make.clear()
        self._answers.clear()
        return made

    def said_names(self) -> Iterable[tuple[str, int]]:
        """The texts that a person gave another meaning, with the ids they stand for."""
        for text, target in self.said.names.get(self.sort, {}).items():
            identity = self.known.get(normalise(target))
            if text and target not in (CREATE, LEAVE_OUT) and text not in self.known and identity:
                yield text, identity

    def _look_up(self, text: str, line: int, within: str) -> int | None:
        target = self.said.target(self.sort, text)
        if target == LEAVE_OUT:
            return LEFT_OUT
        name = text if target in (None, CREATE) else target
        identity = self._known(name, within if target in (None, CREATE) else "")
        if identity is not None and identity != AMBIGUOUS:
            return identity
        return self._note(text, name, line, within, ambiguous=identity == AMBIGUOUS, asked_to_make=target == CREATE)

    def _known(self, name: str, within: str) -> int | None:
        return self.known.get(self._key(name, within), self.known.get(normalise(name)))

    def _note(
        self, text: str, name: str, line: int, within: str, *, ambiguous: bool, asked_to_make: bool
    ) -> int | None:
        key = self._key(name, within)
        full = f"{within} / {name}" if within else name
        reason = "ambiguous" if ambiguous else self.can_make(name) if self.creating or asked_to_make else ""
        if not ambiguous and not reason and (self.creating or asked_to_make):
            self.to_make.setdefault(key, Unknown(text, full, line))
            return -1 - list(self.to_make).index(key)
        asked = self._key(text, within)
        self.unknown.setdefault(asked, Unknown(text, full, line, reason=reason or self.can_make(name)))
        return None

    def _made(self, answer: int) -> Unknown:
        return list(self.to_make.values())[-1 - answer]

    def _key(self, name: str, within: str) -> str:
        return normalise(f"{within} / {name}") if within else normalise(name)


class Platforms(Directory):
    """The agency's platforms, by name or alias."""

    @classmethod
    def load(cls, said: Said, *, creating: bool) -> "Platforms":
        known = {normalise(name): pk for pk, name in Platform.objects.values_list("pk", "name")}
        known |= dict(PlatformAlias.objects.values_list("text", "platform_id"))
        return cls("platform", known, said, creating)

    def make(self, unknown: Unknown) -> int:
        folded = normalise(unknown.target)
        kind = next((kind for kind, words in KINDS_BY_NAME.items() if any(word in folded for word in words)), None)
        colour = Platform.objects.count() % PALETTE + 1
        name = unknown.target[:80]
        return Platform.objects.create(name=name, kind=kind or PlatformKind.SOCIAL, colour=colour).pk

    def remember(self, text: str, identity: int) -> None:
        PlatformAlias.objects.get_or_create(text=text[:160], defaults={"platform_id": identity})


class Campaigns(Directory):
    """The agency's campaigns, by `Client / Campaign`, alias, or name alone where only one client has it."""

    @classmethod
    def load(cls, said: Said, *, creating: bool) -> "Campaigns":
        known: dict[str, int] = {}
        for pk, name, client in Campaign.objects.values_list("pk", "name", "client__name"):
            folded = normalise(name)
            known[folded] = AMBIGUOUS if folded in known else pk
            known[normalise(f"{client} / {name}")] = pk
        known |= dict(CampaignAlias.objects.values_list("text", "campaign_id"))
        return cls("campaign", known, said, creating)

    def make(self, unknown: Unknown) -> int:
        owner, slash, name = unknown.target.partition(" / ")
        if not slash:
            return Client.objects.own_brand().campaigns.create(name=unknown.target[:120]).pk
        client = next((one for one in Client.objects.all() if normalise(one.name) == normalise(owner)), None)
        client = client or Client.objects.create(name=owner.strip()[:120])
        return client.campaigns.create(name=name.strip()[:120]).pk

    def remember(self, text: str, identity: int) -> None:
        CampaignAlias.objects.get_or_create(text=text[:160], defaults={"campaign_id": identity})
