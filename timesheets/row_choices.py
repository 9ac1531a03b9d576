"""What a row can be of: the lists of platforms and campaigns, from which one adds a row to a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter

from campaigns.lookups import CAMPAIGN_IN_USE, PLATFORM_IN_USE
from campaigns.models import Campaign
from core.lookups import Lookup, LookupInput, are_many, drawn_as_text
from timesheets.week_statements import IN_USE

PlatformCampaign = tuple[int, int]
Choice = tuple[int, str]  # its number, and what it is called


@dataclass(frozen=True, slots=True)
class RowChoices:
    platforms: list[Choice]
    campaigns: list[Choice]

    def besides(self, texts: "RowTexts") -> "RowChoices":
        """What is still a list beside these texts."""
        return RowChoices([] if texts.platform else self.platforms, [] if texts.campaign else self.campaigns)


@dataclass(frozen=True, slots=True)
class RowTexts:
    """Where there are many, the texts in which one is named instead; else None."""

    platform: LookupInput | None
    campaign: LookupInput | None

    @property
    def are_any(self) -> bool:
        """Then the box that finds rows by some letters is hidden: it would hold every pair."""
        return self.platform is not None or self.campaign is not None


def in_use() -> RowChoices:
    """Every platform and campaign in use, in one statement; of many campaigns the open ones before the ended ones."""
    platforms, campaigns = [], []
    for is_campaign, is_other, name, pk, client, ended in IN_USE.rows():
        if is_campaign:
            place = is_other, -(ended or date.max).toordinal()
            campaigns.append((place, pk, label_with_client(name, client, is_general=not is_other)))
        else:
            platforms.append((pk, name))
    if are_many(campaigns):
        campaigns.sort(key=itemgetter(0))
    return RowChoices(platforms, [(pk, label) for _place, pk, label in campaigns])


def as_texts(choices: RowChoices, lately: Sequence[PlatformCampaign]) -> RowTexts:
    """`lately` are the rows that this person had lately: they are offered first."""
    platforms, campaigns = zip(*lately, strict=True) if lately else ((), ())
    of_platform = Lookup(PLATFORM_IN_USE, lambda: platforms)
    of_campaign = Lookup(CAMPAIGN_IN_USE, lambda: campaigns)
    return RowTexts(
        drawn_as_text(of_platform, {}, "platform", choices.platforms, ""),
        drawn_as_text(of_campaign, {}, "campaign", choices.campaigns, ""),
    )


def label_with_client(name: str, client: str, *, is_general: bool) -> str:
    """A campaign with its client: `Spring launch · Acme`; General presence alone."""
    return str(Campaign(is_general=True)) if is_general else f"{name} · {client}"
