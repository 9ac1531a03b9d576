"""What a row can be of: the lists of platforms and campaigns, from which one adds a row to a week."""

from dataclasses import dataclass
from typing import Any

from campaigns.models import Campaign
from timesheets.week_statements import IN_USE

Choice = tuple[int, str]  # its number, and what it is called


@dataclass(frozen=True, slots=True)
class RowChoices:
    platforms: list[Choice]
    campaigns: list[Choice]


def in_use() -> RowChoices:
    """Every platform and campaign in use, in one statement."""
    rows = IN_USE.rows()
    return RowChoices(
        platforms=[(row["pk"], row["name"]) for row in rows if not row["is_campaign"]],
        campaigns=[(row["pk"], _label(row)) for row in rows if row["is_campaign"]],
    )


def _label(row: Any) -> str:
    return label_with_client(row["name"], row["client_name"], is_general=not row["is_other"])


def label_with_client(name: str, client: str, *, is_general: bool) -> str:
    """A campaign with its client: `Spring launch · Acme`; General presence alone."""
    return str(Campaign(is_general=True)) if is_general else f"{name} · {client}"
