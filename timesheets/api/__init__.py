"""Hours, weeks and absences for programs: the addresses under `/api/v1/`."""

from ninja import Router

from timesheets.api import absences, hours, weeks

router = Router()
for part in (hours, weeks, absences):
    router.add_router("", part.router)
