"""Every address of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from config.health import health
from config.style import style

urlpatterns = [
    path("health", health, name="health"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("admin/", admin.site.urls),
    path("", include("reports.urls")),
    path("", include("timesheets.urls")),
    path("", include("campaigns.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("style/", style, name="style"))
