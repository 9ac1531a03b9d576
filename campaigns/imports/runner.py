"""Files on their way in: checked as a whole, written in small steps, undone as a whole.

A check reads every row and writes nothing. Writing goes in chunks, each one short transaction that holds the rows,
what each of them did, and how far the run is; so the app stays usable meanwhile, and a worker that is killed leaves
a run that another one takes up where it stopped.
"""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.imports.batches import batches_to_write, importer_of
from campaigns.imports.errors import RowError
from campaigns.imports.importers import IMPORTERS
from campaigns.imports.importers.base import Importer
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.mapping.name_resolution import Clients, Directory
from campaigns.imports.mapping.remembered import remember
from campaigns.imports.validation import CHUNK, Findings, examine
from campaigns.models import EventKind, ImportedRow, ImportRun, StaleMark
from campaigns.models.catalogue import normalise
from campaigns.uploads import errors_path as errors_path  # also for those who look at a run
from campaigns.uploads import path_of
from campaigns.webhooks import events
from core import task_queue
from core.logs import safe_error

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

STALLED_AFTER = timedelta(minutes=2)
# After each chunk the database is left alone for this part of the time the chunk took.
THROTTLE_RATIO = 0.4
# Figures follow while a long file goes in, but not after every chunk: recomputing wants the database too.
SECONDS_BETWEEN_BELLS = 10
MOST_INTERRUPTIONS = 5
MAX_WORKER_LOSSES = 3
TASKS = {
    ImportRun.Status.CHECKING: "campaigns.check_import",
    ImportRun.Status.IMPORTING: "campaigns.run_import",
    ImportRun.Status.UNDOING: "campaigns.undo_import",
}


class LeaseLost(Exception):
    """Somebody else carries on with this run."""


# -- runs -------------------------------------------------------------------------------------------------------------


def acquire(run: ImportRun, status: str, at: datetime) -> bool:
    """Take a run that waits in this status, or that has lain still in it; only one of two who try gets it."""
    was_lost = run.alive_at is not None
    if not ImportRun.objects.filter(_is_free(at), pk=run.pk, status=status).update(alive_at=at):
        return False
    run.refresh_from_db()
    return not (was_lost and _is_set_aside(run))


def _is_free(at: datetime) -> Q:
    """Nobody carries on: not begun, silent for a while, or last alive by a clock that was ahead."""
    return Q(alive_at=None) | Q(alive_at__lt=at - STALLED_AFTER) | Q(alive_at__gt=at + STALLED_AFTER)


def _is_set_aside(run: ImportRun) -> bool:
    """Count how often in a row a worker was lost over the same part of a run; after three times, give it up.

    A file that ends each worker that reads it would otherwise be given to the next one for ever.
    """
    part = 0 if run.status == ImportRun.Status.CHECKING else run.rows_done  # a check begins at the start again
    before = run.counts.get("lost", {})
    times = before.get("times", 0) + 1 if before.get("part") == [run.status, part] else 1
    run.counts["lost"] = {"part": [run.status, part], "times": times}
    if times >= MAX_WORKER_LOSSES:
        log.error("import %s is set aside: it ended %s workers in a row", run.pk, times)
        why = _("Work on this file stopped %(times)s times at the same place.") % {"times": times}
        is_half_written = run.status == ImportRun.Status.IMPORTING
        run.counts["failed" if is_half_written else "trouble"] = why
        run.status, run.alive_at = ImportRun.Status.UNDOING if is_half_written else ImportRun.Status.FAILED, None
    run.save(update_fields=["counts", "status", "alive_at"])
    return times >= MAX_WORKER_LOSSES


def try_again(run: ImportRun) -> bool:
    """Check a failed run anew, or go on taking back what it wrote; False when it has not failed, or has lost its file.

    Nothing is imported by this: a file that passes the check waits for somebody to say so.
    """
    if run.rows.exists():
        status = ImportRun.Status.UNDOING
    elif run.file:
        status = ImportRun.Status.CHECKING
    else:
        return False
    kept = {name: value for name, value in run.counts.items() if name not in ("lost", "trouble")}
    if not ImportRun.objects.filter(pk=run.pk, status=ImportRun.Status.FAILED).update(counts=kept):
        return False
    return ask_for(run, status, out_of=[ImportRun.Status.FAILED])


def ask_for(run: ImportRun, status: str, *, out_of: Sequence[str] = ()) -> bool:
    """Put a run in line for checking, importing or undoing, and wake a worker.

    `out_of` are the statuses it must be in; False when somebody, or another click, was first.
    """
    runs = ImportRun.objects.filter(pk=run.pk)
    if out_of:
        runs = runs.filter(status__in=out_of)
    if not runs.update(status=status, alive_at=None):
        return False
    run.refresh_from_db()
    task_queue.enqueue_on_commit(TASKS[ImportRun.Status(status)], run_id=run.pk)
    return True


def resume_stalled(at: datetime) -> int:
    """Wake workers for runs that nobody carries on with; return how many there were."""
    waiting = ImportRun.objects.filter(_is_free(at), status__in=TASKS).values_list("pk", "status")
    for pk, status in waiting:
        task_queue.enqueue_on_commit(TASKS[ImportRun.Status(status)], run_id=pk)
    return len(waiting)


def resume_all(at: datetime) -> int:
    """Wake workers for every run under way, where it is known that none is at work: on a start of all of them."""
    ImportRun.objects.filter(status__in=TASKS).update(alive_at=None)
    return resume_stalled(at)


def check(run: ImportRun, *, now: Clock) -> None:
    """Check a run that waits for it, and keep what was found."""
    if not acquire(run, ImportRun.Status.CHECKING, now()):
        return

    def beat(done: int, total: int) -> None:
        ImportRun.objects.filter(pk=run.pk).update(rows_done=done, rows_total=total, alive_at=now())

    try:
        findings = _examine_run(run, now(), beat)
    except Exception as error:
        log.exception("import %s could not be checked", run.pk)
        findings = Findings(source=run.source, mapping=ColumnMapping.from_json(run.mapping))
        findings.trouble = _("The file could not be checked: %(why)s") % {"why": _told(error)}
    keep(run, findings)
    run.status = _status_after(findings)
    run.alive_at, run.rows_done = None, 0
    run.save()


def _told(error: Exception) -> str:
    """Why it went wrong, for the run's page. A database quotes the row, and with it what an hour costs."""
    if isinstance(error, DatabaseError | OSError):
        return safe_error(error)
    return str(error)[:500] or type(error).__name__


def _examine_run(run: ImportRun, at: datetime, beat: Callable[[int, int], None]) -> Findings:
    path = path_of(run)
    with errors_path(run).open("w", encoding="utf-8") as kept:

        def on_error(error: RowError) -> None:
            kept.write(json.dumps(error.as_json()) + "\n")

        return examine(
            path,
            kind=run.kind,
            source=run.source,
            mapping=ColumnMapping.from_json(run.mapping),
            creating=run.create_missing,
            at=at,
            only_for=run.only_for_id,
            for_directors=run.for_directors,
            beat=beat,
            on_error=on_error,
        )


def keep(run: ImportRun, findings: Findings) -> None:
    """Keep what a check found with its run."""
    run.mapping, run.source = findings.mapping.to_json(), findings.source or run.source
    run.rows_total = findings.rows
    run.errors = [error.as_json() for error in findings.errors]
    run.questions, run.preview, run.remarks = findings.questions, findings.preview, findings.remarks
    run.counts = {**findings.counts, "errors": findings.error_count, "header": findings.header}
    run.counts |= {"first_lines": findings.first_lines, "header_line": findings.header_line}
    run.counts |= {"sheets": findings.sheets, "checksum": findings.checksum}
    if findings.trouble:
        run.counts["trouble"] = findings.trouble


def _status_after(findings: Findings) -> str:
    if findings.trouble or (findings.error_count and not findings.questions):
        return ImportRun.Status.FAILED
    return ImportRun.Status.NEEDS_ANSWERS if findings.questions else ImportRun.Status.READY


# -- writing ----------------------------------------------------------------------------------------------------------


def write(run: ImportRun, *, now: Clock, until: datetime | None = None) -> None:
    """Write a run that waits for it; after `until` it is handed on, to be taken up where it stands.

    Whatever goes wrong on the way, what was written is taken back and the run says so.
    """
    if not acquire(run, ImportRun.Status.IMPORTING, now()):
        return
    try:
        _write(run, now, until)
    except LeaseLost:
        return
    except OperationalError as error:
        # A database that is busy or away, not a file that is wrong: taken up again where it stands, a few times.
        run.refresh_from_db()
        run.counts["interrupted"] = run.counts.get("interrupted", 0) + 1
        if run.counts["interrupted"] > MOST_INTERRUPTIONS:
            _give_up(run, error, now)
            return
        log.warning("import %s was interrupted: %s", run.pk, error)
        run.save(update_fields=["counts"])
        ask_for(run, ImportRun.Status.IMPORTING)
    except Exception as error:
        log.exception("import %s failed and is undone", run.pk)
        run.refresh_from_db()
        _give_up(run, error, now)


def _give_up(run: ImportRun, error: Exception, now: Clock) -> None:
    """Take back what a run wrote, and keep why."""
    run.counts["failed"] = _told(error)
    run.status, run.alive_at = ImportRun.Status.UNDOING, None
    run.save()
    undo(run, now=now)


def _write(run: ImportRun, now: Clock, until: datetime | None) -> None:
    importer, table = importer_of(run, now())
    _make_missing(run, importer)
    rung = time.monotonic()
    for writer, batch in batches_to_write(run, importer, table, now, CHUNK):
        started = time.monotonic()
        _write_batch(run, writer, batch, now())
        if started - rung > SECONDS_BETWEEN_BELLS:
            _let_figures_follow()
            rung = started
        if until and now() > until:
            ask_for(run, ImportRun.Status.IMPORTING)
            return
        time.sleep((time.monotonic() - started) * THROTTLE_RATIO)
    _finish(run, now())


def _make_missing(run: ImportRun, importer: Importer) -> None:
    """Make the platforms, campaigns and people that the file names, in one transaction, and note which."""
    if run.only_for_id:
        return  # what a member says about a file is no rule for everybody's
    with transaction.atomic():
        wanted = run.counts.get("make", {})
        made = dict(run.counts.get("made", {}))
        for directory in importer.directories:
            for target, label in wanted.get(directory.name_type, {}).items():
                directory.labels[normalise(target)] = label
                directory.find(target, line=0)
            if ids := directory.make_missing():
                made[directory.name_type] = made.get(directory.name_type, []) + ids
            for name_type, brought in directory.brought.items():
                made[name_type] = made.get(name_type, []) + brought
            directory.brought.clear()
        run.counts["made"] = made
        ImportRun.objects.filter(pk=run.pk).update(counts=run.counts)
        remember(run, importer.context.layout.header)


def _write_batch(run: ImportRun, importer: Importer, batch: Sequence[Any], at: datetime) -> None:
    """One short transaction: the rows, what they did, and how far the run is."""
    with transaction.atomic():
        importer.prepare(batch)
        progress = ImportRun.objects.filter(pk=run.pk, status=ImportRun.Status.IMPORTING, rows_done=run.rows_done)
        if not progress.update(rows_done=F("rows_done") + len(batch), alive_at=at):
            raise LeaseLost
        changes = importer.plan(batch)
        if importer.context.errors:
            raise RuntimeError(str(importer.context.errors[0]))
        rows = importer.write(changes)
        for row in rows:
            row.run_id = run.pk
        ImportedRow.keep(rows)
        _count(run, changes)
    run.rows_done += len(batch)


def _count(run: ImportRun, changes: Sequence[Any]) -> None:
    written = Counter(run.counts.get("written", {}))
    written.update(change.action for change in changes)
    run.counts["written"] = dict(written)
    ImportRun.objects.filter(pk=run.pk).update(counts=run.counts)


def _finish(run: ImportRun, at: datetime) -> None:
    run.status, run.finished_at, run.alive_at = ImportRun.Status.DONE, at, None
    with transaction.atomic():
        run.save(update_fields=["status", "finished_at", "alive_at"])
        events.emit(EventKind.IMPORT_DONE, lambda: _done(run), at=at)
    _let_figures_follow()


def _let_figures_follow() -> None:
    """Wake a worker for the drain. Each step of a file has left marks of its own, often of the same cells."""
    StaleMark.merge_alike()
    task_queue.enqueue_on_commit()


def _done(run: ImportRun) -> dict[str, Any]:
    """What is told of an import: no name of a file, which may be that of a person."""
    url = f"{settings.SITE_URL}{reverse('campaigns:import_run', args=[run.pk])}"
    written = run.counts.get("written", {})
    return {"import": run.pk, "kind": run.kind, "rows": run.rows_total, "written": written, "url": url}


# -- undoing ----------------------------------------------------------------------------------------------------------


def undo(run: ImportRun, *, now: Clock, until: datetime | None = None) -> None:
    """Take back, last row first, what a run did; what changed since or is needed by others is kept and counted."""
    if not acquire(run, ImportRun.Status.UNDOING, now()):
        return
    # What it said no longer counts: a row that it corrected may say the same as another of its rows.
    run.rows.exclude(fingerprint=None).update(fingerprint=None)
    size = CHUNK
    while True:
        try:
            if not _undo_batch(run, size, now()):
                break
        except IntegrityError:
            # Half a day of set cells may not fit into 24 hours: with the other half it does.
            size *= 4
            if size > CHUNK * 64:
                raise
        if until and now() > until:
            ask_for(run, ImportRun.Status.UNDOING)
            return
    StaleMark.merge_alike()
    with transaction.atomic():
        _unmake(run)
        run.status = ImportRun.Status.FAILED if run.counts.get("failed") else ImportRun.Status.UNDONE
        run.undone_at, run.alive_at, run.rows_done = now(), None, 0
        run.save()
        task_queue.enqueue_on_commit()


def _undo_batch(run: ImportRun, size: int, at: datetime) -> int:
    with transaction.atomic():
        rows = list(run.rows.order_by("-pk")[:size])
        if rows:
            kept = IMPORTERS[run.kind].undo(rows)
            run.counts["kept"] = run.counts.get("kept", 0) + kept
            ImportedRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
            run.alive_at = at
            run.save(update_fields=["counts", "alive_at"])
    return len(rows)


def _unmake(run: ImportRun) -> None:
    """Remove the platforms, campaigns and people that this run made, unless something hangs on them by now."""
    kinds: dict[str, type[Directory]] = {**IMPORTERS[run.kind].directory_types, "client": Clients}
    made = run.counts.get("made", {})
    in_order = sorted(made, key=lambda name_type: name_type == "client")  # clients after their campaigns
    run.counts["made"] = {
        name_type: left for name_type in in_order if (left := kinds[name_type].remove_unused(made[name_type]))
    }
