"""The operations app."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Running and repairing an installation: jobs, backup, demo, merging platforms, erasing a person."""

    name = "operations"
