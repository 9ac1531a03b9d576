"""The people of the agency, for directors: the list of all, and several at once out of a sheet into the team."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from core import task_queue
from core.access import Role, role_required
from core.identity import identity_required
from core.lists import ACTIVE, Filter, Listing, by_field
from timesheets.forms import record_new_role
from timesheets.models import TimeEntry, User
from timesheets.people_forms import PeopleFormSet, PeopleSheetForm, filled_in
from timesheets.views import inviting


def _by_rate(rows: QuerySet, value: str) -> QuerySet:
    if value == "none":
        return rows.filter(has_rate=False)
    return rows.filter(Exists(TimeEntry.objects.filter(member=OuterRef("pk")).without_rate()))


PEOPLE = Listing(
    title=_("People"),
    search=("name", "email"),
    sorts={
        "name": ["name"],
        "email": ["email"],
        "role": ["role", "name"],
        "joined": ["joined_on", "name"],
        "left": ["left_on", "name"],
    },
    default="name",
    filters=[
        Filter("role", _("Role"), lambda: Role.choices, by_field("role")),
        Filter(
            "rate",
            _("Rates"),
            lambda: [("none", _("Without a rate today")), ("uncosted", _("With hours that no rate covers"))],
            _by_rate,
        ),
        ACTIVE,
    ],
)


@require_safe
@role_required(Role.DIRECTOR)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with an account, and whether a rate covers today."""
    rows = User.objects.with_rate_on(timezone.localdate())
    return render(request, "timesheets/people.html", {"listed": PEOPLE.of(rows, request.GET)})


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
    table = PeopleFormSet(request.POST)
    if not table.is_valid():
        return _page(request, PeopleSheetForm(), table, status=422)
    added = table.save()  # type: ignore[attr-defined]
    for person in added:
        record_new_role(person, by=request.user)
    task_queue.enqueue_on_commit()
    return inviting.invite_all(request, added, then=reverse("timesheets:team"))


def _page(
    request: HttpRequest, sheet: PeopleSheetForm, formset: BaseFormSet, *, status: int, **more: Any
) -> HttpResponse:
    context = {"sheet": sheet, "people": formset, **more}
    return render(request, "timesheets/add_people.html", context, status=status)
