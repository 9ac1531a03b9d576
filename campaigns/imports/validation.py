"""A file checked as a whole, with nothing written: what stops it, what must be asked, what it would do."""

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from campaigns.imports import first_rows
from campaigns.imports.errors import RowError, describe_file_error
from campaigns.imports.files.encoding_doubt import doubtful_word
from campaigns.imports.files.file_errors import FileError
from campaigns.imports.files.file_reader import FALLBACK_ENCODING, FileTable
from campaigns.imports.files.workbook_reader import unseen_in
from campaigns.imports.formats.file_format import FileFormat
from campaigns.imports.formats.known_formats import FILE_FORMATS, find_format
from campaigns.imports.importers import IMPORTERS
from campaigns.imports.importers.base import ImportContext, Importer
from campaigns.imports.ledger.lacking import question
from campaigns.imports.mapping.column_mapping import OPTIONS, ColumnMapping
from campaigns.imports.mapping.columns import Layout
from campaigns.imports.mapping.conventions import Conventions
from campaigns.imports.mapping.remembered import remembered_mapping
from campaigns.imports.opening import (
    checksum,
    fields_of,
    format_of,
    known_headers,
    open_for,
    period_of_file,
    period_of_rows,
    sheets_alike,
)
from campaigns.imports.questions import describe_question
from campaigns.models import Agency
from campaigns.models.imports import ImportKind

CHUNK = 1_000
# What a row is refused for while a question about the whole file is open: by the option that settles it.
WAITING_FOR_AN_ANSWER = {
    "ambiguous_date": "date_order",
    "two_digit_year": "date_order",
    "ambiguous_number": "decimal",
    "over_a_day": "duration_unit",
}
MOST_ERRORS_KEPT = 1_000
MOST_NAMES_ASKED = 500
MOST_CONFLICTS_KEPT = 100
LINES_OFFERED = 25
HEARTBEAT_ROWS = 2_000


@dataclass
class Findings:
    """What checking a file found: what stops it, what must be asked, what it would do."""

    kind: str = ""
    source: str = ""
    mapping: ColumnMapping = field(default_factory=ColumnMapping)
    header: tuple[str, ...] = ()
    # The lines that may name the columns, each with its first cells, and the sheets that may be read.
    first_lines: list[dict[str, Any]] = field(default_factory=list)
    header_line: int = 0
    sheets: list[str] = field(default_factory=list)
    checksum: str = ""
    rows: int = 0
    error_count: int = 0
    errors: list[RowError] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    preview: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it can be imported as it is. What a file lacks is asked about, and kept as long as nobody answers."""
        is_open = any(question["ask"] != "complete" for question in self.questions)
        return not (self.error_count or is_open or self.trouble)

    def sentences(self) -> Iterator[str]:
        """What stands in the way besides bad rows, each as a sentence."""
        if self.trouble:
            yield self.trouble
        yield from (describe_question(question) for question in self.questions)


def examine(
    path: Path,
    *,
    kind: str,
    source: str,
    mapping: ColumnMapping,
    creating: bool,
    at: datetime,
    only_for: int | None = None,
    for_directors: bool = True,
    beat: Callable[[int, int], None] = lambda done, total: None,
    on_error: Callable[[RowError], None] = lambda error: None,
) -> Findings:
    """Check a file without writing anything; `beat` hears of progress, `on_error` of every error.

    `for_directors` is false for a file that somebody else brought: see `header_print`.
    """
    findings = Findings(kind)
    if source != "auto" and find_format(source, kind) is None:
        findings.trouble = _wrong_source(source, kind)
        return findings
    try:
        table = open_for(path, kind, mapping)
        findings.checksum = checksum(path)
        if foreign := foreign_checksum(mapping, findings.checksum):
            findings.trouble = _(
                "The map leaves out lines of another file: its checksum is %(theirs)s, not %(ours)s."
            ) % {
                "theirs": foreign[:12],
                "ours": findings.checksum[:12],
            }
            return findings
        said = mapping.over(remembered_mapping(kind, "generic", table.header, for_directors=for_directors))
        file_format = format_of(table, kind, source, said)
        remembered = remembered_mapping(kind, file_format.key, table.header, for_directors=for_directors)
        findings.source, findings.header = file_format.key, table.header
        _describe_table(table, kind, findings)
        findings.mapping = mapping.over(remembered)
        context = functools.partial(
            ImportContext,
            agency=Agency.current(),
            at=at,
            creating=creating,
            only_for=only_for,
            left_out=mapping.lines_left_out(findings.checksum),
        )
        _check(table, file_format, findings, IMPORTERS[kind], context, beat=beat, on_error=on_error)
    except FileError as error:
        findings.trouble = describe_file_error(error)
    return findings


def _describe_table(table: FileTable, kind: str, findings: Findings) -> None:
    """Note what a person may correct of how a file was opened."""
    findings.header_line = table.header_line
    findings.first_lines = [
        {"line": line, "text": " · ".join(cell for cell in cells if cell)[:80]}
        for line, cells in table.first_records(LINES_OFFERED)
    ]
    alike = sheets_alike(table.sheets, known_headers(kind)) if table.sheets else ()
    findings.sheets = list(alike) if len(alike) > 1 else []


def foreign_checksum(mapping: ColumnMapping, checksum: str) -> str:
    """The checksum of another file whose lines a map leaves out; empty when there is none."""
    return next((beginning for beginning in mapping.left_out if not checksum.startswith(beginning)), "")


def _wrong_source(source: str, kind: str) -> str:
    able = sorted({known.key for known in FILE_FORMATS if known.kind == kind})
    return _("Files from %(source)s contain no %(kind)s. Sources that do: %(able)s.") % {
        "source": source,
        "kind": ImportKind(kind).label.lower(),
        "able": ", ".join(able),
    }


def _check(
    table: FileTable,
    file_format: FileFormat,
    findings: Findings,
    importer_type: type[Importer],
    context: functools.partial[ImportContext],
    *,
    beat: Callable[[int, int], None],
    on_error: Callable[[RowError], None],
) -> None:
    mapping = findings.mapping
    layout = _arranged(table, file_format, mapping, importer_type, context.keywords["only_for"])
    conventions = Conventions(layout, mapping)
    conventions.listen(table.rows())
    findings.rows = conventions.rows
    if not findings.rows:
        raise FileError("no_rows")
    findings.questions = [*_sheet_questions(findings), *_file_questions(layout, conventions)]
    if any(question["ask"] in ("column", "absent") for question in findings.questions):
        findings.preview, findings.remarks = first_rows.by_column(table), _opening_remarks(table, file_format, findings)
        return
    importer = importer_type(context(conventions.settled(context.keywords["agency"].zone), mapping))
    counts = _read_through(table, importer, findings, beat, on_error)
    lacking = importer.lacking()
    lacks = {"lacking": lacking.as_json()} if lacking and lacking.rows else {}
    findings.questions += _name_questions(importer)
    findings.questions += question(lacks.get("lacking", {}), mapping.options)
    findings.questions += importer.questions()
    findings.preview = first_rows.by_field(table, importer.context.layout)
    opened = _opening_remarks(table, file_format, findings)
    findings.remarks = [*opened, *importer.context.remarks.as_json(), *_file_remarks(conventions, importer.context)]
    findings.counts = {**counts, **importer.context.totals, "make": _to_make(importer), **lacks}
    if weeks := importer.submitted_weeks():
        findings.counts["left_out_weeks" if "submitted" in mapping.options else "submitted"] = weeks
    if lacks and (answer := mapping.options.get("complete")):
        findings.counts["complete"] = answer
    if importer.context.offered:
        findings.counts["offered"] = sorted(importer.context.offered)
    findings.counts |= (
        {"conflicts": importer.context.conflicts[:MOST_CONFLICTS_KEPT]} if importer.context.conflicts else {}
    )


def _read_through(
    table: FileTable,
    importer: Importer,
    findings: Findings,
    beat: Callable[[int, int], None],
    on_error: Callable[[RowError], None],
) -> Counter[str]:
    """Read every row and plan what it would do; return how many would be made, changed, left."""
    waits = {question["ask"] for question in findings.questions if question["ask"] in OPTIONS}
    collect = _ErrorCollector(findings, importer.context, on_error, waits=waits)

    def on_progress(done: int) -> None:
        beat(done, findings.rows)
        collect.take()

    counts: Counter[str] = Counter()
    for batch in importer.batches(importer.units(read(table, importer, on_progress)), CHUNK):
        counts.update(change.action for change in importer.plan(batch))
        collect.take()
    for batch in importer.removals(CHUNK):
        counts.update(change.action for change in importer.plan(batch))
    importer.finish()
    collect.take()
    return counts


def _arranged(
    table: FileTable,
    file_format: FileFormat,
    mapping: ColumnMapping,
    importer_type: type[Importer],
    only_for: int | None,
) -> Layout:
    """Lay the file out; columns that only its data tell are kept in `said`, so that writing finds the same ones."""
    layout = Layout.of(table, file_format, mapping, importer_type.fields_for(only_for))
    chosen = importer_type.arrange(layout, table.rows(), mapping)
    new = {name: header for name, header in chosen.items() if name not in mapping.columns}
    if not new:
        return layout
    mapping.columns.update(new)
    return Layout.of(table, file_format, mapping, importer_type.fields_for(only_for))


class _ErrorCollector:
    """Keeps the first errors, counts them all, and hands each on.

    Rows that only wait for an answer about the whole file are no errors of their own: `waits` are the open options.
    """

    def __init__(
        self, findings: Findings, context: ImportContext, on_error: Callable[[RowError], None], *, waits: set[str]
    ) -> None:
        self.findings, self.context, self.on_error, self.waits = findings, context, on_error, waits

    def take(self) -> None:
        for error in self.context.errors:
            if WAITING_FOR_AN_ANSWER.get(error.code) in self.waits:
                continue
            self.findings.error_count += 1
            if len(self.findings.errors) < MOST_ERRORS_KEPT:
                self.findings.errors.append(error)
            self.on_error(error)
        self.context.errors.clear()


def read(table: FileTable, importer: Importer, beat: Callable[[int], object]) -> Iterator[Any]:
    for number, row in enumerate(table.rows(), start=1):
        record = importer.take(row)
        if record is not None:
            yield record
        if number % HEARTBEAT_ROWS == 0:
            beat(number)


def _sheet_questions(findings: Findings) -> list[dict[str, Any]]:
    if not findings.sheets or "sheets" in findings.mapping.options:
        return []
    return [{"ask": "sheets", "names": ", ".join(f"“{name}”" for name in findings.sheets[:20])}]


def _file_questions(layout: Layout, conventions: Conventions) -> list[dict[str, Any]]:
    absent = [{"ask": "absent", "column": text} for text in layout.absent]
    missing = [{"ask": "column", "field": name, "label": str(layout.fields[name].label)} for name in layout.missing()]
    refused = [{"ask": "money_note", "field": name, "column": text} for name, text in layout.refused.items()]
    return [*absent, *missing, *refused, *conventions.questions()]


def _opening_remarks(table: FileTable, file_format: FileFormat, findings: Findings) -> list[dict[str, Any]]:
    """Lines above the header, and sheets that are not read."""
    remarks: list[dict[str, Any]] = []
    if above := sum(line["line"] < findings.header_line for line in findings.first_lines):
        remarks.append({"code": "header_line", "count": above, "line": findings.header_line})
    if period := period_of_file(table, file_format):
        code = "period_above" if fields_of(period, findings.kind) else "period_of_weeks"
        remarks.append({"code": code, "count": 1, "first": str(period.first), "last": str(period.last)})
    elif period := period_of_rows(table, file_format):
        remarks.append({"code": "period_of_rows", "count": 1, "first": str(period.first), "last": str(period.last)})
    remarks += _workbook_remarks(table) if table.is_workbook else _encoding_remarks(table)
    others = [sheet.name for sheet in table.sheets if sheet.records and sheet.name not in table.read_sheets]
    if others:
        remarks.append({"code": "unread", "count": len(others), "sheets": others})
    return remarks


def _workbook_remarks(table: FileTable) -> list[dict[str, Any]]:
    unseen = unseen_in(table.path, [sheet for sheet in table.sheets if sheet.name in table.read_sheets])
    counts = {"hidden_rows": unseen.hidden_rows, "empty_formulas": unseen.empty_formulas}
    return [{"code": code, "count": count} for code, count in counts.items() if count]


def _encoding_remarks(table: FileTable) -> list[dict[str, Any]]:
    word = doubtful_word(table.lines()) if table.encoding == FALLBACK_ENCODING else ""
    return [{"code": "encoding", "count": 1, "value": word}] if word else []


def _file_remarks(conventions: Conventions, context: ImportContext) -> list[dict[str, Any]]:
    """What is odd about the file as a whole: columns and tags that nothing looks at, days that may be swapped."""
    others = {kind: list(texts) for kind, texts in context.unread.items() if texts}
    unread: dict[str, list[str]] = {"columns": conventions.unread, **others}
    remarks: list[dict[str, Any]] = [
        {"code": "half_swapped", "value": column, "count": 1} for column in conventions.half_swapped
    ]
    if number := sum(map(len, unread.values())):
        remarks.append({"code": "unread", "count": number, **unread})
    return remarks


def _name_questions(importer: Importer) -> list[dict[str, Any]]:
    return [
        {
            "ask": "name",
            "sort": directory.name_type,
            "text": name.text,
            "target": name.target,
            "reason": name.reason,
            "count": name.count,
            "line": name.line,
        }
        for directory in importer.directories
        for name in itertools.islice(directory.unknown.values(), MOST_NAMES_ASKED)
    ]


def _to_make(importer: Importer) -> dict[str, dict[str, str]]:
    """The names to be made, by type, each with what it is also called: a person's name beside the address."""
    made = {
        directory.name_type: {name.target: directory.label(name.target) for name in directory.to_make.values()}
        for directory in importer.directories
    }
    return {name_type: names for name_type, names in made.items() if names}
