"""Addresses of the campaigns app."""

from django.urls import URLPattern, URLResolver, include, path

from campaigns import urls_imports
from campaigns.views import catalogue, exports, leads, outcomes, sales, settings, spend

app_name = "campaigns"

urlpatterns: list[URLPattern | URLResolver] = [
    path("campaigns/", catalogue.campaigns, name="campaigns"),
    path("campaigns/add/", catalogue.campaign_add, name="campaign_add"),
    path("campaigns/<int:pk>/", catalogue.campaign, name="campaign"),
    path("campaigns/<int:pk>/edit/", catalogue.campaign_edit, name="campaign_edit"),
    path("clients/", catalogue.clients, name="clients"),
    path("clients/add/", catalogue.client_add, name="client_add"),
    path("clients/<int:pk>/", catalogue.client, name="client"),
    path("clients/<int:pk>/edit/", catalogue.client_edit, name="client_edit"),
    path("platforms/", catalogue.platforms, name="platforms"),
    path("platforms/add/", catalogue.platform_add, name="platform_add"),
    path("platforms/<int:pk>/", catalogue.platform, name="platform"),
    path("platforms/<int:pk>/edit/", catalogue.platform_edit, name="platform_edit"),
    path("leads/", leads.leads, name="leads"),
    path("leads/export.csv", exports.leads, name="leads_export"),
    path("leads/touches.csv", exports.touches, name="touches_export"),
    path("leads/add/", leads.lead_add, name="lead_add"),
    path("leads/options/", leads.lead_options, name="lead_options"),
    path("leads/<int:pk>/", leads.lead, name="lead"),
    path("leads/<int:pk>/edit/", leads.lead_edit, name="lead_edit"),
    path("leads/<int:pk>/status/", leads.lead_status, name="lead_status"),
    path("leads/<int:pk>/touch/", leads.touch_add, name="touch_add"),
    path("leads/<int:pk>/void/", leads.lead_void, name="lead_void"),
    path("leads/<int:pk>/restore/", leads.lead_restore, name="lead_restore"),
    path("touches/<int:pk>/void/", leads.touch_void, name="touch_void"),
    path("touches/<int:pk>/restore/", leads.touch_restore, name="touch_restore"),
    path("sales/", sales.sales, name="sales"),
    path("sales/export.csv", exports.sales, name="sales_export"),
    path("sales/add/", sales.sale_add, name="sale_add"),
    path("sales/<int:pk>/", sales.sale, name="sale"),
    path("sales/<int:pk>/edit/", sales.sale_edit, name="sale_edit"),
    path("sales/<int:pk>/refund/", sales.refund_add, name="refund_add"),
    path("sales/<int:pk>/void/", sales.sale_void, name="sale_void"),
    path("sales/<int:pk>/restore/", sales.sale_restore, name="sale_restore"),
    path("spend/", spend.spend, name="spend"),
    path("spend/export.csv", exports.spend, name="spend_export"),
    path("spend/add/", spend.spend_add, name="spend_add"),
    path("spend/<int:pk>/", spend.spend_edit, name="spend_edit"),
    path("spend/<int:pk>/void/", spend.spend_void, name="spend_void"),
    path("spend/<int:pk>/restore/", spend.spend_restore, name="spend_restore"),
    path("outcomes/", outcomes.outcomes, name="outcomes"),
    path("outcomes/add/", outcomes.outcome_add, name="outcome_add"),
    path("outcomes/<int:pk>/", outcomes.outcome_edit, name="outcome_edit"),
    path("outcomes/<int:pk>/void/", outcomes.outcome_void, name="outcome_void"),
    path("outcomes/<int:pk>/restore/", outcomes.outcome_restore, name="outcome_restore"),
    path("settings/", settings.settings, name="settings"),
    path("imports/", include(urls_imports)),
]
