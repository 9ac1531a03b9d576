"""Searching without regard to case on SQLite, whose LIKE knows no capital but those of ASCII: an É is found by an é.

PostgreSQL compares UPPER(...) of both. Here each letter of the text stands in a GLOB pattern with its other cases,
which SQLite compares by itself: no function of ours is called for each row.
"""

from collections import defaultdict
from functools import cache
from itertools import chain
from string import ascii_lowercase
from typing import Any

from django.db.models import CharField, TextField
from django.db.models.lookups import IContains

# Latin beyond ASCII, Greek, Cyrillic, Armenian: the scripts with capitals. Others have no case, or none in use.
SCRIPTS = (range(0x80, 0x590), range(0x1E00, 0x2000))


class CaseBlindContains(IContains):
    """`icontains` that finds the same on SQLite as on PostgreSQL."""

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        if not isinstance(self.rhs, str) or self.rhs.isascii():
            return self.as_sql(compiler, connection)
        column, parameters = compiler.compile(self.lhs)
        return f"{column} GLOB %s", [*parameters, f"*{''.join(map(_in_any_case, self.rhs))}*"]


def install() -> None:
    for field in (CharField, TextField):
        field.register_lookup(CaseBlindContains)


def _in_any_case(letter: str) -> str:
    """The letter in each of its cases, as a set of GLOB; what GLOB gives a meaning stands in one for itself."""
    cases = letter if letter in "*?[" else _cases().get(letter)
    return f"[{cases}]" if cases else letter


@cache
def _cases() -> dict[str, str]:
    """Each letter that has several cases, with all of them: σ, ς and Σ are one. ASCII has its own alone, as in LIKE."""
    letters: dict[str, str] = defaultdict(str)
    for letter in map(chr, chain.from_iterable(SCRIPTS)):
        letters[_capital(letter)] += letter
    groups = [group for capital, group in letters.items() if not capital.isascii() and len(group) > 1]
    groups += [letter + letter.upper() for letter in ascii_lowercase]
    return {letter: group for group in groups for letter in group}


def _capital(letter: str) -> str:
    """As PostgreSQL makes it: one letter of one, so that ß has none."""
    capital = letter.upper()
    return capital if len(capital) == 1 else letter
