import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0046_changes_for_directors'),
        ('reports', '0012_fewer_indexes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='campaignweek',
            name='campaign',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='cells', to='campaigns.campaign'),
        ),
    ]
