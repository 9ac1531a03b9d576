"""Make a new installation ready: the agency, its platforms, and the director's account."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.setup import prepare
from core.access import Role
from timesheets.models import User


class Command(BaseCommand):
    help = "Name the agency, make the standard platforms and the director's account. May be run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--agency", required=True, help="its name")
        parser.add_argument("--director", required=True, metavar="EMAIL", help="who signs in first")
        parser.add_argument("--currency", help="ISO code, such as EUR")
        parser.add_argument("--country", help="ISO code, such as FR")
        parser.add_argument("--language", choices=["en", "fr"])
        parser.add_argument("--time-zone", metavar="ZONE", help="such as Europe/Paris")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("currency", "country", "language", "time_zone")
        settings = {"name": options["agency"]} | {name: options[name] for name in names if options[name]}
        settings |= {name: settings[name].upper() for name in ("currency", "country") if name in settings}
        try:
            validate_email(options["director"])
            with transaction.atomic():
                agency = prepare(settings)
                password = self.director(options["director"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(_("%(agency)s is ready.") % {"agency": agency})
        if password:
            self.stdout.write(
                _("Sign in as %(email)s with this password, shown only now: %(password)s")
                % {"email": options["director"], "password": password}
            )

    def director(self, email: str) -> str:
        """Make the account and return its password; an account that is there keeps its own, and '' is returned."""
        person = User.objects.filter(email__iexact=email).first()
        if person is not None:
            person.role, person.is_active = Role.DIRECTOR, True
            person.save()
            return ""
        password = secrets.token_urlsafe(12)
        User.objects.create_user(email, password, name=email.partition("@")[0], role=Role.DIRECTOR)
        return password
