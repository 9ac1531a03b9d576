"""Who marks looks at no mark on PostgreSQL; on SQLite the triggers that look make their own index (docs/adr/0051)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0047_counts_of_leads")]

    operations = [
        migrations.RemoveIndex("stalemark", "stalemark_of_cell"),
        migrations.RemoveIndex("stalemark", "stalemark_of_lead"),
    ]
