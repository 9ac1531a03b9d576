"""The core app: what knows no campaign."""

from django.apps import AppConfig

from core import case_blind, form_messages


class CoreConfig(AppConfig):
    """Weeks, money, numbers, access by role, lists, spreadsheets, e-mail, the task queue, triggers and logs."""

    name = "core"

    def ready(self) -> None:
        case_blind.install()
        form_messages.install()
