"""Records of a workbook in a temporary file: a check reads a file several times, and openpyxl takes long each time."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from tempfile import NamedTemporaryFile
from typing import IO

Record = tuple[int, list[str]]


@dataclass
class RecordSpool:
    """What was read once as a whole is read from the disk from then on, by what it was read for.

    Whoever stops halfway leaves nothing, and a file that cannot be read is met again by each who reads it. The
    temporary files go with the spool.
    """

    _files: dict[tuple[str, ...], IO[str]] = field(default_factory=dict)

    def records(self, key: tuple[str, ...], read: Callable[[], Iterable[Record]]) -> Iterator[Record]:
        return _from_disk(self._files[key].name) if key in self._files else self._kept(key, read())

    def _kept(self, key: tuple[str, ...], records: Iterable[Record]) -> Iterator[Record]:
        file = NamedTemporaryFile("w+", encoding="utf-8", suffix=".jsonl")  # noqa: SIM115  (kept while it is read)
        for line, cells in records:
            file.write(json.dumps((line, cells)) + "\n")
            yield line, cells
        file.flush()
        self._files[key] = file


def _from_disk(name: str) -> Iterator[Record]:
    with open(name, encoding="utf-8") as file:
        for text in file:
            line, cells = json.loads(text)
            yield line, cells
