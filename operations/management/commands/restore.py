"""Restore a backup."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from operations.backup import archive
from operations.backup.archive import Damaged
from operations.backup.databases import BackupRefused
from operations.backup.restore import NotAsItWas, Restored, TimeReplay, keep_time, restore


class Command(BaseCommand):
    """Exit 0 when everything is back and was counted; exit 1 with the reason otherwise."""

    help = "Restore a backup into an empty installation. Stop the web server, the worker and the scheduler first."
    requires_system_checks = ()  # those of addresses and pages take as long as the rest of the start
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what `manage.py backup` wrote")
        parser.add_argument("--replace", action="store_true", help="replace what is there, after backing it up")
        parser.add_argument("--erasures", type=Path, help="who was erased, when that file is not in its place")
        parser.add_argument(
            "--as-it-was", action="store_true", help="the way back from an upgrade that failed: do not migrate"
        )
        time = parser.add_mutually_exclusive_group()
        time.add_argument("--replay-time", action="store_true", help="erase again what time had erased; else it asks")
        time.add_argument("--keep-time", action="store_true", help="keep what time had erased as the backup has it")
        parser.add_argument("--check", action="store_true", help="only check the file; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        for file in filter(None, (path, options["erasures"])):
            if not file.is_file():
                raise CommandError(f"There is no file {file}.")
        try:
            if options["check"]:
                with archive.opened(path) as backup:
                    self.stdout.write(f"{path} is whole. It was taken at {backup.manifest.taken_at}.")
                return
            done = restore(
                path,
                replace=options["replace"],
                at=timezone.now(),
                erasures=options["erasures"],
                replays_time=_time_replay(replay=options["replay_time"], keep=options["keep_time"]),
                as_it_was=options["as_it_was"],
            )
            self._tell(done, as_it_was=options["as_it_was"])
        except (Damaged, BackupRefused, OSError) as error:
            raise CommandError(str(error)) from error
        except NotAsItWas as error:
            raise CommandError(f"The backup was restored, but not everything is as it was:\n{error}") from error

    def _tell(self, done: Restored, *, as_it_was: bool) -> None:
        contents = done.manifest.contents
        rows = sum(numbers["rows"] for numbers in contents.values())
        self.stdout.write(f"Restored as it was at {done.manifest.taken_at}: {rows} rows in {len(contents)} tables.")
        self.stdout.write("Rows, minutes and money are the same as when it was taken.")
        if done.kept_before:
            self.stdout.write(f"What was there before is in {done.kept_before}.")
        if as_it_was:
            self.stdout.write("It is as the version before left it: start that one.")
            return
        self.stdout.write("Everyone signs in again.")
        if done.held_back:
            self.stdout.write(f"{done.held_back} e-mails that were waiting are held back: see Jobs and Summaries.")
        again = f"{done.erased_again} leads and {done.people_erased_again} people"
        self.stdout.write(f"{again} were erased again that had been erased since the backup.")
        if done.kept_of_time:
            self.stdout.write(
                f"{done.kept_of_time} leads that time had erased are back. Those that are due by the right date are "
                "erased in the nights to come; to erase all of them now: manage.py erasures replay --time"
            )


def _time_replay(*, replay: bool, keep: bool) -> TimeReplay:
    """What the options say of leads that time had erased; without one ask at a terminal, and keep them elsewhere."""
    if replay:
        return lambda _leads: True
    return keep_time if keep or not sys.stdin.isatty() else _ask


def _ask(leads: int) -> bool:
    question = (
        f"{leads} leads that this backup brings back had been erased since because they were kept long enough.\n"
        "If a wrong clock did that, keep them. Erase them again? [y/N] "
    )
    return input(question).strip().lower() in ("y", "yes")
