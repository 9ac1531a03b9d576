"""The OpenID Connect provider, as the environment names it (docs/accounts.md)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


def apps_and_origins(env: Any, required: Callable[[str, str], str]) -> tuple[list[dict[str, Any]], list[str]]:
    """What allauth is told of the provider, and the hosts that a form may lead to; nothing of both without one."""
    server_url = env.str("OIDC_SERVER_URL", default="")
    if not server_url:
        return [], []
    address = urlsplit(server_url)
    if address.scheme != "https" and address.hostname not in LOCAL_HOSTS:
        raise ImproperlyConfigured("OIDC_SERVER_URL must be an https address: what it says about people is trusted.")
    app = {
        "provider_id": "sso",
        "name": env.str("OIDC_NAME", default="") or "single sign-on",
        "client_id": required("OIDC_CLIENT_ID", "Set OIDC_CLIENT_ID to what the provider of OIDC_SERVER_URL gave."),
        "secret": required("OIDC_CLIENT_SECRET", "Set OIDC_CLIENT_SECRET to what that provider gave."),
        "settings": {"server_url": server_url},
    }
    return [app], [f"{address.scheme}://{address.netloc}", *env.list("OIDC_SIGN_IN_HOST", default=[])]
