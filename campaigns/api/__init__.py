"""Platforms, clients, campaigns and what they bring, for programs: the addresses under `/api/v1/`."""

from ninja import Router

from campaigns.api import (
    catalogue,
    changes,
    exchange_rates,
    history,
    imports,
    journeys,
    leads,
    links,
    money,
    outcomes,
    saved_views,
)

router = Router()
for part in (catalogue, links, leads, journeys, money, exchange_rates, outcomes, history):
    router.add_router("", part.router)
for part in (imports, saved_views, changes):
    router.add_router("", part.router)
