from typing import Any

from django.db import migrations, models


def say_whose_is_for_managers(apps: Any, _schema_editor: Any) -> None:
    runs = apps.get_model("campaigns", "ImportRun").objects
    runs.filter(requested_by__role__in=["member", "manager"]).update(for_directors=False)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0008_submission"),
        ("timesheets", "0001_initial"),
    ]

    operations = [
        migrations.AddField("importrun", "for_directors", models.BooleanField(default=True)),
        migrations.RunPython(say_whose_is_for_managers, migrations.RunPython.noop),
    ]
