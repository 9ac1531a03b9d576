"""Compute all credits and rollups again and print what differed."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from operations import jobs


class Command(BaseCommand):
    help = "Compute all credits and rollups again from the rows, put right what differs and print it."

    def handle(self, *args: Any, **options: Any) -> None:
        defects = jobs.rebuild(at=timezone.now())
        for defect in defects:
            self.stdout.write(defect)
        self.stdout.write(f"{len(defects)} differences" if defects else "Nothing differed.")
