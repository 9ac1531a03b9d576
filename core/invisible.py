"""Characters that no reader sees: zero widths, marks of direction, soft hyphens, byte order marks. Pure."""

_UNSEEN = [0x00AD, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
_SIGNS = frozenset(map(chr, _UNSEEN))
_REMOVED = dict.fromkeys(_UNSEEN)


def without_invisible(text: str) -> str:
    """Return the text without them: two names that look the same are the same."""
    return text if text.isascii() or _SIGNS.isdisjoint(text) else text.translate(_REMOVED)
