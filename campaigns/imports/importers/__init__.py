"""The kinds of files. Each app registers its own: hours belong to timesheets, which this app does not import."""

from campaigns.imports.importers.base import Importer
from campaigns.imports.importers.leads import LeadImporter
from campaigns.imports.importers.outcomes import OutcomeImporter
from campaigns.imports.importers.sales import SaleImporter
from campaigns.imports.importers.spend import SpendImporter
from campaigns.imports.importers.touches import TouchImporter

IMPORTERS: dict[str, type[Importer]] = {}


def register(kind: type[Importer]) -> None:
    IMPORTERS[kind.key] = kind


for _kind in (LeadImporter, TouchImporter, SaleImporter, SpendImporter, OutcomeImporter):
    register(_kind)
