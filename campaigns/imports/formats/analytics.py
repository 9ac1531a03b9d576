"""The exports of programs that count visits: outcomes. Pure."""

from campaigns.imports.formats.file_format import FileFormat

GA4_TRAFFIC = FileFormat(
    key="ga4",
    kind="outcomes",
    label="GA4 traffic acquisition",
    columns={
        "day": ("Date", "Date + hour (YYYYMMDDHH)", "Date + hour", "Date hour and minute"),
        "platform": (
            "Session source / medium",
            "Session manual source / medium",
            "Session source",
            "Session manual source",
            "Session source platform",
            "Session primary channel group (Default Channel Group)",
            "Session default channel group",
            "Session default channel grouping",
        ),
        "campaign": ("Session campaign", "Session manual campaign name"),
        "measure": ("measure",),
        "count": ("count",),
    },
    needs=("platform", "measure", "count"),
    # What adds up over days and sources: users do not, and its revenue is never a sale.
    unfolds={
        "Sessions": ("Sessions",),
        "Engaged sessions": ("Engaged sessions",),
        "Key events": ("Key events", "Conversions"),
    },
    blank_in_totals=("platform",),
    has_period_above=True,
)

FORMATS = (GA4_TRAFFIC,)
