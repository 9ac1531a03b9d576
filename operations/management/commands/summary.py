"""Print, save or send the summary of a week."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns import trusted_clock
from campaigns.models import Agency
from core.weeks import Week
from operations import jobs
from reports.management.commands import _options
from reports.models import SummaryDelivery
from reports.verdicts import evaluation
from reports.weekly_email import content, delivery


class Command(BaseCommand):
    help = "Print the e-mail of a week (default: the last complete one); --out saves it, --send sends it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--week", type=_options.week, metavar="2026-W46")
        parser.add_argument("--language", help="en or fr; the agency's by default", choices=["en", "fr"])
        parser.add_argument("--out", type=Path, metavar="DIR", help="write .txt, .html and .eml files there")
        parser.add_argument("--send", action="store_true", help="send it to every subscriber who has not had it")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        if options["send"]:
            _check_may_send(options["week"], at)
        jobs.drain(at=at)
        week = options["week"] or _options.last_complete_week()
        if week == _options.last_complete_week():
            evaluation.evaluate(week, at=at)
        language = options["language"] or Agency.current().language
        letter = content.write(content.look_back(week), language=language)
        self.stdout.write(f"{letter.subject}\n\n{letter.text}")
        if options["out"]:
            self._save(letter, week, options["out"])
        if options["send"]:
            self._send(week)

    def _save(self, letter: content.Letter, week: Week, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        message = delivery.sample(letter).message().as_bytes()
        for suffix, body in (("txt", letter.text.encode()), ("html", letter.html.encode()), ("eml", message)):
            path = folder / f"summary-{week}.{suffix}"
            path.write_bytes(body)
            self.stdout.write(f"wrote {path}")

    def _send(self, week: Week) -> None:
        """Send now. What the mail server refuses for now is left to the worker, which tries again."""
        at = timezone.now()
        delivery.decide(week, at=at)
        delivery.send_due(at=at)
        rows = SummaryDelivery.objects.filter(week=week.monday).select_related("subscriber")
        if not rows:
            self.stdout.write("Nobody gets the summary yet: a director adds subscribers under Summaries.")
        for one in rows:
            self.stdout.write(f"{one.subscriber.email}: {one.get_state_display()} {one.reason}".rstrip())


def _check_may_send(week: Week | None, at: datetime) -> None:
    """Refuse a week that is not over, and a clock that may be wrong."""
    if week and week > Agency.current().last_complete_week(at):
        raise CommandError(
            f"{week} is not over yet: its summary can be sent from Monday on. Leave out --send to see it."
        )
    if not trusted_clock.is_trusted(at):
        raise CommandError("The clock may be wrong: a director confirms the date on the page of jobs first.")
