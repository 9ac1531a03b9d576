"""Keep the two rollups true to the rows: drain the stale marks, and rebuild to prove that nothing was missed.

How an update cannot be lost: whoever changes a row leaves a mark in the same transaction (triggers). One drain at a
time takes marks away and only then, in later statements, reads the rows of the marked cells. A change that commits
after that reading has left a mark of its own, which the next round finds.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max, Min, QuerySet

from campaigns.models import Campaign, JobRun, Lead, Sale, Spend, StaleMark
from core.weeks import Week
from reports.attribution import cell_sums
from reports.attribution.sums import COST_COLUMNS, RollupCell
from reports.models import CampaignWeek, Credit, PlatformWeek
from timesheets.models import TimeEntry

MARKS_AT_ONCE = 10_000
CELLS_AT_ONCE = 5000  # three parameters each, of which SQLite takes 32,766
WEEKS_AT_ONCE = 26
ROWS_AT_ONCE = 500
LEADS_AT_ONCE = 10_000


class TakenMark(NamedTuple):
    """A `StaleMark` that was taken away."""

    week_from: date | None
    week_to: date | None
    is_cell: bool | None
    of_costs: bool | None
    platform_id: int | None
    campaign_id: int | None
    lead_id: int | None
    sale_id: int | None
    everything: bool

    def tells_of(self, half: cell_sums.Half) -> bool:
        return self.of_costs is None or self.of_costs == (half is COST_COLUMNS)


# One statement, so that what is taken away is exactly what was read: leads and sales, then the cells of the first weeks
# (docs/adr/0044). Of thousands, those of a total come together, and it is summed once. SQLite keeps one mark of each.
FIRST_MARKS = "FROM campaigns_stalemark ORDER BY week_from NULLS FIRST, id LIMIT %s"
SAME = ", ".join(
    [
        *(f"COALESCE({name}, '0001-01-01')" for name in ("week_from", "week_to")),
        *(f"COALESCE({name}, 0)" for name in ("platform_id", "campaign_id", "lead_id", "sale_id")),
    ]
)
TAKE_MARKS = {
    "sqlite": f"DELETE FROM campaigns_stalemark WHERE id IN (SELECT id {FIRST_MARKS})",  # noqa: S608 - ours
    # With each go all that say the same: it is computed once, however often it changed. The first are hashed behind
    # IS TRUE. PostgreSQL would join them, and compare each with each: its statistics are those of a queue that is empty
    # most of the time. Of a long queue most are of later weeks, which is seen sooner than what they say.
    "postgresql": f"WITH first (week) AS MATERIALIZED (SELECT {SAME} {FIRST_MARKS}) "  # noqa: S608 - ours
    "DELETE FROM campaigns_stalemark WHERE COALESCE(week_from, '0001-01-01') <= (SELECT MAX(week) FROM first) "
    f"AND (({SAME}) IN (SELECT * FROM first)) IS TRUE",
}
MARK_EVERYTHING = (
    "INSERT INTO campaigns_stalemark (lead_id, is_cell, everything) "
    "SELECT id, FALSE, FALSE FROM campaigns_lead ORDER BY id",
    "INSERT INTO campaigns_stalemark (sale_id, is_cell, everything) "
    "SELECT id, FALSE, FALSE FROM campaigns_sale WHERE lead_id IS NULL ORDER BY id",
)


# -- drain ------------------------------------------------------------------------------------------------------------


def drain() -> set[date]:
    """Bring the rollups up to date with every committed change; return the Mondays of the weeks that changed.

    Returns at once, with nothing, when another drain is at work: that one will find the marks.
    """
    changed: set[date] = set()
    while (weeks := _drain_batch()) is not None:
        changed |= weeks
        if not StaleMark.objects.exists():
            break
    return changed


def _drain_batch() -> set[date] | None:
    with transaction.atomic():
        if not JobRun.take_turn("drain"):
            return None
        marks = _take_marks()
        if not marks:
            return None
        if any(mark.everything for mark in marks):
            _mark_all_credits()
        return _recompute(marks)


def _take_marks() -> "set[TakenMark]":
    with connection.cursor() as cursor:
        cursor.execute(take_marks(), [MARKS_AT_ONCE])
        return {TakenMark(*map(cell_sums.as_date, row[:2]), *row[2:]) for row in cursor.fetchall()}


def take_marks() -> str:
    return f"{TAKE_MARKS[connection.vendor]} RETURNING {', '.join(TakenMark._fields)}"


def wait_for_turn(**_signal: Any) -> None:
    """Hold the drain's row until the end of the transaction, when nobody else does: before a lead, a sale, a platform
    or a campaign goes, which a drain at work may be writing credits or cells of.
    """
    JobRun.objects.get_or_create(name="drain")
    JobRun.objects.select_for_update().get(name="drain")


def _mark_all_credits() -> None:
    """The rules of credit changed: every lead and every sale without one is to be credited anew."""
    with connection.cursor() as cursor:
        for statement in MARK_EVERYTHING:
            cursor.execute(statement)


def _recompute(marks: Collection[TakenMark]) -> set[date]:
    """Credit what is marked anew, then sum the marked cells. What the new credits mark, the next round finds."""
    lead_ids = {mark.lead_id for mark in marks if mark.lead_id}
    sale_ids = {mark.sale_id for mark in marks if mark.sale_id}
    if lead_ids or sale_ids:
        _recompute_credits(lead_ids=lead_ids, sale_ids=sale_ids)
    weeks = {week for mark in marks if not mark.is_cell for week in _weeks_of(mark)}
    for batch in _in_batches(sorted(weeks), WEEKS_AT_ONCE):
        cell_sums.replace_weeks(batch)
    for half in cell_sums.HALVES:
        cells = set(_marked_cells([mark for mark in marks if mark.is_cell and mark.tells_of(half)]))
        weeks |= {cell.week for cell in cells}
        # In their order, so that rows of a week and platform lie together: its total is summed from fewer pages.
        for cell_batch in _in_batches(sorted(cells, key=cell_sums.place), CELLS_AT_ONCE):
            cell_sums.replace_cells(cell_batch, half)
    return weeks


def _recompute_credits(*, lead_ids: Collection[int] = (), sale_ids: Collection[int] = ()) -> set[date]:
    # Imported here: web processes wait for a drain's turn, and do without numpy.
    from reports.attribution import credits

    return credits.recompute(lead_ids=lead_ids, sale_ids=sale_ids)


def _marked_cells(marks: Collection[TakenMark]) -> Iterator[RollupCell]:
    """Each cell that is marked; work on a platform that names no campaign is general presence."""
    is_general_named = any(mark.platform_id and not mark.campaign_id for mark in marks)
    general_id = Campaign.objects.general().pk if is_general_named else None
    for mark in marks:
        campaign_id = mark.campaign_id or (general_id if mark.platform_id else None)
        for week in _weeks_of(mark):
            yield RollupCell(week, mark.platform_id, campaign_id)


def _weeks_of(mark: TakenMark) -> tuple[date, ...]:
    return _weeks_between(mark.week_from, mark.week_to)


@lru_cache(maxsize=1000)  # thousands of marks name few weeks
def _weeks_between(first: date | None, last: date | None) -> tuple[date, ...]:
    """The Mondays of the weeks of these days, both included; none for a mark that names no weeks."""
    if not (first and last):
        return ()
    return tuple(week.monday for week in Week.range(Week.containing(first), Week.containing(last)))


# -- rebuild ----------------------------------------------------------------------------------------------------------


def rebuild() -> list[str]:
    """Compute everything again from the rows, put right what differs, and say what did.

    On a healthy system nothing does: a difference is a defect. What changes while this runs is not one, and is left
    to the drain, whose mark tells the two apart. The row of the job is told how far it is.
    """
    drain()
    under_way = Rebuild.after_one_cut_off()
    under_way.credits()
    if under_way.defects:
        drain()  # what was put right has marked its cells
    under_way.weeks()
    under_way.end()
    return under_way.defects


@dataclass
class Rebuild:
    """A rebuild under way, and what differed so far.

    Each batch is a transaction of its own, in which it holds the drain's turn, puts right what differs and says so. One
    that is killed has kept what it put right, and is begun anew: where nothing differs nothing is written.
    """

    defects: list[str] = field(default_factory=list)

    @classmethod
    def after_one_cut_off(cls) -> "Rebuild":
        """What the last one put right before it was killed, nobody has been told yet."""
        found = JobRun.objects.filter(name="rebuild").exclude(step="").values_list("detail", flat=True)
        return cls([defect for detail in found for defect in detail.splitlines()])

    def credits(self) -> None:
        self._credits_of("leads", "lead_ids", Lead.objects.all())
        self._credits_of("sales", "sale_ids", Sale.objects.filter(lead=None, refund_of=None))

    def _credits_of(self, step: str, name: str, rows: "QuerySet[Any]") -> None:
        done, of, last = 0, rows.count(), 0
        self._report(step, done, of)
        while ids := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:LEADS_AT_ONCE]):
            done, last = done + len(ids), ids[-1]
            with transaction.atomic():
                self._note(_rebuild_credits_of(name, ids))
                self._report(step, done, of)

    def weeks(self) -> None:
        weeks, done = _all_weeks(), 0
        self._report("weeks", done, len(weeks))
        for batch in _in_batches(weeks, WEEKS_AT_ONCE):
            done += len(batch)
            with transaction.atomic():
                self._note(_rebuild_weeks(batch))
                self._report("weeks", done, len(weeks))

    def end(self) -> None:
        self._report("", 0, 0)

    def _note(self, found: list[str]) -> None:
        """Once each: many batches of leads have credits in the same week."""
        self.defects += [defect for defect in found if defect not in self.defects]

    def _report(self, step: str, done: int, of: int) -> None:
        JobRun.report("rebuild", step=step, done=done, of=of, detail="\n".join(self.defects))


def _rebuild_credits_of(name: str, ids: list[int]) -> list[str]:
    wait_for_turn()
    savepoint = transaction.savepoint()
    weeks = _recompute_credits(**{name: _without_gaps(ids)})
    # Whoever changed something before it was read here has left a mark that nobody could take meanwhile: what
    # differs may be theirs. Nothing is put right then that would not be told.
    if weeks and _credits_are_marked():
        transaction.savepoint_rollback(savepoint)
        return []
    transaction.savepoint_commit(savepoint)
    return [f"credits of the week {Week(week)} differed" for week in sorted(weeks)]


def _without_gaps(ids: list[int]) -> Collection[int]:
    """With the numbers between them that no row has, if those are few: so they are read through an index at once."""
    span = range(ids[0], ids[-1] + 1)
    return span if len(span) <= 2 * len(ids) else ids


def _rebuild_weeks(weeks: list[date]) -> list[str]:
    wait_for_turn()
    if connection.vendor == "postgresql":
        _without_merge_joins()
    defects: list[str] = []
    right = set(weeks)
    for table in (CampaignWeek, PlatformWeek):
        if right and (wrong := cell_sums.wrong_weeks(table, right)):
            right -= wrong
            # Looked up afterwards: whoever changed something before it was read has left a mark.
            wrong -= _marked(weeks)
            defects += [f"{table._meta.verbose_name} {Week(week)} differed" for week in sorted(wrong)]
    if defects:
        cell_sums.replace_weeks(weeks)
    return defects


def _without_merge_joins() -> None:
    """Until the transaction ends: to sort the rows of both sides, as texts too, takes longer than to sum them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_mergejoin = off")


def _marked(weeks: Collection[date]) -> set[date]:
    """The weeks that a change made while we looked will bring to the drain; all of them for a lead or a sale."""
    if _credits_are_marked():
        return set(weeks)
    spans = StaleMark.objects.values_list("week_from", "week_to").distinct()
    return {week for span in spans for week in _weeks_between(*span)}


def _credits_are_marked() -> bool:
    """Whether a lead, a sale or everything waits to be credited anew."""
    return StaleMark.objects.filter(week_from=None).exists()


def _all_weeks() -> list[date]:
    """Each Monday from the first to the last that any row or rollup mentions."""
    spans = [
        TimeEntry.objects.aggregate(first=Min("week"), last=Max("week")),
        Spend.objects.live().aggregate(first=Min("starts_on"), last=Max("ends_on")),
        Credit.objects.aggregate(first=Min("work_week"), last=Max("work_week")),
        Credit.objects.aggregate(first=Min("money_week"), last=Max("money_week")),
        CampaignWeek.objects.aggregate(first=Min("week"), last=Max("week")),
        PlatformWeek.objects.aggregate(first=Min("week"), last=Max("week")),
    ]
    known = [span for span in spans if span["first"]]
    if not known:
        return []
    first = Week.containing(min(span["first"] for span in known))
    last = Week.containing(max(span["last"] for span in known))
    return [week.monday for week in Week.range(first, last)]


def _in_batches(items: Iterable[Any], size: int = ROWS_AT_ONCE) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
