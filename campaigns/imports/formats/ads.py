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

GOOGLE_ADS = FileFormat(
    key="google_ads",
    kind="spend",
    label="Google Ads",
    columns=in_every_language(
        {
            "starts_on": ("Day",),
            "account": ("Customer ID", "Account ID", "Account name", "Account"),
            "campaign_id": ("Campaign ID",),
            "campaign": ("Campaign",),
            "ad_set": ("Ad group ID", "Ad group"),
            "ad": ("Ad ID",),
            "placement": ("Network", "Network (with search partners)", "Device"),
            "amount": ("Cost",),
            "currency": ("Currency code", "Currency"),
        }
    ),
    # A report may be of whole accounts, or by type of campaign.
    needs=("amount",),
    needs_any=("campaign", "account", "starts_on"),
    marks=in_every_language(
        {
            "": (
                "Currency code",
                "Customer ID",
                "Campaign status",
                "Campaign state",
                "Campaign type",
                "Budget type",
                "Ad group",
                "Impr.",
                "Avg. CPC",
                "Avg. cost",
                "Cost / conv.",
                "Interactions",
            )
        }
    )[""],
    assumed={"platform": "Google Ads"},
    blank_in_totals=("campaign",),
    has_period_above=True,
)

LINKEDIN_ADS = FileFormat(
    key="linkedin_ads",
    kind="spend",
    label="LinkedIn Ads",
    columns={
        "starts_on": ("Start Date (in UTC)", "Start Date"),
        "ends_on": ("End Date (in UTC)",),
        "account": ("Account ID", "Account Name"),
        "campaign_id": ("Campaign ID",),
        "campaign": ("Campaign Name",),
        "ad": ("Ad ID", "Creative ID", "Ad Name", "Creative Name"),
        "amount": ("Total Spent",),
        "currency": ("Currency",),
    },
    needs=("campaign", "amount"),
    assumed={"platform": "LinkedIn"},
    blank_in_totals=("campaign",),
    has_period_above=True,
)

X_ADS = FileFormat(
    key="x_ads",
    kind="spend",
    label="X Ads",
    columns={
        "starts_on": ("Time period", "Date", "Day"),
        "account": ("Account ID", "Account name"),
        "campaign_id": ("Campaign ID",),
        "campaign": ("Campaign name", "Campaign"),
        "ad_set": ("Ad group ID", "Ad Group ID", "Line item ID", "Ad group name", "Line item name"),
        "ad": ("Tweet ID", "Post ID", "Ad ID"),
        "placement": ("Placement",),
        "amount": ("Spend",),
        "currency": ("Currency", "Currency code"),
    },
    needs=("campaign", "amount"),
    marks=(
        "Time period",
        "Funding source",
        "Funding source name",
        "Funding source ID",
        "Line item name",
        "Tweet engagements",
        "Post engagements",
        "Cost per follow",
        "Cost per engagement",
    ),
    assumed={"platform": "X"},
    blank_in_totals=("campaign",),
    has_period_above=True,
)

PINTEREST_ADS = FileFormat(
    key="pinterest_ads",
    kind="spend",
    label="Pinterest Ads",
    columns={
        "starts_on": ("Date", "Day", "Start date"),
        "ends_on": ("End date",),
        "account": ("Ad account ID", "Account ID", "Ad account name", "Account name"),
        "campaign_id": ("Campaign ID",),
        "campaign": ("Campaign name", "Campaign"),
        "ad_set": ("Ad group ID", "Ad group name"),
        "ad": ("Ad ID", "Ad name", "Promoted Pin ID"),
        "placement": ("Placement",),
        "amount": ("Spend in account currency", "Spend"),
        "currency": ("Currency", "Account currency"),
    },
    needs=("campaign", "amount"),
    marks=(
        "Spend in account currency",
        "Pin clicks",
        "Pin click rate (CTR)",
        "Pin promotion ID",
        "Promoted Pin ID",
        "Paid outbound clicks",
        "Outbound clicks",
    ),
    assumed={"platform": "Pinterest"},
    blank_in_totals=("campaign",),
    has_period_above=True,
)

TIKTOK_ADS = FileFormat(
    key="tiktok_ads",
    kind="spend",
    label="TikTok Ads",
    columns={
        "starts_on": ("By Day", "Day", "Date", "Stat Time Day"),
        "account": ("Account ID", "Account name", "Advertiser ID", "Advertiser name"),
        "campaign_id": ("Campaign ID",),
        "campaign": ("Campaign name",),
        "ad_set": ("Ad Group ID", "Ad Group Name", "Ad group name"),
        "ad": ("Ad ID", "Ad Name"),
        "placement": ("Placement", "Placement types"),
        "amount": ("Cost", "Total cost"),
        "currency": ("Currency",),
    },
    needs=("campaign", "amount"),
    marks=(
        "By Day",
        "CPC (destination)",
        "CTR (destination)",
        "Clicks (destination)",
        "Real-time results",
        "Result rate",
        "Ad Group Name",
        "Stat Time Day",
    ),
    assumed={"platform": "TikTok"},
    blank_in_totals=("campaign",),
    has_period_above=True,
)

FORMATS = (META_SPEND, GOOGLE_ADS, LINKEDIN_ADS, X_ADS, PINTEREST_ADS, TIKTOK_ADS)
