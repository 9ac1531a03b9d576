"""Several people at once, for directors: out of a sheet into a table, and from the table into the team."""

from typing import Any

from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core import task_queue
from core.access import Role, role_required
from core.identity import identity_required
from timesheets.forms import record_new_role
from timesheets.people_forms import PeopleFormSet, PeopleSheetForm, filled_in
from timesheets.views import inviting


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.DIRECTOR)
@identity_required
def add_people(request: HttpRequest) -> HttpResponse:
    """`read` fills the table from what was pasted or brought; without it the table is saved."""
    if request.method != "POST":
        return _page(request, PeopleSheetForm(), PeopleFormSet(), status=200)
    if "read" in request.POST:
        sheet = PeopleSheetForm(request.POST, request.FILES)
        if sheet.is_valid():
            return _page(request, sheet, filled_in(sheet.table), status=200, table=sheet.table)
        return _page(request, sheet, PeopleFormSet(), status=422)
    people = PeopleFormSet(request.POST)
    if not people.is_valid():
        return _page(request, PeopleSheetForm(), people, status=422)
    added = people.save()  # type: ignore[attr-defined]
    for person in added:
        record_new_role(person, by=request.user)
    task_queue.enqueue_on_commit()
    return inviting.invite_all(request, added, then=reverse("timesheets:team"))


def _page(
    request: HttpRequest, sheet: PeopleSheetForm, people: BaseFormSet, *, status: int, **more: Any
) -> HttpResponse:
    context = {"sheet": sheet, "people": people, **more}
    return render(request, "timesheets/add_people.html", context, status=status)
