"""Leads are counted by indexes: how many have each status, and what they answered when asked how they heard of us.

The index of each field by which they were searched, which was made after `migrate`, has one of all fields in its place.
"""

from django.db import migrations, models

ONE_FOR_EACH_FIELD = [
    f"DROP INDEX IF EXISTS lead_{field}_trigrams" for field in ("name", "company", "email", "phone", "external_id")
]


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0046_changes_for_directors")]

    operations = [
        migrations.AddIndex("lead", models.Index(fields=["voided_at", "status"], name="lead_status")),
        migrations.AddIndex(
            "lead",
            models.Index(fields=["how_heard"], condition=~models.Q(how_heard=""), name="lead_how_heard"),
        ),
        migrations.RunSQL(ONE_FOR_EACH_FIELD, migrations.RunSQL.noop),
    ]
