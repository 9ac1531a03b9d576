"""The reports app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_delete
from django.utils.translation import gettext_lazy as _


def install_triggers(*, using: str, **_kwargs: Any) -> None:
    from core.triggers import install
    from reports.triggers import TRIGGERS

    install(TRIGGERS, using)


class ReportsConfig(AppConfig):
    """Credit, rollups, verdicts, the dashboard and the weekly summary."""

    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from reports.attribution.rollups import wait_for_turn

        post_migrate.connect(install_triggers, sender=self)
        # A drain at work may be crediting it, or writing a cell of it.
        for origin in ("campaigns.Lead", "campaigns.Sale", "campaigns.Platform", "campaigns.Campaign"):
            pre_delete.connect(wait_for_turn, sender=origin, dispatch_uid=f"wait_for_turn_{origin}")
