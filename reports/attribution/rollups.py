"""Keep the two rollups true to the rows: drain the stale marks, and rebuild to prove that nothing was missed.

How an update cannot be lost: whoever changes a row leaves a mark in the same transaction (triggers). One drain at a
time takes marks away and only then, in later statements, reads the rows of the marked weeks. A change that commits
after that reading has left a mark of its own, which the next round finds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, Q, Sum

from campaigns.attribution import PATH_MODELS
from campaigns.models import Campaign, JobRun, Lead, Sale, Spend, StaleMark
from campaigns.models.agency import Basis
from core.weeks import Week
from reports.attribution import credits
from reports.attribution.sums import COST_COLUMNS, CREDITED_COUNTS, SUM_COLUMNS, RollupCell
from reports.models import CampaignWeek, Credit, PlatformWeek
from timesheets.models import TimeEntry

MARKS_AT_ONCE = 5000
WEEKS_AT_ONCE = 26
ROWS_AT_ONCE = 500

# One statement, so that what is taken away is exactly what was read.
TAKE_MARKS = (
    "DELETE FROM campaigns_stalemark WHERE id IN (SELECT id FROM campaigns_stalemark ORDER BY id LIMIT %s) RETURNING *"
)

CellSums = dict[RollupCell, dict[str, int]]


# -- drain ------------------------------------------------------------------------------------------------------------


def drain() -> set[date]:
    """Bring the rollups up to date with every committed change; return the Mondays of the weeks that changed.

    Returns at once, with nothing, when another drain is at work: that one will find the marks.
    """
    changed: set[date] = set()
    while (weeks := _drain_batch()) is not None:
        changed |= weeks
    return changed


def _drain_batch() -> set[date] | None:
    with transaction.atomic():
        if not _take_turn():
            return None
        marks = list(StaleMark.objects.raw(TAKE_MARKS, [MARKS_AT_ONCE]))
        if not marks:
            return None
        if any(mark.everything for mark in marks):
            _mark_all_credits()
        return _recompute(marks)


def _take_turn() -> bool:
    """Hold the drain's row until the end of the transaction; False when somebody else does."""
    JobRun.objects.get_or_create(name="drain")
    return JobRun.objects.select_for_update(skip_locked=True).filter(name="drain").first() is not None


def wait_for_turn(**_signal: Any) -> None:
    """Hold the drain's row until the end of the transaction, when nobody else does."""
    JobRun.objects.get_or_create(name="drain")
    JobRun.objects.select_for_update().get(name="drain")


def mark_before_delete(instance: Lead | Sale, **_signal: Any) -> None:
    """Mark the weeks of the credits that go with a deleted lead or sale: after it, nothing tells which they were.

    A drain at work may be writing others for it, so it ends first, and the next begins when the lead is gone.
    """
    wait_for_turn()
    weeks = {week for pair in instance.credits.values_list("work_week", "money_week") for week in pair}
    StaleMark.objects.bulk_create([StaleMark(week_from=week, week_to=week) for week in sorted(weeks)])


def _mark_all_credits() -> None:
    """The rules of credit changed: every lead and every sale is to be credited anew."""
    leads = Lead.objects.values_list("pk", flat=True).iterator()
    sales = Sale.objects.filter(lead=None).values_list("pk", flat=True).iterator()
    for ids in _in_batches(leads):
        StaleMark.objects.bulk_create([StaleMark(lead_id=pk) for pk in ids])
    for ids in _in_batches(sales):
        StaleMark.objects.bulk_create([StaleMark(sale_id=pk) for pk in ids])


def _recompute(marks: Iterable[StaleMark]) -> set[date]:
    weeks = {week for mark in marks for week in _weeks_between(mark.week_from, mark.week_to)}
    lead_ids = {mark.lead_id for mark in marks if mark.lead_id}
    sale_ids = {mark.sale_id for mark in marks if mark.sale_id}
    if lead_ids or sale_ids:
        weeks |= credits.recompute(lead_ids=lead_ids, sale_ids=sale_ids)
    write_weeks(weeks)
    return weeks


def _weeks_between(first: date | None, last: date | None) -> Iterator[date]:
    """The Mondays of the weeks of these days, both included; none for a mark that names no weeks."""
    if first and last:
        for week in Week.range(Week.containing(first), Week.containing(last)):
            yield week.monday


# -- one week, from its rows ------------------------------------------------------------------------------------------


def write_weeks(weeks: Collection[date]) -> None:
    """Replace the rollups of these weeks (Mondays) by what the rows say now. The caller holds the transaction."""
    for batch in _in_batches(sorted(weeks), WEEKS_AT_ONCE):
        for table, cells in _rollups_of(batch):
            table.objects.filter(week__in=batch).delete()
            table.objects.bulk_create([table(**row) for row in _rows(cells)], batch_size=200)


def _rollups_of(weeks: Collection[date]) -> list[tuple[Any, dict[Basis, CellSums]]]:
    """Each rollup with the cells of these weeks that it should hold."""
    by_campaign = _cells_by_campaign(weeks)
    by_platform = {basis: _without_campaigns(cells) for basis, cells in by_campaign.items()}
    return [(CampaignWeek, by_campaign), (PlatformWeek, by_platform)]


def _cells_by_campaign(weeks: Collection[date]) -> dict[Basis, CellSums]:
    """What the rows of these weeks add up to by week, platform and campaign; only cells that hold anything."""
    costs = _costs(weeks)
    by_basis = {}
    for basis, week_field in ((Basis.CASH, "money_week"), (Basis.COHORT, "work_week")):
        cells = _empty_cells()
        _add(cells, costs)
        _add(cells, _credited(weeks, week_field))
        by_basis[basis] = {cell: sums for cell, sums in cells.items() if any(sums.values())}
    return by_basis


def _without_campaigns(by_campaign: CellSums) -> CellSums:
    """The same by week and platform: the campaigns added up."""
    cells = _empty_cells()
    for cell, sums in by_campaign.items():
        _add(cells, {cell._replace(campaign_id=None): sums})
    return dict(cells)


def _costs(weeks: Collection[date]) -> CellSums:
    cells = _empty_cells()
    hours = TimeEntry.objects.filter(week__in=weeks).costed_by("week", "platform", "campaign")
    for week, platform_id, campaign_id, *sums in hours:
        cell = RollupCell(week, platform_id, campaign_id)
        _add(cells, {cell: dict(zip(COST_COLUMNS, map(int, sums), strict=False))})
    _add_spend(cells, weeks)
    return cells


def _add_spend(cells: CellSums, weeks: Collection[date]) -> None:
    general_id = Campaign.objects.general().pk
    first, last = min(weeks), max(weeks)
    for spend in Spend.objects.live().filter(starts_on__lte=last + timedelta(days=6), ends_on__gte=first):
        for monday in weeks:
            if cents := spend.cents_in(Week(monday)):
                cell = RollupCell(monday, spend.platform_id, spend.campaign_id or general_id)
                _add(cells, {cell: {"spend_cents": cents}})


def _credited(weeks: Collection[date], week_field: str) -> CellSums:
    sums = _credited_sums()
    rows = (
        Credit.objects.filter(**{f"{week_field}__in": weeks})
        .values(week_field, "platform", "campaign")
        .annotate(**sums)
        .order_by()
    )
    return {
        RollupCell(row[week_field], row["platform"], row["campaign"]): {name: int(row[name]) for name in sums}
        for row in rows
    }


def _credited_sums() -> dict[str, Sum]:
    """Each credited column of the rollups, as the sum over credits that fills it."""
    return {
        count.column(model.name): Sum(f"{count.adds}_{model.name}", filter=Q(**count.where), default=0)
        for count in CREDITED_COUNTS.values()
        for model in PATH_MODELS
    }


def _empty_cells() -> CellSums:
    return defaultdict(lambda: dict.fromkeys(SUM_COLUMNS, 0))


def _add(cells: CellSums, more: CellSums) -> None:
    for cell, sums in more.items():
        for name, value in sums.items():
            cells[cell][name] += value


def _rows(by_basis: dict[Basis, CellSums]) -> Iterator[dict[str, Any]]:
    for basis, cells in by_basis.items():
        for (week, platform_id, campaign_id), sums in cells.items():
            row = {"week": week, "basis": basis, "platform_id": platform_id, **sums}
            # The coarse rollup has no campaign column and its cells carry none.
            yield row if campaign_id is None else {**row, "campaign_id": campaign_id}


# -- rebuild ----------------------------------------------------------------------------------------------------------


def rebuild() -> list[str]:
    """Compute everything again from the rows, put right what differs, and say what did.

    On a healthy system nothing does: a difference is a defect. What changes while this runs is not one, and is left
    to the drain, whose mark tells the two apart.
    """
    drain()
    defects = _rebuild_credits()
    weeks = _all_weeks()
    for batch in _in_batches(weeks, WEEKS_AT_ONCE):
        defects += _rebuild_weeks(batch)
    return defects


def _rebuild_credits() -> list[str]:
    defects = []
    orphans = Credit.objects.filter(Q(lead__voided_at__isnull=False) | Q(sale__voided_at__isnull=False))
    stale_leads = orphans.exclude(lead=None).values_list("lead", flat=True)
    for name, ids in (
        ("lead_ids", Lead.objects.order_by("pk").values_list("pk", flat=True)),
        ("sale_ids", Sale.objects.filter(lead=None).order_by("pk").values_list("pk", flat=True)),
        ("lead_ids", stale_leads),
    ):
        for batch in _in_batches(list(ids)):
            defects += _rebuild_credits_of(name, batch)
    return defects


def _rebuild_credits_of(name: str, ids: list[int]) -> list[str]:
    with transaction.atomic():
        wait_for_turn()
        weeks = credits.recompute(**{name: ids})
        # Whoever changed something before it was read here has left a mark that nobody could take meanwhile: what
        # differs may be theirs. Nothing is put right then that would not be told.
        if _credits_are_marked():
            transaction.set_rollback(True)
            return []
        write_weeks(weeks)
    return [f"credits of the week {Week(week)} differed" for week in sorted(weeks)]


def _rebuild_weeks(weeks: list[date]) -> list[str]:
    with transaction.atomic():
        wait_for_turn()
        defects = []
        for table, cells in _rollups_of(weeks):
            fresh = {_identity(table, row) for row in _rows(cells)}
            stored = {_identity(table, row) for row in table.objects.filter(week__in=weeks).values()}
            wrong = {row[0] for row in fresh ^ stored} - _marked(weeks)
            defects += [f"{table._meta.verbose_name} {Week(week)} differed" for week in sorted(wrong)]
        if defects:
            write_weeks(weeks)
    return defects


def _identity(table: Any, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a row of a rollup says, the week first; a cell without campaign has no such entry before it is stored."""
    key = (row.get(name) for name in table.KEY)
    return (*key, *(row[name] for name in table.AMOUNTS))


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
