"""`manage.py remove_second_factor ADDRESS`: for a director without phone and codes whom nobody else can help."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from timesheets import second_factor
from timesheets.models import User


class Command(BaseCommand):
    help = "Remove every second factor of a person and sign them out; they sign in with the password alone then."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        person = User.objects.filter(email=email.lower()).first()
        if person is None:
            raise CommandError(f"There is nobody with the address {email}.")
        if not second_factor.remove_all(person):
            self.stdout.write(f"{person.email} has no second factor.")
            return
        self.stdout.write(f"{person.email} has no second factor now.")
