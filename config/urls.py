"""Every address of the site."""

from typing import NoReturn

from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest
from django.urls import include, path

from config import health
from config.metrics import metrics
from config.style import style
from config.well_known import change_password, favicon, manifest, robots_txt, security_txt
from timesheets.views import joining, setup


def nowhere(request: HttpRequest, **_parts: str) -> NoReturn:
    raise Http404


# Of django-allauth, but nobody signs up here, and an address is changed by a director: there is nothing to confirm.
CLOSED = [
    path("signup/", nowhere, name="account_signup"),
    path("email/", nowhere, name="account_email"),
    path("confirm-email/", nowhere, name="account_email_verification_sent"),
    path("confirm-email/<str:key>/", nowhere, name="account_confirm_email"),
    path("login/code/confirm/", nowhere, name="account_confirm_login_code"),
]

urlpatterns = [
    path("health", health.ready, name="health"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("metrics", metrics, name="metrics"),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path(".well-known/change-password", change_password, name="change_password"),
    path("robots.txt", robots_txt, name="robots_txt"),
    path("favicon.ico", favicon, name="favicon"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("", include("timesheets.urls")),  # before the others, which share no address with them: asked most often
    path("accounts/", include(CLOSED)),
    path("accounts/login/", setup.sign_in, name="account_login"),
    path(
        "accounts/reauthenticate/single-sign-on/", joining.single_sign_on_again, name="account_reauthenticate_elsewhere"
    ),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/webauthn/keys/<int:pk>/remove/", joining.remove_passkey, name="mfa_remove_webauthn"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/oidc/<slug:provider_id>/login/", joining.single_sign_on, name="openid_connect_login"),
    path("accounts/oidc/<slug:provider_id>/login/callback/", openid_connect.callback, name="openid_connect_callback"),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
    path("", include("operations.urls")),
    path("", include("reports.urls")),
    path("", include("campaigns.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("style/", style, name="style"))
