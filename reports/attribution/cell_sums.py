"""The rollups as the database adds them up: the SQL that sums cells from entries, spend and credits (docs/adr/0044).

Only whole sums are ever written, never a difference, and only where they differ from what is stored. What a cell cost
and what it was credited with are two halves: hours that change read no credit, and a credit that changes no hours. A
cell without platform or campaign has NULL there, so cells are compared by COALESCE(..., 0), as the indexes and the
unique constraints are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db import connection, models

from campaigns.attribution import PATH_MODELS
from campaigns.models import Campaign, Spend
from campaigns.models.agency import Basis
from reports.attribution.sums import (
    COST_COLUMNS,
    CREDITED_COLUMNS,
    CREDITED_COUNTS,
    SUM_COLUMNS,
    CreditedCount,
    RollupCell,
)
from reports.models import CampaignWeek, Credit, PlatformWeek
from timesheets.models import TimeEntry

FINE, ENTRIES, SPEND, CREDITS = (f'"{table._meta.db_table}"' for table in (CampaignWeek, TimeEntry, Spend, Credit))
GENERAL = f"(SELECT id FROM {Campaign._meta.db_table} WHERE is_general)"
BASES = ((Basis.CASH, "money_week"), (Basis.COHORT, "work_week"))
BOTH = f"(SELECT '{Basis.CASH.value}' AS basis UNION ALL SELECT '{Basis.COHORT.value}') b"
FIRST = f"(SELECT MIN(b.basis) AS basis FROM {BOTH}) b"  # no constant: `_in_scope` says why
HALVES = (COST_COLUMNS, CREDITED_COLUMNS)
DELETED_AT_ONCE = 10_000  # SQLite takes 32,766 parameters
CELL = ("platform_id", "campaign_id")  # of a week

Half = tuple[str, ...]  # one of HALVES, or SUM_COLUMNS for both
Place = tuple[date, int, int]  # Monday, platform, campaign
Rollup = type[CampaignWeek] | type[PlatformWeek]


@dataclass(frozen=True)
class Scope:
    """The cells to sum: a `WITH` that names them, and what a row must be to belong to one, beside its week."""

    sql: str
    params: list[Any]
    names: Sequence[str]

    @classmethod
    def of_weeks(cls, weeks: Collection[date]) -> "Scope":
        return cls(*_rows([(week, 0, 0) for week in sorted(weeks)]), names=())

    @classmethod
    def of_cells(cls, cells: Collection[RollupCell]) -> "Scope":
        return cls(*_rows(sorted(set(map(place, cells)))), names=CELL)

    @classmethod
    def of_platforms(cls, cells: Collection[RollupCell]) -> "Scope":
        """The cells of the coarse rollup in which these lie."""
        rows = {(cell.week, cell.platform_id or 0, 0) for cell in cells}
        return cls(*_rows(sorted(rows)), names=("platform_id",))

    def holds(self, row: str, *, nullable: bool = True) -> str:
        """Whether a row is of a cell of its week; 0 stands for no platform or no campaign."""
        column = "COALESCE({row}.{name}, 0)" if nullable else "{row}.{name}"
        same = (f"{column.format(row=row, name=name)} = s.{name}" for name in self.names)
        return " AND ".join(same) or "TRUE"


# -- replacing cells --------------------------------------------------------------------------------------------------


def replace_cells(cells: Collection[RollupCell], half: Half) -> None:
    """Sum a half of these cells of both rollups anew. The caller holds the drain's turn and a transaction."""
    _replace(Scope.of_cells(cells), Scope.of_platforms(cells), half)


def replace_weeks(weeks: Collection[date]) -> None:
    """Sum all cells of these weeks (Mondays) anew. The caller holds the turn and a transaction.

    Both halves at once: a row is written once, so that those of a total lie together (docs/adr/0044).
    """
    scope = Scope.of_weeks(weeks)
    _replace(scope, scope, SUM_COLUMNS)


def _replace(fine: Scope, coarse: Scope, half: Half) -> None:
    """Write each sum that differs, and take away what holds nothing any more."""
    for table, scope, sums in ((CampaignWeek, fine, _fine_sums), (PlatformWeek, coarse, _coarse_sums)):
        with connection.cursor() as cursor:
            cursor.execute(_emptied(_upsert(table, half, sums(scope, half), scope)), scope.params)
            empty = [pk for pk, is_empty in cursor.fetchall() if is_empty]
        for start in range(0, len(empty), DELETED_AT_ONCE):
            table._default_manager.filter(pk__in=empty[start : start + DELETED_AT_ONCE]).delete()


def _upsert(rollup: Rollup, half: Half, fresh: str, scope: Scope) -> str:
    """Put the rows of `fresh` (key and half) into the table; a stored row that has none of them becomes 0.

    What was written is returned, with whether it holds nothing.
    """
    table, key = f'"{rollup._meta.db_table}"', rollup.KEY
    columns, names = ", ".join(half), ", ".join(key)
    others = [name for name in SUM_COLUMNS if name not in half]
    inserted, zeros = ", ".join([names, columns, *others]), "".join(f", 0 AS {name}" for name in others)
    each_once = connection.vendor == "postgresql" and bool(scope.names)
    stored = _rollup_in_scope(table, scope, key[1:], _zeros(half), where=_not_in_fresh(scope) if each_once else "")
    values, put_together = (columns, "") if each_once else (_totals("f", half), f"WHERE TRUE GROUP BY {names}")
    order = f" ORDER BY {names}" if connection.vendor == "postgresql" else ""  # SQLite groups in this order
    unique = ", ".join(f"COALESCE({name}, 0)" if name.endswith("_id") else name for name in key)
    return (
        f"INSERT INTO {table} ({inserted}) {scope.sql}, fresh AS ({fresh}) "
        f"SELECT {names}, {values}{zeros} FROM (SELECT * FROM fresh UNION ALL {stored}) f "
        f"{put_together}{order} ON CONFLICT ({unique}) DO UPDATE "
        f"SET {', '.join(f'{name} = excluded.{name}' for name in half)} "
        f"WHERE ({_all(table, half)}) <> ({_all('excluded', half)}) OR {_is_empty(table)} "
        f"RETURNING id, {_is_empty(table)} AS is_empty"
    )


def _emptied(upsert: str) -> str:
    """Of thousands of rows that are written only those that hold nothing are brought here; SQLite brings them all."""
    if connection.vendor == "sqlite":
        return upsert
    return f"WITH written AS ({upsert}) SELECT id, is_empty FROM written WHERE is_empty"


def _not_in_fresh(scope: Scope) -> str:
    """Of cells with sums the stored row need not be looked for; SQLite finds it faster than it compares them."""
    return (
        f" WHERE NOT EXISTS (SELECT 1 FROM fresh f WHERE f.week = s.week AND f.basis = b.basis AND {scope.holds('f')})"
    )


def _is_empty(table: str, columns: Sequence[str] = SUM_COLUMNS) -> str:
    return "(" + " AND ".join(f"{table}.{name} = 0" for name in columns) + ")"


def _in_scope(scope: Scope, table: str, condition: str, group: Sequence[str], sums: str, *, cells: str = "") -> str:
    """Week, group and sums of what the table holds of each cell in scope.

    Both databases are made to look each cell up by its index. PostgreSQL would rather read the whole table for many
    cells. SQLite 3.38 to 3.40 loses rows where it puts a Bloom filter before an index of expressions, which it fills
    with row ids instead of COALESCE(..., 0). It does so once ANALYZE has counted the table, and only where a condition
    names the table alone, a constant basis or one of a list: so every condition names the cell too. A subquery that
    finds the ids instead may be run anew for each row of the table, by which a drain never ends.

    Where a cell is one group, PostgreSQL adds its rows up as they come: to group them, it would sort them first.
    """
    cells, columns = cells or "scope s", _all(table.split()[-1], group)
    if connection.vendor != "postgresql":
        found = f"{cells} CROSS JOIN {table} ON {condition}"
        return f"SELECT s.week, {columns}, {sums} FROM {found} GROUP BY s.week, {columns}"
    if {*group} - {"basis"} <= {*scope.names}:
        inner = f"SELECT {sums} FROM {table} WHERE {condition} HAVING COUNT(*) > 0"
        own = ", ".join("s.basis" if name == "basis" else f"NULLIF(s.{name}, 0) AS {name}" for name in group)
        return f"SELECT s.week, {own}, t.* FROM {cells} CROSS JOIN LATERAL ({inner}) t"
    inner = f"SELECT {columns}, {sums} FROM {table} WHERE {condition} GROUP BY {columns}"
    return f"SELECT s.week, t.* FROM {cells} CROSS JOIN LATERAL ({inner}) t"


def _rollup_in_scope(
    table: str, scope: Scope, group: Sequence[str], sums: str, *, bases: str = BOTH, where: str = ""
) -> str:
    """The same of a rollup, a basis named, so that its unique index is used to the end."""
    condition = f"r.week = s.week AND r.basis = s.basis AND {scope.holds('r')}"
    cells = f"(SELECT s.*, b.basis FROM scope s CROSS JOIN {bases}{where}) s"
    return _in_scope(scope, f"{table} r", condition, group, sums, cells=cells)


# -- summing ----------------------------------------------------------------------------------------------------------


def fine_rows(weeks: Collection[date]) -> list[dict[str, Any]]:
    """What the fine rollup should hold of these weeks (Mondays), as rows by column."""
    scope = Scope.of_weeks(weeks)
    with connection.cursor() as cursor:
        names, key = (*CampaignWeek.KEY, *SUM_COLUMNS), ", ".join(CampaignWeek.KEY)
        both = f"SELECT {key}, {_totals('p')} FROM ({_fine_sums(scope, SUM_COLUMNS)}) p GROUP BY {key}"
        cursor.execute(f"{scope.sql} {both}", scope.params)
        return [dict(zip(names, (as_date(row[0]), *row[1:4], *map(int, row[4:])), strict=True)) for row in cursor]


def wrong_weeks(table: Rollup, weeks: Collection[date]) -> set[date]:
    """Those of these weeks (Mondays) of which a rollup holds anything else than it should.

    The fine one should hold the sums of the rows, the coarse one those of the fine one. The halves of the fine one are
    compared each by itself: to put them together takes longer than to sum them.
    """
    scope, halves = Scope.of_weeks(weeks), HALVES if table is CampaignWeek else (SUM_COLUMNS,)
    stored = _stored_rows(table, scope, halves)
    right = [_right_rows(table, scope, half) for half in halves]
    nothing = [0] * (1 + len(halves))
    return {week for week in weeks if stored.get(week, nothing) != [0, *(rows.get(week, 0) for rows in right)]}


def _stored_rows(table: Rollup, scope: Scope, halves: Sequence[Half]) -> dict[date, list[int]]:
    """Of each week how many rows hold nothing at all, and how many hold anything of each half."""
    kinds = (_is_empty("r"), *(f"NOT {_is_empty('r', half)}" for half in halves))
    names = [f"rows_{number}" for number in range(len(kinds))]
    counts = ", ".join(f"COUNT(CASE WHEN {kind} THEN 1 END) AS {name}" for kind, name in zip(kinds, names, strict=True))
    rows = _rollup_in_scope(f'"{table._meta.db_table}"', scope, ["basis"], counts)
    with connection.cursor() as cursor:
        cursor.execute(f"{scope.sql} SELECT week, {_totals('r', names)} FROM ({rows}) r GROUP BY week", scope.params)
        return {as_date(week): list(counted) for week, *counted in cursor}


def _right_rows(table: Rollup, scope: Scope, half: Half) -> dict[date, int | None]:
    """Of each week how many rows should hold anything of this half; None where one of them does not hold just that."""
    fresh = (_fine_sums if table is CampaignWeek else _coarse_sums)(scope, half)
    same = " AND ".join(
        f"COALESCE(f.{name}, 0) = COALESCE(r.{name}, 0)" if name.endswith("_id") else f"f.{name} = r.{name}"
        for name in table.KEY
    )
    is_right = f"CASE WHEN ({_all('f', half)}) = ({_all('r', half)}) THEN 1 ELSE 0 END"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{scope.sql} SELECT f.week, COUNT(*), SUM({is_right}) FROM ({fresh}) f "
            f"LEFT JOIN {_of_weeks(table, half)} r ON {same} WHERE NOT {_is_empty('f', half)} GROUP BY f.week",
            scope.params,
        )
        return {as_date(week): count if count == equal else None for week, count, equal in cursor}


def _of_weeks(table: Rollup, half: Half) -> str:
    """The stored rows of the weeks in scope; PostgreSQL would read those of all weeks, or look each one up."""
    name, columns = table._meta.db_table, ", ".join([*table.KEY, *half])
    if connection.vendor != "postgresql":
        return name
    rows = f"SELECT {columns} FROM {name} r WHERE r.week = s.week OFFSET 0"
    return f"(SELECT r.* FROM scope s CROSS JOIN LATERAL ({rows}) r)"


def _padded(sums: str, half: Half) -> str:
    columns = ", ".join(name if name in half else f"0 AS {name}" for name in SUM_COLUMNS)
    return f"SELECT {', '.join(CampaignWeek.KEY)}, {columns} FROM ({sums}) h"


def _fine_sums(scope: Scope, half: Half) -> str:
    """Each cell in scope that has anything in this half, on both bases; of both halves, a row for each."""
    if half is SUM_COLUMNS:
        return " UNION ALL ".join(_padded(_fine_sums(scope, one), one) for one in HALVES)
    if half is CREDITED_COLUMNS:
        return " UNION ALL ".join(_credits(scope, basis, day) for basis, day in BASES)
    anything = " OR ".join(f"SUM(c.{name}) <> 0" for name in half)
    costs = (
        f"SELECT week, platform_id, campaign_id, {_totals('c', half)} FROM ({_entries(scope)} UNION ALL "
        f"{_spend(scope)}) c GROUP BY week, platform_id, campaign_id HAVING {anything}"
    )
    return f"SELECT {', '.join(CampaignWeek.KEY)}, {', '.join(half)} FROM ({costs}) c CROSS JOIN {BOTH}"


def _coarse_sums(scope: Scope, half: Half) -> str:
    """The fine rows in scope, added up. What they cost is the same on both bases, and added up once."""
    if half is not COST_COLUMNS:
        return _rollup_in_scope(FINE, scope, PlatformWeek.KEY[1:], _totals("r", half))
    costs = _rollup_in_scope(FINE, scope, ["platform_id"], _totals("r", half), bases=FIRST)
    return f"SELECT c.week, b.basis, c.platform_id, {_all('c', half)} FROM ({costs}) c CROSS JOIN {BOTH}"


def _entries(scope: Scope) -> str:
    sums = (
        "SUM(e.minutes) AS minutes, "
        "SUM(CASE WHEN e.hourly_cents IS NULL THEN e.minutes ELSE 0 END) AS unrated_minutes, "
        "SUM(CAST(e.minutes AS BIGINT) * COALESCE(e.hourly_cents, 0)) AS labour_cent_minutes, 0 AS spend_cents"
    )
    condition = f"e.week = s.week AND {scope.holds('e', nullable=False)}"
    return _in_scope(scope, f"{ENTRIES} e", condition, CELL, sums)


def _spend(scope: Scope) -> str:
    """The part of each spend that falls in a week: amount * days // all days up to its end, less that before it."""
    campaign = f"COALESCE(p.campaign_id, {GENERAL})"
    where = f" AND p.platform_id = s.platform_id AND {campaign} = s.campaign_id" if scope.names else ""
    least, greatest = ("LEAST", "GREATEST") if connection.vendor == "postgresql" else ("MIN", "MAX")
    days = f"({_days_between('p.starts_on', 'p.ends_on')} + 1)"
    sunday = "(s.week + 6)" if connection.vendor == "postgresql" else "DATE(s.week, '+6 days')"
    through = f"({_days_between('p.starts_on', f'{least}({sunday}, p.ends_on)')} + 1)"
    before = _days_between("p.starts_on", f"{greatest}(s.week, p.starts_on)")
    cents = f"({_floor_share(through, days)} - {_floor_share(before, days)})"
    return (
        f"SELECT s.week, p.platform_id, {campaign}, 0, 0, 0, {cents} FROM scope s JOIN {SPEND} p "
        f"ON p.voided_at IS NULL AND p.starts_on <= {sunday} AND p.ends_on >= s.week{where}"
    )


def _floor_share(part: str, whole: str) -> str:
    """amount * part / whole rounded down, without a product beyond 64 bits; both databases divide towards 0."""
    amount = "ABS(p.amount_cents)"
    up = f"(CASE WHEN p.amount_cents < 0 THEN {whole} - 1 ELSE 0 END)"
    share = f"(({amount} / {whole}) * {part} + (({amount} %% {whole}) * {part} + {up}) / {whole})"
    return f"(CASE WHEN p.amount_cents < 0 THEN -1 ELSE 1 END) * {share}"


def _days_between(first: str, last: str) -> str:
    if connection.vendor == "postgresql":
        return f"({last} - {first})"
    return f"CAST(JULIANDAY({last}) - JULIANDAY({first}) AS INTEGER)"


def _credits(scope: Scope, basis: Basis, week: str) -> str:
    sums = ", ".join(_credited(count, model.name) for count in CREDITED_COUNTS.values() for model in PATH_MODELS)
    found = _in_scope(scope, f"{CREDITS} k", f"k.{week} = s.week AND {scope.holds('k')}", CELL, sums)
    anything = " OR ".join(f"c.{name} <> 0" for name in CREDITED_COLUMNS)
    columns = ", ".join(CREDITED_COLUMNS)
    return (
        f"SELECT c.week, '{basis.value}' AS basis, c.platform_id, c.campaign_id, {columns} "
        f"FROM ({found}) c WHERE {anything}"
    )


def _credited(count: CreditedCount, model: str) -> str:
    column = f"k.{count.adds}_{model}"
    conditions = " AND ".join(_condition(name, value) for name, value in count.where.items())
    summed = f"SUM(CASE WHEN {conditions} THEN {column} ELSE 0 END)" if conditions else f"SUM({column})"
    return f"{summed} AS {count.column(model)}"


def _condition(name: str, value: object) -> str:
    column = f"k.{cast('models.Field[Any, Any]', Credit._meta.get_field(name)).column}"
    return f"{column} IS NULL" if value is None else f"{column} = {'TRUE' if value else 'FALSE'}"


# -- pieces -----------------------------------------------------------------------------------------------------------


def _all(row: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{row}.{name}" for name in columns)


def _totals(row: str, columns: Sequence[str] = SUM_COLUMNS) -> str:
    return ", ".join(f"SUM({row}.{name}) AS {name}" for name in columns)


def _zeros(columns: Sequence[str]) -> str:
    return ", ".join(f"0 AS {name}" for name in columns)


def _rows(rows: Sequence[Place]) -> tuple[str, list[Any]]:
    """`scope`: Monday, platform and campaign of each cell."""
    head = "WITH scope (week, platform_id, campaign_id) AS"
    if connection.vendor == "postgresql":
        arrays = "%s::date[], %s::bigint[], %s::bigint[]"
        return f"{head} (SELECT * FROM unnest({arrays}))", [_array(column) for column in zip(*rows, strict=True)]
    values = ", ".join(["(%s, %s, %s)"] * len(rows))
    # A day as SQLite stores it. To ask Django for each of thousands takes longer than to write them.
    return f"{head} (VALUES {values})", [value for week, *ids in rows for value in (week.isoformat(), *ids)]


def _array(values: Sequence[Any]) -> str:
    """As PostgreSQL writes one of days or numbers: psycopg looks at each value for much longer."""
    return f"{{{','.join(map(str, values))}}}"


def place(cell: RollupCell) -> Place:
    """What cells are compared and put in order by."""
    return cell.week, cell.platform_id or 0, cell.campaign_id or 0


def as_date(value: Any) -> Any:
    """A day as the database gives it: SQLite has text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
