"""The campaigns app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


def install_triggers(*, using: str, **_kwargs: Any) -> None:
    from campaigns.triggers import TRIGGERS
    from core.triggers import install

    install(TRIGGERS, using)


def install_search_indexes(*, using: str, **_kwargs: Any) -> None:
    from campaigns import search_indexes, trigram_index

    search_indexes.install(using)
    trigram_index.install(using)


def drop_triggers(*, using: str, **_kwargs: Any) -> None:
    from campaigns import trigram_index
    from core.triggers import drop_all

    trigram_index.drop(using)
    drop_all(using)


class CampaignsConfig(AppConfig):
    """The agency and its catalogue; installs the triggers after `migrate`. docs/architecture.md lists every signal."""

    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        pre_migrate.connect(drop_triggers, sender=self)
        post_migrate.connect(install_triggers, sender=self)
        post_migrate.connect(install_search_indexes, sender=self)
