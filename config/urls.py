"""Every address of the site."""

from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from config.health import health
from config.metrics import metrics
from config.style import style
from timesheets.views import joining

urlpatterns = [
    path("health", health, name="health"),
    path("metrics", metrics, name="metrics"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/oidc/<slug:provider_id>/login/", joining.single_sign_on, name="openid_connect_login"),
    path("accounts/oidc/<slug:provider_id>/login/callback/", openid_connect.callback, name="openid_connect_callback"),
    path("admin/", admin.site.urls),
    path("", include("reports.urls")),
    path("", include("timesheets.urls")),
    path("", include("campaigns.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("style/", style, name="style"))
