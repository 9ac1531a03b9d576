"""Make a new installation ready: the agency, its platforms, and the director's account."""

import secrets
import zoneinfo
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models.agency import Agency, check_has_come, check_time_zone
from campaigns.setup import add_unrecorded, prepare
from core.access import Role
from core.form_fields import DayField, MoneyField
from timesheets import setup_token
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
        parser.add_argument(
            "--sales-complete-since", metavar="DAY", help="from when on each sale is entered, such as 2026-01-05"
        )
        parser.add_argument("--usual-sale", metavar="AMOUNT", help="what a usual sale brings, such as 4500")
        parser.add_argument(
            "--unrecorded",
            nargs=2,
            action="append",
            default=[],
            metavar=("FIRST", "LAST"),
            help="a period without records, from its first to its last day; may be given more than once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("currency", "country", "language", "time_zone")
        settings = {"name": options["agency"]} | {name: options[name] for name in names if options[name]}
        settings |= {name: settings[name].upper() for name in ("currency", "country") if name in settings}
        try:
            validate_email(options["director"])
            today = today_there(options["time_zone"])
            settings |= known_of_sales(options, today=today)
            periods = [
                (past_day(first, today=today), past_day(last, today=today)) for first, last in options["unrecorded"]
            ]
            with transaction.atomic():
                agency = prepare(settings)
                add_unrecorded(periods)
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
        setup_token.forget()
        return password


def today_there(time_zone: str | None) -> date:
    """Today where the agency is, or will be once it has this time zone."""
    if time_zone:
        check_time_zone(time_zone)
    return timezone.localdate(timezone=zoneinfo.ZoneInfo(time_zone) if time_zone else Agency.current().zone)


def known_of_sales(options: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The settings that say what silence means; ValidationError when one cannot be read."""
    known: dict[str, Any] = {}
    if options["sales_complete_since"]:
        known["sales_complete_since"] = past_day(options["sales_complete_since"], today=today)
    if options["usual_sale"]:
        known["typical_sale_cents"] = MoneyField().clean(options["usual_sale"])
    return known


def past_day(text: str, *, today: date) -> date:
    day: date = DayField().clean(text)
    check_has_come(day, today)
    return day
