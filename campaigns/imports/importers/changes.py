"""What a file changes in rows of a model: compared with what is there, written, and taken back as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from campaigns.exchange_rates import follow_table
from campaigns.imports.importers.base import PlannedChange, Record
from campaigns.models import ImportedRow


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a file gives: an empty cell changes nothing."""
    return {name: value for name, value in values.items() if value not in (None, "")}


def differences(found: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a model's row that differ from what is wanted; files write instants to the second."""
    return {name: value for name, value in wanted.items() if as_in_files(getattr(found, name)) != as_in_files(value)}


def as_in_files(value: Any) -> Any:
    """What of a value a file can hold: instants to the second, and, as workbooks have it, one kind of end of a line."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else to_the_second(value)


def to_the_second(value: Any) -> Any:
    """An instant in UTC without its fraction; any other value as it is.

    In UTC, since two equal instants of the hour that comes twice in autumn do not compare as equal across time zones.
    """
    return value.astimezone(UTC).replace(microsecond=0) if isinstance(value, datetime) else value


def planned(record: Record, found: Any, now: dict[str, Any], *, is_imported: bool) -> PlannedChange:
    """What a record does to the row that was found for it, if any: ``now`` holds the values that would change."""
    if is_imported or (found and not now):
        return PlannedChange(record, "same", found)
    return PlannedChange(record, "update" if found else "create", found, now)


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON keeps them; instants in UTC, so that equal ones are equal texts."""
    return {name: _as_json(value) for name, value in values.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def created_rows(
    key: str, source: str, records: Iterable[Record], made: Iterable[Any], values: Iterable[Mapping[str, Any]]
) -> list[ImportedRow]:
    """What to keep of rows that were made from these records, with these values."""
    return [
        _ledger_row(key, source, record, row.pk, {"was": None, "now": as_json(given)})
        for record, row, given in zip(records, made, values, strict=True)
    ]


def _ledger_row(key: str, source: str, record: Record, number: int, before: dict[str, Any]) -> ImportedRow:
    return ImportedRow(
        line=record.line,
        kind=key,
        source=source,
        fingerprint=record.fingerprint,
        natural_key=record.natural_key,
        identity=record.identity,
        day=record.day,
        object_id=number,
        before=before,
    )


def updated(key: str, source: str, change: PlannedChange, user: Any) -> ImportedRow:
    """Save what changes on a row that is there, and keep what it was."""
    was = {name: getattr(change.found, name) for name in change.now}
    for name, value in change.now.items():
        setattr(change.found, name, value)
    change.found._history_user = user  # what django-simple-history asks, where there is a history
    change.found.save(update_fields=list(change.now))
    before = {"was": as_json(was), "now": as_json(change.now)}
    if change.replaces is None:
        return ImportedRow(line=change.record.line, kind=key, source=source, object_id=change.found.pk, before=before)
    before["now"] = (change.replaces.before or {}).get("now", {}) | before["now"]
    row = _ledger_row(key, source, change.record, change.found.pk, before)
    row.replaces = [change.replaces.pk]
    return row


def is_unchanged(found: Any, now: Mapping[str, Any]) -> bool:
    """Whether a model's row still has the values that an import gave it.

    An amount in another currency is what it was, whatever it comes to by the rates of now.
    """
    if now.get("original_currency"):
        now = {name: value for name, value in now.items() if name != "amount_cents"}
    return all(as_json({name: getattr(found, name)})[name] == value for name, value in now.items())


def undo_rows(model: Any, rows: Sequence[ImportedRow]) -> int:
    """Remove what was made, give back what was changed; keep, and count, what somebody has changed since."""
    found = model.objects.in_bulk([row.object_id for row in rows])
    kept = 0
    for row in rows:
        instance, before = found.get(row.object_id), row.before or {}
        if instance is None:
            continue
        if is_unchanged(instance, before.get("now", {})):
            _undo_row(instance, before.get("was"))
        else:
            kept += 1
    return kept


def _undo_row(instance: Any, was: Mapping[str, Any] | None) -> None:
    """Remove a row that an import made (``was`` is None), or give it back the values it had."""
    if was is None:
        instance.delete()
        return
    for name, value in stored_values(type(instance), was).items():
        setattr(instance, name, value)
    if "original_cents" in was and "amount_cents" in was:
        follow_table(instance)  # the rates may have been corrected since
    instance.save(update_fields=list(was))


def stored_values(model: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `as_json` for the columns of a model."""
    columns = {column.attname: column for column in model._meta.concrete_fields}
    return {name: columns[name].to_python(value) for name, value in values.items()}
