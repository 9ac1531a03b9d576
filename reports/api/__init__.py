"""What the hours brought, for programs: the addresses under `/api/v1/`."""

from ninja import Router

from reports.api import campaigns, decisions, figures, flags, verdicts

router = Router()
for part in (figures, campaigns, verdicts, flags, decisions):
    router.add_router("", part.router)
