"""`migrate`, which backs up first what it is about to change, and says how to go back when it fails."""

import traceback
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from operations.backup import counts, folder
from operations.backup.archive import Damaged
from operations.backup.databases import BackupRefused

WAY_BACK = """The upgrade broke off, and the database may stand between two versions. Start nothing.
What was there before is in {file}

To go back (docs/deploy.md, "When an upgrade fails", says more):
1. Stop the web server, the worker and the scheduler, if they run.
2. Put the database back, with the version that is installed now:
     python manage.py restore {file} --replace --as-it-was
3. Install the version that ran before, and start that.
"""


class Command(migrate.Command):
    """Django's own, between a backup and a way back."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--no-backup", action="store_true", help="do not back up first what there is")

    def handle(self, *args: Any, no_backup: bool = False, **options: Any) -> None:
        backup = None if no_backup or not changes_something(options) else self.backed_up(options["verbosity"])
        try:
            super().handle(*args, **options)
        except Exception as error:
            if backup is None:
                raise
            self.stderr.write(traceback.format_exc())
            raise CommandError(WAY_BACK.format(file=backup)) from error

    def backed_up(self, verbosity: int) -> Path:
        try:
            path, _manifest = folder.add(at=timezone.now())
        except (BackupRefused, Damaged, OSError) as error:
            raise CommandError(
                f"Nothing was migrated, because no backup could be written. {error}\n"
                "Mend that, or go on without a backup: migrate --no-backup"
            ) from error
        if verbosity:
            self.stdout.write(f"Backed up: {path}")
        return path


def changes_something(options: dict[str, Any]) -> bool:
    """Whether there is something to migrate, and something that could be lost by it."""
    if options["plan"] or options["check_unapplied"]:
        return False
    executor = MigrationExecutor(connection)
    is_pending = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return (is_pending or bool(options["migration_name"])) and bool(counts.in_use())
