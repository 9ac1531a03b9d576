"""The reports app."""

from django.apps import AppConfig
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Credit, rollups, verdicts, the dashboard and the weekly summary."""

    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from reports.attribution.rollups import mark_before_delete, wait_for_turn

        for origin in ("campaigns.Lead", "campaigns.Sale"):
            pre_delete.connect(mark_before_delete, sender=origin, dispatch_uid=f"mark_before_delete_{origin}")
        # A drain at work may be writing a cell of it.
        for origin in ("campaigns.Platform", "campaigns.Campaign"):
            pre_delete.connect(wait_for_turn, sender=origin, dispatch_uid=f"wait_for_turn_{origin}")
