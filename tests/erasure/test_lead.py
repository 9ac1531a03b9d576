"""A lead that is erased leaves no trace, and what it counted for stays."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from campaigns import erasure, retention, uploads
from campaigns.imports import runner
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
from core.weeks import Week
from reports.attribution import rollups
from reports.models import Credit, SummaryDelivery
from reports.verdicts import evaluation
from reports.weekly_email import delivery
from tests import factories
from tests.erasure.canaries import AT, LEADS, SALES, TOUCHES, bring, rollup_rows, traces

pytestmark = [pytest.mark.django_db, pytest.mark.claim]


def judged_and_told() -> None:
    """The lead's sale is so large that the weekly summary asks whether it is right; it is kept as it was sent."""
    for _number in range(3):
        factories.SaleFactory(amount_cents=1_000, sold_on=date(2026, 11, 9))
    Sale.objects.filter(external_id="CANARYDEAL-1").update(sold_on=date(2026, 11, 10))
    rollups.drain()
    evaluation.evaluate(Week.parse("2026-W46"), at=AT)
    factories.SubscriberFactory(email=factories.DirectorFactory().email)
    delivery.decide(Week.parse("2026-W46"), at=AT)
    assert "times the usual one" in SummaryDelivery.objects.get().text


def figures() -> tuple[object, ...]:
    tables = rollup_rows()
    credits = Credit.objects.order_by("lead", "sale", "work_week", "platform").values()
    return tables, [{name: value for name, value in row.items() if name != "id"} for row in credits]


def test_erasing_leaves_no_trace_in_any_table_or_file(lead, own_files):
    judged_and_told()
    held = "\n".join(traces(own_files))
    for table in (
        "campaigns_lead",
        "campaigns_touch",
        "campaigns_sale",
        "campaigns_decision",
        "campaigns_historicalsale",
        "campaigns_importedrow",
        "campaigns_importrun",
        "campaigns_rememberedmapping",
        "campaigns_savedview",
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
    assert any(row["revenue_linear"] for row in before[0][0])
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


def test_an_erased_lead_without_an_id_does_not_come_back_either(linkedin):
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
    runner.ask_for(run, ImportRun.Status.UNDOING)
    runner.undo(run, now=lambda: AT)
    assert not Sale.objects.filter(lead=lead).exists()


def test_while_an_import_runs_nothing_is_erased(lead):
    ImportRun.objects.filter(kind="touches").update(status=ImportRun.Status.IMPORTING)
    with pytest.raises(erasure.LeadImportUnderWay):
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
    assert set(told) == {"mark", "lead", "erased_at", "why", "hashes"}
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


def test_the_command_replays_and_lists(restored, capsys):
    call_command("erasures", "replay")
    assert "1 leads and 0 people erased again" in capsys.readouterr().out
    call_command("erasures", "list")
    assert f"lead {restored.pk}" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no file"):
        call_command("erasures", "replay", file=Path("/nowhere/at/all"))
