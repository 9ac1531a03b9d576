"""What the hours brought, for programs: the addresses under `/api/v1/`."""

from ninja import Router

from reports.api import campaigns, decisions, figure_rows, figures, flags, report, verdicts

router = Router()
for part in (figures, figure_rows, report, campaigns, verdicts, flags, decisions):
    router.add_router("", part.router)
