from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("timesheets", "0003_second_factors_sealed")]

    operations = [
        migrations.AddField(
            model_name="timeentry",
            name="minutes_as_imported",
            field=models.IntegerField(editable=False, null=True),
        ),
    ]
