"""Show the token with which an empty installation is set up in the browser."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from timesheets import setup_token


class Command(BaseCommand):
    help = "Make the token that sets up an empty installation in the browser, and show it. The one before it is void."

    def handle(self, *args: Any, **options: Any) -> None:
        if not setup_token.is_open():
            raise CommandError("This installation is set up already: its directors add people under Team.")
        self.stdout.write(f"Set up your agency at {settings.SITE_URL}/setup/")
        self.stdout.write(f"Token, shown only here and only now: {setup_token.renew()}")
