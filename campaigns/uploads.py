"""The files of imports, and what is kept of their content: needed until they are imported, then for a month."""

import re
from collections.abc import Collection
from pathlib import Path

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.models import ImportRun, RememberedMapping

UNDER_WAY = (ImportRun.Status.CHECKING, ImportRun.Status.IMPORTING, ImportRun.Status.UNDOING)
SHORTEST_NAME = 4  # what is shorter stands in too many other names
# What a check found in the file itself, its first line and its labels included.
QUOTED = ("header", "first_lines", "sheets", "make", "trouble", "conflicts", "lacking", "submitted", "left_out_weeks")


class FileGone(Exception):
    """The file of an import is no longer there; the text is a sentence for whoever wanted it."""


def path_of(run: ImportRun) -> Path:
    """Where the file of a run is; `FileGone` when it is not."""
    if not run.file or not Path(run.file.path).is_file():
        raise FileGone(_("The file is no longer here. Upload it again."))
    return Path(run.file.path)


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
        if run.status in (ImportRun.Status.DONE, ImportRun.Status.UNDONE) or run.rows.exists():
            _forget_content(run)
        else:
            run.delete()
    return len(held)


def _holds_something(run: ImportRun) -> bool:
    return bool(run.file or run.errors or run.questions or run.preview or run.remarks or run.mapping)


def _forget_content(run: ImportRun) -> None:
    run.errors, run.questions, run.preview, run.remarks, run.mapping = [], [], [], [], {}
    run.counts = {name: value for name, value in run.counts.items() if name not in QUOTED}
    if run.counts.get("failed"):
        run.counts["failed"] = _("the reason was deleted together with the file.")
    run.save(update_fields=["file", "errors", "questions", "preview", "remarks", "mapping", "counts"])


def forget_names(texts: Collection[str], kinds: Collection[str]) -> None:
    """Rename imports whose file is called by one of these texts, and unlearn headers that are one of them.

    A file without a first line of names has its first row there.
    """
    wanted = {plain for text in texts if len(plain := _plain(text)) >= SHORTEST_NAME}
    for pk, kind, name in ImportRun.objects.filter(kind__in=kinds).values_list("pk", "kind", "file_name"):
        if any(f" {text} " in f" {_plain(name)} " for text in wanted):
            ImportRun.objects.filter(pk=pk).update(file_name=f"{kind}{Path(name).suffix[:5]}")
    for learnt in RememberedMapping.objects.filter(kind__in=kinds):
        mapped = {*learnt.mapping.get("columns", {}).values(), *learnt.mapping.get("constants", {}).values()}
        if any(_plain(text) in wanted for text in mapped):
            learnt.delete()


def _plain(text: str) -> str:
    """Words alone, so that `zelda_quokka-2.csv` and `Zelda Quokka` are comparable."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
