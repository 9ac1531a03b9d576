"""Hours, weeks and absences for programs: the addresses under `/api/v1/`."""

from ninja import Router

from timesheets.api import absences, hours, week_history, weeks

router = Router()
for part in (hours, weeks, week_history, absences):
    router.add_router("", part.router)
