"""Platforms, clients, campaigns and measures as fields name them once they are many (core/lookups.py)."""

from typing import Any

from django.db.models import F, Model

from campaigns.models import Campaign, Client, Outcome, Platform
from campaigns.models.catalogue import campaign_options, campaigns_in_use
from core.access import EVERYONE, STEERING
from core.lists import named_rows
from core.lookup_fields import NamedRowField
from core.lookup_views import suggestions
from core.lookups import Lookup, Options, latest

PLATFORM_IN_USE, CAMPAIGN_IN_USE = "campaigns:platform_names_in_use", "campaigns:campaign_names_in_use"
# Open campaigns before ended ones, and the newest first.
LIKELIEST = (F("is_active").desc(), F("ends_on").desc(nulls_first=True), "-pk")


def campaign_label(campaign: Campaign) -> str:
    return str(campaign) if campaign.is_general else f"{campaign} · {campaign.client}"


# -- the filters of lists ---------------------------------------------------------------------------------------------


def by_platform(used_in: type[Model]) -> Lookup:
    return Lookup("campaigns:platform_names", latest(used_in, "platform"))


def by_campaign(used_in: type[Model]) -> Lookup:
    return Lookup("campaigns:campaign_names", latest(used_in, "campaign"))


def by_client() -> Lookup:
    return Lookup("campaigns:client_names", latest(Campaign, "client"))


def by_measure() -> Lookup:
    return Lookup("campaigns:measure_names", latest(Outcome, "measure"))


# -- the fields of forms ----------------------------------------------------------------------------------------------


def platform_field(used_in: type[Model], **kwargs: Any) -> NamedRowField:
    """A platform in use, unless `queryset` says which."""
    rows = kwargs.pop("queryset", None)
    lookup = Lookup(PLATFORM_IN_USE, latest(used_in, "platform"))
    return NamedRowField(Platform.objects.active() if rows is None else rows, lookup=lookup, **kwargs)


def campaign_field(used_in: type[Model], **kwargs: Any) -> NamedRowField:
    """A campaign in use with its client, unless `queryset` says which."""
    rows = kwargs.pop("queryset", None)
    return NamedRowField(
        Campaign.objects.active().select_related("client") if rows is None else rows,
        lookup=Lookup(CAMPAIGN_IN_USE, latest(used_in, "campaign")),
        likeliest=LIKELIEST,
        labelled=campaign_label,
        **kwargs,
    )


def client_field(**kwargs: Any) -> NamedRowField:
    return NamedRowField(lookup=Lookup("campaigns:client_names_in_use", latest(Campaign, "client")), **kwargs)


# -- the names that are offered while one types -----------------------------------------------------------------------


def measures() -> Options:
    return [(measure, measure) for measure in Outcome.objects.measures()]


platform_names = suggestions(named_rows(Platform.objects.all()), *STEERING)
platform_names_in_use = suggestions(named_rows(Platform.objects.active()), *EVERYONE)
campaign_names = suggestions(campaign_options, *STEERING)
campaign_names_in_use = suggestions(campaigns_in_use, *EVERYONE)
client_names = suggestions(named_rows(Client.objects.all()), *STEERING)
client_names_in_use = suggestions(named_rows(Client.objects.filter(is_active=True)), *STEERING)
measure_names = suggestions(measures, *STEERING)
