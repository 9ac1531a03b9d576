"""The reports app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Credit, rollups, verdicts, the dashboard and the weekly summary."""

    name = "reports"
    verbose_name = _("Reports")
