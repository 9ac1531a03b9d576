"""Imports in the browser: upload, say what is what, look at what would happen, import, undo."""

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.imports import first_rows, mapping_form, runner, summary
from campaigns.imports.errors import RowError
from campaigns.imports.files.file_reader import line_label
from campaigns.imports.formats.known_formats import FILE_FORMATS
from campaigns.imports.warnings import sentences
from campaigns.models import ImportRun
from campaigns.models.imports import ImportKind
from campaigns.uploads import UNDER_WAY
from core.access import EVERYONE, STEERING, Role, log_refusal, role_required
from core.lists import paginate
from core.spreadsheets import csv_response

LARGEST_FILE = 50 * 1024 * 1024
RUNS_A_PAGE = 30
ERRORS_SHOWN = 100
OPEN = (ImportRun.Status.UPLOADED, ImportRun.Status.NEEDS_ANSWERS, ImportRun.Status.READY, ImportRun.Status.FAILED)
SETTLED = (ImportRun.Status.READY, ImportRun.Status.DONE, ImportRun.Status.UNDONE)
AUTO = ("auto", gettext_lazy("Recognise it by its columns"))


class UploadForm(forms.Form):
    """A file and what it holds."""

    kind = forms.ChoiceField(label=gettext_lazy("What it holds"), choices=ImportKind.choices)
    source = forms.ChoiceField(
        label=gettext_lazy("Where it comes from"),
        choices=[AUTO, *sorted({known.key: known.label for known in FILE_FORMATS}.items())],
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or XLSX, at most 50 MB, with the names of the columns in its first line."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        max_length=200,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("This file is larger than 50 MB. Split it and import the parts."))
        return file


class OwnUploadForm(UploadForm):
    """A file of somebody's own hours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["kind"]
        known = {known.key: known.label for known in FILE_FORMATS if known.kind == ImportKind.HOURS}
        self.fields["source"].choices = [AUTO, *sorted(known.items())]  # type: ignore[attr-defined]


def _run(request: HttpRequest, pk: int, *related: str) -> ImportRun:
    """One of them, or a 404: somebody else's is answered as if there were none, and logged."""
    if run := _runs(request).select_related(*related).filter(pk=pk).first():
        return run
    if ImportRun.objects.filter(pk=pk).exists():
        log_refusal(request, 404)
    raise Http404


def _runs(request: HttpRequest) -> QuerySet[ImportRun]:
    """The imports that this person may see: directors all, members those of their own hours.

    Managers see all but those that a director brought: a column of theirs may be what an hour costs.
    """
    role = getattr(request.user, "role", None)
    if role == Role.DIRECTOR:
        return ImportRun.objects.all()
    if role in STEERING:
        return ImportRun.objects.not_for_directors()
    return ImportRun.objects.filter(only_for=request.user.pk)


def may_read(request: HttpRequest, run: ImportRun) -> bool:
    """Whether this person may read what a file holds and say what its columns are: who brought it, and directors.

    A column may be what an hour costs. Others see that the file is there, start it and take it back.
    """
    role = getattr(request.user, "role", None)
    return role == Role.DIRECTOR or run.requested_by_id == request.user.pk


def _readable_run(request: HttpRequest, pk: int) -> ImportRun:
    """A run whose content this person may read; a 403 for one that is only known to be there."""
    run = _run(request, pk)
    if not may_read(request, run):
        raise PermissionDenied
    return run


@require_safe
@role_required(*EVERYONE)
def imports(request: HttpRequest) -> HttpResponse:
    runs = _runs(request).select_related("requested_by").defer("errors", "preview", "questions", "mapping")
    problems: list[str] = []
    page = paginate(runs, RUNS_A_PAGE, request.GET.get("page", ""), problems)
    return render(request, "campaigns/imports/list.html", {"page": page, "problems": problems})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*EVERYONE)
def import_add(request: HttpRequest) -> HttpResponse:
    """Take a file. Members bring their own hours alone; others may say so (`own`)."""
    is_own = getattr(request.user, "role", None) not in STEERING or "own" in {*request.GET, *request.POST}
    form_class = OwnUploadForm if is_own else UploadForm
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = form_class(data, files, initial={"kind": request.GET.get("kind")})
    if form.is_valid():
        file = form.cleaned_data["file"]
        run = ImportRun.objects.create(
            kind=ImportKind.HOURS if is_own else form.cleaned_data["kind"],
            source=form.cleaned_data["source"],
            file=file,
            file_name=file.name[:200],
            requested_by_id=request.user.pk,
            for_directors=getattr(request.user, "role", None) == Role.DIRECTOR,
            only_for_id=request.user.pk if is_own else None,
        )
        runner.ask_for(run, ImportRun.Status.CHECKING)
        return redirect("campaigns:import_run", run.pk)
    context = {"form": form, "is_own": is_own}
    return render(request, "campaigns/imports/upload.html", context, status=422 if form.errors else 200)


@require_safe
@role_required(*EVERYONE)
def import_run(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk, "requested_by")
    can_read = may_read(request, run)
    context = {
        "run": run,
        "can_read": can_read,
        "is_at_work": run.status in UNDER_WAY,
        "is_open": run.status in OPEN,
        "sums": _sums(run, can_read=can_read),
    }
    return render(request, "campaigns/imports/run.html", context | (_content(run) if can_read else {}))


def _sums(run: ImportRun, *, can_read: bool) -> list[str]:
    """What a file comes to; for those who may not read it without the names and amounts that stand in it."""
    if run.status not in SETTLED:
        return []
    return list(summary.described(run.counts) if can_read else summary.rows_described(run.counts))


def _content(run: ImportRun) -> dict[str, Any]:
    """All that was read out of a run's file, and what may be said about it."""
    context = _described(run)
    if run.status in OPEN and run.counts.get("header"):
        context["mapping_form"] = mapping_form.form_for(run)
        if any("cells" in row for row in run.preview):
            context |= _as_written(run)
    return context


def _described(run: ImportRun) -> dict[str, Any]:
    """What a run found or did, in words."""
    fields = mapping_form.fields_of(run)
    shown = {name: field for name, field in fields.items() if any(row["texts"].get(name) for row in run.preview)}
    return {
        "remarks": sentences(run.remarks),
        "errors": [RowError.from_json(error) for error in run.errors[:ERRORS_SHOWN]],
        "error_count": run.counts.get("errors", 0),
        "columns": [str(field.label) for field in shown.values()],
        "rows": [(line_label(row["line"]), first_rows.texts_shown(row, shown)) for row in run.preview],
    }


def _as_written(run: ImportRun) -> dict[str, Any]:
    """The first rows by the file's own columns, while nobody has said what these hold."""
    return {
        "columns": [text or "–" for text in run.counts["header"]],
        "rows": [(line_label(row["line"]), first_rows.cells_shown(row)) for row in run.preview],
    }


@require_safe
@role_required(*EVERYONE)
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the work is; once it is over the page is asked to load anew."""
    run = _run(request, pk)
    response = render(request, "campaigns/imports/_progress.html", {"run": run})
    if run.status not in UNDER_WAY:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@role_required(*EVERYONE)
def import_answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what was said about the file, and check it again."""
    run = _readable_run(request, pk)
    if run.status in OPEN:
        for problem in mapping_form.apply_answers(run, request.POST):
            messages.error(request, problem)
        run.save(update_fields=["mapping", "create_missing", "source"])
        runner.ask_for(run, ImportRun.Status.CHECKING, out_of=OPEN)
    return redirect("campaigns:import_run", pk)


@require_POST
@role_required(*EVERYONE)
def import_start(request: HttpRequest, pk: int) -> HttpResponse:
    runner.ask_for(_run(request, pk), ImportRun.Status.IMPORTING, out_of=[ImportRun.Status.READY])
    return redirect("campaigns:import_run", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*EVERYONE)
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    later = list(run.corrections()) if run.status == ImportRun.Status.DONE else []
    if run.status == ImportRun.Status.DONE and (later or request.method != "POST"):
        known = {one.pk for one in _runs(request).filter(pk__in=[one.pk for one in later])}
        sums = _sums(run, can_read=may_read(request, run))
        context = {"run": run, "sums": sums, "later": [one for one in later if one.pk in known], "is_corrected": later}
        status = 409 if request.method == "POST" else 200
        return render(request, "campaigns/imports/undo.html", context, status=status)
    if request.method == "POST":
        runner.ask_for(run, ImportRun.Status.UNDOING, out_of=[ImportRun.Status.DONE])
    return redirect("campaigns:import_run", pk)


@require_POST
@role_required(*EVERYONE)
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a file that was never imported."""
    run = _run(request, pk)
    if run.status in OPEN and not run.rows.exists():
        runner.errors_path(run).unlink(missing_ok=True)
        run.file.delete(save=False)
        run.delete()
    return redirect("campaigns:imports")


@require_safe
@role_required(*EVERYONE)
def import_errors(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every error of a run as CSV."""
    run = _readable_run(request, pk)
    header = [_("Line"), _("Column"), _("Problem"), _("What would be right")]
    return csv_response(f"errors-{run.pk}.csv", header, _every_error(run))


def _every_error(run: ImportRun) -> Iterator[tuple[str, str, str, str]]:
    path = runner.errors_path(run)
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as kept:
        for line in kept:
            error = RowError.from_json(json.loads(line))
            yield error.line_label, error.column, error.problem(), error.advice()
