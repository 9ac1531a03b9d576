"""An import of a file of hours."""

import tempfile
from pathlib import Path

from campaigns.imports import runner
from campaigns.models import ImportedRow, ImportRun
from tests.bench import bulk
from tests.bench.figures.hours_in_bulk import EarlierHours, cleared
from tests.bench.rounds import Work
from tests.bench.world import World
from tests.campaigns.imports.importing import started, ticking

PEOPLE_OF_A_SMALL_IMPORT = 20  # with more of them, a file takes minutes


def imported(world: World) -> Work:
    hours = EarlierHours(world)
    folder = Path(tempfile.mkdtemp(prefix="retour-bench-"))
    file = written(world, folder / "hours.csv")

    def clear() -> None:
        hours.clear()
        ImportedRow.objects.all()._raw_delete("default")
        ImportRun.objects.all()._raw_delete("default")

    def bring() -> None:
        run = started(file, "hours")
        runner.write(run, now=ticking())
        run.refresh_from_db()
        assert run.status == ImportRun.Status.DONE, run.counts

    return Work(
        "import",
        "a bare load of the same rows into the same table and its indexes",
        bring,
        hours.bare,
        before=clear,
        before_floor=clear,
        inside_floor=bulk.without_triggers,
        units=len(hours.rows),
        unit="rows",
        around=lambda: cleared(clear),
        once=world.generator.size.people > PEOPLE_OF_A_SMALL_IMPORT,
    )


def written(world: World, path: Path) -> Path:
    """The hours of the weeks before the first one, as the file of a tracker."""
    generator = world.generator
    with path.open("w") as file:
        file.write("date,email,platform,campaign,hours\n")
        for row in generator.hours(-generator.size.imported_weeks, -1):
            person, place = f"person{row.person:06}@example.com", f"Platform {row.platform:03}"
            time = f"{row.minutes // 60}:{row.minutes % 60:02}"
            file.write(f"{row.day},{person},{place},Campaign {row.campaign:03},{time}\n")
    return path
