"""Who changed what, and when: the recorded versions of an object as a list of differences."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import zip_longest
from typing import Any

from babel.dates import format_date
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from core import money
from core.statements import planned_once

MOST = 50
UNTOLD = {"id", "void_reason"}


@dataclass(frozen=True)
class Difference:
    """One field, before and after: in words, and as the column holds it."""

    field: str
    before: str
    after: str
    column: str = ""
    old: Any = None
    new: Any = None


@dataclass(frozen=True)
class HistoryStep:
    """One save: `by` is empty when a job or a command made it."""

    at: datetime
    by: str
    is_first: bool
    differences: list[Difference]
    by_id: int | None = None


class AuditManager(HistoryManager):
    """The manager of recorded versions, of one class: its library makes a class each time that it is asked for."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class: Any, class_name: str | None = None) -> Any:
        return super().from_queryset(queryset_class, class_name)


def acting_user() -> Any:
    """Who sent the request under way, as the recorded versions have it; None for a job or a command."""
    user = getattr(getattr(HistoricalRecords.context, "request", None), "user", None)
    return user if user is not None and user.is_authenticated else None


def record_created(model: Any, keys: Sequence[int], *, by: Any) -> None:
    """Write the first version of these rows, as `bulk_create_with_history` does, out of the rows themselves."""
    record_versions(model, keys, "+", by=by)


def record_versions(model: Any, keys: Sequence[int], kind: str, *, by: Any = None, reason: str | None = None) -> None:
    """Write a version of each of these rows, out of the rows themselves; `kind` is + for a new one, else ~.

    By one statement: no row becomes an object once more, nor travels to the database again.
    """
    table, history_table, columns = _tables_and_columns(model)
    added = "history_date, history_type, history_user_id, history_change_reason"
    places = ", ".join(["%s"] * len(keys))
    author = by or acting_user()
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    of_a_save = len(keys) == 1
    with planned_once(connection) if of_a_save else nullcontext(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history_table} ({columns}, {added}) "  # noqa: S608 - ours
            f"SELECT {columns}, %s, %s, %s, %s FROM {table} WHERE id IN ({places}) ORDER BY id",
            [at, kind, author and author.pk, reason, *keys],
        )


@cache
def _tables_and_columns(model: Any) -> tuple[str, str, str]:
    history = model.history.model
    columns = ", ".join(f'"{field.column}"' for field in history.tracked_fields)
    return f'"{model._meta.db_table}"', f'"{history._meta.db_table}"', columns


def steps_of(instance: models.Model) -> list[HistoryStep]:
    """The newest steps first, at most 50; saves that changed nothing are left out."""
    records = list(instance.history.select_related("history_user").order_by("-history_date", "-history_id")[: MOST + 1])  # type: ignore[attr-defined]
    names = _names(instance, records)
    pairs = zip_longest(records, records[1:])  # a row that was written in bulk may have no version at all
    steps = [_step(record, before, names) for record, before in pairs]
    return [step for step in steps[:MOST] if step.differences or step.is_first]


def _step(record: Any, before: Any, names: dict[tuple[str, Any], str]) -> HistoryStep:
    by = str(record.history_user) if record.history_user else ""
    if before is None:
        return HistoryStep(record.history_date, by, record.history_type == "+", [], record.history_user_id)
    changes = [
        Difference(_label(field), _shown(field, old, names), _shown(field, new, names), field.name, old, new)
        for field in record.tracked_fields
        if field.name not in UNTOLD
        and (old := getattr(before, field.attname)) != (new := getattr(record, field.attname))
    ]
    return HistoryStep(record.history_date, by, False, changes, record.history_user_id)


def _names(instance: models.Model, records: list[Any]) -> dict[tuple[str, Any], str]:
    """What the related rows are called, one query for each relation that is used."""
    names: dict[tuple[str, Any], str] = {}
    for field in instance._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            ids = {getattr(record, field.attname) for record in records} - {None}
            rows_by_pk = field.related_model._default_manager.in_bulk(ids) if ids else {}
            names |= {(field.name, pk): str(row) for pk, row in rows_by_pk.items()}
    return names


def _label(field: models.Field) -> str:
    label = str(_("amount") if field.name.endswith("_cents") else field.verbose_name)
    return label[:1].upper() + label[1:]


def _shown(field: models.Field, value: Any, names: dict[tuple[str, Any], str]) -> str:
    if value is None or value == "":
        return money.NO_FIGURE
    if field.name.endswith("_cents"):
        return money.format_money(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, Decimal):
        return money.format_number(value, digits=max(0, -int(value.normalize().as_tuple().exponent)))
    if isinstance(value, date):
        day = timezone.localdate(value) if isinstance(value, datetime) else value
        return str(format_date(day, "d MMM y", locale=money.current_locale()))
    return names.get((field.name, value), str(value))
