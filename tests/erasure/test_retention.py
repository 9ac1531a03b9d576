"""What goes by itself (leads after three years without contact, files of imports after thirty days) or is not kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import IntegrityError

from campaigns import retention, uploads
from campaigns.imports import runner
from campaigns.models import (
    Agency,
    ImportRun,
    JobRun,
    Lead,
)
from operations import jobs
from tests import factories
from tests.erasure.canaries import AT, LEADS, SALES, bring

pytestmark = [pytest.mark.django_db, pytest.mark.claim]

LIMIT = datetime(2023, 11, 18, 12, tzinfo=UTC)  # 36 months before AT
LONG_AGO = LIMIT - timedelta(hours=1)


def test_a_lead_is_erased_three_years_after_its_last_contact():
    due = factories.LeadFactory(received_at=LIMIT - timedelta(seconds=1))
    young = factories.LeadFactory(received_at=LIMIT)
    retention.purge(at=AT)
    assert [Lead.objects.get(pk=one.pk).erased_at for one in (due, young)] == [AT, None]


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


def test_files_of_imports_go_after_thirty_days_and_what_they_did_stays(own_files, linkedin):
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
    runner.ask_for(run, ImportRun.Status.UNDOING)
    runner.undo(run, now=lambda: AT)
    assert not Lead.objects.exists()


def test_the_page_of_an_import_without_its_file_still_opens_and_undoes(client, director, linkedin):
    run = bring("leads", LEADS)
    uploads.discard(ImportRun.objects.all())
    client.force_login(director)
    assert client.get(f"/imports/{run.pk}/").status_code == 200
    assert client.get("/imports/").status_code == 200
    errors = client.get(f"/imports/{run.pk}/errors.csv")
    assert errors.getvalue().decode().splitlines()[1:] == []
    assert client.get(f"/imports/{run.pk}/undo/").status_code == 200
    client.post(f"/imports/{run.pk}/undo/")
    runner.undo(ImportRun.objects.get(pk=run.pk), now=lambda: AT)
    assert not Lead.objects.exists()
    assert "Everything was taken back" in client.get(f"/imports/{run.pk}/").content.decode()


@pytest.mark.parametrize("how", ["discarded", "taken from the disk"])
def test_checking_or_importing_a_file_that_is_gone_says_so(client, director, own_files, how, linkedin):
    """By the night, or by somebody who tidied the folder."""
    checked, written = (ImportRun.objects.create(kind="leads", file_name="leads.csv") for _number in range(2))
    for run in (checked, written):
        run.file.save("leads.csv", ContentFile(LEADS.encode()))
    runner.ask_for(written, ImportRun.Status.CHECKING)
    runner.check(written, now=lambda: AT)
    for run in (checked, written):
        if how == "discarded":
            run.file.delete()
        else:
            Path(run.file.path).unlink()
    client.force_login(director)
    runner.ask_for(checked, ImportRun.Status.CHECKING)
    runner.check(checked, now=lambda: AT)
    client.post(f"/imports/{written.pk}/start/")
    runner.write(ImportRun.objects.get(pk=written.pk), now=lambda: AT)
    for run in (checked, written):
        page = client.get(f"/imports/{run.pk}/").content.decode()
        assert "The file is no longer here. Upload it again." in page
        assert str(own_files) not in page
        assert client.get(f"/imports/{run.pk}/errors.csv").status_code == 200
        client.post(f"/jobs/imports/{run.pk}/retry")
        runner.check(ImportRun.objects.get(pk=run.pk), now=lambda: AT)
        assert ImportRun.objects.get(pk=run.pk).status == ImportRun.Status.FAILED
    assert not Lead.objects.exists()
    assert not [one for one in (own_files / "uploads").iterdir() if one.is_file()], "nothing beside the folders"


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


def test_the_night_purges(monkeypatch):
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
    # Three of them read a content type, which an earlier test may have read.
    with django_assert_max_num_queries(61):
        retention.purge(at=AT)
    assert not Lead.objects.filter(erased_at=None).exists()


def test_what_the_database_says_of_a_row_is_not_kept_with_the_import(monkeypatch, linkedin):
    """PostgreSQL quotes the whole row in the lines after the first, and so what an hour costs."""

    def refuse(*_args, **_kwargs):
        raise IntegrityError('violates check constraint "one"\nDETAIL:  Failing row contains (Canary, 7319377).')

    run = bring("leads", LEADS)
    for part in ("_write", "_examine_run"):
        monkeypatch.setattr(runner, part, refuse)
    runner.ask_for(run, ImportRun.Status.IMPORTING)
    runner.write(run, now=lambda: AT)
    run.refresh_from_db()
    assert run.counts["failed"] == 'IntegrityError: violates check constraint "one"'
    runner.ask_for(run, ImportRun.Status.CHECKING)
    runner.check(run, now=lambda: AT)
    assert run.counts["trouble"] == 'The file could not be checked: IntegrityError: violates check constraint "one"'
