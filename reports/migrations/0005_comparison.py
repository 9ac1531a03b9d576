import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0004_campaign_counted"),
        ("reports", "0004_flag_own_brand"),
    ]

    operations = [
        migrations.CreateModel(
            name="Comparison",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "until",
                    models.DateField(help_text="Monday of the last week of the run that it looks at."),
                ),
                ("results", models.JSONField()),
                ("evaluated_at", models.DateTimeField()),
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comparison",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "ordering": ["campaign"],
            },
        ),
    ]
