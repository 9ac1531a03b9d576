"""What somebody narrowed their lists to on the screen: parameters that the lists here take as well."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from campaigns.models import SavedView
from core.access import STEERING
from core.api.access import BearerToken, caller_of


class SavedViewOut(Schema):
    """`query` goes after the `?` of the list of the same name; `sort` alone says nothing here."""

    id: int
    list: str
    name: str
    query: str


router = Router(tags=["Saved views"])


@router.get(
    "/saved-views",
    response=list[SavedViewOut],
    auth=BearerToken(None, STEERING),
    url_name="saved_views",
    summary="One's own saved views",
)
def read_views(request: HttpRequest) -> Any:
    """Of the person whose token it is; a service has none."""
    views = SavedView.objects.filter(member=caller_of(request).person).order_by("pk")
    return [SavedViewOut(id=row.pk, list=row.list_name, name=row.name, query=row.query) for row in views]
