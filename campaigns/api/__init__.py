"""Platforms, clients, campaigns and what they bring, for programs: the addresses under `/api/v1/`."""

from ninja import Router

from campaigns.api import catalogue, changes, exchange_rates, imports, leads, links, money, outcomes, saved_views

router = Router()
for part in (catalogue, links, leads, money, exchange_rates, outcomes, imports, saved_views, changes):
    router.add_router("", part.router)
