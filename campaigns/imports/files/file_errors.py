"""Why a file cannot be read at all. Pure."""

from typing import Literal

FileCode = Literal[
    "empty",
    "not_text",
    "old_excel",
    "not_a_workbook",
    "damaged_workbook",
    "unpacks_too_big",
    "expands_too_much",
    "no_rows",
    "broken_quotes",
    "cell_too_long",
    "line_too_long",
    "too_many_columns",
]


class FileError(Exception):
    """A file that cannot be read at all; ``code`` says why, ``line`` where when it is known."""

    def __init__(self, code: FileCode, line: int | None = None) -> None:
        super().__init__(code)
        self.code: FileCode = code
        self.line = line
