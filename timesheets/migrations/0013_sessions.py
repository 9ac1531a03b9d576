"""Sessions move to a table of ours, where a column beside what is signed says whose each is: nobody is signed out."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations, models

BATCH = 500


def move(apps, _schema_editor):
    before, now = apps.get_model("sessions", "Session"), apps.get_model("timesheets", "Session")
    decode = SessionStore().decode
    rows = (
        now(person_id=decode(row.session_data).get(SESSION_KEY), **columns_of(row))
        for row in before.objects.iterator(chunk_size=BATCH)
    )
    now.objects.bulk_create(rows, batch_size=BATCH)
    before.objects.all().delete()


def move_back(apps, _schema_editor):
    before, now = apps.get_model("sessions", "Session"), apps.get_model("timesheets", "Session")
    rows = (before(**columns_of(row)) for row in now.objects.iterator(chunk_size=BATCH))
    before.objects.bulk_create(rows, batch_size=BATCH)


def columns_of(row):
    return {name: getattr(row, name) for name in ("session_key", "session_data", "expire_date")}


class Migration(migrations.Migration):

    dependencies = [
        ('sessions', '0001_initial'),
        ('timesheets', '0012_fewer_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('person', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.RunPython(move, move_back),
    ]
