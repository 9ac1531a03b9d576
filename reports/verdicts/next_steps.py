"""What somebody can do so that platforms can be judged, where silence says nothing yet: each step leads to its page."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Agency, Lead
from core import money
from reports.statistics.results import Assessment
from reports.statistics.states import VerdictState
from reports.verdicts.records import StoredVerdict


class NextStepKind(StrEnum):
    """The steps, in the order in which they help most."""

    ENTER_WON = "enter_won"
    ENTER_FIRST = "enter_first"
    COMPLETE_SINCE = "complete_since"
    USUAL_SALE = "usual_sale"


@dataclass(frozen=True)
class NextStep:
    """One step; ``count`` is how many won leads have no sale."""

    kind: NextStepKind
    count: int = 0

    @property
    def sentence(self) -> str:
        if self.kind is NextStepKind.ENTER_WON:
            return ngettext(
                "%(count)s won lead has no sale: enter it.", "%(count)s won leads have no sale: enter them.", self.count
            ) % {"count": money.format_number(self.count)}
        return {
            NextStepKind.ENTER_FIRST: _("Enter your first sale."),
            NextStepKind.COMPLETE_SINCE: _("Say since when your sales are all here."),
            NextStepKind.USUAL_SALE: _("Say what a usual sale brings."),
        }[self.kind]

    @property
    def path(self) -> str:
        """Where it is done, on this site."""
        return {
            NextStepKind.ENTER_WON: reverse("campaigns:leads") + "?status=won&sale=none",
            NextStepKind.ENTER_FIRST: reverse("campaigns:sale_add"),
            NextStepKind.COMPLETE_SINCE: reverse("campaigns:settings") + "#id_sales_complete_since",
            NextStepKind.USUAL_SALE: reverse("campaigns:settings") + "#id_typical_sale_cents",
        }[self.kind]


@dataclass(frozen=True)
class NextSteps:
    """Why no platform is judged yet, and what to do about it; false when nothing of the kind stands in the way."""

    steps: tuple[NextStep, ...] = ()
    is_unsold: bool = False

    def __bool__(self) -> bool:
        return bool(self.steps)

    @property
    def reason(self) -> str:
        if self.is_unsold:
            return _("No sale is recorded yet, so no platform is judged. What to do:")
        return _("Nobody has said what a usual sale brings, so platforms cannot be judged yet. What to do:")


def next_steps(
    verdicts: Iterable[StoredVerdict], *, agency: Agency | None = None, won_without_sale: int | None = None
) -> NextSteps:
    """What would let these platforms be judged; two queries, and none where they are or these are given."""
    assessments = [verdict.assessment for verdict in verdicts if verdict.assessment]
    is_unsold = any(assessment.state == VerdictState.NO_SALES for assessment in assessments)
    if not is_unsold and not any(_lacks_usual_sale(assessment) for assessment in assessments):
        return NextSteps()
    agency = agency or Agency.current()
    won = Lead.objects.won_without_sale().count() if won_without_sale is None else won_without_sale
    return NextSteps(tuple(_steps(agency, won, is_unsold=is_unsold)), is_unsold)


def _lacks_usual_sale(assessment: Assessment) -> bool:
    return any(refusal.reason == "usual_sale_unknown" for refusal in assessment.refusals)


def _steps(agency: Agency, won_without_sale: int, *, is_unsold: bool) -> Iterable[NextStep]:
    if won_without_sale:
        yield NextStep(NextStepKind.ENTER_WON, won_without_sale)
    elif is_unsold:
        yield NextStep(NextStepKind.ENTER_FIRST)
    if is_unsold and agency.sales_complete_since is None:
        yield NextStep(NextStepKind.COMPLETE_SINCE)
    if agency.typical_sale_cents is None:
        yield NextStep(NextStepKind.USUAL_SALE)
