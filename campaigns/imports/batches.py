"""The file of a run, cut into what one transaction writes."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from campaigns.imports.files.file_reader import FileTable
from campaigns.imports.importers import IMPORTERS
from campaigns.imports.importers.base import ImportContext, Importer
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.mapping.columns import Layout
from campaigns.imports.mapping.conventions import Conventions
from campaigns.imports.opening import checksum, format_of, open_for
from campaigns.imports.validation import read
from campaigns.models import Agency, ImportRun
from campaigns.uploads import path_of

Clock = Callable[[], datetime]


def batches_to_write(
    run: ImportRun, importer: Importer, table: FileTable, now: Clock, size: int
) -> Iterator[tuple[Importer, list[Any]]]:
    """The batches of the file that are not written yet, then what it lacks, where that is to go."""
    done = run.rows_done
    seen = 0
    for batch in importer.batches(importer.units(read(table, importer, lambda _number: None)), size):
        seen += len(batch)
        # Written before the worker was killed; read again only for what later rows refer to.
        if seen > done:
            yield importer, batch
    if importer.context.mapping.options.get("complete") == "yes":
        again = _read_again(run, now(), size)
        for batch in again.removals(size):
            yield again, batch


def _read_again(run: ImportRun, at: datetime, size: int) -> Importer:
    """An importer that has met the whole file once more, so that it knows which earlier rows have no partner in it."""
    importer, table = importer_of(run, at)
    importer.is_written = True
    for batch in importer.batches(importer.units(read(table, importer, lambda _number: None)), size):
        importer.plan(batch)
    importer.context.errors.clear()
    importer.context.conflicts.clear()
    return importer


def importer_of(run: ImportRun, at: datetime) -> tuple[Importer, FileTable]:
    """The file of a run, and what reads and writes it."""
    mapping = ColumnMapping.from_json(run.mapping)
    table = open_for(path_of(run), run.kind, mapping)
    layout = Layout.of(
        table, format_of(table, run.kind, run.source), mapping, IMPORTERS[run.kind].fields_for(run.only_for_id)
    )
    conventions = Conventions(layout, mapping)
    conventions.listen(table.rows())
    agency = Agency.current()
    context = ImportContext(
        conventions.settled(agency.zone), mapping, agency, at, run.create_missing, run, run.only_for_id
    )
    context.left_out = mapping.lines_left_out(checksum(path_of(run))) if mapping.left_out else frozenset()
    return IMPORTERS[run.kind](context), table
