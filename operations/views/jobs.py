"""What runs by itself: how it went, what waits, what failed, and trying again."""

from datetime import datetime
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import retention
from campaigns.imports import runner
from campaigns.models import Agency, Hold, ImportRun, JobRun, Retry
from core import task_queue
from core.access import Role, role_required
from core.identity import identity_required
from operations import held_work, job_status
from operations import jobs as work
from timesheets import reminders
from timesheets.models import Reminder


@require_safe
@role_required(Role.DIRECTOR)
def jobs(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    known = job_status.jobs(at=at)
    context = {
        "jobs": known,
        "has_run": any(job.run for job in known),
        "stands_still": any(job.is_late for job in known),
        "failures": job_status.failures(known, at=at),
        "waiting": job_status.backlog().waiting,
        "retries": job_status.retries(),
        "backups_are_nightly": settings.BACKUP_NIGHTLY,
        "tenth": Fraction(1, 10),
        "falling_due": retention.falling_due(at).count(),
        "months": Agency.current().keep_leads_months,
        **_held(at),
    }
    context["things"] = context["failures"].count + len(context["held"])
    return render(request, "operations/jobs.html", context)


def _held(at: datetime) -> dict[str, Any]:
    """What waits for a director's word, each with what the button answers, and what was confirmed lately."""
    confirmed = Hold.objects.exclude(confirmed_at=None).select_related("confirmed_by").order_by("-confirmed_at")
    return {
        "held": [(work, work.hold, held_work.question(work.hold, at=at)) for work in held_work.held_work()],
        "confirmed": list(confirmed[: job_status.MOST_SHOWN]),
        "today": at,
    }


@require_POST
@role_required(Role.DIRECTOR)
@identity_required
def confirm_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go on what waits for a director, if it still asks what the page said."""
    hold = get_object_or_404(Hold, pk=pk)
    with transaction.atomic():
        answered = request.POST.get("answered", "")
        is_confirmed = held_work.confirm(hold, answered=answered, at=timezone.now(), by=request.user)
        if is_confirmed:
            task_queue.enqueue_on_commit("reports.sweep")
    if is_confirmed:
        messages.success(request, _("Confirmed. It goes on by itself."))
    else:
        messages.error(request, _("This is not asked any more, or something else by now: look at it again."))
    return redirect("operations:jobs")


@require_POST
@role_required(Role.DIRECTOR)
def retry_job(request: HttpRequest, name: str) -> HttpResponse:
    """Try a job that failed with the next sweep, which is asked for now."""
    if name not in job_status.RETRIED:
        raise Http404
    get_object_or_404(JobRun, name=name)
    work.retry(name, at=timezone.now(), by=request.user)
    messages.success(request, _("It is tried again within a minute."))
    return redirect("operations:jobs")


@require_POST
@role_required(Role.DIRECTOR)
def retry_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the file of a failed import anew, or go on taking back what it wrote."""
    run = get_object_or_404(ImportRun, pk=pk)
    with transaction.atomic():
        is_asked = runner.try_again(run)
        if is_asked:
            Retry.objects.create(what=f"import {run.pk}", at=timezone.now(), by_id=request.user.pk)
    if is_asked:
        messages.success(request, _("%(file)s is checked again.") % {"file": run.file_name})
    else:
        messages.info(request, _("There is nothing to try again: the import goes on, or its file is gone."))
    return redirect("operations:jobs")


@require_POST
@role_required(Role.DIRECTOR)
def retry_reminder(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a reminder again that failed or may have been lost, unless it has become needless."""
    reminder = get_object_or_404(Reminder.objects.select_related("member"), pk=pk)
    at = timezone.now()
    with transaction.atomic():
        is_asked = reminders.resend(reminder.pk, at=at)
        if is_asked:
            Retry.objects.create(what=f"reminder {reminder.pk}", at=at, by_id=request.user.pk)
            task_queue.enqueue_on_commit("timesheets.remind", reminder_id=reminder.pk)
    reminder.refresh_from_db()
    if not is_asked:
        messages.info(request, _("There is nothing to send again."))
    elif reminders.not_needed(reminder, at):
        sentence = _("%(person)s has submitted this week, turned reminders off or left: nothing is sent.")
        messages.info(request, sentence % {"person": reminder.member})
    else:
        messages.success(request, _("A reminder is on its way to %(email)s.") % {"email": reminder.member.email})
    return redirect("operations:jobs")
