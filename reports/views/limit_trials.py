"""Trials of a weekly limit: all of them, one begun, one looked at, one ended early."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.forms import LimitTrialForm, TrialSetting
from campaigns.models import Agency, LimitTrial, Platform
from campaigns.models.trials import TRIAL_WEEKS
from campaigns.views.catalogue import suggested_minutes
from campaigns.views.editing import FormPage, fill_in, posted, wanted, writing
from core.access import Role, role_required
from core.lists import page_of
from core.templatetags.retour import day
from core.weeks import Week
from reports.pages.trial_page import most_minutes, read_trial, trial_line


@require_safe
@role_required(Role.DIRECTOR)
def limit_trials(request: HttpRequest) -> HttpResponse:
    """Every trial there ever was, the newest first."""
    week = Agency.current().week_of(timezone.now())
    paged = page_of(LimitTrial.objects.select_related("platform"), request.GET)
    lines = [trial_line(trial, week) for trial in paged["page"]]
    return render(request, "reports/limit_trials.html", paged | {"trials": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.DIRECTOR)
def limit_trial_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a trial on a platform, from next Monday."""
    at = timezone.now()
    week = Agency.current().week_of(at)
    with writing(request):
        platform = wanted(request, Platform.objects.all(), pk)
        form = trial_form(posted(request), platform=platform, at=at, by=request.user)
        if suggested := suggested_minutes(request):
            form.initial["limit_minutes"] = suggested
        return fill_in(request, form, _page(platform, week))


def trial_form(data: Any, *, platform: Platform, at: datetime, by: Any) -> LimitTrialForm:
    """The form of a trial that begins on the Monday after `at`, unbound where there is no data."""
    week = Agency.current().week_of(at)
    trial = LimitTrial(
        platform=platform,
        first_week=week.next.monday,
        last_week=week.plus(TRIAL_WEEKS).monday,
        earlier_limit_minutes=platform.weekly_limit_minutes,
        started_at=at,
        started_by=by,
    )
    return LimitTrialForm(data, instance=trial, setting=TrialSetting(platform, week, most_minutes(platform, week)))


def _page(platform: Platform, week: Week) -> FormPage:
    under = _(
        "Eight whole weeks, from Monday %(first)s to Sunday %(last)s. Then the limit that %(platform)s has today holds"
        " again by itself."
    )
    words = {
        "platform": platform,
        "first": day(week.next.monday),
        "last": day(week.plus(TRIAL_WEEKS).sunday),
    }
    return FormPage(
        title=_("Try another limit on %(platform)s") % {"platform": platform},
        section="platforms",
        back=reverse("reports:platform", args=[platform.pk]),
        done=_("The trial begins on Monday %(day)s.") % {"day": day(week.next.monday)},
        under=under % words,
        template="reports/limit_trial_form.html",
    )


@require_safe
@role_required(Role.DIRECTOR)
def limit_trial(request: HttpRequest, pk: int) -> HttpResponse:
    """One trial: the hours kept to, and what came beside the weeks before."""
    trial = get_object_or_404(LimitTrial.objects.select_related("platform", "started_by", "ended_by"), pk=pk)
    return render(request, "reports/limit_trial.html", {"page": read_trial(trial, at=timezone.now())})


@require_POST
@role_required(Role.DIRECTOR)
def limit_trial_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a trial early; a second click changes nothing."""
    trial = get_object_or_404(LimitTrial.objects.select_related("platform"), pk=pk)
    at = timezone.now()
    week = Agency.current().week_of(at)
    if trial.end(week=week, at=at, by=request.user):
        messages.success(
            request, _("The earlier limit holds again from Monday %(day)s.") % {"day": day(week.next.monday)}
        )
    else:
        messages.info(request, _("It has ended already, or ends by itself this Sunday."))
    return redirect(trial)
