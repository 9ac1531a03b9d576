"""People whose every word is one that stands nowhere else, and where these words are found."""

from datetime import UTC, date, datetime
from pathlib import Path

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection

from campaigns.imports import runner
from campaigns.models import EventKind, ImportRun, Lead, RememberedMapping, Sale, SavedView, Webhook
from campaigns.webhooks import events as webhooks
from reports.attribution import rollups
from reports.models import CampaignWeek, PlatformWeek
from tests import factories
from timesheets.models import Session

AT = datetime(2026, 11, 18, 12, tzinfo=UTC)
LEADS = """external_id,received_at,name,email,phone,company,note,how_heard,platform,status
CANARYID-1,2026-03-02,Canaryname Imported,canarymail@example.com,Canary-99,Canarycompany,Canarynote,Canaryfair,\
LinkedIn,qualified
OTHER-2,2026-03-03,Otto Other,otto@example.com,,Other,,,LinkedIn,new
"""
TOUCHES = """lead_external_id,at,utm_source,utm_medium,utm_campaign
CANARYID-1,2026-03-01 10:00,linkedin,social,canarylink
"""
SALES = """external_id,sold_on,amount,lead_external_id,description
CANARYDEAL-1,2026-04-01,5000,CANARYID-1,Canarydescription
"""


def bring(kind: str, text: str, *, at: datetime = AT) -> ImportRun:
    """Import a file as a worker does; it must go through whole."""
    run = ImportRun.objects.create(kind=kind, file_name=f"{kind}.csv")
    run.file.save(f"{kind}.csv", ContentFile(text.encode()))
    runner.ask_for(run, ImportRun.Status.CHECKING)
    runner.check(run, now=lambda: at)
    run.refresh_from_db()
    assert run.status == ImportRun.Status.READY, (run.status, run.errors, run.questions, run.counts)
    runner.ask_for(run, ImportRun.Status.IMPORTING)
    runner.write(run, now=lambda: at)
    run.refresh_from_db()
    assert run.status == ImportRun.Status.DONE
    return run


def imported_lead(director, client) -> Lead:
    """A lead whose every personal field holds a word that stands nowhere else, in every way it can get in."""
    told = Webhook(name="All of it", events=[str(kind) for kind in EventKind], has_personal_data=True)
    told.url = "https://127.0.0.1/"
    told.save()
    for kind, text in (("leads", LEADS), ("touches", TOUCHES), ("sales", SALES)):
        bring(kind, text)
    bring("leads", LEADS.replace("Canarycompany", "Canarycompany second"))  # an update remembers what was before
    lead = Lead.objects.get(external_id="CANARYID-1")
    sale = Sale.objects.get(external_id="CANARYDEAL-1")
    client.force_login(director)
    client.post(f"/leads/{lead.pk}/void/", {"reason": "Canaryreason"})
    client.post(f"/leads/{lead.pk}/restore/")
    Lead.objects.filter(pk=lead.pk).update(void_reason="Canaryreason")
    sale.description = "Canarydescription changed"
    sale._change_reason = "Canarywhy"
    sale.save()
    refund = Sale.objects.create(
        refund_of=sale,
        sold_on=date(2026, 5, 1),
        amount_cents=-1000,
        description="Canaryrefund",
        external_id="CANARYBACK",
    )
    for row in (lead, sale, refund, lead.touches.first()):
        LogEntry.objects.create(
            user=director,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=f"Canaryrepr {row}",
            action_flag=CHANGE,
            change_message="Canarymessage",
        )
    SavedView.objects.create(member=director, list_name="leads", name="Canaryname Imported, again")
    factories.DecisionFactory(sentence="Canaryname Imported (CANARYMAIL@example.com) bought after this.")
    _sales_that_were_once_its(lead, director)
    webhooks.hand_out(at=AT)
    _files_that_tell_more()
    return Lead.objects.get(pk=lead.pk)


def _sales_that_were_once_its(lead: Lead, director) -> None:
    """One that was deleted since, with its refund, and one that was moved to another lead: their versions stay."""
    gone = factories.SaleFactory(lead=lead, description="Canarydeleted", external_id="CANARYGONE")
    back = factories.SaleFactory(refund_of=gone, amount_cents=-100, description="Canarytaken back")
    LogEntry.objects.create(
        user=director,
        content_type=ContentType.objects.get_for_model(gone),
        object_id=str(gone.pk),
        object_repr="Canarydeleted",
        action_flag=DELETION,
    )
    back.delete()
    gone.delete()
    moved = factories.SaleFactory(lead=lead, description="Canarymoved", external_id="CANARYMOVED")
    moved.lead, moved.description, moved.external_id = (
        Lead.objects.get(external_id="OTHER-2"),
        "Of another",
        "of-another",
    )
    moved.save()


def _files_that_tell_more() -> None:
    """A file that waits; one without a line of names, whose first row is taken for it; one called like the person."""
    waiting = ImportRun.objects.create(kind="leads", file_name="more.csv")
    waiting.file.save("more.csv", ContentFile(LEADS.encode()))
    runner.ask_for(waiting, ImportRun.Status.CHECKING)
    runner.check(waiting, now=lambda: AT)
    headless = ImportRun.objects.create(kind="leads", file_name="canaryname_imported (2).csv")
    headless.file.save("x.csv", ContentFile("\n".join(LEADS.splitlines()[1:]).encode()))
    headless.mapping = {
        "columns": {"name": "Canaryname Imported", "email": "canarymail@example.com", "received_at": "2026-03-02"}
    }
    headless.save()
    runner.ask_for(headless, ImportRun.Status.CHECKING)
    runner.check(headless, now=lambda: AT)
    headless.status = ImportRun.Status.DONE
    headless.save()
    RememberedMapping.objects.create(kind="leads", header="b" * 64, mapping=headless.mapping)
    failed = bring("leads", "external_id,received_at,name\nTHIRD,2026-03-04,Third\n")
    failed.status, failed.counts["failed"] = ImportRun.Status.FAILED, "line 2: canarymail@example.com is no e-mail"
    failed.save()


# -- what is there ----------------------------------------------------------------------------------------------------


def everything_stored(folder: Path) -> str:
    """Every cell of every table, and every file, as one text."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            parts += [f"{table}: {row}" for row in cursor.fetchall()]
    parts += [f"timesheets_session: {session.get_decoded()}" for session in Session.objects.all()]
    parts += [f"{file}: {file.read_bytes()!r}" for file in folder.rglob("*") if file.is_file()]
    return "\n".join(parts)


def traces(folder: Path) -> list[str]:
    return [line[:300] for line in everything_stored(folder).splitlines() if "canary" in line.lower()]


def rollup_rows() -> list[list[dict[str, object]]]:
    """The rows of both, counted up to now."""
    rollups.drain()
    tables = []
    for model, order in (
        (PlatformWeek, ("week", "basis", "platform")),
        (CampaignWeek, ("week", "basis", "platform", "campaign")),
    ):
        rows = model.objects.order_by(*order).values()
        tables.append([{name: value for name, value in row.items() if name != "id"} for row in rows])
    return tables
