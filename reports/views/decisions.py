"""Decisions that directors publish to managers: read, previewed, published, withdrawn."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.forms import DecisionForm
from campaigns.models import Agency, Decision
from campaigns.views import idempotency
from campaigns.views.editing import posted
from core.access import STEERING, Role, role_required
from core.lists import clean, pages_of


@require_safe
@role_required(*STEERING)
def decisions(request: HttpRequest) -> HttpResponse:
    """What was published; directors find here what they withdrew, too."""
    rows = Decision.objects.select_related("published_by", "withdrawn_by")
    is_director = getattr(request.user, "role", None) == Role.DIRECTOR
    withdrawn = {"withdrawn": rows.exclude(withdrawn_at=None)} if is_director else {}
    return render(request, "reports/decisions.html", pages_of(request.GET, page=rows.published(), **withdrawn))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.DIRECTOR)
def decision_add(request: HttpRequest) -> HttpResponse:
    """Write a decision, look at it as managers will read it, and publish it."""
    at = timezone.now()
    week = Agency.current().week_of(at)
    form = DecisionForm(posted(request), week=week, initial={"about": clean(request.GET.get("about", ""))})
    if request.method != "POST" or not form.is_valid():
        return render(request, "reports/decision_form.html", {"form": form}, status=422 if form.is_bound else 200)
    if "again" in request.POST:
        return render(request, "reports/decision_form.html", {"form": form})
    decision = form.decision()
    decision.published_at, decision.published_by = at, request.user  # type: ignore[assignment]
    if request.POST.get("facts_shown") != decision.facts:
        return _preview(request, form, decision)
    return _publish(request, decision)


def _preview(request: HttpRequest, form: DecisionForm, decision: Decision) -> HttpResponse:
    context = {"form": form, "decision": decision, "has_changed": "facts_shown" in request.POST}
    return render(request, "reports/decision_preview.html", context)


def _publish(request: HttpRequest, decision: Decision) -> HttpResponse:
    """Save it as it was shown; the same preview sent twice is published once."""
    with transaction.atomic():
        if earlier := idempotency.saved_address(request):
            messages.info(request, _("This has already been saved. It counts once."))
            return redirect(earlier)
        decision.save()
        idempotency.record(request, decision.get_absolute_url())
    messages.success(request, _("Published: managers read it from now on."))
    return redirect(decision)


@require_POST
@role_required(Role.DIRECTOR)
def decision_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Let managers read it no more; a second click changes nothing."""
    decision = get_object_or_404(Decision, pk=pk)
    if decision.withdraw(at=timezone.now(), by=request.user):
        messages.success(request, _("Withdrawn: managers no longer read it."))
    return redirect(reverse("reports:decisions"))
