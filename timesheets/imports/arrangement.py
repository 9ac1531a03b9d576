"""In which columns the user of a tracker wrote platforms and campaigns: only the names in them tell."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice

from campaigns.imports.files.file_reader import FileRow
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.mapping.columns import Layout
from campaigns.imports.mapping.name_resolution import Campaigns, Directory, Platforms
from timesheets.imports.well_known import is_well_known

ROWS_TO_LOOK_AT = 5_000


def columns_of_platform_and_campaign(layout: Layout, rows: Iterable[FileRow], mapping: ColumnMapping) -> dict[str, str]:
    """Return the columns of both by field; none when the person is to be asked."""
    if layout.has("platform"):
        return {}
    places = {name: layout.places[name] for name in ("project", "task", "tags", "client") if name in layout.places}
    platform_rows, campaign_rows = _rows_that_name(places, islice(rows, ROWS_TO_LOOK_AT), mapping)
    platform = max(places, key=lambda name: platform_rows[name], default="")
    if not platform_rows[platform]:
        return {}
    return {name: layout.column(place) for name, place in _places(platform, campaign_rows, places).items()}


def _rows_that_name(
    places: Mapping[str, int], rows: Iterable[FileRow], mapping: ColumnMapping
) -> tuple[Counter[str], Counter[str]]:
    """How many rows name a platform in each of these columns, and how many a campaign."""
    platforms = Platforms.load(mapping, creating=False)
    campaigns = Campaigns.load(mapping, creating=False)
    platform_rows, campaign_rows = Counter[str](), Counter[str]()
    for row in rows:
        for name, index in places.items():
            parts = _parts(row.cells[index])
            platform_rows[name] += any(_means(platforms, part) or is_well_known(part) for part in parts)
            campaign_rows[name] += any(_means(campaigns, part) for part in parts)
    return platform_rows, campaign_rows


def _places(platform: str, met: Counter[str], places: Mapping[str, int]) -> dict[str, str]:
    """Where platform and campaign stand, given where the platform does: a project is a campaign by itself."""
    others = [name for name in ("project", "task", "tags") if name in places and name != platform]
    campaign = max(others, key=lambda name: met[name], default="")
    if campaign and not met[campaign]:
        campaign = "project" if "project" in others else ""
    return {"platform": platform} | ({"campaign": campaign} if campaign else {})


def _parts(text: str) -> set[str]:
    """Return a text, and what stands between its commas."""
    return {text, *(part.strip() for part in text.split(","))}


def _means(directory: Directory, text: str) -> bool:
    return bool(text) and (
        directory.mapping.target(directory.name_type, text) is not None or bool(directory.knows(text))
    )
