"""Two files that somebody brought: the leads of a fair, and what a network counted. Each can be undone."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.files.base import ContentFile

from campaigns.imports import runner
from campaigns.models import ImportRun
from core.access import Role
from core.money import localised
from operations.demo import names
from operations.demo.catalogue import Catalogue
from operations.demo.plan import Plan, at
from timesheets.models import User

FAIR_LEADS, COUNTED_WEEKS = 7, 6
Rows = Sequence[Sequence[object]]


def bring(plan: Plan, catalogue: Catalogue, by: User) -> None:
    """Import both as they would be by hand, at an hour of the last weeks."""
    fair = plan.ago(2)
    _import(
        plan, "leads", f"{plan.text('fair')}-{fair.days[3]}.csv", _fair(plan, catalogue), at(fair.days[4], 9, 20), by
    )
    _import(plan, "outcomes", plan.text("linkedin-visits.csv"), _visits(plan), at(plan.until.days[1], 14, 5), by)


def _fair(plan: Plan, catalogue: Catalogue) -> Rows:
    dice, day = plan.dice("fair"), plan.ago(2).days[3]
    place = (catalogue.platforms["Events"].name, catalogue.campaigns["Breakfast workshops"].name)
    rows: list[Sequence[object]] = [("external_id", "received_at", "platform", "campaign", "name", "email", "company")]
    for number in range(1, FAIR_LEADS + 1):
        name, company = names.person(dice), names.company(dice)
        received = at(day, 10 + number, dice.randrange(60))
        rows.append(
            (f"fair-{number:02d}", f"{received:%Y-%m-%dT%H:%M}", *place, name, names.address(name, company), company)
        )
    return rows


def _visits(plan: Plan) -> Rows:
    dice = plan.dice("profile visits")
    rows: list[Sequence[object]] = [("week", "platform", "campaign", "measure", "count")]
    for back in range(COUNTED_WEEKS, 0, -1):
        count = round(dice.randrange(80, 140) * plan.size) + 1
        rows.append((plan.ago(back), "LinkedIn", "", plan.text("Profile visits"), count))
    return rows


def _import(plan: Plan, kind: str, file_name: str, rows: Rows, when: datetime, by: User) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    run = ImportRun(
        kind=kind,
        file_name=file_name,
        requested_by=by,
        for_directors=by.role == Role.DIRECTOR,
        status=ImportRun.Status.CHECKING,
    )
    run.file.save(file_name, ContentFile(text.getvalue().encode()), save=False)
    run.save()
    with localised(language=plan.language, country="FR", currency="EUR"):
        runner.check(run, now=lambda: when)
        runner.ask_for(run, ImportRun.Status.IMPORTING, out_of=[ImportRun.Status.READY])
        runner.write(run, now=lambda: when + timedelta(seconds=2))
    ImportRun.objects.filter(pk=run.pk).update(created_at=when - timedelta(minutes=1))
