"""The reports app."""

from django.apps import AppConfig
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Credit, rollups, verdicts, the dashboard and the weekly summary."""

    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from reports.credits import mark_before_delete

        for origin in ("campaigns.Lead", "campaigns.Sale"):
            pre_delete.connect(mark_before_delete, sender=origin, dispatch_uid=f"mark_before_delete_{origin}")
