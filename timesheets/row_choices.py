"""What a row can be of: the lists of platforms and campaigns, from which one adds a row to a week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.lookups import CAMPAIGN_IN_USE, PLATFORM_IN_USE
from campaigns.models import Campaign
from campaigns.models.catalogue import campaigns_named
from core.lookups import Lookup, NameInput, are_many, drawn_as_text
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

    platform: NameInput | None
    campaign: NameInput | None

    @property
    def has_typed(self) -> bool:
        """Whether names were typed that could not be understood."""
        return any(drawn is not None and drawn.text for drawn in (self.platform, self.campaign))


def in_use() -> RowChoices:
    """Every platform and campaign in use, in one statement."""
    choices = RowChoices(platforms=[], campaigns=[])
    for is_campaign, is_other, name, pk, client in IN_USE.rows():
        if is_campaign:
            choices.campaigns.append((pk, label_with_client(name, client, is_general=not is_other)))
        else:
            choices.platforms.append((pk, name))
    if are_many(choices.campaigns):
        return RowChoices(choices.platforms, campaigns_named(in_use=True))
    return choices


def as_texts(choices: RowChoices, query: Mapping[str, str], lately: Sequence[PlatformCampaign]) -> RowTexts:
    """`query` has what was typed and not understood; `lately` are the rows that this person had lately."""
    platforms, campaigns = zip(*lately, strict=True) if lately else ((), ())
    of_platform = Lookup(PLATFORM_IN_USE, lambda: platforms)
    of_campaign = Lookup(CAMPAIGN_IN_USE, lambda: campaigns)
    return RowTexts(
        drawn_as_text(of_platform, query, "platform", choices.platforms, "", _("Choose a platform")),
        drawn_as_text(of_campaign, query, "campaign", choices.campaigns, "", _("Choose a campaign")),
    )


def label_with_client(name: str, client: str, *, is_general: bool) -> str:
    """A campaign with its client: `Spring launch · Acme`; General presence alone."""
    return str(Campaign(is_general=True)) if is_general else f"{name} · {client}"
