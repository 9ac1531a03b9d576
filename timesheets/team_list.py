"""The lines of the team's week that an address asks for: searched, filtered by state, in order, a page at a time.

The sums and the counts above the table are those of everybody; reading is lenient, as for every list (core/lists.py).
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from campaigns.models import Agency
from campaigns.models.catalogue import normalise
from core.list_words import no_choice
from core.lists import ALL, ROWS_A_PAGE, clean, paginate
from timesheets.expected_hours import ExpectedHours, expected_hours, read_for
from timesheets.team import Behind, PersonWeek, TeamWeek, WeekState

# How many of those who are behind are listed; a search finds the others.
BEHIND_SHOWN = 50
DEFAULT_SORT = "name"
# What an address says of the page, besides its week.
PARAMETERS = ("q", "status", "sort", "page")

SORTS: Mapping[str, Callable[[PersonWeek], Any]] = {
    "name": lambda line: _folded(line.person.name),
    "status": lambda line: list(WeekState).index(line.state),
    "total": lambda line: line.total,
}


@dataclass(frozen=True)
class TeamLines:
    """One page of the team's lines, and what brought it about."""

    team: TeamWeek
    page: Page
    text: str
    status: str
    sort: str
    problems: Sequence[str]
    expected: Mapping[int, ExpectedHours]

    @property
    def with_expected(self) -> list[tuple[PersonWeek, ExpectedHours]]:
        """The lines of the page, each with what its hours are measured against."""
        return [(line, self.expected[line.person.pk]) for line in self.page]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.status)

    @property
    def has_pages(self) -> bool:
        return self.page.paginator.num_pages > 1

    @property
    def states(self) -> list[tuple[str, str, bool]]:
        """Value, words with their number, and whether it is chosen."""
        counts = self.team.counts()
        states = [(state, f"{state.label} ({counts[state]})") for state in WeekState if counts[state]]
        return [("", str(ALL), not self.status), *((str(each), words, each == self.status) for each, words in states)]

    @property
    def has_submitted(self) -> bool:
        """Whether there is something on this page to approve or to reopen."""
        return any(line.has_submitted for line in self.page)

    @property
    def awaits_approval(self) -> bool:
        """Whether there is something on this page that the reader may approve."""
        return any(line.awaits_approval for line in self.page)

    @property
    def look(self) -> str:
        """What brings this page back after a decision: `status=submitted&page=2`."""
        number = self.page.number if self.page.number > 1 else ""
        sort = self.sort if self.sort != DEFAULT_SORT else ""
        asked = {"q": self.text, "status": self.status, "sort": sort, "page": number}
        return urlencode({name: value for name, value in asked.items() if value})


def lines_asked_for(team: TeamWeek, query: Mapping[str, str], *, agency: Agency | None = None) -> TeamLines:
    """The page of the team's lines that an address asks for; whatever it cannot mean is said and replaced.

    What is expected is read of those on the page alone.
    """
    problems: list[str] = []
    text, status = clean(query.get("q", "")), query.get("status", "")
    if status not in ("", *WeekState.values):
        problems.append(no_choice(_("Week"), status))
        status = ""
    sort = _sort(query.get("sort", ""), problems)
    found = [line for line in team.people if _has(line.person, text) and status in ("", line.state)]
    found.sort(key=SORTS["name"])
    if sort != DEFAULT_SORT:
        found.sort(key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    page = paginate(found, ROWS_A_PAGE, query.get("page", ""), problems)
    shown = [line.person for line in page]
    expected = expected_hours(shown, team.week, read_for(shown, team.week, agency=agency))
    return TeamLines(team, page, text, status, sort, problems, expected)


def _sort(name: str, problems: list[str]) -> str:
    if name.removeprefix("-") in SORTS and not name.startswith("--"):
        return name
    if name:
        problems.append(no_choice(_("Order"), name))
    return DEFAULT_SORT


def _has(person: object, text: str) -> bool:
    """Whether a person's name holds what is searched for, whatever its case and accents."""
    return not text or _folded(text) in _folded(str(person))


def _folded(text: str) -> str:
    """Without case and accents: Élodie is found as elodie and stands among the names with E."""
    folded = normalise(text)
    if folded.isascii():
        return folded
    letters = unicodedata.normalize("NFKD", folded)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@dataclass(frozen=True)
class BehindShown:
    """Who is behind, as many as the page lists; `left_out` counts the others."""

    people: Sequence[Behind]
    left_out: int


def behind_asked_for(people: Sequence[Behind], query: Mapping[str, str]) -> BehindShown:
    text = clean(query.get("q", ""))
    found = [each for each in people if _has(each.person, text)]
    return BehindShown(found[:BEHIND_SHOWN], max(0, len(found) - BEHIND_SHOWN))


def look_of(sent: str) -> str:
    """Those parameters of a page that a form sent back, as the rest of an address; nothing else that stands there."""
    values = QueryDict(sent[:500].replace("\x00", ""))
    kept = {name: values[name] for name in PARAMETERS if values.get(name)}
    return f"&{urlencode(kept)}" if kept else ""
