from django.db import migrations

from core.index_migrations import drop_indexes_of_beginnings


class Migration(migrations.Migration):

    dependencies = [
        ('timesheets', '0013_sessions'),
    ]

    operations = [
        drop_indexes_of_beginnings("timesheets", "Session"),
    ]
