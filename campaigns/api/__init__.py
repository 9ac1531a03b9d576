"""Platforms, clients, campaigns and what they bring, for programs: the addresses under `/api/v1/`."""

from ninja import Router

from campaigns.api import (
    catalogue,
    changes,
    exchange_rates,
    history,
    imports,
    journeys,
    lead_moves,
    leads,
    links,
    money,
    outcomes,
    quarantine,
    saved_views,
)

router = Router()
for part in (catalogue, links, leads, journeys, lead_moves, quarantine):
    router.add_router("", part.router)
for part in (money, exchange_rates, outcomes, history, imports, saved_views, changes):
    router.add_router("", part.router)
