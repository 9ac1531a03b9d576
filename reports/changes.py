"""What changed in a week: flags raised and cleared, verdicts that turned, platforms over their hours.

Read from the verdicts and flags that evaluations stored, so that the dashboard and the e-mail tell the same story.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns import money
from campaigns.models import Platform
from campaigns.weeks import Week
from reports.attention import OwnShare, own_share_words
from reports.evaluation import Case
from reports.models import Flag, FlagKind, Verdict
from reports.stored import case_from_json
from reports.verdict import State
from reports.words import STATE_WORDS, cash, per_unit

# How far back the last verdict may lie to be compared with: a week that nobody evaluated hides no change.
LOOK_BACK_WEEKS = 5


class What(StrEnum):
    """The kinds of change, in the order in which they are told."""

    RAISED = "raised"
    OWN_BRAND = "own_brand"
    TURNED = "turned"
    OVER_LIMIT = "over_limit"
    CLEARED = "cleared"


@dataclass(frozen=True)
class Change:
    """One change of a platform, or of the agency without one. `flag` is the flag raised, cleared or still open; `case` what the verdict rests on."""

    what: What
    platform: Platform | None
    flag: Flag | None = None
    before: State | None = None
    after: State | None = None
    case: Case | None = None

    @property
    def sentence(self) -> str:
        return _SENTENCES[self.what](self)


def changes(week: Week) -> list[Change]:
    """What the end of this week brought, the worst first; three queries however many platforms there are."""
    flags = list(
        Flag.objects.filter(_told_in(week)).select_related("platform", "acknowledged_by").order_by("platform__name")
    )
    verdicts = _verdicts(week)
    found = [*_raised(flags, verdicts, week), *_turned(flags, verdicts, week), *_over_limit(flags, verdicts)]
    found += [Change(What.OWN_BRAND, None, flag) for flag in _new(flags, FlagKind.OWN_BRAND, week)]
    found += [Change(What.CLEARED, flag.platform, flag) for flag in flags if flag.cleared_on == week.monday]
    return sorted(found, key=lambda change: (list(What).index(change.what), str(change.platform or "")))


def _told_in(week: Week) -> Q:
    """Flags that this week raised, cleared, or found still up."""
    still_up = Q(cleared_on=None) | Q(cleared_on__gt=week.monday)
    return Q(cleared_on=week.monday) | (Q(raised_on__lte=week.monday) & still_up)


@dataclass(frozen=True)
class _Turn:
    """A platform's verdict of the week and the state it had before; None when it had none."""

    platform: Platform
    before: State | None
    after: State
    case: Case | None


def _verdicts(week: Week) -> dict[int, _Turn]:
    recent = Verdict.objects.filter(week__lte=week.monday, week__gt=week.plus(-LOOK_BACK_WEEKS).monday)
    before: dict[int, State] = {}
    turns: dict[int, _Turn] = {}
    for verdict in recent.select_related("platform").order_by("week"):
        if verdict.week < week.monday:
            before[verdict.platform_id] = State(verdict.state)
        else:
            last = before.get(verdict.platform_id)
            turns[verdict.platform_id] = _Turn(
                verdict.platform, last, State(verdict.state), case_from_json(verdict.figures)
            )
    return turns


def _raised(flags: Iterable[Flag], verdicts: dict[int, _Turn], week: Week) -> list[Change]:
    """Being over the limit is told week by week, not only when its flag goes up."""
    new = _new(flags, FlagKind.LOSING, week)
    return [Change(What.RAISED, flag.platform, flag, case=_case(verdicts, flag)) for flag in new]


def _new(flags: Iterable[Flag], kind: FlagKind, week: Week) -> list[Flag]:
    return [flag for flag in flags if flag.kind == kind and flag.raised_on == week.monday]


def _turned(flags: Iterable[Flag], verdicts: dict[int, _Turn], week: Week) -> list[Change]:
    """States that differ from the week before, but for those that a raised flag tells already."""
    losing = {flag.platform_id: flag for flag in flags if flag.kind == FlagKind.LOSING}
    raised = {platform_id for platform_id, flag in losing.items() if flag.raised_on == week.monday}
    return [
        Change(What.TURNED, turn.platform, losing.get(platform_id), turn.before, turn.after, turn.case)
        for platform_id, turn in verdicts.items()
        if turn.before not in (None, turn.after) and platform_id not in raised
    ]


def _over_limit(flags: Iterable[Flag], verdicts: dict[int, _Turn]) -> list[Change]:
    up = {flag.platform_id: flag for flag in flags if flag.kind == FlagKind.OVER_LIMIT}
    return [
        Change(What.OVER_LIMIT, turn.platform, up.get(platform_id), case=turn.case)
        for platform_id, turn in verdicts.items()
        if turn.case and turn.case.judgement.over_limit_minutes
    ]


def _case(verdicts: dict[int, _Turn], flag: Flag) -> Case | None:
    turn = verdicts.get(flag.platform_id or 0)
    return turn.case if turn else case_from_json(flag.figures)


# -- as sentences -----------------------------------------------------------------------------------------------------


def _raised_words(change: Change) -> str:
    if change.case is None:
        return _("%(platform)s was confirmed as losing.") % {"platform": change.platform}
    return _("%(platform)s was confirmed as losing: %(shortfall)s below its target.") % {
        "platform": change.platform,
        "shortfall": cash(change.case.judgement.shortfall_cents),
    }


def _turned_words(change: Change) -> str:
    platform = {"platform": change.platform}
    if change.case is None or change.after is None:
        word = {"state": STATE_WORDS[change.after or State.NO_DATA]}
        return _("%(platform)s is now: %(state)s.") % {**platform, **word}
    judgement = change.case.judgement
    if change.after in (State.WATCH, State.LOSING):
        return _("%(platform)s fell below its target by %(shortfall)s.") % {
            **platform,
            "shortfall": cash(judgement.shortfall_cents),
        }
    if change.after is State.EARNING:
        return _("%(platform)s is earning now: %(returned)s back for each 1 it costs.") % {
            **platform,
            "returned": per_unit(judgement.return_now),
        }
    if change.after is State.NO_DATA:
        return _("%(platform)s has no cost left to judge it by.") % platform
    return _("%(platform)s is too young to judge.") % platform


def _over_limit_words(change: Change) -> str:
    assert change.case
    limit = change.case.evidence.weekly_limit_minutes
    return _("%(platform)s took %(hours)s, above its limit of %(limit)s a week.") % {
        "platform": change.platform,
        "hours": money.format_hours(change.case.evidence.last_week_minutes),
        "limit": money.format_hours(limit or 0),
    }


def _own_brand_words(change: Change) -> str:
    assert change.flag
    share = OwnShare.from_json(change.flag.figures)
    return _("The own brand took more of the week than it may: %(share)s.") % {"share": own_share_words(share)}


def _cleared_words(change: Change) -> str:
    assert change.flag
    if change.flag.kind == FlagKind.OWN_BRAND:
        return _("The own brand is within its share of the hours again.")
    if change.flag.kind == FlagKind.OVER_LIMIT:
        return _("%(platform)s is within its hours again.") % {"platform": change.platform}
    return _("%(platform)s is no longer losing.") % {"platform": change.platform}


_SENTENCES = {
    What.RAISED: _raised_words,
    What.TURNED: _turned_words,
    What.OWN_BRAND: _own_brand_words,
    What.OVER_LIMIT: _over_limit_words,
    What.CLEARED: _cleared_words,
}
