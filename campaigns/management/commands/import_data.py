"""Import a file from the command line, with the same engine as the browser and the jobs."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.imports import runner
from campaigns.imports.errors import RowError
from campaigns.imports.formats.known_formats import FILE_FORMATS
from campaigns.imports.importers import IMPORTERS
from campaigns.imports.mapping.column_mapping import ColumnMapping, MapError, lines_written, read_map
from campaigns.imports.summary import described
from campaigns.imports.validation import Findings, examine
from campaigns.imports.warnings import sentences
from campaigns.models import Agency, ImportRun
from campaigns.models.imports import ImportKind
from core.money import localised

SOURCES = ["auto", *dict.fromkeys(file_format.key for file_format in FILE_FORMATS)]


class Command(BaseCommand):
    """Exit 0 when the file is in; exit 1, with every reason, when nothing was written."""

    help = "Import hours, leads, touches, sales, spend or outcomes from a CSV or XLSX file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=ImportKind.values)
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", choices=SOURCES, default="auto", help="who wrote the file")
        parser.add_argument("--map", type=Path, help="a CSV with the header what,from,to (docs/imports.md)")
        parser.add_argument("--create", action="store_true", help="create missing platforms, campaigns and people")
        parser.add_argument("--check", action="store_true", help="write nothing, say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        kind = options["kind"]
        mapping = self._said(options["map"], kind)
        agency = Agency.current() if Agency.objects.exists() else Agency()
        with localised(language=agency.language, country=agency.country, currency=agency.currency):
            self._import(path, kind, options, mapping)

    def _import(self, path: Path, kind: str, options: dict[str, Any], mapping: ColumnMapping) -> None:
        findings = examine(
            path,
            kind=kind,
            source=options["source"],
            mapping=mapping,
            creating=options["create"],
            at=timezone.now(),
            on_error=self._show_error,
        )
        self._show(findings)
        if not findings.is_good:
            raise CommandError(self._refusal(findings), returncode=1)
        if options["check"]:
            self.stdout.write("Checked: nothing was written.")
            return
        self._write(path, kind, findings, creating=options["create"])

    def _said(self, map_path: Path | None, kind: str) -> ColumnMapping:
        if map_path is None:
            return ColumnMapping()
        if not map_path.is_file():
            raise CommandError(f"There is no map {map_path}.")
        try:
            return read_map(map_path, fields=IMPORTERS[kind].fields)
        except MapError as error:
            raise CommandError("\n".join(error.sentences)) from error

    def _show_error(self, error: RowError) -> None:
        """Every bad row, as it is met: there may be more than a run keeps."""
        self.stderr.write(str(error))

    def _show(self, findings: Findings) -> None:
        for sentence in findings.sentences():
            self.stderr.write(sentence)
        if findings.source:
            self.stdout.write(f"Source: {findings.source}. Rows: {findings.rows}.")
        for row in findings.preview[:5] if findings.is_good else ():
            texts = ", ".join(f"{name}: {text}" for name, text in row["texts"].items() if text)
            self.stdout.write(f"  Line {row['line']}: {texts}")
        for sentence in (*described(findings.counts), *sentences(findings.remarks, with_map=True)):
            self.stdout.write(sentence)

    def _refusal(self, findings: Findings) -> str:
        if findings.error_count:
            return f"{findings.error_count} errors: nothing was written.{self._way_out(findings)}"
        return "Nothing was written."

    def _way_out(self, findings: Findings) -> str:
        """How a map leaves the bad rows out, when all of them are known."""
        if findings.error_count > len(findings.errors):
            return ""
        lines = lines_written(error.line for error in findings.errors)
        return f"\nTo import the rest, put into a map: leave_out,{lines},{findings.checksum[:12]}"

    def _write(self, path: Path, kind: str, findings: Findings, *, creating: bool) -> None:
        run = ImportRun(kind=kind, source=findings.source, file_name=path.name[:200], create_missing=creating)
        with path.open("rb") as file:
            run.file.save(path.name, File(file), save=False)
        runner.keep(run, findings)
        run.status = ImportRun.Status.IMPORTING
        run.save()
        while run.status == ImportRun.Status.IMPORTING:
            runner.write(run, now=timezone.now)
            run.refresh_from_db()
            if run.status == ImportRun.Status.IMPORTING:
                time.sleep(1)  # the database is busy, or a worker carries on with it
        if run.status != ImportRun.Status.DONE:
            raise CommandError(f"Not imported, everything was taken back: {run.counts.get('failed', run.status)}")
        self.stdout.write(f"Imported as run {run.pk}.")
