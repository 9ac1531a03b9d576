"""The works behind the figures: hours in bulk, drains, credits, a rebuild, an import, an evaluation."""

from collections.abc import Callable

from tests.bench.figures.credits_of_leads import credits_anew, credits_unchanged
from tests.bench.figures.drains import drain_1000_cells, drain_in_a_crowded_week, drain_one_entry, drain_spread_cells
from tests.bench.figures.evaluations import evaluated
from tests.bench.figures.file_import import imported
from tests.bench.figures.hours_in_bulk import entries
from tests.bench.figures.rebuilds import rebuild
from tests.bench.rounds import Work
from tests.bench.world import World

WORKS: dict[str, Callable[[World], Work]] = {
    "entries": entries,
    "drain_one_entry": drain_one_entry,
    "drain_1000_cells": drain_1000_cells,
    "drain_spread_cells": drain_spread_cells,
    "drain_in_a_crowded_week": drain_in_a_crowded_week,
    "credits": credits_unchanged,
    "credits_anew": credits_anew,
    "rebuild": rebuild,
    "import": imported,
    "evaluation": evaluated,
}
