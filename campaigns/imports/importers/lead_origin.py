"""Where a lead came from, as its row says: the platform, the campaign, or the values of the link it followed."""

from typing import Protocol

from campaigns.imports.importers.base import Importer
from campaigns.imports.mapping.columns import RowCells
from campaigns.models.catalogue import normalise

SOCIAL = frozenset({"social_media", "social media", "organic social", "organic_social", "paid_social", "paid social"})
UTM_FIELDS = ("utm_source", "utm_medium", "utm_campaign", "utm_source_platform")


class Origin(Protocol):
    """What of a lead's record says where it came from."""

    says_origin: bool
    has_touch: bool
    platform_id: int | None
    campaign_id: int | None
    utm: tuple[str, str, str]


def read_origin(importer: Importer, cells: RowCells, record: Origin) -> None:
    """Note the first touch of a lead; a campaign without a platform is one too, and so are the values of a link."""
    record.utm = (cells.text("utm_source"), cells.text("utm_medium"), cells.text("utm_campaign"))
    text = _source(cells)
    if not text and not cells["campaign"] and not record.utm[2]:
        return
    record.says_origin = True
    if text:
        record.has_touch, record.platform_id = importer.origin(text, cells.line)
        if record.has_touch:
            record.campaign_id = _campaign(importer, cells)
    else:
        record.campaign_id = _campaign(importer, cells)
        record.has_touch = record.campaign_id is not None or any(record.utm)


def _source(cells: RowCells) -> str:
    """The text that says the platform: the file's own word for it, else that of the link."""
    is_social = bool(cells["detail"]) and normalise(cells["platform"]) in SOCIAL
    said = cells["detail"] if is_social else cells["platform"]
    return said or cells["utm_source_platform"] or cells["utm_source"]


def _campaign(importer: Importer, cells: RowCells) -> int | None:
    """The campaign that the file names, else that of the link; what programs write by themselves is not asked about."""
    if cells["campaign"]:
        by_itself = importer.source not in ("generic", "sheet")
        find = importer.campaign_if_known if by_itself else importer.campaign
        return find(cells["campaign"], cells.line)
    return importer.campaign_if_known(cells["utm_campaign"], cells.line)
