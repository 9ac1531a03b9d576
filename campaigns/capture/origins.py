"""Which touchpoints follow from what a form said of somebody's origin.

What our own links signed is believed. The rest is read as the import engine reads it: a platform by its names, a
campaign by its own; a name that nobody knows makes no touchpoint, and stays to be read on the lead's page.
"""

from collections.abc import Mapping
from datetime import datetime

from campaigns.capture.reading import SaidOrigin
from campaigns.imports.importers.base import is_direct
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.mapping.name_resolution import Campaigns, Platforms
from campaigns.links import return_token
from campaigns.models import Touch, TrackingLink


def touches_of(origins: Mapping[str, SaidOrigin], *, at: datetime) -> list[Touch]:
    """Touches, not saved, without a lead; each contact once, however often it was said."""
    platforms = Platforms.load(ColumnMapping(), creating=False)
    campaigns = Campaigns.load(ColumnMapping(), creating=False)
    found: dict[tuple[datetime, int | None, int | None], Touch] = {}
    for origin in origins.values():
        touch = _of_link(origin, at) or _of_words(origin, platforms, campaigns, at)
        if touch:
            found.setdefault(place_of(touch), touch)
    return list(found.values())


def place_of(touch: Touch) -> tuple[datetime, int | None, int | None]:
    """What tells two contacts apart."""
    return touch.at, touch.platform_id, touch.campaign_id


def _of_link(origin: SaidOrigin, at: datetime) -> Touch | None:
    """The signature alone makes it: when the link was followed, and what the link stands for."""
    followed = return_token.read(origin.said.get(return_token.NAME, ""), at=at)
    link = TrackingLink.objects.filter(slug=followed.slug).first() if followed else None
    if followed is None or link is None:
        return None
    return Touch(
        at=min(followed.at, at),
        platform_id=link.platform_id,
        campaign_id=link.campaign_id,
        utm_source=link.utm_source,
        utm_medium=link.utm_medium,
        utm_campaign=link.utm_campaign,
    )


def _of_words(origin: SaidOrigin, platforms: Platforms, campaigns: Campaigns, at: datetime) -> Touch | None:
    said = origin.said
    source = said.get("utm_source_platform") or said.get("utm_source") or ""
    platform = platforms.knows(source or said.get("referrer", ""))
    campaign = campaigns.knows(said.get("utm_campaign", "")) or None
    is_known = platform is not None or (bool(source) and is_direct(source)) or (not source and campaign is not None)
    if not is_known:
        return None
    return Touch(
        at=origin.at or at,
        platform_id=platform,
        campaign_id=campaign,
        utm_source=said.get("utm_source", ""),
        utm_medium=said.get("utm_medium", ""),
        utm_campaign=said.get("utm_campaign", ""),
    )


def as_json(origins: Mapping[str, SaidOrigin]) -> dict[str, dict[str, str]]:
    return {name: {**origin.said, "at": origin.at.isoformat() if origin.at else ""} for name, origin in origins.items()}


def from_json(stored: Mapping[str, Mapping[str, str]]) -> dict[str, SaidOrigin]:
    return {
        name: SaidOrigin({key: text for key, text in said.items() if key != "at"}, _moment(said.get("at", "")))
        for name, said in stored.items()
    }


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def without_tokens(stored: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What is kept with a lead: the tokens have become touchpoints."""
    said = {
        name: {key: text for key, text in texts.items() if key != return_token.NAME} for name, texts in stored.items()
    }
    return {name: texts for name, texts in said.items() if any(text for key, text in texts.items() if key != "at")}
