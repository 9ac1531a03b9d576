"""Seal the secrets of second factors that lie open, and drop addresses that are not their person's own."""

from typing import Any

from django.db import migrations
from django.db.models import F

from timesheets import encrypted_fields


def seal(apps: Any, _schema_editor: Any) -> None:
    for one in apps.get_model("mfa", "Authenticator").objects.exclude(type="webauthn"):
        name = "secret" if one.type == "totp" else "seed"
        if name in one.data and not one.data[name].startswith(encrypted_fields.MARK):
            one.data[name] = encrypted_fields.seal(one.data[name])
            one.save(update_fields=["data"])


def unseal(apps: Any, _schema_editor: Any) -> None:
    for one in apps.get_model("mfa", "Authenticator").objects.exclude(type="webauthn"):
        name = "secret" if one.type == "totp" else "seed"
        if name in one.data:
            one.data[name] = encrypted_fields.unseal(one.data[name])
            one.save(update_fields=["data"])


def drop_other_addresses(apps: Any, _schema_editor: Any) -> None:
    """People could add addresses to sign in with; only a director says now which one somebody has."""
    apps.get_model("account", "EmailAddress").objects.exclude(email=F("user__email")).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("timesheets", "0002_person_erasures"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.RunPython(seal, unseal),
        migrations.RunPython(drop_other_addresses, migrations.RunPython.noop),
    ]
