"""The rollups as the database adds them up: the SQL that sums cells from entries, spend and credits (docs/adr/0002).

Only whole sums are ever written, never a difference. A cell without platform or campaign has NULL there, so cells are
compared by COALESCE(..., 0), as the indexes and the unique constraints are.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any, cast

from django.db import connection, models

from campaigns.attribution import PATH_MODELS
from campaigns.models import Campaign, Spend
from campaigns.models.agency import Basis
from reports.attribution.sums import COST_COLUMNS, CREDITED_COUNTS, SUM_COLUMNS, CreditedCount, RollupCell
from reports.models import CampaignWeek, Credit, PlatformWeek
from timesheets.models import TimeEntry

FINE, COARSE, ENTRIES, SPEND, CREDITS = (
    f'"{table._meta.db_table}"' for table in (CampaignWeek, PlatformWeek, TimeEntry, Spend, Credit)
)
GENERAL = f"(SELECT id FROM {Campaign._meta.db_table} WHERE is_general)"
KEY = "week, basis, platform_id"
SUMS = ", ".join(SUM_COLUMNS)
BASES = ((Basis.CASH, "money_week"), (Basis.COHORT, "work_week"))
BOTH = f"(SELECT '{Basis.CASH.value}' AS basis UNION ALL SELECT '{Basis.COHORT.value}') b"

Statement = tuple[str, list[Any]]


# -- replacing cells --------------------------------------------------------------------------------------------------


def replace_cells(cells: Collection[RollupCell]) -> None:
    """Delete these cells of both rollups and sum them anew. The caller holds the drain's turn and a transaction."""
    scope, params = _values(sorted({_key(cell) for cell in cells}))
    coarse_scope, coarse_params = _values(sorted({(*_key(cell)[:3], 0) for cell in cells}))
    _replace(scope, params, coarse_scope, coarse_params, whole_weeks=False)


def replace_weeks(weeks: Collection[date]) -> None:
    """Delete all cells of these weeks (Mondays) and sum them anew. The caller holds the turn and a transaction."""
    scope, params = _values([(*_days(week), 0, 0) for week in sorted(weeks)])
    _replace(scope, params, scope, params, whole_weeks=True)


def _replace(scope: str, params: list[Any], coarse_scope: str, coarse_params: list[Any], *, whole_weeks: bool) -> None:
    in_scope = "TRUE" if whole_weeks else _same("s", "r")
    in_coarse = "TRUE" if whole_weeks else _same("s", "r", names=("platform_id",))
    sums, sum_params = _fine_sums(scope, params, whole_weeks=whole_weeks)
    with connection.cursor() as cursor:
        cursor.execute(_delete(FINE, scope, in_scope), params)
        cursor.execute(f"INSERT INTO {FINE} ({KEY}, campaign_id, {SUMS}) {sums}", sum_params)
        cursor.execute(_delete(COARSE, coarse_scope, in_coarse), coarse_params)
        totals = f"SELECT r.week, r.basis, r.platform_id, {_totals('r')} FROM scope s CROSS JOIN {BOTH} JOIN {FINE} r"
        grouped = f"{totals} ON {_of_week('r')} AND {in_coarse} GROUP BY r.week, r.basis, r.platform_id"
        cursor.execute(f"INSERT INTO {COARSE} ({KEY}, {SUMS}) {coarse_scope} {grouped}", coarse_params)


def _delete(table: str, scope: str, in_scope: str) -> str:
    found = f"SELECT r.id FROM scope s CROSS JOIN {BOTH} JOIN {table} r ON {_of_week('r')} AND {in_scope}"
    return f"DELETE FROM {table} WHERE id IN ({scope} {found})"


def _of_week(row: str) -> str:
    """A basis is named, so that the unique index is used to its end.

    It is joined and not looked for by IN: SQLite 3.40 loses rows where it filters an index of expressions by both
    values at once, as it does for more than a hundred cells.
    """
    return f"{row}.week = s.week AND {row}.basis = b.basis"


# -- summing ----------------------------------------------------------------------------------------------------------


def fine_rows(weeks: Collection[date]) -> list[dict[str, Any]]:
    """What the fine rollup should hold of these weeks (Mondays), as rows by column."""
    scope, params = _values([(*_days(week), 0, 0) for week in sorted(weeks)])
    sums, sum_params = _fine_sums(scope, params, whole_weeks=True)
    with connection.cursor() as cursor:
        cursor.execute(sums, sum_params)
        names = ("week", "basis", "platform_id", "campaign_id", *SUM_COLUMNS)
        return [dict(zip(names, (_as_date(row[0]), *row[1:4], *map(int, row[4:])), strict=True)) for row in cursor]


def _fine_sums(scope: str, params: list[Any], *, whole_weeks: bool) -> Statement:
    """Each cell in scope that holds anything, on both bases."""
    costs = (
        f"SELECT week, platform_id, campaign_id, {_totals('c', COST_COLUMNS)} FROM ("
        f"{_entries(whole_weeks)} UNION ALL {_spend(whole_weeks)}) c GROUP BY week, platform_id, campaign_id"
    )
    parts = " UNION ALL ".join(
        f"{_cost_part(basis)} UNION ALL {_credits(basis, day, whole_weeks)}" for basis, day in BASES
    )
    anything = " OR ".join(f"{name} <> 0" for name in SUM_COLUMNS)
    sql = (
        f"{scope}, costs AS ({costs}), parts AS ({parts}), cells AS ("
        f"SELECT {KEY}, campaign_id, {_totals('p')} FROM parts p GROUP BY {KEY}, campaign_id) "
        f"SELECT {KEY}, campaign_id, {SUMS} FROM cells WHERE {anything}"
    )
    return sql, params


def _entries(whole_weeks: bool) -> str:
    where = "" if whole_weeks else " AND e.platform_id = s.platform_id AND e.campaign_id = s.campaign_id"
    return (
        "SELECT e.week, e.platform_id, e.campaign_id, SUM(e.minutes) AS minutes, "
        "SUM(CASE WHEN e.hourly_cents IS NULL THEN e.minutes ELSE 0 END) AS unrated_minutes, "
        "SUM(CAST(e.minutes AS BIGINT) * COALESCE(e.hourly_cents, 0)) AS labour_cent_minutes, 0 AS spend_cents "
        f"FROM scope s JOIN {ENTRIES} e ON e.week = s.week{where} GROUP BY e.week, e.platform_id, e.campaign_id"
    )


def _spend(whole_weeks: bool) -> str:
    """The part of each spend that falls in a week: amount * days // all days up to its end, less that before it."""
    campaign = f"COALESCE(p.campaign_id, {GENERAL})"
    where = "" if whole_weeks else f" AND p.platform_id = s.platform_id AND {campaign} = s.campaign_id"
    least, greatest = ("LEAST", "GREATEST") if connection.vendor == "postgresql" else ("MIN", "MAX")
    days = f"({_days_between('p.starts_on', 'p.ends_on')} + 1)"
    through = f"({_days_between('p.starts_on', f'{least}(s.sunday, p.ends_on)')} + 1)"
    before = _days_between("p.starts_on", f"{greatest}(s.week, p.starts_on)")
    cents = f"({_floor_share(through, days)} - {_floor_share(before, days)})"
    return (
        f"SELECT s.week, p.platform_id, {campaign}, 0, 0, 0, {cents} FROM scope s JOIN {SPEND} p "
        f"ON p.voided_at IS NULL AND p.starts_on <= s.sunday AND p.ends_on >= s.week{where}"
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


def _cost_part(basis: Basis) -> str:
    zeros = ", ".join(f"0 AS {name}" for name in SUM_COLUMNS if name not in COST_COLUMNS)
    costs = ", ".join(COST_COLUMNS)
    return f"SELECT week, '{basis.value}' AS basis, platform_id, campaign_id, {costs}, {zeros} FROM costs"


def _credits(basis: Basis, week: str, whole_weeks: bool) -> str:
    same = "" if whole_weeks else f" AND {_same('s', 'k')}"
    zeros = ", ".join("0" for _name in COST_COLUMNS)
    sums = ", ".join(_credited(count, model.name) for count in CREDITED_COUNTS.values() for model in PATH_MODELS)
    return (
        f"SELECT k.{week}, '{basis.value}', k.platform_id, k.campaign_id, {zeros}, {sums} FROM scope s "
        f"JOIN {CREDITS} k ON k.{week} = s.week{same} GROUP BY k.{week}, k.platform_id, k.campaign_id"
    )


def _credited(count: CreditedCount, model: str) -> str:
    column = f"k.{count.adds}_{model}"
    conditions = " AND ".join(_condition(name, value) for name, value in count.where.items())
    return f"SUM({column})" if not conditions else f"SUM(CASE WHEN {conditions} THEN {column} ELSE 0 END)"


def _condition(name: str, value: object) -> str:
    column = f"k.{cast('models.Field[Any, Any]', Credit._meta.get_field(name)).column}"
    return f"{column} IS NULL" if value is None else f"{column} = {'TRUE' if value else 'FALSE'}"


def _totals(row: str, columns: Sequence[str] = SUM_COLUMNS) -> str:
    return ", ".join(f"SUM({row}.{name}) AS {name}" for name in columns)


# -- the scope --------------------------------------------------------------------------------------------------------


def _values(rows: Sequence[tuple[Any, ...]]) -> Statement:
    """`scope`: Monday, Sunday, platform and campaign of each cell, 0 for none."""
    casts = ("date", "date", "bigint", "bigint") if connection.vendor == "postgresql" else ()
    place = f"({', '.join(f'%s::{kind}' for kind in casts) if casts else '%s, %s, %s, %s'})"
    values = ", ".join([place] * len(rows))
    return f"WITH scope (week, sunday, platform_id, campaign_id) AS (VALUES {values})", [
        _param(value) for row in rows for value in row
    ]


def _param(value: Any) -> Any:
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _key(cell: RollupCell) -> tuple[date, date, int, int]:
    return (*_days(cell.week), cell.platform_id or 0, cell.campaign_id or 0)


def _days(week: date) -> tuple[date, date]:
    return week, week + timedelta(days=6)


def _same(scope: str, row: str, names: Sequence[str] = ("platform_id", "campaign_id")) -> str:
    """Whether a row is of a cell in scope, in which 0 stands for none."""
    return " AND ".join(f"COALESCE({row}.{name}, 0) = {scope}.{name}" for name in names)


def _as_date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
