"""Import a text as a file, the way the command and the jobs do."""

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from django.core.files.base import ContentFile

from campaigns.imports import runner, validation
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.models import ImportRun

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = "2026-11-16"


def ticking():
    """A clock that moves a second each time it is read."""
    seconds = count()
    return lambda: NOW + timedelta(seconds=next(seconds))


def written(tmp_path: Path, content, name="file.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def examined(path, kind, *, source="auto", mapping=None, creating=False):
    errors = []
    findings = validation.examine(
        path,
        kind=kind,
        source=source,
        mapping=mapping or ColumnMapping(),
        creating=creating,
        at=NOW,
        on_error=errors.append,
    )
    assert findings.error_count == len(errors)
    return findings


def started(path, kind, *, source="auto", mapping=None, creating=False) -> ImportRun:
    """A run that has been checked and asked for, ready to be written."""
    findings = examined(path, kind, source=source, mapping=mapping, creating=creating)
    assert findings.is_good, [*findings.sentences(), *map(str, findings.errors)]
    run = ImportRun(kind=kind, source=findings.source, file_name=path.name, create_missing=creating)
    run.file.save(path.name, ContentFile(path.read_bytes()), save=False)
    runner.keep(run, findings)
    run.status = ImportRun.Status.IMPORTING
    run.save()
    return run


def imported(path, kind, **options) -> ImportRun:
    run = started(path, kind, **options)
    runner.write(run, now=ticking())
    run.refresh_from_db()
    assert run.status == ImportRun.Status.DONE, run.counts
    return run


def undone(run) -> ImportRun:
    runner.ask_for(run, ImportRun.Status.UNDOING)
    runner.undo(run, now=ticking())
    run.refresh_from_db()
    return run
