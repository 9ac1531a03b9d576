"""Platforms, clients, campaigns and what they bring, for programs: the addresses under `/api/v1/`."""

from ninja import Router

from campaigns.api import catalogue, changes, imports, leads, money

router = Router()
for part in (catalogue, leads, money, imports, changes):
    router.add_router("", part.router)
