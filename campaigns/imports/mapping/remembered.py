"""What was said of earlier files, kept for the next one with the same columns, or from the same program."""

import hashlib
import json
from collections.abc import Sequence

from campaigns.imports.files.headers import header_key
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.models import ImportRun, RememberedMapping


def header_print(header: Sequence[str], *, for_directors: bool) -> str:
    """What files with the same columns have in common.

    What directors said of them is kept apart: else a manager could teach that the note is the column with the rates,
    and read them once a director has brought such a file.
    """
    columns = [header_key(text) for text in header]
    content = {"for directors": columns} if for_directors else columns
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def remembered_mapping(kind: str, source: str, header: Sequence[str], *, for_directors: bool) -> ColumnMapping:
    """What may be believed of a file with this header from this program."""
    said = _kept(kind, header_print(header, for_directors=for_directors))
    return said.over(_kept(kind, _stages_print(source)))


def remember(run: ImportRun, header: Sequence[str]) -> None:
    """Keep what was said about the file of a run."""
    lasting = ColumnMapping.from_json(run.mapping).lasting()
    # A pipeline is the same in each file of a program; a file of none that is known has its header alone.
    if run.source != "generic" and (stages := lasting.names.pop("stage", {})):
        place = _stages_print(run.source)
        _keep(run.kind, place, ColumnMapping(names={"stage": stages}).over(_kept(run.kind, place)))
    _keep(run.kind, header_print(header, for_directors=run.for_directors), lasting)


def _stages_print(source: str) -> str:
    """What the stages of a program's deals are remembered under, whatever the columns of the file."""
    return hashlib.sha256(json.dumps({"stages of": source}).encode()).hexdigest()


def _kept(kind: str, place: str) -> ColumnMapping:
    found = RememberedMapping.objects.filter(kind=kind, header=place).first()
    return ColumnMapping.from_json(found.mapping if found else {})


def _keep(kind: str, place: str, mapping: ColumnMapping) -> None:
    RememberedMapping.objects.update_or_create(kind=kind, header=place, defaults={"mapping": mapping.to_json()})
