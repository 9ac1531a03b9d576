"""Merge a platform into another: all that is on it moves there, its names become other names of it, and it is gone.

Minutes, counts and money are added up where both stood in one place, so every sum stays what it was, in the rows and in
what is computed from them. The platform goes first, and the database asks at the end of the transaction whether
anything still points at it: a table that is forgotten here undoes the whole rather than lose a row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Least
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from campaigns import platform_redirects, saved_views
from campaigns.models import (
    Agency,
    Decision,
    ImportedRow,
    ImportRun,
    LimitTrial,
    Outcome,
    Platform,
    PlatformAlias,
    RememberedOrigin,
    Sale,
    Spend,
    StaleMark,
    Touch,
    TrackingLink,
)
from campaigns.models.catalogue import normalise
from campaigns.models.imports import ImportKind
from campaigns.weekly_limits import unfinished_trial
from core import task_queue
from reports.attribution import rollups
from reports.models import (
    CampaignWeek,
    Credit,
    Evaluation,
    Flag,
    PlatformWeek,
    Verdict,
)
from reports.verdicts import evaluation
from timesheets.models import PinnedRow, TimeEntry, Timer, TimesheetRow, User

ROWS_AT_ONCE = 500
NOTE_LENGTH = {TimeEntry: 500, Outcome: 200}
WRITING = (ImportRun.Status.IMPORTING, ImportRun.Status.UNDOING)


class MergeRefused(Exception):
    """Nothing was written; the sentence, in the reader's language, says why."""


@dataclass(frozen=True)
class MergePlan:
    """What goes, what it becomes part of, and by whom and when."""

    gone: Platform
    into: Platform
    by: User
    at: datetime


# -- what it would do -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MergeEffect:
    """What moves. `met` are the hours, `met_outcomes` the counts, that are added to what is there already."""

    minutes: int
    people: int
    met: int
    spend: int
    touches: int
    sales: int
    outcomes: int
    met_outcomes: int
    names: Sequence[str]
    flags: int

    @property
    def is_nothing(self) -> bool:
        return not (self.minutes or self.spend or self.touches or self.sales or self.outcomes)


def effect(gone: Platform, into: Platform) -> MergeEffect:
    """Count what would move; what is voided moves too and is not counted."""
    hours = TimeEntry.objects.on(gone)
    sums = hours.aggregate(minutes=Sum("minutes", default=0), people=Count("member", distinct=True))
    return MergeEffect(
        minutes=sums["minutes"],
        people=sums["people"],
        met=_meeting(TimeEntry.objects.all(), HOURS_MEET, gone, into).count(),
        spend=gone.spend.live().count(),
        touches=Touch.objects.live().filter(platform=gone).count(),
        sales=Sale.objects.live().filter(platform=gone).count(),
        outcomes=gone.outcomes.live().count(),
        met_outcomes=_meeting(Outcome.objects.live(), OUTCOMES_MEET, gone, into).count(),
        names=[gone.name, *gone.aliases.values_list("text", flat=True)],
        flags=gone.flags.count(),
    )


def why_not(gone: Platform, into: Platform) -> str:
    """A sentence that refuses; empty when nothing does."""
    if gone.pk == into.pk:
        return _("A platform cannot become part of itself. Choose another one.")
    if gone.kind != into.kind:
        kinds = {"gone": gone, "kind": gone.get_kind_display(), "into": into, "other": into.get_kind_display()}
        return (
            _(
                "%(gone)s is of the kind “%(kind)s” and %(into)s of the kind “%(other)s”. "
                "If they are one platform, give both the same kind first."
            )
            % kinds
        )
    return ""


def why_not_yet(gone: Platform, at: datetime) -> str:
    """A limit tried on one of them says nothing of both, so its trial is not carried over while it goes on."""
    if unfinished_trial(gone, Agency.current().week_of(at)) is None:
        return ""
    return _("There is a trial on %(gone)s. End it first, and merge once it is over.") % {"gone": gone}


# -- doing it ---------------------------------------------------------------------------------------------------------


def merge(*, gone_id: int, into_id: int, by: User, at: datetime) -> MergeEffect:
    """Move everything from one platform to the other and remove it, in one transaction; return what moved.

    Raises MergeRefused: they are not both there, are of different kinds, or a file is being written.
    """
    with transaction.atomic():
        pair = _held(gone_id, into_id, by, at)
        if why := why_not(pair.gone, pair.into) or why_not_yet(pair.gone, at):
            raise MergeRefused(why)
        moved = effect(pair.gone, pair.into)
        _remove(Platform.objects.filter(pk=gone_id))  # first: a touch may only follow a platform that is gone
        for table, move in MOVES.items():
            move(table, pair)
        _move_marks(pair)
        _move_names(pair)
        _move_what_imports_remember(pair)
        saved_views.follow_merge(gone=gone_id, into=into_id)
        platform_redirects.record(pair.gone, pair.into, by_id=by.pk, message=_said(pair, moved))
        task_queue.enqueue_on_commit()
    return moved


def _move_marks(pair: MergePlan) -> None:
    """What waits to be summed of the one waits for the other, last: what a move waited for left its mark."""
    StaleMark.objects.filter(platform_id=pair.gone.pk).update(platform_id=pair.into.pk)


def _held(gone_id: int, into_id: int, by: User, at: datetime) -> MergePlan:
    """Keep everybody out who could write what names the platform, in the one order of all locks.

    A drain and an evaluation read the platforms first and write later; so do members' saves, under their own locks,
    and imports, which go on in the next transaction and so refuse this instead.
    """
    rollups.wait_for_turn()
    evaluation.request_evaluation(at=at)
    list(User.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    runs = ImportRun.objects.select_for_update().order_by("pk").values_list("status", flat=True)
    if any(status in WRITING for status in list(runs)):
        raise MergeRefused(_("A file is being imported just now. Try again when it is done."))
    platforms = {
        platform.pk: platform
        for platform in Platform.objects.select_for_update().filter(pk__in=(gone_id, into_id)).order_by("pk")
    }
    if gone_id not in platforms or into_id not in platforms:
        raise MergeRefused(_("This platform is gone. Look at the list of platforms."))
    return MergePlan(platforms[gone_id], platforms[into_id], by, at)


def _said(pair: MergePlan, moved: MergeEffect) -> str:
    """The sentence of the log; it keeps what the platform was called."""
    return _(
        "%(gone)s became part of it: %(hours)s hours, %(spend)s spends, %(touches)s touchpoints, "
        "%(sales)s sales and %(outcomes)s outcomes moved."
    ) % {
        "gone": pair.gone,
        "hours": f"{moved.minutes // 60}:{moved.minutes % 60:02d}",
        "spend": moved.spend,
        "touches": moved.touches,
        "sales": moved.sales,
        "outcomes": moved.outcomes,
    }


def _remove(rows: QuerySet[Any]) -> None:
    """Delete in one statement and without a look at what hangs on the rows: that is asked when the transaction ends."""
    rows._raw_delete(rows.db)


# -- table by table ---------------------------------------------------------------------------------------------------

HOURS_MEET = ("member", "day", "campaign")
OUTCOMES_MEET = ("week", "campaign", "measure")


def _move(table: Any, pair: MergePlan) -> None:
    table._base_manager.filter(platform=pair.gone.pk).update(platform=pair.into.pk)


def _drop(table: Any, pair: MergePlan) -> None:
    """Verdicts and flags were about something that is no more."""
    table.objects.filter(platform=pair.gone.pk).delete()


def _add_up(table: Any, pair: MergePlan) -> None:
    """Credits and rollups: cells of both that meet become one with their sums, which is what a drain would compute.

    So the figures are right at once, before the marks of what moved are drained.
    """
    sums = {f"sum_{name}": Sum(name) for name in table.AMOUNTS}
    of_both = table.objects.filter(platform__in=(pair.gone.pk, pair.into.pk)).order_by().values(*_place(table))
    cells = list(of_both.annotate(rows=Count("pk"), first=Min("pk"), second=Max("pk"), **sums).filter(rows=2))
    for batch in _batches([cell[key] for cell in cells for key in ("first", "second")]):
        _remove(table.objects.filter(pk__in=batch))
    _move(table, pair)
    table.objects.bulk_create([table(platform_id=pair.into.pk, **_cell(table, cell)) for cell in cells], ROWS_AT_ONCE)


def _cell(table: Any, cell: Mapping[str, Any]) -> dict[str, Any]:
    key = {name: cell[name] for name in _place(table)}
    return key | {name: int(cell[f"sum_{name}"]) for name in table.AMOUNTS}


def _place(table: Any) -> list[str]:
    """What tells cells of one platform apart."""
    return [name for name in table.KEY if name != "platform_id"]


def _move_hours(table: Any, pair: MergePlan) -> None:
    """Where a person has hours on both, on one day for one campaign, the minutes are added up and the notes joined.

    Nobody's day gets longer, so submitted and approved weeks may change; the rate of the day is the same for both.
    """
    met = _met(_meeting(TimeEntry.objects.all(), HOURS_MEET, pair.gone, pair.into))
    versions = TimeEntry.history.model
    versions.objects.bulk_create([_last_version(entry, versions, pair) for entry, _kept in met], ROWS_AT_ONCE)
    for batch in _batches([entry.pk for entry, _kept in met]):
        _remove(TimeEntry.objects.filter(pk__in=batch))  # before the minutes are added: a day has 24 hours
    for entry, kept in met:
        kept.minutes_as_imported = _both_as_imported(entry, kept)
        kept.minutes += entry.minutes
        kept.note = _joined(kept.note, entry.note, NOTE_LENGTH[TimeEntry])
        kept.version += 1
    changed = [kept for _one, kept in met]
    fields = ["minutes", "minutes_as_imported", "note", "version"]
    if changed:
        bulk_update_with_history(changed, TimeEntry, fields, ROWS_AT_ONCE, default_user=pair.by, default_date=pair.at)
    _remember_as(ImportKind.HOURS, met)
    _move(table, pair)


def _both_as_imported(entry: TimeEntry, kept: TimeEntry) -> int | None:
    """What imports made of both; where they made only one, all of the other was typed."""
    if entry.minutes_as_imported is None and kept.minutes_as_imported is None:
        return None
    both = ((one.minutes, one.minutes_as_imported) for one in (entry, kept))
    return sum(minutes if as_imported is None else as_imported for minutes, as_imported in both)


def _last_version(entry: TimeEntry, versions: Any, pair: MergePlan) -> Any:
    """The audit's row of an entry that goes, with its minutes and its note as they were."""
    values = {field.attname: getattr(entry, field.attname) for field in versions.tracked_fields}
    return versions(history_type="-", history_date=pair.at, history_user=pair.by, **values)


def _move_outcomes(table: Any, pair: MergePlan) -> None:
    """Two counts of one measure in one week for one campaign are added up; the one that goes is voided, not lost."""
    met = _met(_meeting(Outcome.objects.live(), OUTCOMES_MEET, pair.gone, pair.into))
    reason = _("Added to that of %(into)s, of which %(gone)s became part.") % {"into": pair.into, "gone": pair.gone}
    for outcome, kept in met:
        kept.count += outcome.count
        kept.note = _joined(kept.note, outcome.note, NOTE_LENGTH[Outcome])
        outcome.voided_at, outcome.void_reason = pair.at, reason[:200]
    Outcome.objects.bulk_update([outcome for outcome, _kept in met], ["voided_at", "void_reason"], ROWS_AT_ONCE)
    Outcome.objects.bulk_update([kept for _one, kept in met], ["count", "note"], ROWS_AT_ONCE)
    _remember_as(ImportKind.OUTCOMES, met)
    _move(table, pair)


def _move_rows(table: Any, pair: MergePlan) -> None:
    """A row that the week has already under the other platform is not there twice; one of two removed is shown."""
    shown = table.objects.filter(
        timesheet=OuterRef("timesheet"), campaign=OuterRef("campaign"), platform=pair.gone.pk, is_removed=False
    )
    table.objects.filter(Exists(shown), platform=pair.into, is_removed=True).update(is_removed=False)
    _remove(_meeting(table.objects.all(), ("timesheet", "campaign"), pair.gone, pair.into))
    _move(table, pair)


def _move_pins(table: Any, pair: MergePlan) -> None:
    """Of two pins the one that stays counts from the earlier week."""
    theirs = PinnedRow.objects.filter(platform=pair.gone.pk, member=OuterRef("member"), campaign=OuterRef("campaign"))
    twice = PinnedRow.objects.filter(Exists(theirs), platform=pair.into)
    twice.update(since=Least("since", Subquery(theirs.values("since"))))
    _remove(_meeting(PinnedRow.objects.all(), ("member", "campaign"), pair.gone, pair.into))
    _move(table, pair)


Move = Callable[[Any, MergePlan], None]
# Every table with a platform in it, each with what becomes of its rows.
MOVES: Mapping[type[models.Model], Move] = {
    PlatformAlias: _move,
    Spend: _move,
    Touch: _move,
    TrackingLink: _move,
    RememberedOrigin: _move,
    Sale: _move,
    Sale.history.model: _move,
    Outcome: _move_outcomes,
    TimeEntry: _move_hours,
    TimeEntry.history.model: _move,  # after the entries, which leave versions
    TimesheetRow: _move_rows,
    PinnedRow: _move_pins,
    Timer: _move,
    Credit: _add_up,
    CampaignWeek: _add_up,
    PlatformWeek: _add_up,
    LimitTrial: _move,
    Decision: _move,  # its text stays as it was published
    Verdict: _drop,
    Evaluation: _drop,
    Flag: _drop,
}


# -- rows that meet ---------------------------------------------------------------------------------------------------


def _meeting(rows: QuerySet[Any], place: Sequence[str], gone: Platform, into: Platform) -> QuerySet[Any]:
    """The rows of the platform that goes whose place is taken on the other; `kept` is the key of the row there."""
    existing = rows.filter(platform=into.pk, **{name: OuterRef(name) for name in place})
    kept = Subquery(existing.values("pk")[:1])
    meeting: QuerySet[Any] = rows.filter(Exists(existing), platform=gone.pk).annotate(kept=kept)
    return meeting


def _met(meeting: QuerySet[Any]) -> list[tuple[Any, Any]]:
    """Each row that goes with the one that is kept."""
    gone = list(meeting)
    kept = meeting.model.objects.in_bulk([row.kept for row in gone])
    return [(row, kept[row.kept]) for row in gone]


def _joined(note: str, more: str, longest: int) -> str:
    """Both notes in one; what does not fit stands in the record of the one that went."""
    return "; ".join(dict.fromkeys(text for text in (note, more) if text))[:longest]


def _batches(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + ROWS_AT_ONCE] for start in range(0, len(keys), ROWS_AT_ONCE))


# -- names and imports ------------------------------------------------------------------------------------------------


def _move_names(pair: MergePlan) -> None:
    """What files call the platform means the other one from now on."""
    if (name := normalise(pair.gone.name)) != normalise(pair.into.name):
        PlatformAlias.objects.update_or_create(text=name, defaults={"platform": pair.into})


def _remember_as(kind: str, met: Sequence[tuple[Any, Any]]) -> None:
    """Let imports that wrote the rows that went take their part back from the rows that were kept."""
    kept_by = {row.pk: kept.pk for row, kept in met}
    for batch in _batches(list(kept_by)):
        rows = list(ImportedRow.objects.filter(kind=kind, object_id__in=batch))
        for row in rows:
            row.object_id = kept_by[row.object_id]
        ImportedRow.objects.bulk_update(rows, ["object_id"], ROWS_AT_ONCE)


def _move_what_imports_remember(pair: MergePlan) -> None:
    """What imports wrote, and what stood there before, can be told and given back under the other platform."""
    is_named = Q(before__now__platform_id=pair.gone.pk) | Q(before__was__platform_id=pair.gone.pk)
    rows = list(ImportedRow.objects.exclude(before=None).filter(is_named))
    for row in rows:
        row.before = {part: _renamed(value, pair) for part, value in (row.before or {}).items()}
    ImportedRow.objects.bulk_update(rows, ["before"], ROWS_AT_ONCE)


def _renamed(value: Any, pair: MergePlan) -> Any:
    if isinstance(value, dict) and value.get("platform_id") == pair.gone.pk:
        return value | {"platform_id": pair.into.pk}
    return value
