"""The agency's settings, for the director."""

from collections.abc import Sequence

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.forms import AgencyForm, UnrecordedPeriodForm
from campaigns.models import Agency, UnrecordedPeriod
from campaigns.views.editing import FormPage, fill_in, posted, saved, wanted, writing
from core import smtp, task_queue
from core.access import Role, role_required
from core.history import Difference, HistoryStep, steps_of
from core.lists import pages_of
from core.trial_email import send as trial_email_to


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    agency = Agency.current()
    with writing(request):
        row = wanted(request, Agency.objects.all(), agency.pk)
        form = AgencyForm(posted(request), instance=row, by=request.user, today=timezone.localdate())
        if form.is_bound and form.is_valid() and (not form.changed_data or saved(form)):
            messages.success(request, what_follows(form))
            return redirect("campaigns:settings")
    history = sorted([*steps_of(agency), *_steps_of_periods()], key=lambda step: step.at, reverse=True)
    context = {
        **pages_of(request.GET, unrecorded=UnrecordedPeriod.objects.reverse(), history=history),
        "form": form,
        "is_demo": agency.is_demo,
    }
    return render(request, "campaigns/settings.html", context, status=422 if form.is_bound else 200)


@role_required(Role.DIRECTOR)
@require_POST
def trial_email(request: HttpRequest) -> HttpResponse:
    """Send one e-mail to the director who asks, and say what became of it."""
    tell_outcome(request, request.user.email)  # type: ignore[union-attr]
    return redirect("campaigns:settings")


def tell_outcome(request: HttpRequest, address: str) -> None:
    try:
        trial_email_to(address)
    except (smtp.NotSent, smtp.DeliveryUnknown) as error:
        sentence = _("No e-mail went to %(email)s: %(reason)s Correct EMAIL_URL (docs/deploy.md), then try again.")
        messages.error(request, sentence % {"email": address, "reason": f"{str(error).rstrip('.')}."})
        return
    if not django_settings.EMAIL_IS_SET_UP:
        messages.info(request, _("It was written to a file on this machine: no mail server is set up (EMAIL_URL)."))
        return
    messages.success(request, _("An e-mail was sent to %(email)s. Look whether it arrives.") % {"email": address})


def what_follows(form: AgencyForm) -> str:
    if not form.changed_data:
        return _("Nothing has changed.")
    if "needs_second_factor" in form.changed_data and form.instance.needs_second_factor:
        return _("Settings saved. Directors and managers without a second factor must set one up at their next page.")
    if form.changes_credits:
        return _("Settings saved. All figures are being recomputed with them: this takes a moment.")
    return _("Settings saved. The dashboard follows them from now on.")


# -- periods without records ------------------------------------------------------------------------------------------


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def unrecorded_period_add(request: HttpRequest) -> HttpResponse:
    with writing(request):
        _one_at_a_time(request)
        page = _page(_("Add a period without records"), _("Period added. The platforms are judged again without it."))
        return fill_in(request, UnrecordedPeriodForm(posted(request), today=timezone.localdate()), page, then=page.back)


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def unrecorded_period_edit(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        _one_at_a_time(request)
        period = wanted(request, UnrecordedPeriod.objects.all(), pk)
        form = UnrecordedPeriodForm(posted(request), instance=period, today=timezone.localdate())
        page = _page(_("Period without records"), _("Period saved. The platforms are judged again."), steps_of(period))
        return fill_in(request, form, page, then=page.back)


@role_required(Role.DIRECTOR)
@require_POST
def unrecorded_period_remove(request: HttpRequest, pk: int) -> HttpResponse:
    with writing(request):
        wanted(request, UnrecordedPeriod.objects.all(), pk).delete()
        task_queue.enqueue_on_commit()
    messages.success(request, _("Period removed. The platforms are judged again with it."))
    return redirect("campaigns:settings")


def _page(title: str, done: str, history: Sequence[HistoryStep] = ()) -> FormPage:
    return FormPage(
        title=title,
        under=_("What cost money and would have paid back in these days counts neither for a platform nor against it."),
        section="settings",
        back=reverse("campaigns:settings"),
        done=done,
        template="campaigns/unrecorded_period.html",
        history=history,
    )


def _one_at_a_time(request: HttpRequest) -> None:
    """Whoever writes a period waits for who writes another: two that overlap must meet."""
    if request.method == "POST":
        wanted(request, Agency.objects.all(), Agency.current().pk)


def _steps_of_periods() -> list[HistoryStep]:
    """Every version of every period, those that were removed too, as steps of the settings' history."""
    before: dict[int, str] = {}
    steps = []
    for version in UnrecordedPeriod.history.select_related("history_user").order_by("history_date", "history_id"):
        was, now = before.get(version.id, ""), "" if version.history_type == "-" else str(version.instance)
        before[version.id] = now
        change = Difference(_("Period without records"), was or "–", now or "–")
        steps.append(HistoryStep(version.history_date, str(version.history_user or ""), False, [change]))
    return steps
