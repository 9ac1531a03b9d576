from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0006_job_failures")]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="erased_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="erased"),
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("lead_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("erased_at", models.DateTimeField(verbose_name="erased")),
                ("hashes", models.JSONField(default=list)),
            ],
            options={
                "verbose_name": "erasure",
                "verbose_name_plural": "erasures",
                "ordering": ["erased_at", "lead_id"],
            },
        ),
    ]
