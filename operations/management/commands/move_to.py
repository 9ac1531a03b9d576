"""Move from SQLite to PostgreSQL."""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from environ import Env

from core.run_lock import take_lock
from operations.move_to_postgres import MoveRefused, move


class Command(BaseCommand):
    """Exit 0 when everything is there and was compared; exit 1, with the reason, when nothing is."""

    help = "Move everything from SQLite into an empty PostgreSQL. Stop Retour first. docs/deploy.md explains the rest."
    requires_system_checks = ()  # those of addresses and pages take as long as the rest of the start
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "address", metavar="postgres://USER@HOST:5432/NAME", help="without the password: PGPASSWORD, or it is asked"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        address: str = options["address"]
        target = read_address(address)
        with take_lock(settings.SUPERVISOR_LOCK, address="the command move-to"):
            try:
                moved = move(target)
            except MoveRefused as error:
                raise CommandError(str(error)) from error
        self.stdout.write(
            f"Moved {moved.rows} rows of {moved.tables} tables, and compared each. What is here stays as it was."
        )
        self.stdout.write(f"Now set DATABASE_URL to {with_password(address)} and start Retour again.")


def read_address(address: str) -> dict[str, Any]:
    """Return what Django's setting DATABASES holds for this address; the password is asked for when nothing has it."""
    is_postgres = address.startswith(("postgres://", "postgresql://"))
    target: dict[str, Any] = Env.db_url_config(address) if is_postgres else {}
    if not target.get("NAME"):
        raise CommandError(f"{address} is no address of PostgreSQL. It looks like postgres://USER@HOST:5432/NAME")
    if target["PASSWORD"]:
        raise CommandError(
            "Leave the password out of the address: other users of this machine can read a command line. "
            "Set PGPASSWORD, or type it when you are asked."
        )
    if "PGPASSWORD" not in os.environ and sys.stdin.isatty():
        target["PASSWORD"] = getpass.getpass(f"Password of {target['USER']} at {target['HOST'] or 'this machine'}: ")
    return target


def with_password(address: str) -> str:
    return address.replace("@", ":PASSWORD@", 1)
