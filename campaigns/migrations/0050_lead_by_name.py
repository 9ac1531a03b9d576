from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0049_lead_email")]

    operations = [
        migrations.AddIndex(model_name="lead", index=models.Index(fields=["name", "company", "id"], name="lead_by_name")),
    ]
