"""The exports of ad accounts: spend. Pure."""

from campaigns.imports.files.header_translations import in_every_language
from campaigns.imports.formats.file_format import FileFormat

META_SPEND = FileFormat(
    key="meta",
    kind="spend",
    label="Meta Ads",
    columns=in_every_language(
        {
            "starts_on": ("Day", "Reporting starts"),
            "ends_on": ("Reporting ends",),
            "account": ("Account ID", "Account name"),
            "campaign_id": ("Campaign ID",),
            "campaign": ("Campaign name",),
            "ad_set": ("Ad set name", "Ad set ID"),
            "ad": ("Ad name", "Ad ID"),
            "amount": ("Amount spent",),
            "platform": ("Platform",),
            "placement": ("Placement", "Platform position"),
            "currency": ("Currency",),
        }
    ),
    needs=("starts_on", "campaign", "amount"),
    assumed={"platform": "Facebook"},
    blank_in_totals=("campaign",),
)

FORMATS = (META_SPEND,)
