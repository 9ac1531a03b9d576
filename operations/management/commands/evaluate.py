"""Judge every platform at the end of a week and print all that was found."""

import json
import math
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from campaigns.models import Agency, Platform
from core import money
from core.weeks import Week
from operations import jobs
from reports.management.commands import _options
from reports.statistics.results import to_json
from reports.statistics.states import VerdictState
from reports.verdicts import evaluation, wording
from reports.verdicts.case import Case, as_json


class Command(BaseCommand):
    help = (
        "Judge every platform at the end of a week (default: the last complete one), store and print what was found. "
        "JSON has all of it: amounts in cents, months of four weeks, null where a figure is infinite."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--week", type=_options.week, metavar="2026-W46")
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        jobs.drain(at=at)
        week = options["week"] or _options.last_complete_week()
        cases = evaluation.evaluate(week, at=at)
        agency = Agency.current()
        with money.localised(language=agency.language, country=agency.country, currency=agency.currency):
            getattr(self, f"_{options['format']}")(week, cases)

    def _json(self, week: Week, cases: Mapping[Platform, Case]) -> None:
        found = {"week": str(week), "platforms": {one.name: described(case) for one, case in cases.items()}}
        self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))

    def _table(self, _week: Week, cases: Mapping[Platform, Case]) -> None:
        self.stdout.write(f"{'':<21}{'verdict':<20}{'plain rule':<12}")
        for platform, case in cases.items():
            cells = (platform.name[:20], _word(case.state), _word(case.judgement.state), wording.sentence(case))
            self.stdout.write("{:<21}{:<20}{:<12}{}".format(*cells))


def described(case: Case) -> dict[str, Any]:
    """The state, all that the method found, and the plain rule with its evidence, as plain JSON."""
    plain = as_json(case)
    return {
        "state": case.state.value,
        "sentence": wording.sentence(case),
        "assessment": _without_infinity(to_json(case.assessment)) if case.assessment else None,
        "plain_rule": {name: plain[name] for name in ("judgement", "evidence", "figures", "states")},
    }


def _word(state: VerdictState) -> str:
    return str(wording.STATE_WORDS[state])


def _without_infinity(value: Any) -> Any:
    """JSON has no infinity, and a reader of numbers no use for the text that stands for it."""
    if isinstance(value, Mapping):
        return {name: _without_infinity(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_infinity(one) for one in value]
    return None if value in (str(math.inf), str(-math.inf), str(math.nan)) else value
