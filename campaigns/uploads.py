"""The files of imports, and what is kept of their content: needed until they are imported, then for a month."""

from pathlib import Path

from django.db.models import QuerySet

from campaigns.models import ImportRun

Status = ImportRun.Status
UNDER_WAY = (Status.CHECKING, Status.IMPORTING, Status.UNDOING)


def errors_path(run: ImportRun) -> Path:
    """Where every error of a run is kept, one JSON a line: the row itself keeps the first thousand."""
    return Path(run.file.storage.path(f"{run.file.name}.errors"))


def discard(runs: QuerySet[ImportRun]) -> int:
    """Delete the files of these runs and what was kept of their rows; return how many runs had something.

    What an import did stays, and so does the way to undo it. A file that was never imported is forgotten as a whole.
    Runs under way are left alone.
    """
    held = [run for run in runs.exclude(status__in=UNDER_WAY) if _holds_something(run)]
    for run in held:
        errors_path(run).unlink(missing_ok=True)
        run.file.delete(save=False)
        if run.status in (Status.DONE, Status.UNDONE) or run.rows.exists():
            run.errors, run.questions, run.preview, run.remarks = [], [], [], []
            run.save(update_fields=["file", "errors", "questions", "preview", "remarks"])
        else:
            run.delete()
    return len(held)


def _holds_something(run: ImportRun) -> bool:
    return bool(run.file or run.errors or run.questions or run.preview or run.remarks)
