"""Hours in bulk, with the marks that they leave."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice

from django.db import transaction

from campaigns.models import StaleMark
from tests.bench import bulk
from tests.bench.rounds import Work
from tests.bench.world import ENTRY_COLUMNS, World
from timesheets.models import TimeEntry

BULK_ROWS = 10_000


class EarlierHours:
    """Hours of the weeks before the first one, which are written and taken away again."""

    def __init__(self, world: World, most: int | None = None) -> None:
        self.first_day = world.generator.calendar.first
        self.rows = list(islice(world.entries(-world.generator.size.imported_weeks, -1), most))

    def clear(self) -> None:
        with bulk.without_triggers(), transaction.atomic():
            TimeEntry.objects.filter(week__lt=self.first_day)._raw_delete("default")
            StaleMark.objects.all()._raw_delete("default")

    def bare(self) -> None:
        bulk.load(TimeEntry, ENTRY_COLUMNS, self.rows)

    def with_marks(self) -> None:
        entries = [TimeEntry(**dict(zip(ENTRY_COLUMNS, row, strict=True))) for row in self.rows]
        TimeEntry.objects.bulk_create(entries, batch_size=2_000)


def entries(world: World) -> Work:
    hours = EarlierHours(world, BULK_ROWS)
    return Work(
        "entries",
        "a bare load into the same table and its indexes",
        hours.with_marks,
        hours.bare,
        before=hours.clear,
        before_floor=hours.clear,
        inside_floor=bulk.without_triggers,
        around=lambda: cleared(hours.clear),
        units=len(hours.rows),
        unit="rows",
    )


@contextmanager
def cleared(clear: Callable[[], object]) -> Iterator[None]:
    """Take away what the last turn has left behind."""
    yield
    clear()
