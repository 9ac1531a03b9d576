"""What Retour 0.1 left behind, as a database, a browser, an e-mail and a queue hold it when they meet this version.

`stored_before_0_2.json` was written by 0.1 itself, on an invented agency: never write it again with a later version.
A migration that takes a column away, or turns what is in it into something else, does the same to the rows here.
"""

import importlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, models
from django.test import Client

from campaigns.models import Agency, ImportedRow
from timesheets.models import User

FILE = Path(__file__).with_name("stored_before_0_2.json")
STORED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
# Columns that migrations took away with all that was in them.
TAKEN_AWAY = {
    # The plain rule judges no platform any more, whatever it cost.
    ("campaigns_agency", "minimum_spend_cents"),
    ("campaigns_historicalagency", "minimum_spend_cents"),
}
NOW = datetime.fromisoformat(STORED["now"])


@pytest.fixture(autouse=True)
def _the_clock_stands():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def before(db, tmp_path, settings) -> dict[str, Any]:
    """All that the file holds; its rows are in the database, its uploads and its log of erasures in their folder."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    settings.ERASURES_FILE.write_text(STORED["erasures"])
    for name, text in STORED["files"].items():
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    load_rows(STORED["rows"])
    keys = importlib.import_module("campaigns.migrations.0012_key_fingerprints")
    keys.key_fingerprints(ImportedRow.objects, Agency.current().mark)
    importlib.import_module("timesheets.migrations.0013_sessions").move(apps, None)
    load_log(STORED["log"])
    return STORED


def load_rows(tables: Mapping[str, list[dict[str, Any]]]) -> None:
    """Write the rows by table and column, whatever the models are called by now."""
    known = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for table, records in tables.items():
        for record in records:
            row_of(known[table], record).save_base(raw=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [known[table] for table in tables]):
            cursor.execute(statement)


def row_of(model: type[models.Model], record: Mapping[str, Any]) -> models.Model:
    fields = {field.column: field for field in model._meta.concrete_fields}
    record = {column: held for column, held in record.items() if (model._meta.db_table, column) not in TAKEN_AWAY}
    gone = record.keys() - fields.keys()
    assert not gone, f"{model._meta.db_table} has lost {gone}: do here what the migration does"
    return model(**{fields[column].attname: value_of(fields[column], held) for column, held in record.items()})


def value_of(field: models.Field, held: Any) -> Any:
    return held if held is None or isinstance(field, models.JSONField) else field.to_python(held)


def load_log(entries: list[dict[str, Any]]) -> None:
    """Django numbers kinds of rows anew in each database, so that the entries name theirs."""
    for entry in entries:
        kind = ContentType.objects.get_for_model(apps.get_model(entry["of"]))
        LogEntry.objects.create(content_type=kind, **{name: held for name, held in entry.items() if name != "of"})


@pytest.fixture
def browser_of(before):
    """Return a browser of somebody who is signed in: `browser_of("manager")`."""

    def sign_in(role: str) -> Client:
        browser = Client()
        browser.force_login(User.objects.get(email=f"{role}@demo.example"))
        return browser

    return sign_in
