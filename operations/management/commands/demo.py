"""Load the demo agency: an invented web agency with people, hours, leads and sales."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.models import Agency
from core.weeks import Week
from operations.demo import agency
from operations.demo.people import LOGINS, PASSWORD
from operations.demo.plan import FEWEST_STAFF, FEWEST_WEEKS, FULL_STAFF, MOST_STAFF, MOST_WEEKS, Plan
from reports.management.commands import _options
from timesheets import setup_token
from timesheets.models import User


class Command(BaseCommand):
    help = (
        "Load the demo agency into a new database. The same seed gives the same agency. "
        "It sets the agency's name and rules, so it refuses a database that has people of its own."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--weeks", type=int, default=60, help="how many weeks of history (default 60)")
        parser.add_argument("--staff", type=int, default=FULL_STAFF, help=f"how many people (default {FULL_STAFF})")
        parser.add_argument("--seed", type=int, default=1, help="another number gives another agency")
        parser.add_argument("--language", choices=dict(settings.LANGUAGES), default="en", help="of its texts")
        parser.add_argument("--until", type=_options.week, metavar="2026-W46", help="the last complete week")
        parser.add_argument("--logins", action="store_true", help="only print the logins, while the demo is there")
        parser.add_argument(
            "--force", action="store_true", help="load it beside the people who are there; replaces the settings"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            self._print_logins()
            return
        plan = _plan(**options)
        _check_is_free(force=options["force"])
        is_alone = not User.objects.exists()
        agency.build(plan)
        if is_alone:
            Agency.objects.update(is_demo=True)
            setup_token.forget()
        agency.judge(plan)
        self.stdout.write(f"Loaded {plan.staff} people and {plan.weeks} weeks, to {plan.until}.")
        self._print_logins()

    def _print_logins(self) -> None:
        there = set(User.objects.filter(email__in=LOGINS.values()).values_list("email", flat=True))
        for role, email in LOGINS.items():
            if email in there:
                self.stdout.write(f"  {role.value:<9} {email:<24} {PASSWORD}")


def _plan(*, weeks: int, staff: int, seed: int, until: Week | None, language: str, **_others: Any) -> Plan:
    if not FEWEST_WEEKS <= weeks <= MOST_WEEKS:
        raise CommandError(f"--weeks must be from {FEWEST_WEEKS} to {MOST_WEEKS}: fewer have no story to tell.")
    if not FEWEST_STAFF <= staff <= MOST_STAFF:
        raise CommandError(f"--staff must be from {FEWEST_STAFF} to {MOST_STAFF}.")
    today = timezone.localdate(timezone=Agency.current().zone)
    last = until or _options.last_complete_week()
    # Of a week that is not the current one, the first three days are logged.
    logged_to = today if today in last.next.days else last.next.days[2]
    return Plan(weeks, staff, seed, last, logged_to, language)


def _check_is_free(*, force: bool) -> None:
    if User.objects.filter(email__in=LOGINS.values()).exists():
        raise CommandError("The demo agency is in this database already.")
    if User.objects.exists() and not force:
        raise CommandError(
            "This database has people of its own. Load the demo into a new database, "
            "or add --force to load it beside them."
        )
