"""What changed is told in two series: one of directors, and one of everybody else, which holds what is there so far."""

from typing import Any

from django.db import migrations, models
from django.db.models import F

KINDS = [
    *("platform", "client", "campaign", "lead", "touchpoint", "sale", "spend", "outcome", "outcome_value"),
    *("exchange_rate", "link", "decision", "trial", "hours", "week", "absence"),
]
EVENTS = ["created", "changed", "voided", "restored", "merged", "erased", "withdrawn", "deleted"]


def choices(names: list[str]) -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ").title()) for name in names]


def share_what_is_there(apps: Any, schema_editor: Any) -> None:
    using = schema_editor.connection.alias
    apps.get_model("campaigns", "LoggedChange").objects.using(using).update(shared_position=F("position"))
    counters = apps.get_model("campaigns", "ChangeCounter").objects.using(using)
    counters.update(shared_last=F("last"), shared_pruned=F("pruned"))


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0045_fewer_indexes")]

    operations = [
        migrations.AlterField("loggedchange", "kind", models.CharField(max_length=16, choices=choices(KINDS))),
        migrations.AlterField("loggedchange", "event", models.CharField(max_length=10, choices=choices(EVENTS))),
        migrations.AddField(
            "loggedchange", "is_for_directors", models.BooleanField(default=False, db_default=False)
        ),
        migrations.AddField("loggedchange", "shared_position", models.BigIntegerField(null=True, unique=True)),
        migrations.AddField("changecounter", "shared_last", models.BigIntegerField(default=0)),
        migrations.AddField("changecounter", "shared_pruned", models.BigIntegerField(default=0)),
        migrations.RunPython(share_what_is_there, migrations.RunPython.noop),
    ]
