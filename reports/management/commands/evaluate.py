"""Judge every platform at the end of a week and print the verdicts."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from campaigns import money
from campaigns.models import Agency
from reports import evaluation, jobs, words
from reports.management.commands import _options


class Command(BaseCommand):
    help = "Judge every platform at the end of a week (default: the last complete one), store and print the verdicts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--week", type=_options.week, metavar="2026-W46")
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        jobs.drain(at=at)
        week = options["week"] or _options.last_complete_week()
        cases = evaluation.evaluate(week, at=at)
        if options["format"] == "json":
            plain = {platform.name: evaluation.as_json(case) for platform, case in cases.items()}
            self.stdout.write(json.dumps({"week": str(week), "platforms": plain}, indent=2, ensure_ascii=False))
            return
        agency = Agency.current()
        with money.localised(language=agency.language, country=agency.country, currency=agency.currency):
            for platform, case in cases.items():
                state = str(words.STATE_WORDS[case.judgement.state])
                returned = words.per_unit(case.judgement.return_now)
                self.stdout.write(f"{platform.name:<20} {state:<10} {returned:>10}  {words.sentence(case)}")
