"""The operations app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Running and repairing an installation: jobs, backup, demo, merging platforms, erasing a person."""

    name = "operations"
    verbose_name = _("Operations")
