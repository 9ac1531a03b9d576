"""Back up the database and the uploads into one file."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from operations.backup import schedule
from operations.backup.archive import Damaged
from operations.backup.databases import BackupRefused
from operations.backup.hook import HookFailed
from operations.backup.take import take


class Command(BaseCommand):
    help = "Back up the database and the uploads into one file, while people work. docs/backup.md explains the rest."
    requires_system_checks = ()  # those of addresses and pages take as long as the rest of the start

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            nargs="?",
            help="the file to write; it must not exist yet. Without one, the backup of each night: into BACKUP_DIR, "
            "kept by the rule, taken further by BACKUP_HOOK",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped either way, clean up the same way
        at, file = timezone.now(), options["file"]
        try:
            path, manifest = (file, take(file, at=at)) if file else schedule.take_one(at=at)
        except HookFailed as error:
            raise CommandError(str(error)) from error
        except (BackupRefused, Damaged, OSError) as error:
            raise CommandError(f"No backup was written. {error}") from error
        except KeyboardInterrupt as error:
            raise CommandError("No backup was written: it was interrupted.", returncode=130) from error
        rows = sum(numbers["rows"] for numbers in manifest.contents.values())
        size = path.stat().st_size / 1_000_000
        self.stdout.write(f"{path}: {rows} rows, {len(manifest.files) - 1} uploaded files, {size:.1f} MB. Checked.")
