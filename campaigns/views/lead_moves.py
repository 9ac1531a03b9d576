"""Leads that were chosen in the list, or moved on the board: one act for all of them, and the way back."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns import lead_moves
from campaigns.lead_moves import MOST_LEADS, LeadStanding, MoveResult, SeenLead
from campaigns.models import BulkChange, Lead, Platform
from campaigns.models.funnel import LeadStatus
from campaigns.views.leads import sale_of
from core.access import STEERING, log_refusal, role_required
from core.list_words import and_more
from core.lists import named_by_number
from core.lookups import TYPED, NotOneName, find

NAMED = 5  # leads that a sentence names, before it counts the rest


class NotMoved(Exception):
    """Nothing was changed; the text says why, and what would be right."""


@role_required(*STEERING)
@require_POST
def leads_move(request: HttpRequest) -> HttpResponse:
    """Give the leads that were chosen a status, or those without a touchpoint their platform."""
    try:
        seen = _seen(request)
        result = _give_platform(request, seen) if "platform" in request.POST else _move(request, seen)
    except NotMoved as error:
        messages.error(request, str(error))
        return redirect(_back(request))
    return _go_on(request, _won_without_sale(request, result) or _back(request))


@role_required(*STEERING)
@require_POST
def leads_undo(request: HttpRequest, pk: int) -> HttpResponse:
    change = get_object_or_404(BulkChange, pk=pk)
    if change.by_id != request.user.pk:
        log_refusal(request, 404)
        raise Http404
    result = lead_moves.undo(change, at=timezone.now(), by=request.user)
    if result is None:
        messages.info(request, _("This has been taken back before."))
        return redirect(_back(request))
    if result.changed:
        words = ngettext("Taken back on %(count)s lead.", "Taken back on %(count)s leads.", len(result.changed))
        messages.success(request, words % {"count": len(result.changed)})
    if result.left:
        words = ngettext(
            "%(count)s lead was left as it is, since it has changed since: %(names)s.",
            "%(count)s leads were left as they are, since they have changed since: %(names)s.",
            len(result.left),
        )
        messages.warning(request, words % {"count": len(result.left), "names": _names(result.left)})
    return redirect(_back(request))


# -- what was sent ----------------------------------------------------------------------------------------------------


def _seen(request: HttpRequest) -> list[SeenLead]:
    """The leads that were chosen, each with the status that the page showed."""
    texts = dict.fromkeys(request.POST.getlist("lead"))
    if not texts:
        raise NotMoved(_("Choose one lead or more first: tick them in the list."))
    if len(texts) > MOST_LEADS:
        sentence = _("That is more than %(most)s leads at once. Choose fewer; nothing was changed.")
        raise NotMoved(sentence % {"most": MOST_LEADS})
    seen = [SeenLead.parse(text) for text in texts]
    if None in seen:
        raise NotMoved(_("The page was too old to change anything. Here is the newest; choose again."))
    return [lead for lead in seen if lead]


def _standing(request: HttpRequest) -> LeadStanding:
    text = request.POST.get("to", "")
    if standing := LeadStanding.parse(text):
        return standing
    if text in (LeadStatus.DISQUALIFIED, "ended"):
        raise NotMoved(_("Say which of the reasons: the menu has one entry for each. Nothing was changed."))
    raise NotMoved(_("Choose a status or a platform. Nothing was changed."))


def _back(request: HttpRequest) -> str:
    """The list or the board, filtered as it was."""
    page = reverse("campaigns:leads_board" if request.POST.get("page") == "board" else "campaigns:leads")
    query = urlencode(parse_qsl(request.POST.get("query", "")[:2_000]))
    return f"{page}?{query}" if query else page


# -- what is done -----------------------------------------------------------------------------------------------------


def _move(request: HttpRequest, seen: Sequence[SeenLead]) -> MoveResult:
    to = _standing(request)
    if to.status == LeadStatus.WON and len(seen) > 1:
        raise NotMoved(_("Won asks for amount and day, one lead at a time: choose one. Nothing was changed."))
    result = lead_moves.move(seen, to, at=timezone.now(), by=request.user)
    if result.changed:
        words = ngettext(
            "%(count)s lead is now: %(status)s.", "%(count)s leads are now: %(status)s.", len(result.changed)
        )
        _say_done(request, words % {"count": len(result.changed), "status": _in_words(to)}, result)
    if not result.changed and not result.left:
        raise NotMoved(_("These leads are no longer here. Nothing was changed."))
    if result.left:
        words = ngettext(
            "%(count)s lead was left, since somebody changed it after this page was shown: %(names)s.",
            "%(count)s leads were left, since somebody changed them after this page was shown: %(names)s.",
            len(result.left),
        )
        messages.warning(request, words % {"count": len(result.left), "names": _names(result.left, with_status=True)})
    return result


def _give_platform(request: HttpRequest, seen: Sequence[SeenLead]) -> MoveResult:
    platform = _platform(request)
    result = lead_moves.give_platform(seen, platform, at=timezone.now(), by=request.user)
    if result.changed:
        words = ngettext(
            "%(count)s lead now has %(platform)s as its first touchpoint.",
            "%(count)s leads now have %(platform)s as their first touchpoint.",
            len(result.changed),
        )
        _say_done(request, words % {"count": len(result.changed), "platform": platform}, result)
    if result.left:
        words = ngettext(
            "%(count)s lead was left: it has a touchpoint, and that is never edited. Void it, add another: %(names)s.",
            "%(count)s leads were left: they have a touchpoint, and that is never edited. Void it, add another:"
            " %(names)s.",
            len(result.left),
        )
        messages.warning(request, words % {"count": len(result.left), "names": _names(result.left)})
    return result


def _platform(request: HttpRequest) -> Platform:
    """The one whose button was pressed, or whose name was typed."""
    in_use, number = Platform.objects.active(), request.POST["platform"]
    if typed := request.POST.get("platform" + TYPED):
        try:
            number = str(find(list(in_use.values_list("pk", "name")), typed))
        except NotOneName as error:
            raise NotMoved(_("%(problem)s Nothing was changed.") % {"problem": error}) from error
    platform = named_by_number(in_use, number)
    if platform is None:
        raise NotMoved(_("Choose one of the platforms that are in use. Nothing was changed."))
    return platform


def _say_done(request: HttpRequest, words: str, result: MoveResult) -> None:
    """With the way back, where something changed."""
    undo = reverse("campaigns:leads_undo", args=[result.change.pk]) if result.change else ""
    messages.success(request, words, extra_tags=undo)


def _in_words(standing: LeadStanding) -> str:
    status = str(LeadStatus(standing.status).label)
    return f"{status} ({standing.label})" if standing.reason else status


def _names(leads: Sequence[Lead], *, with_status: bool = False) -> str:
    shown = [f"{lead} ({_in_words(LeadStanding.of(lead))})" if with_status else str(lead) for lead in leads[:NAMED]]
    return and_more(", ".join(shown), len(leads) - NAMED)


def _won_without_sale(request: HttpRequest, result: MoveResult) -> str:
    """Where the amount and the day are asked of the one lead that was won, or put off."""
    if "platform" in request.POST or len(result.changed) != 1:
        return ""
    [lead] = result.changed
    is_asked = request.POST.get("to") == LeadStatus.WON and Lead.objects.won_without_sale().filter(pk=lead.pk).exists()
    return sale_of(lead, on_board=request.POST.get("page") == "board") if is_asked else ""


def _go_on(request: HttpRequest, address: str) -> HttpResponse:
    """To another page as a whole, where the board asked for a part of itself."""
    if "HX-Request" in request.headers and not address.startswith(reverse("campaigns:leads_board")):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)
