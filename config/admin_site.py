"""The admin's doors: for directors, who sign in where everybody does."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode

from core.access import Role, role_required
from core.identity import identity_required


class DirectorsSite(AdminSite):
    """Django's admin behind the guard of the other pages, and for who has just shown who they are: it shows rates.

    Its own sign-in would let a password through without the second factor, and without counting attempts; its own page
    to change a password would tell nobody of it.
    """

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return role_required(Role.DIRECTOR)(identity_required(super().admin_view(view, cacheable)))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        query = urlencode({"next": request.GET.get("next", "/admin/")})
        return redirect(f"{resolve_url('account_login')}?{query}")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")
