"""`manage.py erasures replay`: erase again, after a restore, the leads and people that the backup brought back."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns import erasure
from campaigns.models import Erasure, ErasureReason
from operations import erase_person
from timesheets.models import PersonErasure


class Command(BaseCommand):
    help = "The log of who was erased: `replay` erases them again after a restore, `list` shows numbers and days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["replay", "list"])
        parser.add_argument("--time", action="store_true", help="replay what time erased as well, not requests alone")
        parser.add_argument("--file", type=Path, help="the log beside the database, when it is not where it should be")

    def handle(self, *args: Any, what: str, time: bool, file: Path | None, **options: Any) -> None:
        if file and not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if what == "replay":
            leads = erasure.replay(file) + (erasure.replay(file, why=ErasureReason.TIME) if time else 0)
            self.stdout.write(f"{leads} leads and {erase_person.replay(file)} people erased again.")
            return
        for entry in (*Erasure.objects.all(), *PersonErasure.objects.all()):
            why = ErasureReason.TIME if getattr(entry, "why", "") == ErasureReason.TIME else ErasureReason.REQUEST
            self.stdout.write(f"{entry.erased_at:%Y-%m-%d %H:%M} UTC  {entry}, {why.value}")
