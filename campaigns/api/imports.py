"""Many rows at once, checked and written by the engine that takes files: all of them, or none with what is wrong."""

import csv
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from campaigns.api.collection import NAMESPACE, Collection, filled
from campaigns.api.leads import LEADS_API, TOUCHPOINTS_API
from campaigns.api.money import SALES_API, SPEND_API
from campaigns.api.outcomes import OUTCOMES_API
from campaigns.imports import runner
from campaigns.imports.errors import RowError
from campaigns.imports.formats.known_formats import find_format
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.validation import Findings, examine
from campaigns.models import ImportRun
from campaigns.models.imports import ImportKind
from core.access import EVERYONE, STEERING
from core.api import paging
from core.api.access import WRITE, BearerToken, Caller, caller_of, check_scope
from core.api.paging import Number, Page, PageQuery, Sent
from core.api.problems import Problem

OWN_FORMAT = "generic"
MOST_ROWS = 500
FIRST_LINE = 2  # that of the first row: the header is line 1
FILE_NAME = "api.csv"

Cell = str | int | float | None


class RowsIn(Sent):
    rows: list[dict[str, Cell]] = Field(
        min_length=1,
        max_length=MOST_ROWS,
        description="Each with the columns that an export of these has (docs/imports.md); names, not numbers.",
    )


class ImportOut(Schema):
    id: int
    kind: str
    source: str
    file_name: str
    status: str
    requested_by: int | None
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    rows: int
    created: int
    changed: int
    unchanged: int


def show_import(run: ImportRun) -> ImportOut:
    written: Mapping[str, int] = run.counts.get("written", {})
    created, changed = written.get("create", 0), written.get("change", 0)
    return filled(
        ImportOut,
        run,
        rows=run.rows_total,
        created=created,
        changed=changed,
        unchanged=run.rows_total - created - changed,
    )


def headings(kind: str) -> list[str]:
    """What our own format calls the columns of this kind, in English, the language of the format."""
    own = find_format(OWN_FORMAT, kind)
    assert own is not None
    return [names[0] for names in own.columns.values()]


def write_rows(
    kind: ImportKind, rows: list[dict[str, Cell]], caller: Caller, *, only_for: int | None = None
) -> ImportRun:
    """Check and write them; `only_for` is the person whose own hours alone they may be."""
    known = headings(kind)
    check_headings(rows, known)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE_NAME
        write_file(path, rows, [name for name in known if any(name in row for row in rows)])
        findings = examine(
            path,
            kind=kind,
            source=OWN_FORMAT,
            mapping=ColumnMapping(),
            creating=False,
            at=timezone.now(),
            only_for=only_for,
            for_directors=caller.is_director,
        )
        if not findings.is_good:
            raise refusal(findings)
        return written(path, kind, findings, caller, only_for)


def check_headings(rows: list[dict[str, Cell]], known: Iterable[str]) -> None:
    errors = [
        {"row": number, "field": name[:60], "message": _("There is no such field.")}
        for number, row in enumerate(rows)
        for name in row
        if name not in known
    ]
    if errors:
        raise Problem(422, errors=errors[:MOST_ROWS])


def write_file(path: Path, rows: list[dict[str, Cell]], columns: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([[as_text(row.get(name)) for name in columns] for row in rows])


def as_text(cell: Cell) -> str:
    return "" if cell is None else str(cell).replace("\x00", "")


def refusal(findings: Findings) -> Problem:
    """Every error at its row, counted from 0 as in the list that was sent; then what stands in the way as a whole."""
    errors: list[dict[str, Any]] = [of_row(error) for error in findings.errors]
    errors += [{"field": "", "message": sentence} for sentence in findings.sentences()]
    return Problem(422, _("Nothing was written."), errors=errors)


def of_row(error: RowError) -> dict[str, Any]:
    message = f"{error.problem()} {error.advice()}".strip()
    return {"row": max(error.line - FIRST_LINE, 0), "field": error.column, "message": message}


def written(path: Path, kind: ImportKind, findings: Findings, caller: Caller, only_for: int | None) -> ImportRun:
    """Write them as a run of imports, which can be taken back as a whole like any other."""
    run = ImportRun(
        kind=kind,
        source=findings.source,
        file_name=FILE_NAME,
        requested_by=caller.person,
        only_for_id=only_for,
        for_directors=caller.is_director,
    )
    with path.open("rb") as file:
        run.file.save(FILE_NAME, File(file), save=False)
    runner.keep(run, findings)
    run.status = ImportRun.Status.IMPORTING
    run.save()
    runner.write(run, now=timezone.now)
    run.refresh_from_db()
    if run.status == ImportRun.Status.FAILED:
        raise Problem(409, run.counts.get("failed", ""))
    return run


router = Router(tags=["Many at once"])
ANYBODY = BearerToken(None, EVERYONE)
# What a token must be able to write to take back an import of this kind.
NOUNS_OF_KINDS = {
    ImportKind.HOURS: "hours",
    ImportKind.LEADS: "leads",
    ImportKind.TOUCHES: "leads",
    ImportKind.SALES: "sales",
    ImportKind.SPEND: "spend",
    ImportKind.OUTCOMES: "outcomes",
}


def runs_for(caller: Caller) -> QuerySet[ImportRun]:
    """Those that this caller may see, as on the page: a member's own, and for managers all but a director's."""
    runs = ImportRun.objects.defer("errors", "preview", "questions", "mapping")
    if caller.is_director:
        return runs
    if caller.role in STEERING:
        return runs.not_for_directors()
    return runs.filter(only_for=caller.person) if caller.person else runs.none()


def run_of(caller: Caller, pk: int) -> ImportRun:
    run = runs_for(caller).filter(pk=pk).first()
    if run is None:
        raise Http404
    return run


def import_answer(response: HttpResponse, run: ImportRun, status: int = 201) -> Status:
    response["Location"] = reverse(f"{NAMESPACE}:import", args=[run.pk])
    return Status(status, show_import(run))


@router.get("/imports", response=Page[ImportOut], auth=ANYBODY, url_name="imports", summary="Imports")
def read_imports(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """Files, and rows that were sent together; of a member those of their own hours."""
    paging.known_only(request, PageQuery)
    return paging.page_of(runs_for(caller_of(request)), query, show_import)


@router.get("/imports/{int:pk}", response=ImportOut, auth=ANYBODY, url_name="import", summary="What rows led to")
def read_import(request: HttpRequest, pk: Number) -> Any:
    return show_import(run_of(caller_of(request), pk))


@router.post(
    "/imports/{int:pk}/undo", response=ImportOut, auth=ANYBODY, url_name="import_undo", summary="Take an import back"
)
def undo_import(request: HttpRequest, response: HttpResponse, pk: Number) -> Any:
    """Undo all that it did, soon after: `status` is undoing, then undone. It needs the scope that wrote the rows."""
    caller = caller_of(request)
    run = run_of(caller, pk)
    check_scope(request, caller, f"{NOUNS_OF_KINDS[ImportKind(run.kind)]}:{WRITE}")
    if run.corrections().exists():
        raise Problem(409, _("A later import corrected rows of this one. Undo that one first."))
    if not runner.ask_for(run, ImportRun.Status.UNDOING, out_of=[ImportRun.Status.DONE]):
        raise Problem(409, _("Only what was imported can be undone, and only once."))
    return import_answer(response, run, 200)


def add_many(kind: ImportKind, each: Collection) -> None:
    def add(request: HttpRequest, response: HttpResponse, body: RowsIn) -> Any:
        return import_answer(response, write_rows(kind, body.rows, caller_of(request)))

    router.post(
        f"/{each.name}/bulk",
        response={201: ImportOut},
        auth=each.writer(),
        url_name=f"{each.name}_bulk",
        summary=f"Add many {each.one.replace('_', ' ')}s",
        description="Columns: " + ", ".join(headings(kind)) + ".",
    )(add)


for kind, each in (
    (ImportKind.LEADS, LEADS_API),
    (ImportKind.TOUCHES, TOUCHPOINTS_API),
    (ImportKind.SALES, SALES_API),
    (ImportKind.SPEND, SPEND_API),
    (ImportKind.OUTCOMES, OUTCOMES_API),
):
    add_many(kind, each)
