"""Making a platform part of another, for directors."""

import logging
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from campaigns.lookups import platform_field
from campaigns.models import Platform, Touch
from campaigns.views.catalogue import where_it_went
from core.access import Role, role_required
from operations import merge_platforms

log = logging.getLogger(__name__)


class IntoForm(forms.Form):
    """Which platform it becomes part of."""

    into = platform_field(
        Touch,
        label=gettext_lazy("It becomes part of"),
        empty_label=gettext_lazy("Choose a platform"),
        error_messages={
            "required": gettext_lazy("Choose the platform that it becomes part of."),
            "invalid_choice": gettext_lazy("This is not one of the other platforms. Choose one of the list."),
        },
    )

    def __init__(self, *args: Any, gone: Platform, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gone, self.at = gone, at
        self.fields["into"].queryset = Platform.objects.exclude(pk=gone.pk)  # type: ignore[attr-defined]

    def clean_into(self) -> Platform:
        into: Platform = self.cleaned_data["into"]
        if why := merge_platforms.why_not(self.gone, into) or merge_platforms.why_not_yet(self.gone, self.at):
            raise forms.ValidationError(why)
        return into


@role_required(Role.DIRECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def merge_platform(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the other platform, see what would move, and confirm: this cannot be taken back."""
    gone = Platform.objects.filter(pk=pk).first()
    if gone is None:  # a second click on the button, or an old link
        return redirect("campaigns:platform", where_it_went(pk))
    form = IntoForm(request.POST if request.method == "POST" else None, gone=gone, at=timezone.now())
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"]
        if "confirmed" not in request.POST:
            context = {"platform": gone, "into": into, "effect": merge_platforms.effect(gone, into)}
            return render(request, "operations/merge_preview.html", context)
        if _merged(request, form, gone, into):
            return redirect("campaigns:platform", into.pk)
    context = {"platform": gone, "form": form, "has_others": form.fields["into"].queryset.exists()}  # type: ignore[attr-defined]
    return render(request, "operations/merge.html", context, status=422 if form.errors else 200)


def _merged(request: HttpRequest, form: IntoForm, gone: Platform, into: Platform) -> bool:
    """Do it; what refuses it is said at the field."""
    by: Any = request.user
    try:
        merge_platforms.merge(gone_id=gone.pk, into_id=into.pk, by=by, at=timezone.now())
    except merge_platforms.MergeRefused as refused:
        form.add_error("into", str(refused))
        return False
    log.info("platform=%s became part of platform=%s by user=%s", gone.pk, into.pk, by.pk)
    messages.success(request, _("%(gone)s is part of %(into)s now.") % {"gone": gone, "into": into})
    return True
