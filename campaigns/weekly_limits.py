"""Which weekly limit is in force on a platform in a week: that of a trial in its weeks, else the platform's own.

Read off the dates alone, for any week, so that neither a clock nor a stopped worker can leave a limit standing
(docs/adr/0032).
"""

from collections.abc import Collection

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from campaigns.models import LimitTrial, Platform
from core.templatetags.retour import day, limit
from core.weeks import Week


def limits_by_week(weeks: Collection[Week]) -> dict[tuple[int, Week], int]:
    """The minutes that a trial allows in each of these weeks, by platform; where there is none, its own limit holds.

    After a merge of platforms two trials may share a week that is past: the one that began later counts.
    """
    trials = LimitTrial.objects.filter(first_week__lte=max(weeks).monday, last_week__gte=min(weeks).monday)
    rows = trials.order_by("first_week", "pk").values_list("platform", "first_week", "last_week", "limit_minutes")
    return {
        (platform_id, week): minutes
        for platform_id, first, last, minutes in rows
        for week in weeks
        if first <= week.monday <= last
    }


def with_limit_in_force(platforms: "QuerySet[Platform]", week: Week) -> "QuerySet[Platform]":
    """The platforms with `limit_in_force`, the minutes of this week, and `trial_ends`, the Monday of a trial's last."""
    running = LimitTrial.objects.in_week(week).filter(platform=OuterRef("pk")).order_by("-first_week", "-pk")
    return platforms.annotate(
        limit_in_force=Coalesce(Subquery(running.values("limit_minutes")[:1]), F("weekly_limit_minutes")),
        trial_ends=Subquery(running.values("last_week")[:1]),
    )


def limit_in_force(platform: Platform, week: Week) -> int | None:
    """The minutes that this week may take on the platform; None without a limit."""
    return limits_by_week([week]).get((platform.pk, week), platform.weekly_limit_minutes)


def unfinished_trial(platform: Platform, week: Week) -> LimitTrial | None:
    """The trial that runs on the platform in this week, or is still to begin."""
    return LimitTrial.objects.unfinished(week).filter(platform=platform).order_by("first_week").first()


# -- in words ---------------------------------------------------------------------------------------------------------


def trial_words(trial: LimitTrial) -> str:
    """`at most 59 h a week from Monday 5 October 2026 to Sunday 29 November 2026`."""
    return _("at most %(limit)s a week from Monday %(first)s to Sunday %(last)s") % {
        "limit": limit(trial.limit_minutes),
        "first": day(trial.first.monday),
        "last": day(trial.last.sunday),
    }


def afterwards_words(trial: LimitTrial) -> str:
    """Which limit holds again after a trial, as the platform's own is now."""
    words = {"monday": day(trial.last.next.monday), "limit": limit(trial.platform.weekly_limit_minutes)}
    if trial.platform.weekly_limit_minutes is None:
        return _("From Monday %(monday)s there is no limit again.") % words
    return _("From Monday %(monday)s the limit is %(limit)s a week again.") % words


def note_on_own_limit(trial: LimitTrial, week: Week) -> str:
    """What to know before the platform's own limit is changed while a trial runs or is planned."""
    words = {"trial": trial_words(trial), "monday": day(trial.last.next.monday)}
    if trial.is_planned(week):
        return (
            _("A trial is planned: %(trial)s. What you write here holds before it, and again from Monday %(monday)s.")
            % words
        )
    return _("A trial runs: %(trial)s. What you write here holds from Monday %(monday)s, when it is over.") % words
