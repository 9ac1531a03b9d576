"""The kinds of files. Each app registers its own: hours belong to timesheets, which this app does not import."""

from campaigns.intake.kinds.kind import Kind
from campaigns.intake.kinds.leads import LeadKind
from campaigns.intake.kinds.outcomes import OutcomeKind
from campaigns.intake.kinds.sales import SaleKind
from campaigns.intake.kinds.spend import SpendKind
from campaigns.intake.kinds.touches import TouchKind

KINDS: dict[str, type[Kind]] = {}


def register(kind: type[Kind]) -> None:
    KINDS[kind.key] = kind


for _kind in (LeadKind, TouchKind, SaleKind, SpendKind, OutcomeKind):
    register(_kind)
