"""The kinds of files. Each app registers its own: hours belong to timesheets, which this app does not import."""

from campaigns.imports.importers.base import Kind
from campaigns.imports.importers.leads import LeadKind
from campaigns.imports.importers.outcomes import OutcomeKind
from campaigns.imports.importers.sales import SaleKind
from campaigns.imports.importers.spend import SpendKind
from campaigns.imports.importers.touches import TouchKind

KINDS: dict[str, type[Kind]] = {}


def register(kind: type[Kind]) -> None:
    KINDS[kind.key] = kind


for _kind in (LeadKind, TouchKind, SaleKind, SpendKind, OutcomeKind):
    register(_kind)
