"""What a row can be of: the lists of platforms and campaigns, from which one adds a row to a week."""

from dataclasses import dataclass

from campaigns.models import Campaign
from timesheets.week_statements import IN_USE

Choice = tuple[int, str]  # its number, and what it is called


@dataclass(frozen=True, slots=True)
class RowChoices:
    platforms: list[Choice]
    campaigns: list[Choice]


def in_use() -> RowChoices:
    """Every platform and campaign in use, in one statement."""
    choices = RowChoices(platforms=[], campaigns=[])
    for is_campaign, is_other, name, pk, client in IN_USE.rows():
        if is_campaign:
            choices.campaigns.append((pk, label_with_client(name, client, is_general=not is_other)))
        else:
            choices.platforms.append((pk, name))
    return choices


def label_with_client(name: str, client: str, *, is_general: bool) -> str:
    """A campaign with its client: `Spring launch · Acme`; General presence alone."""
    return str(Campaign(is_general=True)) if is_general else f"{name} · {client}"
