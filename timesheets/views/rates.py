"""Cost rates of a person, for directors alone: each change is shown before it is written."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from campaigns.views.editing import posted
from core import task_queue
from core.access import Role, role_required
from core.identity import identity_required
from core.lists import ROWS_A_PAGE, pages_of, paginate
from timesheets import rates
from timesheets.all_rates_form import AllRatesForm
from timesheets.forms import RateForm
from timesheets.models import CostRate, TimeEntry, User


@require_http_methods(["GET", "POST"])
@role_required(Role.DIRECTOR)
@identity_required
def of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's rates, what was done to them, and a form to add one."""
    person = get_object_or_404(User, pk=pk)
    form = RateForm(request.POST if request.method == "POST" else None, member=person)
    if request.method == "POST" and form.is_valid():
        starts_on, cents = form.cleaned_data["starts_on"], form.cleaned_data["hourly_cents"]
        if "confirmed" not in request.POST:
            return _preview(request, person, form=form, effect=rates.preview(person, plus=(starts_on, cents)))
        CostRate.objects.create(member=person, starts_on=starts_on, hourly_cents=cents)
        task_queue.enqueue_on_commit()
        messages.success(request, _("The rate was added."))
        return redirect("timesheets:rates", pk)
    context = {
        **pages_of(
            request.GET,
            spans=rates.spans(person),
            changes=CostRate.history.filter(member=person).select_related("history_user"),
        ),
        "person": person,
        "form": form,
        "uncosted": TimeEntry.objects.of(person).without_rate().minutes(),
    }
    return render(request, "timesheets/rates.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@role_required(Role.DIRECTOR)
@identity_required
def correct(request: HttpRequest, pk: int, rate_pk: int) -> HttpResponse:
    """Correct a rate: its amount or its first day."""
    rate = get_object_or_404(CostRate.objects.select_related("member"), pk=rate_pk, member=pk)
    form = RateForm(request.POST if request.method == "POST" else None, member=rate.member, rate=rate)
    if request.method == "POST" and form.is_valid():
        starts_on, cents = form.cleaned_data["starts_on"], form.cleaned_data["hourly_cents"]
        if "confirmed" not in request.POST:
            effect = rates.preview(rate.member, without=rate, plus=(starts_on, cents))
            return _preview(request, rate.member, form=form, rate=rate, effect=effect)
        rate.starts_on, rate.hourly_cents = starts_on, cents
        rate.save()
        task_queue.enqueue_on_commit()
        messages.success(request, _("The rate was corrected."))
        return redirect("timesheets:rates", pk)
    context = {"person": rate.member, "rate": rate, "form": form}
    return render(request, "timesheets/rate.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@role_required(Role.DIRECTOR)
@identity_required
def delete(request: HttpRequest, pk: int, rate_pk: int) -> HttpResponse:
    """Take a rate away: the one before it then covers its days."""
    rate = get_object_or_404(CostRate.objects.select_related("member"), pk=rate_pk, member=pk)
    if request.method == "POST":
        rate.delete()
        task_queue.enqueue_on_commit()
        messages.success(request, _("The rate was deleted."))
        return redirect("timesheets:rates", pk)
    effect = rates.preview(rate.member, without=rate)
    return _preview(request, rate.member, rate=rate, is_deletion=True, effect=effect)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.DIRECTOR)
@identity_required
def of_all(request: HttpRequest) -> HttpResponse:
    """Everybody's rate in one table, with one look at what changes before any is written."""
    everybody, problems = AllRatesForm.everybody(on=timezone.localdate()), list[str]()
    page = paginate(everybody, ROWS_A_PAGE, request.GET.get("page", ""), problems)
    form = AllRatesForm(posted(request), people=_on_page_or_typed(everybody, page, request.POST))
    if not form.is_bound or not form.is_valid():
        context = {"form": form, "page": page, "problems": problems}
        return render(request, "timesheets/all_rates.html", context, status=422 if form.is_bound else 200)
    new = form.new_rates()
    if "confirmed" not in request.POST:
        return render(
            request, "timesheets/all_rates_preview.html", {"form": form, "new": new, "effect": rates.preview_all(new)}
        )
    rates.write_all(new)
    task_queue.enqueue_on_commit()
    sentence = ngettext("%(count)s rate was saved.", "%(count)s rates were saved.", len(new))
    messages.success(request, sentence % {"count": len(new)})
    return redirect(request.get_full_path() if page.has_other_pages() else "timesheets:team")


def _on_page_or_typed(everybody: Sequence[User], page: Page, sent: Mapping[str, str]) -> list[User]:
    """Who is on the page, and whoever an amount was typed for: who left meanwhile moves others to another page."""
    wanted = {str(person.pk) for person in page} | AllRatesForm.typed_for(sent)
    return [person for person in everybody if str(person.pk) in wanted]


def _preview(request: HttpRequest, person: User, **context: Any) -> HttpResponse:
    """What the change would do, and the button that does it."""
    return render(request, "timesheets/rate_preview.html", {"person": person, **context})
