"""What a migration does that adds a column to the credits or the rollups: it holds 0 until it is computed."""

from typing import Any

from django.db.models import Max, Min


def compute_new_columns(apps: Any, schema_editor: Any) -> None:
    """Leave the marks that have the next drain credit all leads and sales anew, and add up all weeks.

    For `migrations.RunPython(compute_new_columns, migrations.RunPython.noop)`, after the columns are there. Without
    it they stay 0 until the nightly rebuild, which reports every week as a defect.
    """
    using = schema_editor.connection.alias
    marks = apps.get_model("campaigns", "StaleMark").objects.using(using)
    weeks = (
        apps.get_model("reports", "CampaignWeek").objects.using(using).aggregate(first=Min("week"), last=Max("week"))
    )
    marks.create(everything=True)
    if weeks["first"]:
        marks.create(week_from=weeks["first"], week_to=weeks["last"])
