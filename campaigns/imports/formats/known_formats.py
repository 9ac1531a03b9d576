"""All formats that are known, and which of them a file is in. Pure."""

from collections.abc import Sequence

from campaigns.imports.formats import ads, analytics, crms, own, sheets, shops, trackers
from campaigns.imports.formats.file_format import FileFormat

# Our own come last: of two formats that explain as many columns, the first one wins.
FILE_FORMATS: tuple[FileFormat, ...] = (
    *trackers.FORMATS,
    *crms.FORMATS,
    *shops.FORMATS,
    *ads.FORMATS,
    *analytics.FORMATS,
    *own.FORMATS,
    *sheets.FORMATS,
)


def recognise(header: Sequence[str], kind: str | None = None) -> FileFormat | None:
    """Return the format whose file this is, or None; ``kind`` leaves only those of that kind.

    Of several that fit, the one that explains the most columns wins, then the one listed first; a guess is
    taken where nothing else fits.
    """
    fitting = [known for known in FILE_FORMATS if kind in (None, known.kind) and known.fits(header)]
    return max(fitting, key=lambda known: (not known.is_guess, len(set(known.locate(header).values()))), default=None)


def find_format(key: str, kind: str) -> FileFormat | None:
    """Return the format a person named for a kind of rows, or None when it has none of that kind."""
    return next((known for known in FILE_FORMATS if (known.key, known.kind) == (key, kind)), None)
