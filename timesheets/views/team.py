"""The team's page, for managers and directors, and the people in it, for directors."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import personal_data_export
from campaigns.exports_guard import recorded_export
from campaigns.models import Agency
from core import task_queue
from core.access import STEERING, Role, role_required
from core.history import steps_of
from core.identity import identity_required
from core.week_names import week_name
from core.weeks import Week
from timesheets import grid, invitations, missing_hours, reminders, second_factor, sign_in, team, team_list
from timesheets.forms import PersonForm, ReopenForm, record_role
from timesheets.models import Reminder, Timesheet, User
from timesheets.views import inviting
from timesheets.views.page import chosen_week

log = logging.getLogger(__name__)

# What the export offers at first: about a quarter.
EXPORTED_WEEKS = 13


@require_GET
@role_required(*STEERING)
def show(request: HttpRequest) -> HttpResponse:
    """Hours by person and platform in one week, approved, submitted, open or missing; and who is behind.

    What a director sees besides is for them alone.
    """
    reader: User = request.user  # type: ignore[assignment]
    agency: Agency = request.agency  # type: ignore[attr-defined]
    today = timezone.localdate()
    this_week = Week.containing(today)
    text = request.GET.get("week", "")
    chosen = chosen_week(text)
    week = chosen or this_week
    if text and chosen is None:
        messages.warning(request, _("There is no such week. Weeks are written like %(week)s.") % {"week": week})
    people = team.people_of(week)
    sheet = team.of_week(week, today=today, reader=reader, agency=agency, people=people)
    behind = team.behind(this_week.previous, agency=agency, people=people)
    context: dict[str, Any] = {
        "team": sheet,
        "lines": team_list.lines_asked_for(sheet, request.GET, agency=agency),
        "title": grid.title(week),
        "this_week": this_week,
        "counts": sheet.counts(),
        "behind": team_list.behind_asked_for(behind, request.GET),
        "export_from": week.plus(1 - EXPORTED_WEEKS),
    }
    if reader.is_director:
        context |= {"people_count": User.objects.count(), "uncosted": missing_hours.unrated_of(week)}
    return render(request, "timesheets/team.html", context)


@require_GET
@role_required(*STEERING)
def of_person(request: HttpRequest, pk: int, week: Week) -> HttpResponse:
    """One person's week to read: its cells, where it stands, and what was done to it."""
    person = get_object_or_404(User, pk=pk)
    reader: User = request.user  # type: ignore[assignment]
    today = timezone.localdate()
    sheet = grid.build(member=person, week=week, today=today, reader=reader)
    sent = list(Reminder.objects.filter(member=person, week=week.monday).select_related("asked_by"))
    line = team.line_of(
        person,
        week,
        minutes=[sheet.minutes],
        sheet=sheet.timesheet,
        reminder=sent[0] if sent else None,
        is_away=sheet.expected.is_away,
        is_over=week.sunday < today,
        can_approve=reader.is_director or person.pk != reader.pk,
    )
    context = {
        "person": person,
        "grid": sheet,
        "line": line,
        "steps": steps_of(sheet.timesheet) if sheet.timesheet else [],
        "reminders": sent,
    }
    return render(request, "timesheets/person_week.html", context)


@require_POST
@role_required(*STEERING)
def reopen(request: HttpRequest, pk: int, week: Week) -> HttpResponse:
    """Give a submitted week back to its person, with a reason that is kept."""
    timesheet = get_object_or_404(Timesheet.objects.select_related("member"), member__pk=pk, week=week.monday)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the week is reopened."))
        return _back(request, week)
    try:
        timesheet.reopen(reason=form.cleaned_data["reason"])
        sentence = _("Week %(week)s of %(person)s is open.")
        messages.success(request, sentence % {"week": week_name(week), "person": timesheet.member})
    except Timesheet.NotReopened:
        messages.info(request, _("This week is open already."))
    return _back(request, week)


def _back(request: HttpRequest, week: Week) -> HttpResponse:
    """To the person's week when the request came from there, else to the team's, as it was searched and paged."""
    person = request.POST.get("then", "")
    if person.isdecimal() and len(person) < 19:
        return redirect("timesheets:of_person", int(person), week)
    return redirect(f"{reverse('timesheets:team')}?week={week}{team_list.look_of(request.POST.get('look', ''))}")


@require_POST
@role_required(*STEERING)
def decide(request: HttpRequest, week: Week) -> HttpResponse:
    """Approve or reopen the weeks of several people.

    `approve` or `reopen` holds one person's key, or the name of the field that holds those meant: `chosen`, or `shown`
    for all that waited when the page was made. What was submitted since is not approved unseen.
    """
    verb = "approve" if "approve" in request.POST else "reopen"
    named = request.POST.get(verb, "")
    chosen = request.POST.getlist(named) if named in ("chosen", "shown") else [named]
    people = [int(pk) for pk in chosen if pk.isdecimal() and len(pk) < 19]
    sheets = Timesheet.objects.filter(week=week.monday, member__in=people).select_related("member").order_by("member")
    if not people:
        messages.error(request, _("Choose at least one person."))
    elif verb == "approve":
        _tell_approved(request, people, sheets)
    else:
        _reopen_chosen(request, people, sheets)
    return _back(request, week)


def _tell_approved(request: HttpRequest, people: list[int], sheets: Iterable[Timesheet]) -> None:
    """Approve each; say how many were, and how many had nothing to approve."""
    approver: User = request.user  # type: ignore[assignment]
    approved = sum(_is_done(sheet.approve, at=timezone.now(), by=approver) for sheet in sheets)
    if approved:
        sentence = ngettext("%(count)s week approved.", "%(count)s weeks approved.", approved)
        messages.success(request, sentence % {"count": approved})
    if left := len(people) - approved:
        sentence = ngettext(
            "%(count)s week was left as it is: nothing new is submitted there, or it is your own.",
            "%(count)s weeks were left as they are: nothing new is submitted there, or one is your own.",
            left,
        )
        messages.info(request, sentence % {"count": left})


def _reopen_chosen(request: HttpRequest, people: list[int], sheets: Iterable[Timesheet]) -> None:
    """Reopen each for the one reason that was given; say how many were."""
    form = ReopenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the weeks are reopened."))
        return
    reopened = sum(_is_done(sheet.reopen, reason=form.cleaned_data["reason"]) for sheet in sheets)
    if reopened:
        sentence = ngettext("%(count)s week reopened.", "%(count)s weeks reopened.", reopened)
        messages.success(request, sentence % {"count": reopened})
    if left := len(people) - reopened:
        sentence = ngettext("%(count)s week was open already.", "%(count)s weeks were open already.", left)
        messages.info(request, sentence % {"count": left})


def _is_done(verb: Callable[..., None], **how: Any) -> bool:
    try:
        verb(**how)
    except (Timesheet.NotApproved, Timesheet.NotReopened):
        return False
    return True


@require_POST
@role_required(*STEERING)
def remind(request: HttpRequest, pk: int, week: Week) -> HttpResponse:
    """Ask one person for their week by e-mail, at most once a day."""
    person = get_object_or_404(User, pk=pk)
    asker: User = request.user  # type: ignore[assignment]
    if not missing_hours.is_missing(person, week):
        messages.info(request, _("%(person)s has submitted this week, or is not at work in it.") % {"person": person})
        return _back(request, week)
    try:
        reminder = reminders.ask(person, week, by=asker, at=timezone.now())
        task_queue.enqueue_on_commit("timesheets.remind", reminder_id=reminder.pk)
        messages.success(request, _("A reminder is on its way to %(email)s.") % {"email": person.email})
    except reminders.AskedAlready:
        messages.info(request, _("%(person)s was reminded of this week within the last day.") % {"person": person})
    return _back(request, week)


@require_http_methods(["GET", "POST"])
@role_required(Role.DIRECTOR)
@identity_required
def add_person(request: HttpRequest) -> HttpResponse:
    """Add a person and send them a link to set their password."""
    form = PersonForm(request.POST if request.method == "POST" else None, initial={"joined_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        person = form.save()
        record_role(form, by=request.user)
        then = reverse("timesheets:rates", args=[person.pk])
        if not invitations.are_sent():
            return inviting.show_links(request, [person], then=then)
        if inviting.is_posted(request, get_adapter(request).invite, person):
            sentence = _("%(person)s was added, and an e-mail to set a password was sent to %(email)s.")
            messages.success(request, sentence % {"person": person, "email": person.email})
        return redirect(then)
    return render(request, "timesheets/person.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@role_required(Role.DIRECTOR)
@identity_required
def edit_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person; `invite` sends a link to set a password, `forget` removes second factors that are lost."""
    person = get_object_or_404(User, pk=pk)
    if request.method == "POST" and "invite" in request.POST:
        return _send_link(request, person) or redirect("timesheets:person", pk)
    if request.method == "POST" and "forget" in request.POST:
        _forget_second_factors(request, person)
        return redirect("timesheets:person", pk)
    form = PersonForm(request.POST if request.method == "POST" else None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        record_role(form, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("timesheets:people")
    status = 422 if form.errors else 200
    # Read again: the form has written what was refused into its own instance.
    person = User.objects.get(pk=pk)
    context = {
        "form": form,
        "person": person,
        "may_sign_in": sign_in.may_sign_in(person),
        "has_second_factor": person != request.user and second_factor.has_one(person),
    }
    return render(request, "timesheets/person.html", context, status=status)


@require_GET
@role_required(Role.DIRECTOR)
@recorded_export("person", "timesheets:person", "pk", of_people=True)
def person_data(request: HttpRequest, pk: int) -> HttpResponse:
    """All that is held on a person, for the one who asks for it by right."""
    person = get_object_or_404(User, pk=pk)
    log.info("data of user=%s taken out by user=%s", pk, request.user.pk)
    return personal_data_export.download(f"person-{pk}.json", personal_data_export.on_person(person))


def _send_link(request: HttpRequest, person: User) -> HttpResponse | None:
    """The invitation again while there is no password, else the same e-mail as for a forgotten one."""
    if not sign_in.may_sign_in(person):
        messages.error(request, _("This account is closed, so no e-mail was sent."))
        return None
    if not invitations.are_sent():
        return _shown_link(request, person)
    adapter = get_adapter(request)
    if inviting.is_posted(request, adapter.send_reset if person.has_usable_password() else adapter.invite, person):
        messages.success(request, _("An e-mail to set a password was sent to %(email)s.") % {"email": person.email})
    return None


def _shown_link(request: HttpRequest, person: User) -> HttpResponse | None:
    """While no e-mail can be sent; never of an account that has a password, which its link would hand over."""
    try:
        return inviting.show_links(request, [person], then=reverse("timesheets:person", args=[person.pk]))
    except invitations.HasPassword:
        sentence = _("%(person)s has a password, so no link is shown: it would hand their account over. Set up e-mail.")
        messages.error(request, sentence % {"person": person})
        return None


def _forget_second_factors(request: HttpRequest, person: User) -> None:
    """Of somebody else: whoever is signed in removes their own under Profile, where the password is asked for."""
    if person == request.user:
        messages.error(request, _("Remove your own second factor under Profile."))
        return
    if second_factor.remove_all(person, by=request.user):
        log.warning("second factors of user=%s removed by user=%s", person.pk, request.user.pk)
    messages.success(request, _("%(person)s has no second factor now, and is signed out.") % {"person": person})
