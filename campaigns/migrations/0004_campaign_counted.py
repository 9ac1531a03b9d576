from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_agency_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="counted",
            field=models.CharField(
                choices=[("leads", "Leads"), ("qualified", "Qualified leads"), ("sales", "Sales")],
                default="leads",
                help_text="What is counted in the weeks of the baseline and of the run.",
                max_length=9,
                verbose_name="compared by",
            ),
        ),
    ]
