"""What the hours brought, for programs: the addresses under `/api/v1/`."""

from ninja import Router

from reports.api import figures, verdicts

router = Router()
for part in (figures, verdicts):
    router.add_router("", part.router)
