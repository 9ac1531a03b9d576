"""Hours from files. Registered here with the imports of campaigns, which know nothing of hours."""

from campaigns.imports.importers import register
from timesheets.imports.importer import HourImporter

register(HourImporter)
