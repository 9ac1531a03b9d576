"""The agency's settings, for the director."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.forms import AgencyForm
from campaigns.models import Agency
from campaigns.views.editing import posted, saved, wanted, writing
from core.access import Role, role_required
from core.history import steps_of


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    agency = Agency.current()
    with writing(request):
        form = AgencyForm(posted(request), instance=wanted(request, Agency.objects.all(), agency.pk), by=request.user)
        if form.is_bound and form.is_valid() and (not form.changed_data or saved(form)):
            messages.success(request, what_follows(form))
            return redirect("campaigns:settings")
    context = {"form": form, "history": steps_of(agency)}
    return render(request, "campaigns/settings.html", context, status=422 if form.is_bound else 200)


def what_follows(form: AgencyForm) -> str:
    if not form.changed_data:
        return _("Nothing has changed.")
    if "needs_second_factor" in form.changed_data and form.instance.needs_second_factor:
        return _("Settings saved. Directors and managers without a second factor must set one up at their next page.")
    if form.changes_credits:
        return _("Settings saved. All figures are being recomputed with them: this takes a moment.")
    return _("Settings saved. The dashboard follows them from now on.")
