"""From the demo to an agency of one's own: what the demo made goes, and the set-up begins."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from campaigns.models import Agency, StaleMark
from operations.backup import folder
from operations.backup.take import take, uploads_in
from timesheets import setup_token

# What `migrate` makes, and what is no table of rows.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


class NotTheDemo(Exception):
    """Nothing was changed: the demo did not make this database."""


def leave(*, at: datetime) -> Path:
    """Back everything up, then empty the database and the uploads; return the backup.

    Accounts, sessions and second factors go with the rest: the demo's password is printed for everybody to read.
    `BackupRefused` and `OSError` when there can be no backup; then nothing is changed.
    """
    if not Agency.current().is_demo:
        raise NotTheDemo
    backups = Path(settings.BACKUP_DIR)
    backups.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.check_room(backups)
    path = backups / f"demo-{at.astimezone(UTC):{folder.MOMENT}}.backup"
    take(path, at=at)
    with transaction.atomic():
        _empty()
        setup_token.expect()
    Agency.note_change()
    for _name, file in list(uploads_in(Path(settings.MEDIA_ROOT))):
        file.unlink()
    return path


def _empty() -> None:
    """Delete all rows; keys between them are checked at the end. Marks come last, since deleting leaves some."""
    marks = StaleMark._meta.db_table
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    with connection.cursor() as cursor:
        for table in sorted(tables, key=lambda name: name == marks):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608  the names are our own
