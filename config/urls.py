"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from config.health import health

urlpatterns = [
    path("health", health, name="health"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("", include("reports.urls")),
    path("", include("timesheets.urls")),
    path("", include("campaigns.urls")),
]
