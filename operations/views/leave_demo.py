"""Leaving the demo, for its director: typed, backed up, and then the set-up of one's own agency."""

import logging
from typing import Any

from django import forms
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns.models import Agency
from core.access import Role, role_required
from operations import leave_demo
from operations.backup.archive import Damaged
from operations.backup.databases import BackupRefused
from timesheets import setup_token
from timesheets.views.setup import let_in

log = logging.getLogger(__name__)


class LeaveDemoForm(forms.Form):
    """The name of the demo's agency, typed: whoever means another installation notices."""

    name = forms.CharField(label=gettext_lazy("Type the name of this agency"), max_length=120)

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        self.agency = agency
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = agency.name

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if name.casefold() != self.agency.name.casefold():
            raise ValidationError(_("This is not its name: %(name)s.") % {"name": self.agency.name})
        return name


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Say what goes and ask; then nobody is here, and whoever left the demo goes on to the set-up."""
    agency = Agency.current()
    if not agency.is_demo:
        raise Http404
    form = LeaveDemoForm(request.POST if request.method == "POST" else None, agency=agency)
    if form.is_bound and form.is_valid() and _is_left(form):
        logout(request)
        let_in(request, setup_token.renew(), at=timezone.now())
        return redirect("timesheets:setup_agency")
    return render(request, "operations/leave_demo.html", {"form": form}, status=422 if form.is_bound else 200)


def _is_left(form: LeaveDemoForm) -> bool:
    try:
        path = leave_demo.leave(at=timezone.now())
    except (BackupRefused, Damaged, OSError) as error:
        sentence = _("Nothing was changed, because no backup could be taken: %(reason)s")
        form.add_error(None, sentence % {"reason": error})
        return False
    log.warning("the demo was left; its backup is %s", path.name)
    return True
