"""The weekly e-mail in the app: its archive, a preview, those who get it, and leaving it."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import Agency, JobRun
from core import task_queue
from core.access import Role, role_required
from core.list_words import no_choice
from core.lists import page_of, paginate
from core.weeks import Week
from reports.figures.filters import EARLIEST, LATEST
from reports.models import Subscriber, SummaryDelivery
from reports.weekly_email import content, delivery, sending_again
from reports.weekly_email.preview_policy import as_an_email

ROWS_A_PAGE = 50


class SubscriberForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if not delivery.may_read(email):
            raise forms.ValidationError(delivery.NOT_FOR_THEM)
        return email

    def clean_name(self) -> str:
        return content.one_line(self.cleaned_data["name"])

    def save(self) -> Subscriber:
        """Subscribe the address, again if it had left."""
        wanted = {"name": self.cleaned_data["name"], "language": self.cleaned_data["language"], "unsubscribed_at": None}
        return Subscriber.objects.update_or_create(email=self.cleaned_data["email"], defaults=wanted)[0]


# -- archive ----------------------------------------------------------------------------------------------------------


@require_safe
@role_required(Role.DIRECTOR)
def summaries(request: HttpRequest) -> HttpResponse:
    """What was decided for each subscriber and week, newest first."""
    rows = SummaryDelivery.objects.select_related("subscriber").defer("text", "html")
    problems: list[str] = []
    agency = Agency.current()
    context = {
        "agency": agency,
        "page": paginate(rows, ROWS_A_PAGE, request.GET.get("page", ""), problems),
        "problems": problems,
        "next_due": JobRun.objects.filter(name="summary").values_list("next_due", flat=True).first(),
        "week": agency.last_complete_week(timezone.now()),
        "has_subscribers": Subscriber.objects.filter(unsubscribed_at=None).exists(),
    }
    return render(request, "reports/summaries/summaries.html", context)


@require_safe
@role_required(Role.DIRECTOR)
def sent(request: HttpRequest, pk: int) -> HttpResponse:
    """One summary exactly as it was written for one subscriber, and how its sending ended."""
    rows = SummaryDelivery.objects.select_related("subscriber", "resent_by", "replaces", "replaced_by")
    return render(request, "reports/summaries/sent.html", {"delivery": get_object_or_404(rows, pk=pk)})


@require_safe
@role_required(Role.DIRECTOR)
def sent_email(request: HttpRequest, pk: int) -> HttpResponse:
    return as_an_email(get_object_or_404(SummaryDelivery, pk=pk).html)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.DIRECTOR)
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a summary sent again; what has arrived as it should only after a question."""
    summary = get_object_or_404(SummaryDelivery.objects.select_related("subscriber"), pk=pk)
    at = timezone.now()
    if reason := sending_again.refusal(summary, at=at):
        messages.error(request, str(reason))
        return redirect("reports:summary_sent", pk)
    if request.method != "POST" or (summary.asks_first and "second_copy" not in request.POST):
        return render(request, "reports/summaries/resend.html", {"delivery": summary})
    copy = sending_again.send_again(summary, at=at, by=request.user)
    if copy:
        task_queue.enqueue_on_commit("reports.send")
        messages.success(
            request, _("A new copy goes to %(email)s within a minute.") % {"email": summary.subscriber.email}
        )
    else:
        messages.info(request, _("There is nothing to send again."))
    return redirect("reports:summary_sent", copy.pk if copy else pk)


# -- preview ----------------------------------------------------------------------------------------------------------


@require_safe
@role_required(Role.DIRECTOR)
def preview(request: HttpRequest, week: str) -> HttpResponse:
    """The e-mail of a week as it would be written now."""
    letter, language = _letter(request, week), _language(request)
    wanted = request.GET.get("language", "")
    problems = [no_choice(_("Language"), wanted)] if wanted not in ("", language) else []
    context = {"letter": letter, "week": Week.parse(week), "language": language, "problems": problems}
    return render(request, "reports/summaries/preview.html", context | {"languages": settings.LANGUAGES})


@require_safe
@role_required(Role.DIRECTOR)
def preview_email(request: HttpRequest, week: str) -> HttpResponse:
    return as_an_email(_letter(request, week).html)


def _letter(request: HttpRequest, text: str) -> content.Letter:
    try:
        week = Week.parse(text)
    except ValueError as error:
        raise Http404 from error
    if not EARLIEST <= week <= LATEST:
        raise Http404
    return content.write(content.look_back(week), language=_language(request))


def _language(request: HttpRequest) -> str:
    wanted = request.GET.get("language", "")
    return wanted if wanted in dict(settings.LANGUAGES) else Agency.current().language


# -- subscribers ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.DIRECTOR)
def subscribers(request: HttpRequest) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    agency = Agency.current()
    form = SubscriberForm(sent, initial={"language": agency.language})
    if form.is_valid():
        added = form.save()
        messages.success(request, _("%(email)s gets the next summary.") % {"email": added.email})
        return redirect("reports:subscribers")
    rows = Subscriber.objects.annotate(has_left=Q(unsubscribed_at__isnull=False)).order_by("has_left", "email")
    context = page_of(rows, request.GET) | {"form": form, "agency": agency}
    return render(request, "reports/summaries/subscribers.html", context, status=422 if form.errors else 200)


@require_POST
@role_required(Role.DIRECTOR)
def remove_subscriber(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop sending to an address; what was sent to it stays in the archive."""
    subscriber = get_object_or_404(Subscriber, pk=pk)
    delivery.unsubscribe(subscriber, at=timezone.now())
    messages.success(request, _("%(email)s gets no more summaries.") % {"email": subscriber.email})
    return redirect("reports:subscribers")


@csrf_exempt  # the mail program of a subscriber posts here, without a cookie of ours (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link only asks: mail scanners open links. Posting to it unsubscribes, once or twice alike."""
    subscriber = delivery.subscriber_of(token)
    if subscriber is None:
        raise Http404
    if request.method == "POST":
        delivery.unsubscribe(subscriber, at=timezone.now())
        subscriber.refresh_from_db()
    with translation.override(subscriber.language):
        context = {"subscriber": subscriber, "agency": Agency.current()}
        return render(request, "reports/summaries/unsubscribe.html", context)
