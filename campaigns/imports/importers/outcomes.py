"""Outcomes: counts that are not money, by week or by day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.imports.importers.base import ImportContext, Importer, PlannedChange, Record, is_direct
from campaigns.imports.importers.changes import created_rows, undo_rows, updated
from campaigns.imports.mapping.columns import Field, RowCells
from campaigns.imports.mapping.name_resolution import LEFT_OUT
from campaigns.models import ImportedRow, Outcome
from campaigns.models.money import spelled
from core.numbers import NumberError, parse_number
from core.weeks import Week

MOST = 10**15
LONGEST_NOTE = 200
# What a counter of visits writes where it knows no source.
FROM_NOWHERE = frozenset({"(not set)", "unassigned", "(data not available)", "(other)"})

OutcomeKey = tuple[date, int, int, str]  # Monday, platform, campaign, measure


@dataclass(kw_only=True)
class Count(Record):
    """What the rows of one week, platform, campaign and measure add up to."""

    key: OutcomeKey
    count: int
    note: str

    def add(self, other: "Count") -> None:
        self.rows += other.rows
        self.count += other.count
        notes = dict.fromkeys(text for text in (self.note, other.note) if text)
        self.note = "; ".join(notes)[:LONGEST_NOTE]


class OutcomeImporter(Importer):
    """One row is one count. The rows of a file set what was counted to their sum, so that a day may be a row."""

    key = "outcomes"
    fields: ClassVar[Mapping[str, Field]] = {
        "week": Field(_("the week"), one_of="week"),
        "day": Field(_("the day"), "day", one_of="week"),
        "platform": Field(_("the platform"), "name", one_of="platform"),
        "campaign": Field(_("the campaign"), "name"),
        "measure": Field(_("what was counted"), most=80, one_of="measure"),
        "count": Field(_("the count"), one_of="count"),
        "note": Field(_("the note"), most=LONGEST_NOTE),
    }

    def __init__(self, context: ImportContext) -> None:
        super().__init__(context)
        self._measures = Outcome.objects.measures()
        self._noted: set[tuple[str, int]] = set()

    def read(self, cells: RowCells) -> Count | None:
        monday, count, measure = self._monday(cells), self._count(cells), self._measure(cells)
        note = cells.text("note")
        platform = self._platform(cells)
        campaign = self._campaign(cells)
        if platform == LEFT_OUT:
            return None
        if monday is None or count is None or platform is None or campaign is None or cells.errors:
            return None  # what is wrong is noted, what is not known is asked
        self.note_future(cells.line, monday)
        key = (monday, platform, self.general if campaign == LEFT_OUT else campaign, measure)
        return Count(cells.line, key=key, count=count, note=note)

    def _platform(self, cells: RowCells) -> int | None:
        """The platform of a row; of visits that came from nowhere none, and of `facebook.com / referral` the source."""
        text = cells.required("platform")
        if self._counts_visits and not self.platforms.knows(text) and not self.context.mapping.target("platform", text):
            text = text.partition(" / ")[0].strip()
            if is_direct(text) or text.casefold() in FROM_NOWHERE:
                self._note_once("from_nowhere", cells.line)
                return LEFT_OUT
        found = self.platforms.find(text, line=cells.line)
        if found == LEFT_OUT:
            self._note_once("left_out", cells.line)
        return found

    def _campaign(self, cells: RowCells) -> int | None:
        """The campaign of a row; a counter of visits writes `(not set)` and `(organic)` for none."""
        text = cells["campaign"]
        is_none = self._counts_visits and text.startswith("(") and text.endswith(")")
        return self.campaigns.find(text, line=cells.line) if text and not is_none else LEFT_OUT

    def _note_once(self, code: str, line: int) -> None:
        """Count a line once, though it holds several counts."""
        if (code, line) not in self._noted:
            self._noted.add((code, line))
            self.context.remarks.note(code, line)

    @property
    def _counts_visits(self) -> bool:
        return self.source == "ga4"

    def _monday(self, cells: RowCells) -> date | None:
        """The Monday of the week that is written, else of the day."""
        if not cells["week"] and self.context.layout.has("day"):
            day = cells.day("day")
            return Week.containing(day).monday if day else None
        if not cells.required("week"):
            return None
        try:
            week = Week.parse(cells["week"].upper())
        except ValueError:
            cells.wrong("week", "not_a_week")
            return None
        if not 2000 <= week.monday.year <= 2099:
            cells.wrong("week", "year_out_of_range")
        return week.monday

    def _count(self, cells: RowCells) -> int | None:
        """A whole number. It has no decimals, so that three digits after a lone separator can only be thousands."""
        text = cells.required("count")
        try:
            number = parse_number(text, "." if "," in text else ",") if text else None
        except NumberError:
            number = None
        if number is None or number != int(number) or not 0 <= number <= MOST:
            if text:
                cells.wrong("count", "not_a_count")
            return None
        return int(number)

    def _measure(self, cells: RowCells) -> str:
        if not cells.required("measure"):
            return ""
        measure = spelled(cells.text("measure"), self._measures)
        if measure not in self._measures:
            self._measures.append(measure)
        return measure

    def units(self, records: Iterable[Count]) -> Iterator[Count]:
        """Each count once, in the order of the file."""
        counts: dict[OutcomeKey, Count] = {}
        for record in records:
            if record.key in counts:
                counts[record.key].add(record)
            else:
                counts[record.key] = record
        yield from counts.values()

    def plan(self, units: Sequence[Count]) -> list[PlannedChange]:
        there = self._there(units)
        changes = []
        for unit in units:
            found = there.get(unit.key)
            wanted = {"count": unit.count} | ({"note": unit.note} if unit.note else {})
            now = {name: value for name, value in wanted.items() if found and getattr(found, name) != value}
            changes.append(PlannedChange(unit, "create" if found is None else "update" if now else "same", found, now))
        return changes

    def _there(self, units: Sequence[Count]) -> dict[OutcomeKey, Outcome]:
        """What is counted already, in one query."""
        mondays = {unit.key[0] for unit in units}
        found = Outcome.objects.live().filter(week__in=mondays, measure__in={unit.key[3] for unit in units})
        return {(row.week, row.platform_id, row.campaign_id, row.measure): row for row in found}

    def write(self, changes: Sequence[PlannedChange]) -> list[ImportedRow]:
        rows = [updated(self.key, self.source, change, self.user) for change in changes if change.action == "update"]
        new = [change.record for change in changes if change.action == "create"]
        values = [values_of(record) for record in new]
        made = Outcome.objects.bulk_create([Outcome(**given) for given in values])
        return rows + created_rows(self.key, self.source, new, made, values)

    @classmethod
    def undo(cls, rows: Sequence[ImportedRow]) -> int:
        return undo_rows(Outcome, rows)


def values_of(record: Count) -> dict[str, Any]:
    monday, platform_id, campaign_id, measure = record.key
    return {
        "week": monday,
        "platform_id": platform_id,
        "campaign_id": campaign_id,
        "measure": measure,
        "count": record.count,
        "note": record.note,
    }
