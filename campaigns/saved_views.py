"""The views of a list that somebody has saved: the menu over the list, and what erasure finds in their names."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from campaigns.models import Agency, SavedView
from core.list_asked import Asked
from core.lists import Listed
from core.statements import Given, Statement

VIEWS = Statement(lambda: SavedView.objects.filter(member=Given("member"), list_name=Given("list_name")))
MOST_IN_MENU = 20
SHORTEST_NAME = 4  # what is shorter stands in too many other words


@dataclass(frozen=True)
class ViewMenu:
    """Whose views a list offers, where what is shown now is saved, and which of them is shown."""

    views: Sequence[SavedView]
    current: SavedView | None
    save_url: str


def query_of(asked: Asked) -> str:
    """What a view keeps of an address."""
    return urlencode(asked.parameters)


def menu(member: Any, list_name: str, asked: Asked) -> ViewMenu:
    """The first of them, and the one that is shown; the page of all views has the others."""
    views = VIEWS.rows(member=member.pk, list_name=str(list_name))
    query = query_of(asked)
    current = next((view for view in views if view.query == query and not asked.text), None)
    return ViewMenu(
        views[:MOST_IN_MENU], current, reverse("campaigns:saved_view_add", args=[list_name]) + asked.address()
    )


def list_context(request: HttpRequest, list_name: str, listed: Listed) -> dict[str, Any]:
    """What the page of a list with views is drawn from."""
    return {"listed": listed, "view_menu": menu(request.user, list_name, listed.asked)}


def follow_merge(*, gone: int, into: int) -> None:
    """Let the views of a platform that became part of another one show that one."""
    for view in SavedView.objects.filter(query__contains=f"platform={gone}"):
        parameters = QueryDict(view.query).dict()
        if parameters.get("platform") == str(gone):
            view.query = urlencode(parameters | {"platform": into})
            view.save(update_fields=["query"])


# -- names of people --------------------------------------------------------------------------------------------------


def named_after(texts: Collection[str]) -> QuerySet[SavedView]:
    """Views whose name holds one of these texts, or is a part of one, in whole words."""
    wanted = {plain for text in texts if len(plain := _plain(text)) >= SHORTEST_NAME}
    names = SavedView.objects.values_list("pk", "name")
    return SavedView.objects.filter(pk__in=[pk for pk, name in names if _names_one(_plain(name), wanted)])


def forget_names(texts: Collection[str]) -> None:
    """Give views that are named after somebody a name that says nothing; what they show stays."""
    for view in named_after(texts):
        view.name = _name_without_meaning(view)
        view.save(update_fields=["name"])


def _name_without_meaning(view: SavedView) -> str:
    """`View 7`, or `View 7.2` where the same person has called another one so."""
    theirs = set(SavedView.objects.of(view.member_id, view.list_name).values_list("name", flat=True))
    with translation.override(Agency.current().language):
        name = _("View %(number)s") % {"number": view.pk}
    candidates = chain([name], (f"{name}.{number}" for number in count(2)))
    return next(candidate for candidate in candidates if candidate not in theirs)


def _names_one(name: str, wanted: Collection[str]) -> bool:
    if any(f" {text} " in f" {name} " for text in wanted):
        return True
    return len(name) >= SHORTEST_NAME and any(f" {name} " in f" {text} " for text in wanted)


def _plain(text: str) -> str:
    """Words alone, so that `zelda_quokka-2` and `Zelda Quokka` are comparable."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
