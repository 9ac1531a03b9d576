"""What is erased leaves no trace, and what it counted for stays."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection

from campaigns import erasure, retention, uploads
from campaigns.intake import engine
from campaigns.models import (
    Agency,
    Erasure,
    ImportedRow,
    ImportRun,
    Lead,
    RememberedMapping,
    Sale,
    StatusChange,
    Touch,
)
from campaigns.weeks import Week
from reports import delivery, evaluation, rollup
from reports.models import CampaignWeek, Credit, PlatformWeek, SummaryDelivery
from tests import factories
from timesheets.models import PersonAlias, Reminder, Timer

pytestmark = [pytest.mark.django_db, pytest.mark.claim]

AT = datetime(2026, 11, 18, 12, tzinfo=UTC)
LEADS = """external_id,received_at,name,email,company,note,platform,status
CANARYID-1,2026-03-02,Canaryname Imported,canarymail@example.com,Canarycompany,Canarynote,LinkedIn,qualified
OTHER-2,2026-03-03,Otto Other,otto@example.com,Other,,LinkedIn,new
"""
TOUCHES = """lead_external_id,at,utm_source,utm_medium,utm_campaign
CANARYID-1,2026-03-01 10:00,linkedin,social,canarylink
"""
SALES = """external_id,sold_on,amount,lead_external_id,description
CANARYDEAL-1,2026-04-01,5000,CANARYID-1,Canarydescription
"""
CANARIES = ("canary",)


@pytest.fixture(autouse=True)
def own_files(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    return tmp_path


@pytest.fixture(autouse=True)
def linkedin():
    return factories.PlatformFactory(name="LinkedIn")


def bring(kind: str, text: str, *, at: datetime = AT) -> ImportRun:
    """Import a file as a worker does; it must go through whole."""
    run = ImportRun.objects.create(kind=kind, file_name=f"{kind}.csv")
    run.file.save(f"{kind}.csv", ContentFile(text.encode()))
    engine.ask_for(run, ImportRun.Status.CHECKING)
    engine.check(run, now=lambda: at)
    run.refresh_from_db()
    assert run.status == ImportRun.Status.READY, (run.status, run.errors, run.questions, run.counts)
    engine.ask_for(run, ImportRun.Status.IMPORTING)
    engine.write(run, now=lambda: at)
    run.refresh_from_db()
    assert run.status == ImportRun.Status.DONE
    return run


@pytest.fixture
def lead(director, client) -> Lead:
    """A lead whose every personal field holds a word that stands nowhere else, in every way it can get in."""
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
    _sales_that_were_once_its(lead, director)
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
    engine.ask_for(waiting, ImportRun.Status.CHECKING)
    engine.check(waiting, now=lambda: AT)
    headless = ImportRun.objects.create(kind="leads", file_name="canaryname_imported (2).csv")
    headless.file.save("x.csv", ContentFile("\n".join(LEADS.splitlines()[1:]).encode()))
    headless.mapping = {
        "columns": {"name": "Canaryname Imported", "email": "canarymail@example.com", "received_at": "2026-03-02"}
    }
    headless.save()
    engine.ask_for(headless, ImportRun.Status.CHECKING)
    engine.check(headless, now=lambda: AT)
    headless.status = ImportRun.Status.DONE
    headless.save()
    RememberedMapping.objects.create(kind="leads", header="b" * 64, mapping=headless.mapping)
    failed = bring("leads", "external_id,received_at,name\nTHIRD,2026-03-04,Third\n")
    failed.status, failed.counts["failed"] = ImportRun.Status.FAILED, "line 2: canarymail@example.com is no e-mail"
    failed.save()


def judged_and_told() -> None:
    """The lead's sale is so large that the weekly summary asks whether it is right; it is kept as it was sent."""
    for _number in range(3):
        factories.SaleFactory(amount_cents=1_000, sold_on=date(2026, 11, 9))
    Sale.objects.filter(external_id="CANARYDEAL-1").update(sold_on=date(2026, 11, 10))
    rollup.drain()
    evaluation.evaluate(Week.parse("2026-W46"), at=AT)
    factories.SubscriberFactory(email=factories.DirectorFactory().email)
    delivery.decide(Week.parse("2026-W46"), at=AT)
    assert "times the usual one" in SummaryDelivery.objects.get().text


def everything_stored(folder: Path) -> str:
    """Every cell of every table, and every file, as one text."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            parts += [f"{table}: {row}" for row in cursor.fetchall()]
    parts += [f"django_session: {session.get_decoded()}" for session in Session.objects.all()]
    parts += [f"{file}: {file.read_bytes()!r}" for file in folder.rglob("*") if file.is_file()]
    return "\n".join(parts)


def traces(folder: Path) -> list[str]:
    return [line[:300] for line in everything_stored(folder).splitlines() if "canary" in line.lower()]


def figures() -> tuple:
    rollup.drain()
    kept = [
        list(model.objects.order_by(*order).values())
        for model, order in (
            (PlatformWeek, ("week", "basis", "platform")),
            (CampaignWeek, ("week", "basis", "platform", "campaign")),
        )
    ]
    credits = Credit.objects.order_by("lead", "sale", "work_week", "platform").values()
    for row in [*kept[0], *kept[1]]:
        row.pop("id")
    return *kept, [{name: value for name, value in row.items() if name != "id"} for row in credits]


# -- one lead ---------------------------------------------------------------------------------------------------------


def test_erasing_leaves_no_trace_in_any_table_or_file(lead, own_files):
    judged_and_told()
    held = "\n".join(traces(own_files))
    for table in (
        "campaigns_lead",
        "campaigns_touch",
        "campaigns_sale",
        "campaigns_historicalsale",
        "campaigns_importedrow",
        "campaigns_importrun",
        "campaigns_rememberedmapping",
        "django_admin_log",
    ):
        assert f"{table}: " in held, f"the test put nothing into {table}"
    assert "leads.csv" in held
    assert "canaryname_imported (2).csv" in held
    assert "reports_summarydelivery" not in held, "a summary is kept, and tells no sale by what it is called"
    erasure.erase_now(lead, at=AT)
    assert traces(own_files) == []


def test_what_it_counted_for_stays(lead):
    before = figures()
    assert any(row["revenue_linear"] for row in before[0])
    erasure.erase_now(lead, at=AT)
    assert figures() == before
    assert Sale.objects.filter(lead=lead).get().amount_cents == 500_000
    lead.refresh_from_db()
    assert (lead.status, lead.received_at.date(), lead.erased_at) == ("qualified", date(2026, 3, 1), AT)
    assert Touch.objects.filter(lead=lead).count() == 2
    assert StatusChange.objects.filter(lead=lead).count() == 1


def test_other_leads_keep_what_they_have(lead):
    RememberedMapping.objects.create(kind="leads", header="c" * 64, mapping={"columns": {"name": "Full name"}})
    ImportRun.objects.create(kind="leads", file_name="Canaryname Imported.csv", status=ImportRun.Status.UNDONE)
    names = sorted(ImportRun.objects.filter(kind="sales").values_list("file_name", flat=True))
    erasure.erase_now(lead, at=AT)
    assert sorted(ImportRun.objects.filter(kind="sales").values_list("file_name", flat=True)) == names
    assert RememberedMapping.objects.filter(header="c" * 64).exists()
    moved = Sale.objects.get(external_id="of-another")
    assert moved.description == "Of another"
    assert [one.description for one in moved.history.order_by("history_id")] == ["", "Of another"]
    other = Lead.objects.get(external_id="OTHER-2")
    assert (other.name, other.email, other.erased_at) == ("Otto Other", "otto@example.com", None)
    row = ImportedRow.objects.filter(kind="leads", object_id=other.pk).first()
    assert row.before["now"]["name"] == "Otto Other"


def test_an_erased_lead_does_not_come_back_by_the_same_files(lead, own_files):
    erasure.erase_now(lead, at=AT)
    counts = Lead.objects.count(), Sale.objects.count(), Touch.objects.count()
    for kind, text in (("leads", LEADS), ("touches", TOUCHES), ("sales", SALES)):
        bring(kind, text)
    assert (Lead.objects.count(), Sale.objects.count(), Touch.objects.count()) == counts
    uploads.discard(ImportRun.objects.all())
    assert traces(own_files) == []


def test_a_file_adds_no_links_to_an_erased_lead(lead, own_files):
    erasure.erase_now(lead, at=AT)
    bring("touches", TOUCHES + "CANARYID-1,2026-03-05 10:00,linkedin,social,canarysecond\n")
    assert Touch.objects.filter(lead=lead).count() == 2
    uploads.discard(ImportRun.objects.all())
    assert traces(own_files) == []


def test_an_erased_lead_without_an_id_does_not_come_back_either(own_files):
    without_id = "received_at,name,email,platform\n2026-03-02,Canaryname,canarymail@example.com,LinkedIn\n"
    bring("leads", without_id)
    erasure.erase_now(Lead.objects.get(), at=AT)
    bring("leads", without_id)
    assert [lead.name for lead in Lead.objects.all()] == [""]


def test_an_import_with_erased_rows_can_still_be_undone(lead):
    run = ImportRun.objects.filter(kind="sales").get()
    erasure.erase_now(lead, at=AT)
    Sale.objects.exclude(refund_of=None).delete()
    run.refresh_from_db()
    engine.ask_for(run, ImportRun.Status.UNDOING)
    engine.undo(run, now=lambda: AT)
    assert not Sale.objects.filter(lead=lead).exists()


def test_while_an_import_runs_nothing_is_erased(lead):
    ImportRun.objects.filter(kind="touches").update(status=ImportRun.Status.IMPORTING)
    with pytest.raises(erasure.ImportUnderWay):
        erasure.erase_now(lead, at=AT)
    lead.refresh_from_db()
    assert lead.erased_at is None
    assert lead.name == "Canaryname Imported"


def test_erasing_twice_changes_nothing(lead):
    erasure.erase_now(lead, at=AT)
    before = Lead.objects.filter(pk=lead.pk).values().get(), Erasure.objects.values().get()
    erasure.erase_now(lead, at=AT + timedelta(days=1))
    assert (Lead.objects.filter(pk=lead.pk).values().get(), Erasure.objects.values().get()) == before


# -- after a restore --------------------------------------------------------------------------------------------------


@pytest.fixture
def restored(lead, own_files, django_capture_on_commit_callbacks):
    """The database as a backup from before the erasure brings it back: the lead as it was, and no log of it."""
    name, external_id, email = lead.name, lead.external_id, lead.email
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase_now(lead, at=AT)
    Lead.objects.filter(pk=lead.pk).update(name=name, external_id=external_id, email=email, erased_at=None)
    Erasure.objects.all().delete()
    return Lead.objects.get(pk=lead.pk)


def test_the_log_beside_the_database_erases_again_after_a_restore(restored, own_files):
    assert erasure.replay() == 1
    assert traces(own_files) == []
    restored.refresh_from_db()
    assert restored.erased_at == AT
    assert Erasure.objects.get().lead_id == restored.pk
    assert erasure.replay() == 0


def test_the_log_holds_numbers_and_hashes_alone(restored, own_files):
    [line] = (own_files / "erasures.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert set(told) == {"mark", "lead", "erased_at", "hashes"}
    assert "canary" not in line.lower()
    assert "example.com" not in line


def test_a_lead_that_got_the_number_of_an_erased_one_is_left_alone(restored):
    Lead.objects.filter(pk=restored.pk).update(
        name="Somebody New", email="new@example.com", company="", external_id=None, received_at=AT - timedelta(days=9)
    )
    assert erasure.replay() == 0
    Lead.objects.filter(pk=restored.pk).update(name="Canaryname Imported", received_at=AT + timedelta(days=9))
    assert erasure.replay() == 0


def test_the_log_of_another_installation_is_nobodys_business(restored):
    agency = Agency.current()
    agency.mark = "ffffffff"
    agency.save()
    assert erasure.replay() == 0


def test_a_line_that_was_cut_short_costs_only_itself(restored, own_files):
    path = own_files / "erasures.jsonl"
    path.write_text('{"mark": "x", "le\n[]\n"text"\n' + path.read_text())
    assert erasure.replay() == 1


# -- after a while ----------------------------------------------------------------------------------------------------

LONG_AGO = datetime(2023, 11, 18, 11, tzinfo=UTC)  # 36 months before AT, and an hour


def test_a_lead_is_erased_three_years_after_its_last_contact():
    due = factories.LeadFactory(received_at=LIMIT - timedelta(seconds=1))
    young = factories.LeadFactory(received_at=LIMIT)
    retention.purge(at=AT)
    assert [Lead.objects.get(pk=one.pk).erased_at for one in (due, young)] == [AT, None]


LIMIT = datetime(2023, 11, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("contact", "at", "is_kept"),
    [
        ("touch", LIMIT, True),
        ("touch", LIMIT - timedelta(seconds=1), False),
        ("status", LIMIT, True),
        ("status", LIMIT - timedelta(seconds=1), False),
        ("sale", LIMIT, True),
        ("sale", LIMIT - timedelta(days=1), False),
    ],
)
def test_three_years_count_from_the_last_contact_of_any_kind(contact, at, is_kept):
    lead = factories.LeadFactory(received_at=LIMIT - timedelta(days=900))
    if contact == "touch":
        factories.TouchFactory(lead=lead, at=at)
    elif contact == "sale":
        factories.SaleFactory(lead=lead, sold_on=at.date())
    else:
        lead.move_to("qualified", at=at)
    retention.purge(at=AT)
    assert (Lead.objects.get().erased_at is None) == is_kept


def test_the_agency_says_how_long():
    agency = Agency.current()
    agency.keep_leads_months = 1
    agency.save()
    lead = factories.LeadFactory(received_at=AT - timedelta(days=32))
    retention.purge(at=AT)
    lead.refresh_from_db()
    assert lead.erased_at == AT


@pytest.mark.parametrize(
    ("months", "expected"),
    [(1, "2026-02-28"), (12, "2025-03-31"), (36, "2023-03-31"), (3, "2025-12-31"), (240, "2006-03-31")],
)
def test_months_before_keep_to_the_calendar(months, expected):
    at = datetime(2026, 3, 31, 3, tzinfo=UTC)
    assert retention.months_before(at, months).date().isoformat() == expected


def test_files_of_imports_go_after_thirty_days_and_what_they_did_stays(own_files):
    run = bring("leads", LEADS)
    never = ImportRun.objects.create(kind="sales", file_name="never.csv", status=ImportRun.Status.READY)
    never.file.save("never.csv", ContentFile(SALES.encode()))
    ImportRun.objects.update(created_at=AT, finished_at=None)
    files = {one for one in (own_files / "uploads").rglob("*") if one.is_file()}
    assert len(files) == 3  # two files, and the errors of one
    retention.purge(at=AT + timedelta(days=30))
    assert all(one.exists() for one in files)
    retention.purge(at=AT + timedelta(days=30, minutes=1))
    assert not any(one.exists() for one in files)
    assert not ImportRun.objects.filter(pk=never.pk).exists()
    run.refresh_from_db()
    assert (run.preview, bool(run.file), run.rows.count()) == ([], False, 2)
    engine.ask_for(run, ImportRun.Status.UNDOING)
    engine.undo(run, now=lambda: AT)
    assert not Lead.objects.exists()


def test_the_page_of_an_import_without_its_file_still_opens_and_undoes(client, director):
    run = bring("leads", LEADS)
    uploads.discard(ImportRun.objects.all())
    client.force_login(director)
    assert client.get(f"/imports/{run.pk}/").status_code == 200
    assert client.get("/imports/").status_code == 200
    errors = client.get(f"/imports/{run.pk}/errors.csv")
    assert errors.getvalue().decode().splitlines()[1:] == []
    assert client.get(f"/imports/{run.pk}/undo/").status_code == 200
    client.post(f"/imports/{run.pk}/undo/")
    engine.undo(ImportRun.objects.get(pk=run.pk), now=lambda: AT)
    assert not Lead.objects.exists()
    assert "Everything was taken back" in client.get(f"/imports/{run.pk}/").content.decode()


@pytest.mark.parametrize("how", ["discarded", "taken from the disk"])
def test_checking_or_importing_a_file_that_is_gone_says_so(client, director, own_files, how):
    """By the night, or by somebody who tidied the folder."""
    checked, written = (ImportRun.objects.create(kind="leads", file_name="leads.csv") for _number in range(2))
    for run in (checked, written):
        run.file.save("leads.csv", ContentFile(LEADS.encode()))
    engine.ask_for(written, ImportRun.Status.CHECKING)
    engine.check(written, now=lambda: AT)
    for run in (checked, written):
        if how == "discarded":
            run.file.delete()
        else:
            Path(run.file.path).unlink()
    client.force_login(director)
    engine.ask_for(checked, ImportRun.Status.CHECKING)
    engine.check(checked, now=lambda: AT)
    client.post(f"/imports/{written.pk}/start/")
    engine.write(ImportRun.objects.get(pk=written.pk), now=lambda: AT)
    for run in (checked, written):
        page = client.get(f"/imports/{run.pk}/").content.decode()
        assert "The file is no longer here. Upload it again." in page
        assert str(own_files) not in page
        assert client.get(f"/imports/{run.pk}/errors.csv").status_code == 200
        client.post(f"/jobs/imports/{run.pk}/retry")
        engine.check(ImportRun.objects.get(pk=run.pk), now=lambda: AT)
        assert ImportRun.objects.get(pk=run.pk).status == ImportRun.Status.FAILED
    assert not Lead.objects.exists()
    assert not [one for one in (own_files / "uploads").iterdir() if one.is_file()], "nothing beside the folders"


def test_what_the_database_says_of_a_row_is_not_kept_with_the_import(monkeypatch):
    """PostgreSQL quotes the whole row in the lines after the first, and so what an hour costs."""

    def refuse(*_args, **_kwargs):
        raise IntegrityError('violates check constraint "one"\nDETAIL:  Failing row contains (Canary, 7319377).')

    run = bring("leads", LEADS)
    for part in ("_write", "_examine_run"):
        monkeypatch.setattr(engine, part, refuse)
    engine.ask_for(run, ImportRun.Status.IMPORTING)
    engine.write(run, now=lambda: AT)
    run.refresh_from_db()
    assert run.counts["failed"] == 'IntegrityError: violates check constraint "one"'
    engine.ask_for(run, ImportRun.Status.CHECKING)
    engine.check(run, now=lambda: AT)
    assert run.counts["trouble"] == 'The file could not be checked: IntegrityError: violates check constraint "one"'


def test_what_the_log_of_the_administration_calls_leads_goes_with_them(director):
    kept = {}
    for name, model, days in (("old", Lead, 1), ("young", Lead, -1), ("of the agency", Agency, 1)):
        kept[name] = LogEntry.objects.create(
            user=director, content_type=ContentType.objects.get_for_model(model), object_repr=name, action_flag=DELETION
        )
        limit = retention.months_before(AT, 36)
        LogEntry.objects.filter(pk=kept[name].pk).update(action_time=limit - timedelta(seconds=days))
    retention.purge(at=AT)
    assert sorted(LogEntry.objects.values_list("object_repr", flat=True)) == ["of the agency", "young"]


def test_what_comes_back_after_an_erasure_is_erased_again_at_night(restored, own_files):
    retention.purge(at=AT + timedelta(days=1))
    assert traces(own_files) == []


def test_a_log_beside_the_database_that_cannot_be_written_is_written_at_night(
    lead, own_files, settings, django_capture_on_commit_callbacks
):
    (own_files / "in the way").write_text("")
    settings.ERASURES_FILE = own_files / "in the way" / "erasures.jsonl"
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase_now(lead, at=AT)
    assert Lead.objects.get(pk=lead.pk).erased_at == AT
    settings.ERASURES_FILE = own_files / "erasures.jsonl"
    retention.purge(at=AT + timedelta(days=1))
    assert f'"lead": {lead.pk},' in settings.ERASURES_FILE.read_text()
    assert settings.ERASURES_FILE.stat().st_mode & 0o777 == 0o600


def test_the_night_purges(monkeypatch):
    from campaigns.models import JobRun
    from reports import jobs

    JobRun.objects.create(name="nightly", next_due=AT - timedelta(minutes=1))
    lead = factories.LeadFactory(received_at=LONG_AGO)
    jobs.nightly(at=AT)
    lead.refresh_from_db()
    assert lead.erased_at == AT


def test_purging_many_leads_asks_no_more_for_each(django_assert_max_num_queries):
    for number in range(30):
        factories.TouchFactory(
            lead=factories.LeadFactory(received_at=LONG_AGO, external_id=f"id {number}"), at=LONG_AGO
        )
    with django_assert_max_num_queries(40):
        retention.purge(at=AT)
    assert not Lead.objects.filter(erased_at=None).exists()


# -- by hand ----------------------------------------------------------------------------------------------------------


def test_a_director_takes_out_all_that_is_held_on_a_lead(lead, client):
    answer = client.get(f"/leads/{lead.pk}/data.json")
    assert answer["Content-Disposition"] == f'attachment; filename="lead-{lead.pk}.json"'
    told = json.loads(answer.content)
    assert told["lead"]["email"] == "canarymail@example.com"
    assert {one["utm_campaign"] for one in told["campaigns.touch"]} == {"", "canarylink"}
    assert {one["description"] for one in told["campaigns.sale"]} == {"Canarydescription changed", "Canaryrefund"}
    assert "Canarydescription" in {one["description"] for one in told["campaigns.historicalsale"]}
    assert told["campaigns.importedrow"][0]["before"]["now"]["note"] == "Canarynote"
    assert told["campaigns.statuschange"][0]["after"] == "qualified"
    assert "Otto" not in answer.content.decode()


def test_a_director_erases_a_lead_after_being_asked(lead, client):
    assert "Erase its personal data" in client.get(f"/leads/{lead.pk}/").content.decode()
    asked = client.get(f"/leads/{lead.pk}/erase/").content.decode()
    assert "This cannot be taken back" in asked
    assert "Other leads with this e-mail" not in asked
    other = factories.LeadFactory(name="The same again", email="CanaryMail@example.com")
    assert "The same again" in client.get(f"/leads/{lead.pk}/erase/").content.decode()
    other.delete()
    assert Lead.objects.get(pk=lead.pk).erased_at is None
    page = client.post(f"/leads/{lead.pk}/erase/", follow=True).content.decode()
    assert f"Erased lead {lead.pk}" in page
    assert "canary" not in page.lower()
    assert "erased-" not in page
    for address in ("edit", "erase"):
        assert client.get(f"/leads/{lead.pk}/{address}/").status_code == 302
    sale = Sale.objects.get(lead=lead)
    assert "erased-" not in client.get(f"/sales/{sale.pk}/").content.decode()
    assert "canary" not in client.get("/leads/export.csv").getvalue().decode().lower()


def test_while_an_import_runs_the_director_is_told_to_wait(lead, client):
    ImportRun.objects.filter(kind="touches").update(status=ImportRun.Status.CHECKING)
    page = client.post(f"/leads/{lead.pk}/erase/", follow=True).content.decode()
    assert "Try again when it is done" in page
    assert Lead.objects.get(pk=lead.pk).erased_at is None


@pytest.mark.parametrize("address", ["/leads/{}/data.json", "/leads/{}/erase/"])
def test_managers_and_members_neither_take_out_nor_erase(client, manager, member, address):
    lead = factories.LeadFactory()
    for person in (manager, member):
        client.force_login(person)
        assert client.get(address.format(lead.pk)).status_code == 403
        assert client.post(address.format(lead.pk)).status_code in (403, 405)
    assert Lead.objects.get().erased_at is None


def test_a_director_takes_out_all_that_is_held_on_a_person(director, client, member):
    entry = factories.EntryFactory(member=member, note="Own note")
    entry.note = "Own note, changed"
    entry.save()
    sheet = factories.TimesheetFactory(member=member, submitted_at=AT)
    factories.RateFactory(member=member, hourly_cents=7_654_321)
    factories.EntryFactory(member=member, note="Own second note", day=date(2026, 11, 3))
    PersonAlias.objects.create(person=member, text="alias of theirs")
    place = {"member": member, "platform": entry.platform, "campaign": entry.campaign}
    Timer.objects.create(**place, started_at=AT)
    Reminder.objects.create(member=member, week=sheet.week, kind="friday", due_at=AT, next_attempt_at=AT)
    ImportRun.objects.create(kind="hours", file_name="their own.csv", only_for=member)
    AccessAttempt.objects.create(username=member.email.upper(), attempt_time=AT, failures_since_start=3)
    Authenticator.objects.create(user=member, type="totp", data={"secret": "their-secret"})
    letter = SummaryDelivery(subscriber=factories.SubscriberFactory(email=member.email), week=date(2026, 11, 9))
    letter.subject = "Sent to them"
    letter.save()
    about = {"content_type": ContentType.objects.get_for_model(member), "object_id": str(member.pk)}
    LogEntry.objects.create(user=director, **about, object_repr="Called so", action_flag=CHANGE)
    someone = factories.EntryFactory(note="Somebody else's note")
    client.force_login(director)
    text = client.get(f"/team/people/{member.pk}/data.json").content.decode()
    told = json.loads(text)
    assert told["person"]["email"] == member.email
    assert {one["note"] for one in told["timesheets.timeentry"]} == {"Own note, changed", "Own second note"}
    assert "Own note" in {one["note"] for one in told["timesheets.historicaltimeentry"]}
    for name, field, value in (
        ("timesheets.timesheet", "week", sheet.week.isoformat()),
        ("timesheets.personalias", "text", "alias of theirs"),
        ("timesheets.timer", "member_id", member.pk),
        ("timesheets.reminder", "kind", "friday"),
        ("timesheets.costrate", "member_id", member.pk),
        ("campaigns.importrun", "file_name", "their own.csv"),
        ("axes.accessattempt", "failures_since_start", 3),
        ("reports.subscriber", "email", member.email),
        ("reports.summarydelivery", "subject", "Sent to them"),
        ("admin.logentry about the person", "object_repr", "Called so"),
    ):
        assert [one[field] for one in told[name]] == [value], name
    for secret in (member.password, "7654321", "hourly_cents", "their-secret", someone.note):
        assert secret not in text


def test_the_command_replays_and_lists(restored, capsys):
    from django.core.management import CommandError, call_command

    call_command("erasures", "replay")
    assert "1 leads and 0 people erased again" in capsys.readouterr().out
    call_command("erasures", "list")
    assert f"lead {restored.pk}" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no file"):
        call_command("erasures", "replay", file=Path("/nowhere/at/all"))
