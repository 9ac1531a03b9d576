"""A trial of a weekly limit as its page tells it: the hours week by week, and what came beside the weeks before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.db.models import Max, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import platform_redirects
from campaigns.models import Agency, LimitTrial, Platform
from campaigns.models.agency import Basis
from campaigns.weekly_limits import afterwards_words
from core.statements import GIVEN_WEEK, Statement
from core.templatetags.retour import day
from core.weeks import Week
from reports.comparisons import trial_wording
from reports.comparisons.limit_trials import WEEKS_BEFORE, record_of, sales_are_due, sales_due_in
from reports.comparisons.records import ComparisonRecord
from reports.figures.data_quality import listed
from reports.figures.formatting import count, hours
from reports.models import PlatformWeek, TrialComparison


@dataclass(frozen=True)
class TrialLine:
    """A trial in a list as it stands in `week`: the dates, the limits, and how far it is, in words."""

    trial: LimitTrial
    week: Week
    is_open: bool

    @property
    def status(self) -> str:
        """In the language of whoever reads it: the summary is written in each subscriber's from one report."""
        return _status(self.trial, self.week)

    @property
    def first(self) -> date:
        return self.trial.first.monday

    @property
    def last(self) -> date:
        return max(self.trial.last, self.trial.first).sunday


@dataclass(frozen=True)
class TrialWeek:
    """One week that has begun: the minutes on the platform beside the limit, and the leads that came in."""

    week: Week
    minutes: int
    limit_minutes: int
    leads: str
    is_complete: bool

    @property
    def minutes_over(self) -> int:
        return max(0, self.minutes - self.limit_minutes)


@dataclass(frozen=True)
class TrialPage:
    """All that the page of one trial shows; `leads` and `sales` are sentences."""

    line: TrialLine
    afterwards: str
    weeks: Sequence[TrialWeek]
    kept: str
    leads: Sequence[str]
    facts: Sequence[tuple[str, str]]
    sales: Sequence[str]
    remarks: Sequence[str]
    can_be_ended: bool
    ends_then: date
    is_waiting: bool

    @property
    def trial(self) -> LimitTrial:
        return self.line.trial


def trial_line(trial: LimitTrial, week: Week) -> TrialLine:
    """How the trial stands in the week of today."""
    is_open = trial.is_planned(week) or trial.is_running(week)
    return TrialLine(trial, week, is_open)


def _status(trial: LimitTrial, week: Week) -> str:
    if trial.was_called_off:
        return _("called off before it began")
    if trial.is_planned(week):
        return _("planned")
    if trial.is_running(week):
        return _("week %(number)s of %(weeks)s") % {
            "number": trial.first.weeks_until(week) + 1,
            "weeks": trial.first.weeks_until(trial.last) + 1,
        }
    if trial.was_cut_short:
        weeks = trial.first.weeks_until(trial.last) + 1
        return ngettext("ended early, after %(weeks)s week", "ended early, after %(weeks)s weeks", weeks) % {
            "weeks": weeks
        }
    return _("over")


def trial_lines(week: Week, *, platform: Platform) -> list[TrialLine]:
    """All trials of a platform, the newest first."""
    trials = LimitTrial.objects.select_related("platform").filter(platform=platform)
    return [trial_line(trial, week) for trial in trials]


def open_trials(week: Week) -> dict[int, TrialLine]:
    """The trials that run or are planned, by platform."""
    return {trial.platform_id: trial_line(trial, week) for trial in _UNFINISHED.rows(monday=week.monday)}


_UNFINISHED = Statement(lambda: LimitTrial.objects.unfinished(GIVEN_WEEK).select_related("platform"))


def most_minutes(platform: Platform, week: Week, *, weeks: int = WEEKS_BEFORE) -> int:
    """The most minutes that one of the last complete weeks took on the platform."""
    known = PlatformWeek.objects.filter(platform=platform, basis=Basis.CASH)
    recent = known.filter(week__lt=week.monday, week__gte=week.plus(-weeks).monday)
    return recent.aggregate(most=Max("minutes"))["most"] or 0


def read_trial(trial: LimitTrial, *, at: datetime) -> TrialPage:
    """Put the page together as far as the trial goes."""
    agency = Agency.current()
    week = agency.week_of(at)
    weeks = _weeks(trial, agency, week)
    comparison = TrialComparison.objects.filter(trial=trial).first()
    leads = record_of(comparison, "leads")
    names = dict(Platform.objects.values_list("pk", "name")) if leads else {}
    complete = [each for each in weeks if each.is_complete]
    return TrialPage(
        line=trial_line(trial, week),
        afterwards=afterwards_words(trial) if not trial.was_called_off else "",
        weeks=weeks,
        kept=_kept(complete, _minutes_before(trial)) if complete else "",
        leads=trial_wording.answer(leads) if leads else [],
        facts=trial_wording.facts(leads, names) if leads else [],
        sales=_sales(trial, agency, week.previous, record_of(comparison, "sales")) if weeks else [],
        remarks=_remarks(trial),
        can_be_ended=trial.can_be_ended(week),
        ends_then=week.next.monday,
        is_waiting=bool(complete) and leads is None,
    )


def _weeks(trial: LimitTrial, agency: Agency, week: Week) -> list[TrialWeek]:
    """The weeks that have begun, from the first."""
    rows = PlatformWeek.objects.filter(
        platform=trial.platform_id,
        basis=Basis.CASH,
        week__gte=trial.first.monday,
        week__lte=min(week, trial.last).monday,
    )
    known = {row[0]: row[1:] for row in rows.values_list("week", "minutes", f"leads_{agency.credit_model}")}
    return [
        TrialWeek(
            week=each,
            minutes=known.get(each.monday, (0, 0))[0],
            limit_minutes=trial.limit_minutes,
            leads=count(known.get(each.monday, (0, 0))[1]),
            is_complete=each < week,
        )
        for each in Week.range(trial.first, min(week, trial.last))
    ]


def _minutes_before(trial: LimitTrial) -> Fraction | None:
    """The mean of the weeks before with hours on the platform; None where there were none."""
    before = PlatformWeek.objects.filter(
        platform=trial.platform_id,
        basis=Basis.CASH,
        week__gte=trial.first.plus(-WEEKS_BEFORE).monday,
        week__lt=trial.first.monday,
        minutes__gt=0,
    )
    weeks = before.count()
    return Fraction(before.aggregate(sum=Sum("minutes"))["sum"], weeks) if weeks else None


def _kept(weeks: Sequence[TrialWeek], before: Fraction | None) -> str:
    """In how many weeks the hours stayed within the limit, and how many they were beside before."""
    kept = sum(1 for each in weeks if not each.minutes_over)
    words = {
        "kept": kept,
        "weeks": len(weeks),
        "during": hours(Fraction(sum(each.minutes for each in weeks), len(weeks))),
        "before": hours(before) if before is not None else "",
    }
    told = ngettext(
        "The limit was kept to in %(kept)s of %(weeks)s week.",
        "The limit was kept to in %(kept)s of %(weeks)s weeks.",
        len(weeks),
    )
    spent = (
        _("On average %(during)s a week.")
        if before is None
        else _("On average %(during)s a week, after %(before)s in the weeks before.")
    )
    return f"{told % words} {spent % words}"


def _sales(trial: LimitTrial, agency: Agency, last: Week, record: ComparisonRecord | None) -> list[str]:
    if record is not None:
        return trial_wording.answer(record)
    if sales_are_due(trial, agency, last):
        return [_("Being computed: it is there by tomorrow.")]
    return [
        _(
            "Sales are not told before Monday %(day)s: by then about nine in ten of those that the work of these weeks"
            " brings should be in."
        )
        % {"day": day(sales_due_in(trial, agency).next.monday)}
    ]


def _remarks(trial: LimitTrial) -> list[str]:
    """What a reader of the figures must know besides: a merge of platforms, an earlier trial in the weeks before."""
    merged = [
        entry.object_repr
        for entry in platform_redirects.merged_into(trial.platform)
        if entry.action_time >= trial.started_at
    ]
    has_become_part = ngettext(
        "%(gone)s has become part of %(platform)s since: hours and leads here are of both.",
        "%(gone)s have become part of %(platform)s since: hours and leads here are of all.",
        len(merged),
    )
    remarks = [has_become_part % {"gone": listed(merged), "platform": trial.platform}] if merged else []
    earlier = LimitTrial.objects.filter(
        platform=trial.platform_id,
        first_week__lt=trial.first_week,
        last_week__gte=trial.first.plus(-WEEKS_BEFORE).monday,
    ).not_called_off()
    if earlier.exists():
        remarks.append(_("An earlier trial lies in the 26 weeks before."))
    return remarks
