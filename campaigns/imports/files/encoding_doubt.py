"""Whether a text that was read as Windows-1252 was written in something else. Pure."""

import re
from collections.abc import Iterable

# Three letters in a row that are none of ASCII: no language of Western Europe has them, Cyrillic misread has.
_FOREIGN_WORD = re.compile(r"\b[^\W\d_a-zA-Z]{3,}\b")
# Signs and capitals in the middle of a word: é, è, à of a Macintosh or of DOS.
_ODD_INSIDE = re.compile(r"\w*[a-z][ŽŠŒŸƒ‚„†‡ˆ‰‹•˜™›¢£¤¥¦§¨©ª«¬®¯°±²³´µ¶¸¹º»¼½¾¿][a-z]\w*")


def doubtful_word(lines: Iterable[str]) -> str:
    """A word that looks as if it was written in another encoding; empty when there is none."""
    for line in lines:
        if match := _FOREIGN_WORD.search(line) or _ODD_INSIDE.search(line):
            return match[0]
    return ""
