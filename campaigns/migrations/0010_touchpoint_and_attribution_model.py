import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0009_import_for_directors'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='touch',
            options={'ordering': ['at', 'pk'], 'verbose_name': 'touchpoint', 'verbose_name_plural': 'touchpoints'},
        ),
        migrations.AlterField(
            model_name='agency',
            name='credit_model',
            field=models.CharField(choices=[('first', 'First touch'), ('last', 'Last touch'), ('linear', 'Linear'), ('position', 'Position 40/20/40'), ('decay', 'Time decay')], default='linear', max_length=10, verbose_name='attribution model'),
        ),
        migrations.AlterField(
            model_name='agency',
            name='half_life_days',
            field=models.PositiveSmallIntegerField(blank=True, help_text='For time decay. Empty: a quarter of the lookback.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='half-life of a touchpoint, in days'),
        ),
        migrations.AlterField(
            model_name='historicalagency',
            name='credit_model',
            field=models.CharField(choices=[('first', 'First touch'), ('last', 'Last touch'), ('linear', 'Linear'), ('position', 'Position 40/20/40'), ('decay', 'Time decay')], default='linear', max_length=10, verbose_name='attribution model'),
        ),
        migrations.AlterField(
            model_name='historicalagency',
            name='half_life_days',
            field=models.PositiveSmallIntegerField(blank=True, help_text='For time decay. Empty: a quarter of the lookback.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='half-life of a touchpoint, in days'),
        ),
        migrations.AlterField(
            model_name='importedrow',
            name='kind',
            field=models.CharField(choices=[('hours', 'Hours'), ('leads', 'Leads'), ('touches', 'Touchpoints'), ('sales', 'Sales'), ('spend', 'Spend'), ('outcomes', 'Outcomes')], max_length=10),
        ),
        migrations.AlterField(
            model_name='importrun',
            name='kind',
            field=models.CharField(choices=[('hours', 'Hours'), ('leads', 'Leads'), ('touches', 'Touchpoints'), ('sales', 'Sales'), ('spend', 'Spend'), ('outcomes', 'Outcomes')], max_length=10, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='rememberedmapping',
            name='kind',
            field=models.CharField(choices=[('hours', 'Hours'), ('leads', 'Leads'), ('touches', 'Touchpoints'), ('sales', 'Sales'), ('spend', 'Spend'), ('outcomes', 'Outcomes')], max_length=10),
        ),
    ]
