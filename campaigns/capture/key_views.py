"""The keys of forms: made, tried, rotated and revoked; and what was set aside as spam."""

import secrets

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.capture import intake, reading, snippet
from campaigns.capture.forms import CaptureKeyForm, NewCaptureKeyForm
from campaigns.capture.senders import KEY_HEADER, SentForm
from campaigns.models import CapturedContact, CaptureKey
from campaigns.models.capture import ContactKind, new_key
from campaigns.views.editing import FormPage, fill_in, posted, wanted, writing
from core.access import STEERING, role_required
from core.lists import Listing, page_of

QUARANTINE = Listing(
    title=gettext_lazy("Quarantine"), search=("email", "key__name"), sorts={"at": ["at"]}, default="-at", filters=[]
)
NEWEST = 10


@role_required(*STEERING)
@require_safe
def capture_keys(request: HttpRequest) -> HttpResponse:
    context = {"waiting": CapturedContact.objects.quarantined().count()}
    return render(request, "campaigns/capture/keys.html", page_of(CaptureKey.objects.all(), request.GET) | context)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def capture_key_add(request: HttpRequest) -> HttpResponse:
    form = NewCaptureKeyForm(posted(request), by=request.user)
    page = FormPage(title=_("Add a form"), section="forms", back=reverse("campaigns:capture_keys"), done=_("Key made."))
    if form.is_bound and form.is_valid() and not form.instance.is_public:
        secret = form.cleaned_data["secret"] or secrets.token_urlsafe(32)
        form.instance.seal(secret)
        return _show_secret(request, form.save(), secret)
    return fill_in(request, form, page)


def _show_secret(request: HttpRequest, key: CaptureKey, secret: str) -> HttpResponse:
    """Once: from now on it is known to the program alone."""
    context = {"key": key, "secret": secret, "header": KEY_HEADER}
    return render(request, "campaigns/capture/secret.html", context)


@role_required(*STEERING)
@require_http_methods(["GET", "HEAD", "POST"])
def capture_key(request: HttpRequest, pk: int) -> HttpResponse:
    """One key: what stands in the page of the form, and what came by it."""
    with writing(request):
        key = wanted(request, CaptureKey.objects.all(), pk)
        page = FormPage(
            title=str(key),
            under=key.get_source_display(),
            section="leads",
            back=reverse("campaigns:capture_keys"),
            done=_("Form saved."),
            template="campaigns/capture/key.html",
        )
        form = CaptureKeyForm(posted(request), instance=key)
        form.snippet, form.script, form.consent = snippet.form_of(key), snippet.script_tag(), snippet.consent_tag()  # type: ignore[attr-defined]
        form.newest = key.contacts.select_related("lead")[:NEWEST]  # type: ignore[attr-defined]
        return fill_in(request, form, page)


@role_required(*STEERING)
@require_POST
def capture_key_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a form of ours through everything but the lead: it is kept as a test, counts nowhere and goes by itself."""
    key, now = get_object_or_404(CaptureKey.objects.in_force(), pk=pk), timezone.now()
    sent = SentForm({"name": _("A test"), "email": "test@example.com", "message": f"{now:%H:%M:%S}"})
    intake.take_in(key, reading.read(sent, key.field_names, at=now), at=now, is_test=True)
    messages.success(request, _("A test went through. It makes no lead; below is what was read."))
    return redirect(key)


@role_required(*STEERING)
@require_POST
def capture_key_rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Another address for a form, another secret for a server; the old one is refused from this moment on."""
    with writing(request):
        key = wanted(request, CaptureKey.objects.in_force(), pk)
        if not key.is_public:
            secret = secrets.token_urlsafe(32)
            key.seal(secret)
            key.save(update_fields=["sealed_secret"])
            return _show_secret(request, key, secret)
        key.key = new_key()
        key.save(update_fields=["key"])
    messages.success(request, _("The form has a new address. Put it into the page: the old one is refused."))
    return redirect(key)


@role_required(*STEERING)
@require_POST
def capture_key_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    CaptureKey.objects.in_force().filter(pk=pk).update(revoked_at=timezone.now(), sealed_secret="")
    messages.success(request, _("Nothing is taken by this key any more."))
    return redirect(get_object_or_404(CaptureKey, pk=pk))


# -- what was set aside -----------------------------------------------------------------------------------------------


@role_required(*STEERING)
@require_safe
def quarantine(request: HttpRequest) -> HttpResponse:
    rows = CapturedContact.objects.quarantined().select_related("key")
    return render(request, "campaigns/capture/quarantine.html", {"listed": QUARANTINE.of(rows, request.GET)})


@role_required(*STEERING)
@require_POST
def quarantine_release(request: HttpRequest, pk: int) -> HttpResponse:
    row = intake.release(get_object_or_404(CapturedContact, pk=pk))
    if row.lead is None or row.kind == ContactKind.TEST:
        return redirect("campaigns:quarantine")
    messages.success(request, _("It was no spam: here is the lead."))
    return redirect(row.lead)


@role_required(*STEERING)
@require_POST
def quarantine_delete(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(CapturedContact, pk=pk)
    CapturedContact.objects.quarantined().filter(pk=pk).delete()
    messages.success(request, _("Deleted."))
    return redirect("campaigns:quarantine")
