"""When a flag of a losing platform falls, and why: by the rule that raised it, or because nothing judges it any more.

Pure: no database, no clock (docs/adr/0006).
"""

from collections.abc import Mapping
from typing import Any

from reports.models import FlagCleared
from reports.statistics.states import UNJUDGED, VerdictState
from reports.verdicts.case import Case
from reports.verdicts.plain_rule import flag_should_clear

# So many weeks without a judgement, and the last one says nothing of today.
WEEKS_UNJUDGED = 8
PLAIN, TYPICAL_SALE = "plain", "typical_sale"


def rule_of(figures: Mapping[str, Any]) -> str:
    """The rule that a flag was raised by, from the figures that it keeps; whatever version stored them."""
    return str((figures.get("assessment") or {}).get("rule") or PLAIN)


def why_cleared(case: Case, *, rule: str, weeks_unjudged: int) -> FlagCleared | None:
    """Why the flag falls that ``rule`` raised, None while it stays up.

    ``weeks_unjudged`` is how long ago the platform was last judged. A state is left at its own threshold, so that a
    flag stays while its platform is *losing*.
    """
    if _is_given_up(case):
        return FlagCleared.GIVEN_UP
    if case.assessment is None:
        return FlagCleared.ABOVE_LINE if flag_should_clear(case.evidence) else None
    state = VerdictState(case.assessment.state)
    if state not in UNJUDGED:
        return None if state is VerdictState.LOSING else FlagCleared.ABOVE_LINE
    if _is_out_of_use(rule, state):
        return FlagCleared.RULE_GONE
    return FlagCleared.UNJUDGED if weeks_unjudged >= WEEKS_UNJUDGED else None


def _is_given_up(case: Case) -> bool:
    evidence = case.evidence
    return evidence.now.cost <= 0 and evidence.before.cost <= 0 and not evidence.minutes


def _is_out_of_use(rule: str, state: VerdictState) -> bool:
    """The plain rule accuses nobody any more; a usual sale stands in only where silence is known to say something."""
    return rule == PLAIN or (rule == TYPICAL_SALE and state is VerdictState.NO_SALES)
