"""Receivers of webhooks and channels of chats: set up, tried, and what they were told."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.forms.webhooks import WebhookForm
from campaigns.models import SecurityEvent, Webhook, WebhookDelivery
from campaigns.models.webhooks import PURPOSE
from campaigns.views.editing import FormPage, fill_in, posted, saved_once
from campaigns.webhooks import delivery
from core import sealing, task_queue
from core.access import STEERING, Role, role_required
from core.identity import identity_required
from core.lists import page_of

SHOWN = 50
ONCE = "webhook_once"  # in the session, sealed, until it has been shown once
FAILED = (WebhookDelivery.State.FAILED, WebhookDelivery.State.UNKNOWN)


def _visible(request: HttpRequest) -> QuerySet[Webhook]:
    """All for a director; for a manager those that tell nothing computed from cost."""
    rows = Webhook.objects.all()
    return rows if _is_director(request) else rows.not_for_directors()


def _is_director(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) == Role.DIRECTOR


@role_required(*STEERING)
@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    rows = (
        _visible(request)
        .annotate(
            last_sent_at=Max("deliveries__sent_at"),
            failed=Count("deliveries", filter=Q(deliveries__state__in=FAILED)),
            waiting=Count("deliveries", filter=Q(deliveries__state=WebhookDelivery.State.WAITING)),
        )
        .order_by("name", "pk")
    )
    return render(request, "campaigns/webhooks.html", page_of(rows, request.GET))


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
@identity_required
def webhook_add(request: HttpRequest) -> HttpResponse:
    """A new receiver; a program's secret is shown once, on the page that follows."""
    webhook = Webhook()
    secret = webhook.rotate_secret(at=None)
    form = WebhookForm(posted(request), instance=webhook, is_director=_is_director(request))
    page = _page(_("Add a webhook"), back=reverse("campaigns:webhooks"), done=_("Webhook added."))
    answer = saved_once(request, form, page.done) if request.method == "POST" else None
    if answer is None:
        return render(request, page.template, {"form": form, "page": page}, status=422 if form.is_bound else 200)
    if webhook.pk:
        _record(request, webhook, "added")
        _show_once(request, webhook, secret)
    return answer


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
@identity_required
def webhook_edit(request: HttpRequest, pk: int) -> HttpResponse:
    webhook = get_object_or_404(_visible(request), pk=pk)
    form = WebhookForm(posted(request), instance=webhook, is_director=_is_director(request))
    if request.method == "POST" and form.is_valid():
        _record(request, webhook, "changed")
    page = _page(str(webhook), back=webhook.get_absolute_url(), done=_("Webhook saved."))
    return fill_in(request, form, page)


def _page(title: str, *, back: str, done: str) -> FormPage:
    template = "campaigns/webhook_form.html"
    return FormPage(title=title, section="webhooks", back=back, done=done, template=template)


def _record(request: HttpRequest, webhook: Webhook, what: str) -> None:
    SecurityEvent.record(SecurityEvent.Kind.WEBHOOK, by=request.user, detail=f"{what} {webhook.pk}")


def _show_once(request: HttpRequest, webhook: Webhook, secret: str) -> None:
    if not webhook.is_chat:
        request.session[ONCE] = {"webhook": webhook.pk, "secret": sealing.seal(secret, purpose=PURPOSE)}


@role_required(*STEERING)
@require_safe
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is told, what it was told, and what did not arrive."""
    webhook = get_object_or_404(_visible(request), pk=pk)
    context = {
        "webhook": webhook,
        "secret": _secret_to_show(request, webhook),
        "deliveries": webhook.deliveries.all()[:SHOWN],
        "events": [str(label) for kind, label in _labels() if kind in webhook.events],
    }
    return render(request, "campaigns/webhook.html", context)


def _labels() -> list[tuple[str, Any]]:
    return list(WebhookDelivery._meta.get_field("kind").choices or [])


def _secret_to_show(request: HttpRequest, webhook: Webhook) -> str:
    kept = request.session.get(ONCE)
    if not kept or kept["webhook"] != webhook.pk:
        return ""
    del request.session[ONCE]
    return sealing.unseal(kept["secret"], purpose=PURPOSE)


@role_required(*STEERING)
@require_POST
@identity_required
def webhook_rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret; the one before signs beside it for a day."""
    webhook = get_object_or_404(_visible(request), pk=pk)
    secret = webhook.rotate_secret(at=timezone.now())
    webhook.save()
    _record(request, webhook, "rotated")
    _show_once(request, webhook, secret)
    return redirect(webhook)


@role_required(*STEERING)
@require_POST
def webhook_test(request: HttpRequest, pk: int) -> HttpResponse:
    webhook = get_object_or_404(_visible(request), pk=pk)
    if problem := delivery.test(webhook, at=timezone.now()):
        messages.error(request, _("The trial message did not arrive: %(problem)s.") % {"problem": problem})
    else:
        messages.success(request, _("The trial message arrived."))
    return redirect(webhook)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
@identity_required
def webhook_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first: what waits for it goes too."""
    webhook = get_object_or_404(_visible(request), pk=pk)
    if request.method != "POST":
        waiting = webhook.deliveries.filter(state=WebhookDelivery.State.WAITING).count()
        return render(request, "campaigns/webhook_remove.html", {"webhook": webhook, "waiting": waiting})
    _record(request, webhook, "removed")
    webhook.delete()
    messages.success(request, _("Webhook removed."))
    return redirect("campaigns:webhooks")


@role_required(*STEERING)
@require_POST
def webhook_send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Once more what was given up, with the same id, so that the receiver knows it."""
    message = get_object_or_404(WebhookDelivery.objects.filter(webhook__in=_visible(request)), pk=pk)
    if delivery.send_again(message, at=timezone.now()):
        task_queue.enqueue_on_commit(delivery.TASK)
        messages.success(request, _("It is sent again."))
    else:
        messages.info(request, _("It is not given up: nothing to send again."))
    return redirect(message.webhook)
