"""What changed in a week: flags raised and cleared, verdicts that turned, platforms over their hours.

Alerts of budgets are not among them: they stand open until the budget does (`budget_flags.py`).

Read from the verdicts and flags that evaluations stored, so that the dashboard and the e-mail tell the same story.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from campaigns.models import Platform
from core import money
from core.weeks import Week
from reports.figures.time_allocation import OwnShare, own_share_words
from reports.models import Flag, FlagCleared, FlagKind, Verdict
from reports.statistics.states import VerdictState
from reports.verdicts.case import Case, case_from_json
from reports.verdicts.records import StoredVerdict, flags_standing_in, latest_of, recent_verdicts
from reports.verdicts.wording import reason, state_phrase

# What a state that turned says by itself; flags of older versions have no reason.
_BY_JUDGEMENT = ("", FlagCleared.ABOVE_LINE.value)


class ChangeKind(StrEnum):
    """The kinds of change, in the order in which they are told."""

    RAISED = "raised"
    OWN_BRAND = "own_brand"
    TURNED = "turned"
    OVER_LIMIT = "over_limit"
    CLEARED = "cleared"


@dataclass(frozen=True)
class Change:
    """One change of a platform, or of the agency where there is none.

    ``flag`` is the flag raised, cleared or still open, ``case`` what the verdict rests on. ``is_new_rule`` when the
    verdict before was the plain rule's and this one is not.
    """

    kind: ChangeKind
    platform: Platform | None
    flag: Flag | None = None
    before: VerdictState | None = None
    after: VerdictState | None = None
    case: Case | None = None
    is_new_rule: bool = False

    @property
    def tells_state(self) -> bool:
        return self.kind in (ChangeKind.RAISED, ChangeKind.TURNED)

    @property
    def sentence(self) -> str:
        return _SENTENCES[self.kind](self)


def changes(week: Week) -> list[Change]:
    """What the end of this week brought, the worst first; two queries however many platforms there are."""
    recent = recent_verdicts(week)
    return changes_among(recent, flags_standing_in(week), week, latest_of(recent))


def changes_among(
    recent: Iterable[Verdict], flags: Iterable[Flag], week: Week, latest: Mapping[int, StoredVerdict]
) -> list[Change]:
    """The same from what was read already: verdicts of `recent_verdicts`, the last of each platform, and flags."""
    flags = [flag for flag in flags if flag.campaign_id is None and flag.is_told_of(week)]
    verdicts = _turns(recent, week, latest)
    turned = _turned(flags, verdicts, week)
    changes = [*_raised(flags, verdicts, week), *turned, *_over_limit(flags, verdicts, week)]
    changes += [Change(ChangeKind.OWN_BRAND, None, flag) for flag in _new(flags, FlagKind.OWN_BRAND, week)]
    changes += _cleared(flags, turned, week)
    return sorted(changes, key=lambda change: (list(ChangeKind).index(change.kind), str(change.platform or "")))


@dataclass(frozen=True)
class _Turn:
    """A platform's verdict of the week and the state it had before; None when it had none.

    Verdicts of the time when there was only the plain rule do not name it beside their state.
    """

    platform: Platform
    before: VerdictState | None
    after: VerdictState
    case: Case | None
    is_new_rule: bool

    def as_change(self, kind: ChangeKind, flag: Flag | None) -> Change:
        return Change(kind, self.platform, flag, self.before, self.after, self.case, self.is_new_rule)


def _turns(recent: Iterable[Verdict], week: Week, latest: Mapping[int, StoredVerdict]) -> dict[int, _Turn]:
    """What was said of each platform in this week, the last that `recent` holds, and before."""
    before: dict[int, Verdict] = {}
    turns: dict[int, _Turn] = {}
    for verdict in recent:
        if verdict.week < week.monday:
            before[verdict.platform_id] = verdict
        else:
            case = latest[verdict.platform_id].case
            turns[verdict.platform_id] = _turn(verdict, before.get(verdict.platform_id), case)
    return turns


def _turn(verdict: Verdict, last: Verdict | None, case: Case | None) -> _Turn:
    return _Turn(
        platform=verdict.platform,
        before=VerdictState(last.state) if last else None,
        after=VerdictState(verdict.state),
        case=case,
        is_new_rule=bool(case and case.assessment and last and not last.plain_state),
    )


def _raised(flags: Iterable[Flag], verdicts: dict[int, _Turn], week: Week) -> list[Change]:
    """Being over the limit is told week by week, not only when its flag goes up."""
    changes = []
    for flag in _new(flags, FlagKind.LOSING, week):
        turn = verdicts.get(flag.platform_id or 0)
        changes.append(turn.as_change(ChangeKind.RAISED, flag) if turn else _raised_on_its_own(flag))
    return changes


def _raised_on_its_own(flag: Flag) -> Change:
    """What was raised in a week without a verdict."""
    case = case_from_json(flag.figures)
    return Change(ChangeKind.RAISED, flag.platform, flag, after=VerdictState.LOSING, case=case)


def _new(flags: Iterable[Flag], kind: FlagKind, week: Week) -> list[Flag]:
    return [flag for flag in flags if flag.kind == kind and flag.raised_on == week.monday]


def _turned(flags: Iterable[Flag], verdicts: dict[int, _Turn], week: Week) -> list[Change]:
    """States that differ from the week before, but for those that a raised flag tells already."""
    losing = {flag.platform_id: flag for flag in flags if flag.kind == FlagKind.LOSING}
    raised = {platform_id for platform_id, flag in losing.items() if flag.raised_on == week.monday}
    return [
        turn.as_change(ChangeKind.TURNED, losing.get(platform_id))
        for platform_id, turn in verdicts.items()
        if turn.before not in (None, turn.after) and platform_id not in raised
    ]


def _over_limit(flags: Iterable[Flag], verdicts: dict[int, _Turn], week: Week) -> list[Change]:
    """Told every week, until somebody has taken note of it or put it off."""
    up = {flag.platform_id: flag for flag in flags if flag.kind == FlagKind.OVER_LIMIT}
    return [
        turn.as_change(ChangeKind.OVER_LIMIT, up.get(platform_id))
        for platform_id, turn in verdicts.items()
        if turn.case and turn.case.judgement.over_limit_minutes and not _is_known(up.get(platform_id), week)
    ]


def _is_known(flag: Flag | None, week: Week) -> bool:
    """Whether a flag of an earlier week was answered."""
    if flag is None or flag.raised_on >= week.monday:
        return False
    return flag.acknowledged_at is not None or bool(flag.snoozed_until and flag.snoozed_until > week.sunday)


def _cleared(flags: Iterable[Flag], turned: Iterable[Change], week: Week) -> list[Change]:
    """Flags that are over, but for those whose platform's turn says so already: a judgement that is better."""
    turned_flags = {change.flag.pk for change in turned if change.flag and change.flag.cleared_because in _BY_JUDGEMENT}
    over = [flag for flag in flags if flag.cleared_on == week.monday and flag.pk not in turned_flags]
    return [Change(ChangeKind.CLEARED, flag.platform, flag) for flag in over]


# -- as sentences -----------------------------------------------------------------------------------------------------


def _turned_words(change: Change) -> str:
    """`LinkedIn: earning, was watch. ...` with the main figure behind it."""
    after = change.after or VerdictState.NO_DATA
    states = {
        "platform": change.platform,
        "after": state_phrase(after),
        "before": state_phrase(change.before) if change.before else "",
    }
    if change.before in (None, after):
        sentences = [_("%(platform)s: %(after)s.") % states]
    else:
        sentences = [_("%(platform)s: %(after)s, was %(before)s.") % states]
    if change.case:
        sentences.append(reason(change.case))
    if change.is_new_rule:
        sentences.append(_("It is judged by its evidence now, no longer by the plain rule alone."))
    return " ".join(each for each in sentences if each)


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
    pattern = {
        FlagCleared.UNJUDGED.value: _(
            "%(platform)s is no longer judged: eight weeks passed without a judgement, and its flag was taken down."
        ),
        FlagCleared.RULE_GONE.value: _(
            "The flag of %(platform)s was taken down: the rule that raised it is no longer used."
        ),
        FlagCleared.GIVEN_UP.value: _("Nothing is spent on %(platform)s any more: its flag was taken down."),
    }.get(change.flag.cleared_because, _("%(platform)s is no longer losing."))
    return pattern % {"platform": change.platform}


_SENTENCES = {
    ChangeKind.RAISED: _turned_words,
    ChangeKind.TURNED: _turned_words,
    ChangeKind.OWN_BRAND: _own_brand_words,
    ChangeKind.OVER_LIMIT: _over_limit_words,
    ChangeKind.CLEARED: _cleared_words,
}
