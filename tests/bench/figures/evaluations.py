"""An evaluation of all platforms."""

from django.utils import timezone

from reports.models import PlatformWeek
from reports.verdicts import evaluation
from tests.bench.figures.bare import read
from tests.bench.figures.drains import settle
from tests.bench.rounds import Work
from tests.bench.world import World


def evaluated(world: World) -> Work:
    settle()
    table = PlatformWeek._meta.db_table
    return Work(
        "evaluation",
        "a bare read of the weekly sums of all platforms",
        lambda: evaluation.evaluate(world.last_week, at=timezone.now()),
        lambda: read(f'SELECT * FROM "{table}"'),
    )
