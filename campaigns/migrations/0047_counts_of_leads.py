"""Leads are counted by indexes: how many have each status, and what they answered when asked how they heard of us."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0046_changes_for_directors")]

    operations = [
        migrations.AddIndex("lead", models.Index(fields=["voided_at", "status"], name="lead_status")),
        migrations.AddIndex(
            "lead",
            models.Index(fields=["how_heard"], condition=~models.Q(how_heard=""), name="lead_how_heard"),
        ),
    ]
