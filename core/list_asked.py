"""What an address asks of a list, as far as it could be understood."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.http import urlencode

from core.list_dates import ChosenDates, DayRange
from core.lookups import LookupInput, Options


@dataclass(frozen=True)
class Chosen:
    """A filter as the page draws it: a list, or a text where there are many choices."""

    name: str
    label: Any
    empty: Any
    options: Options
    value: str
    default: str = ""
    as_text: LookupInput | None = None

    @property
    def choices(self) -> tuple[tuple[Any, Any], ...]:
        """Value and words, the empty choice first unless it has no words."""
        return (("", self.empty), *self.options) if self.empty else tuple(self.options)


@dataclass(frozen=True)
class Asked:
    """What an address asks of a list, as far as it could be understood; `problems` are sentences about the rest.

    `has_refused_filter`: one of them is about a filter or the days, which a phone then shows without being asked.
    """

    text: str
    filters: list[Chosen]
    dates: ChosenDates | None
    sort: str
    usual_sort: str
    problems: list[str]
    has_refused_filter: bool = False

    @property
    def chosen(self) -> int:
        """How many filters are not as they usually are, the days among them."""
        return sum(choice.value != choice.default for choice in self.filters) + bool(self.days)

    @property
    def can_fold(self) -> bool:
        """Whether there is anything but the search that a phone shows only when it is asked for."""
        return bool(self.filters or self.dates)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.chosen)

    @property
    def days(self) -> DayRange:
        return self.dates.days if self.dates else DayRange()

    @property
    def parameters(self) -> dict[str, str]:
        """The filters and the order as few parameters of an address; not the search, which is text of one's own."""
        chosen = {choice.name: choice.value for choice in self.filters if choice.value != choice.default}
        dates = self.dates.parameters if self.dates else {}
        return chosen | dates | ({"sort": self.sort} if self.sort != self.usual_sort else {})

    def address(self, **changes: str) -> str:
        """The address of the same list with some parameters changed; an empty one is taken out: `?status=new`."""
        search = {"q": self.text} if self.text else {}
        kept = {name: value for name, value in (search | self.parameters | changes).items() if value}
        return f"?{urlencode(kept)}"


@dataclass(frozen=True)
class SearchBounds:
    """How a search of very many rows comes to an end (docs/adr/0053).

    `within_reach` takes what the filters leave and what is asked, and gives the rows in which the text is looked for;
    where these are not all, it says so among the problems. `sums_of` adds up rows that were read already.
    """

    within_reach: Callable[[QuerySet, Asked], QuerySet]
    sums_of: Callable[[Sequence[Any]], Mapping[str, int]]
