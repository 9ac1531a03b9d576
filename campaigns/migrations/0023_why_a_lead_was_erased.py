from collections import Counter

from django.db import migrations, models

# As campaigns/erasure_log.py reads lines that do not say why.
MOST_ASKED_IN_A_MINUTE = 50


def tell_time_from_requests(apps, schema_editor):
    """Of what was erased before, more than 50 leads in one minute were erased by time."""
    erasures = apps.get_model("campaigns", "Erasure").objects.all()
    rows = erasures.values_list("lead_id", "erased_at")
    minutes = {number: at.replace(second=0, microsecond=0) for number, at in rows}
    a_minute = Counter(minutes.values())
    by_time = [number for number, minute in minutes.items() if a_minute[minute] > MOST_ASKED_IN_A_MINUTE]
    for start in range(0, len(by_time), 500):
        erasures.filter(lead_id__in=by_time[start : start + 500]).update(why="time")


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0022_key_of_notes")]

    operations = [
        migrations.AddField(
            model_name='erasure',
            name='why',
            field=models.CharField(choices=[('request', 'Asked for'), ('time', 'Kept long enough')], default='request', max_length=7, verbose_name='why'),
        ),
        migrations.RunPython(tell_time_from_requests, migrations.RunPython.noop),
    ]
