"""A database in which everybody is of the demo was made by it, before that was noted: it can be left, too."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

DOMAIN = "@demo.example"


def note_demos(apps: Any, _editor: BaseDatabaseSchemaEditor) -> None:
    people = apps.get_model("timesheets", "User").objects
    if people.exists() and not people.exclude(email__endswith=DOMAIN).exists():
        apps.get_model("campaigns", "Agency").objects.update(is_demo=True)


class Migration(migrations.Migration):
    dependencies = [("timesheets", "0005_setup_token"), ("campaigns", "0020_demo_made_it")]

    operations = [migrations.RunPython(note_demos, migrations.RunPython.noop)]
