"""Which row of a file is which row of an earlier one. Pure.

A row is found again by its id, else by all that it says, else by its natural key: what it is about, without the values
that people correct. Equal ones are paired in their order.
"""

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar


class Keyed(Protocol):
    """What a row is found again by: keyed hashes, see `ImportedRow`."""

    @property
    def identity(self) -> str | None: ...

    @property
    def fingerprint(self) -> str | None: ...

    @property
    def natural_key(self) -> str | None: ...


New = TypeVar("New", bound=Keyed)
Old = TypeVar("Old", bound=Keyed)


class Matching(Generic[New, Old]):
    """Pairs of a new and an earlier row; ``new`` and ``old`` are those that have no partner."""

    def __init__(self, new: Iterable[New], old: Iterable[Old]) -> None:
        self.pairs: list[tuple[New, Old]] = []
        self.new, self.old = list(new), list(old)

    @classmethod
    def of(cls, new: Iterable[New], old: Iterable[Old]) -> "Matching[New, Old]":
        matching = cls(new, old)
        # An id may stand in several rows, which a column that nothing looks at tells apart.
        matching.pair_by(lambda row: (row.identity, row.fingerprint) if row.identity else None)
        matching.pair_by(lambda row: row.identity)
        matching.pair_by(lambda row: row.fingerprint, fits=_may_be_one)
        matching.pair_by(lambda row: row.natural_key, fits=_may_be_one)
        return matching

    def pair_by(
        self, key: Callable[[Keyed], object], *, fits: Callable[[New, Old], bool] = lambda new, old: True
    ) -> list[tuple[New, Old]]:
        """Pair those whose key is equal, in their order; return the pairs that this made."""
        waiting: dict[object, list[Old]] = {}
        for old in self.old:
            if (value := key(old)) is not None:
                waiting.setdefault(value, []).append(old)
        made = []
        for new in self.new:
            candidates = waiting.get(key(new), [])
            if partner := next((old for old in candidates if fits(new, old)), None):
                candidates.remove(partner)
                made.append((new, partner))
        self._take(made)
        return made

    def _take(self, made: list[tuple[New, Old]]) -> None:
        paired_new, paired_old = {id(new) for new, _old in made}, {id(old) for _new, old in made}
        self.new = [new for new in self.new if id(new) not in paired_new]
        self.old = [old for old in self.old if id(old) not in paired_old]
        self.pairs += made


def _may_be_one(new: Keyed, old: Keyed) -> bool:
    """Two rows with different ids are never one; a row with an id adopts one without, and the other way round."""
    return not (new.identity and old.identity)
