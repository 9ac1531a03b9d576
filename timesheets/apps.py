"""The timesheets app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def install_triggers(*, using: str, **_kwargs: Any) -> None:
    from core.triggers import install
    from timesheets.triggers import TRIGGERS

    install(TRIGGERS, using)


class TimesheetsConfig(AppConfig):
    """People and hours."""

    name = "timesheets"
    verbose_name = _("Timesheets")

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added
        from django.contrib.auth.signals import user_logged_in

        import timesheets.imports  # noqa: F401  (registers hours with the imports of campaigns)
        from timesheets import second_factor, sessions

        user_logged_in.connect(sessions.begin)
        authenticator_added.connect(second_factor.end_other_sessions)
        post_migrate.connect(install_triggers, sender=self)
