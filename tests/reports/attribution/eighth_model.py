"""Adds an attribution model as a newcomer would, to an installation that has counted without it, and says what follows.

`python -m tests.reports.attribution.eighth_model before` fills the database of DATABASE_URL; `after` adds the model to
the registry, migrates, and prints what it found. Each is a process of its own: tables get their columns at its start.
"""

import io
import json
import os
import sys
import types
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import django

REGISTRY = Path(__file__).resolve().parents[3] / "campaigns" / "attribution.py"
FUNCTION = '''
def _w_shaped(journey: Journey) -> list[int]:
    """30 % to the first touch, to the last before the lead came in and to the last; 10 % over the others."""
    touches = journey.touches
    nearest = max((number for number, touch in enumerate(touches) if touch.at <= journey.lead_at), default=0)
    key = {0, nearest, len(touches) - 1}
    others = len(touches) - len(key)
    return [9 * others if number in key else len(key) for number in range(len(touches))] if others else [1] * len(key)


'''
LINE = """\
    PathModel("w_shaped", gettext_noop("W-shaped"), gettext_noop("First, lead and last share most of it."), _w_shaped),
"""


def add_to_the_registry() -> None:
    """Load the registry with one function and one line more."""
    source = REGISTRY.read_text()
    before, tuple_, after = source.partition("PATH_MODELS = (\n")
    lines, end, rest = after.partition("\n)\n")
    registry = types.ModuleType("campaigns.attribution")
    sys.modules[registry.__name__] = registry
    exec(compile(before + FUNCTION + tuple_ + lines + "\n" + LINE + end + rest, REGISTRY, "exec"), vars(registry))


def fill() -> None:
    """A sale on the way to which a lead met three platforms, and the small agency of the tests."""
    from tests import factories
    from tests.reports import world

    lead = factories.LeadFactory(name="Nina", received_at=datetime(2026, 6, 2, 9, tzinfo=UTC))
    for name, day in (("Xing", (3, 3)), ("Reddit", (5, 5)), ("", (6, 1)), ("Mastodon", (6, 20))):
        platform = factories.PlatformFactory(name=name) if name else None
        factories.TouchFactory(lead=lead, at=datetime(2026, *day, 9, tzinfo=UTC), platform=platform)
    factories.SaleFactory(lead=lead, sold_on=date(2026, 7, 1), amount_cents=100_000)
    world.build()


def migrate() -> Any:
    """Make and apply the migrations that are missing; return them, and a step to come after them."""
    from django.apps import apps
    from django.core.management.sql import emit_post_migrate_signal
    from django.db import connection
    from django.db.migrations import RunPython
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.executor import MigrationExecutor
    from django.db.migrations.state import ProjectState

    from reports.attribution.new_columns import compute_new_columns

    loader = MigrationExecutor(connection).loader
    state = loader.project_state()
    changes = MigrationAutodetector(state, ProjectState.from_apps(apps)).changes(loader.graph)
    operations = [(app, step) for app, made in changes.items() for one in made for step in one.operations]

    def apply(app: str, step: Any) -> None:
        with connection.schema_editor() as editor:
            before = state.clone()
            step.state_forwards(app, state)
            step.database_forwards(app, editor, before, state)

    for app, step in operations:
        apply(app, step)
    emit_post_migrate_signal(0, False, connection.alias)  # SQLite lost the triggers of what was made anew
    return operations, lambda: apply("reports", RunPython(compute_new_columns, RunPython.noop))


def sums() -> dict[str, dict[str, int]]:
    """What both rollups hold of the new model and of an old one, by basis."""
    from django.db.models import Sum

    from reports.attribution.sums import CREDITED_COUNTS
    from reports.models import CampaignWeek, PlatformWeek

    columns = [count.column(model) for count in CREDITED_COUNTS.values() for model in ("linear", "w_shaped")]
    return {
        f"{table.__name__} {basis}": table.objects.filter(basis=basis).aggregate(
            **{name: Sum(name) for name in columns}
        )
        for table in (CampaignWeek, PlatformWeek)
        for basis in ("cash", "cohort")
    }


def look() -> dict[str, Any]:
    from django.core.management import call_command

    from campaigns.models import Agency, StaleMark
    from reports.attribution import rollups
    from reports.models import Credit, Evaluation
    from tests.reports import world

    operations, mark = migrate()
    rollups.drain()
    found: dict[str, Any] = {
        "operations": sorted(f"{type(step).__name__} {step.model_name}.{step.name}" for _app, step in operations),
        "not_marked": sums(),
    }
    mark()
    found["marks"] = StaleMark.objects.count()
    rollups.drain()
    found["marked"] = sums()
    sale = Credit.objects.filter(sale__lead__name="Nina")
    found["sale"] = {
        row.platform.name if row.platform else "": [row.share_w_shaped, row.cents_w_shaped] for row in sale
    }
    found["defects"] = rollups.rebuild()
    Agency.objects.update(credit_model="w_shaped")
    world.settle()
    found["judged"] = [sorted(one.results["models"]) for one in Evaluation.objects.all()]
    found["label"] = Agency.objects.get().get_credit_model_display()
    figures = io.StringIO()
    call_command("figures", "--from=2026-W27", "--to=2026-W27", "--model=w_shaped", "--format=json", stdout=figures)
    found["figures"] = {row["name"]: row["revenue"] for row in json.loads(figures.getvalue())}
    return found


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1] == "after":
        add_to_the_registry()
    django.setup()
    print(json.dumps(fill() if sys.argv[1] == "before" else look()))
