"""Hours, weeks and absences for programs: the addresses under `/api/v1/`."""

from ninja import Router

from timesheets.api import absences, hours, timer, week_days, week_history, weeks

router = Router()
for part in (hours, timer, weeks, week_days, week_history, absences):
    router.add_router("", part.router)
