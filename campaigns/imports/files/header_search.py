"""Which line of a file names its columns: many programs write a title, a period or an account above it. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from campaigns.imports.files.headers import header_name

LINES_LOOKED_AT = 60
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,' ]*")


def find_header(records: Sequence[Sequence[str]], known: Collection[str]) -> int:
    """Return the place of the header among the first records of a file; `known` are names of headers.

    The first record, unless one below has more headers that are known, or the first is a lot narrower than the rest.
    """
    if not records:
        return 0
    counts = [sum(header_name(cell) in known for cell in cells if cell) for cells in records]
    if counts[0] < 2 and max(counts) >= 2:
        return counts.index(max(counts))
    if counts[0]:
        return 0
    widths = [sum(map(bool, cells)) for cells in records]
    usual = Counter(widths[1:]).most_common(1)[0][0] if len(widths) > 2 else widths[0]
    if widths[0] * 2 > usual:
        return 0
    return next((place for place, cells in enumerate(records) if _may_be_header(cells, usual)), 0)


def _may_be_header(cells: Sequence[str], usual: int) -> bool:
    filled = [cell for cell in cells if cell]
    return len(filled) >= usual and not any(_NUMBER.fullmatch(cell) for cell in filled)
