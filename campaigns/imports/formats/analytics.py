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
            "Source/Support de la session",
            "Source / Support de la session",
            "Sitzung – Quelle/Medium",
            "Sitzung - Quelle / Medium",
            "Session manual source / medium",
            "Session source",
            "Session manual source",
            "Session source platform",
            "Session primary channel group (Default Channel Group)",
            "Groupe de canaux principal de la session (Groupe de canaux par défaut)",
            "Groupe de canaux par défaut de la session",
            "Sitzung – primäre Channelgruppe (Standard-Channelgruppe)",
            "Sitzung - primäre Channelgruppe (Standard-Channelgruppe)",
            "Session default channel group",
            "Session default channel grouping",
        ),
        "campaign": (
            "Session campaign",
            "Session manual campaign name",
            "Campagne de la session",
            "Sitzung – Kampagne",
        ),
        "measure": ("measure",),
        "count": ("count",),
    },
    needs=("platform", "measure", "count"),
    # What adds up over days and sources: users do not, and its revenue is never a sale.
    unfolds={
        "Sessions": ("Sessions", "Sitzungen", "Sesiones"),
        "Engaged sessions": ("Engaged sessions", "Sessions avec engagement", "Sitzungen mit Interaktionen"),
        "Key events": ("Key events", "Conversions", "Événements clés", "Schlüsselereignisse"),
    },
    blank_in_totals=("platform",),
    has_period_above=True,
)

FORMATS = (GA4_TRAFFIC,)
