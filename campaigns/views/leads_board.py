"""The leads as a board: a column for each status, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.models import Lead, Sale, Touch
from campaigns.models.funnel import LeadStatus
from campaigns.models.saved_views import ListName
from campaigns.saved_views import list_context
from campaigns.views.leads import LEADS, move_context
from core.access import STEERING, role_required

CARDS_A_COLUMN = 20


@dataclass(frozen=True)
class BoardColumn:
    """The leads of one status: how many are found, the first cards of them, and the list that has the rest.

    They are not counted where a search finds more leads than are.
    """

    status: LeadStatus
    count: int | None
    cards: Sequence[Lead]
    list_url: str

    @property
    def hidden_count(self) -> int:
        return (self.count or 0) - len(self.cards)


@role_required(*STEERING)
@require_safe
def leads_board(request: HttpRequest) -> HttpResponse:
    listed = LEADS.of(Lead.objects.all(), request.GET, today=timezone.localdate())
    list_url = reverse("campaigns:leads")
    columns = [
        BoardColumn(
            status,
            count := None if listed.is_cut else listed.sums[status.value],
            [] if count == 0 else cards_of(listed.rows, status),
            list_url + listed.asked.address(status=status.value),
        )
        for status in LeadStatus
    ]
    tell_more([column.cards for column in columns])
    context = list_context(request, ListName.LEADS, listed) | move_context()
    return render(request, "campaigns/leads_board.html", context | {"columns": columns})


def cards_of(rows: QuerySet[Lead], status: LeadStatus) -> list[Lead]:
    return list(rows.filter(status=status).order_by("-received_at", "-pk")[:CARDS_A_COLUMN])


def tell_more(columns: Sequence[Sequence[Lead]]) -> None:
    """Read where the leads were met and what they bought, in one statement each."""
    cards = list(chain.from_iterable(columns))
    touches = Touch.objects.live().select_related("platform")
    sales = Sale.objects.refundable()
    prefetch_related_objects(
        cards,
        Prefetch("touches", touches, to_attr="live_touches"),
        Prefetch("sales", sales, to_attr="live_sales"),
    )
