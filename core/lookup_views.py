"""The names that hold what somebody types, for the fields that offer some of many."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import lookups
from core.access import Role, role_required
from core.lists import clean
from core.lookups import Options


def suggestions(options: Callable[[], Options], *roles: Role) -> Callable[..., Any]:
    """A view for these roles: the first names that hold the text of a field, whatever the field is called."""

    @role_required(*roles)
    @require_safe
    def names(request: HttpRequest) -> HttpResponse:
        text = clean(next(iter(request.GET.dict().values()), ""))
        found = lookups.matching(options(), text)[: lookups.MOST_OFFERED] if text else []
        return render(request, "_name_options.html", {"names": [label for _value, label in found]})

    return names
