"""Imports in the browser."""

import importlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import tasks
from campaigns.imports import runner, validation
from campaigns.models import ImportRun, Lead, Platform
from campaigns.views import imports
from core import lookups
from core.access import Role
from tests.campaigns.imports.importing import imported, started, written
from tests.factories import PlatformFactory
from timesheets.models import TimeEntry

LEADS = "external_id,received_at,platform\nA1,03/04/2026,fb\nA2,05/04/2026,fb\n"


@pytest.fixture
def as_manager(client, manager):
    client.force_login(manager)
    return client


def uploaded(client, text, kind="leads", source="auto"):
    file = SimpleUploadedFile("leads.csv", text.encode())
    response = client.post(reverse("campaigns:import_add"), {"kind": kind, "source": source, "file": file})
    assert response.status_code == 302, response.content
    return ImportRun.objects.get()


def checked(run):
    tasks.check_import(run_id=run.pk)
    run.refresh_from_db()
    return run


def page(client, run):
    response = client.get(reverse("campaigns:import_run", args=[run.pk]))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", ["imports", "import_add"])
def test_nobody_imports_without_signing_in(client, db, name):
    assert client.get(reverse(f"campaigns:{name}")).status_code == 302


def test_members_import_their_own_hours_alone(client, member):
    client.force_login(member)
    file = SimpleUploadedFile("leads.csv", LEADS.encode())
    client.post(reverse("campaigns:import_add"), {"kind": "leads", "source": "auto", "file": file})
    run = ImportRun.objects.get()
    assert (run.kind, run.only_for) == ("hours", member)
    assert 'name="kind"' not in client.get(reverse("campaigns:import_add")).content.decode()


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("import_run", "get"),
        ("import_progress", "get"),
        ("import_undo", "get"),
        ("import_errors", "get"),
        ("import_answers", "post"),
        ("import_start", "post"),
        ("import_discard", "post"),
    ],
)
def test_members_do_not_find_an_import_that_is_not_theirs(client, member, tmp_path, name, method):
    run = started(written(tmp_path, "external_id,received_at\nA1,2026-03-02\n"), "leads")
    client.force_login(member)
    assert getattr(client, method)(reverse(f"campaigns:{name}", args=[run.pk])).status_code == 404


def test_a_file_is_uploaded_answered_imported_and_undone(as_manager, django_capture_on_commit_callbacks):
    run = checked(uploaded(as_manager, LEADS))
    assert run.status == "needs_answers"
    text = page(as_manager, run)
    assert "what comes first?" in text
    assert "Create “fb”" in text
    facebook = PlatformFactory(name="Facebook")
    as_manager.post(
        reverse("campaigns:import_answers", args=[run.pk]),
        {"date_order": "dmy", "text-0": "fb", "name-0": "Facebook"},
    )
    run = checked(run)
    assert run.status == "ready"
    assert "2 new, 0 changed" in page(as_manager, run)
    as_manager.post(reverse("campaigns:import_start", args=[run.pk]))
    assert "every 1s" in page(as_manager, run)
    tasks.run_import(run_id=run.pk)
    assert Lead.objects.count() == 2
    assert list(facebook.aliases.values_list("text", flat=True)) == ["fb"]
    assert "Undo" in page(as_manager, run)
    assert "Undo the whole import" in as_manager.get(reverse("campaigns:import_undo", args=[run.pk])).content.decode()
    as_manager.post(reverse("campaigns:import_undo", args=[run.pk]))
    tasks.undo_import(run_id=run.pk)
    assert not Lead.objects.exists()
    assert "Everything was taken back" in page(as_manager, run)


def test_what_is_missing_can_be_created_with_one_tick(as_manager):
    run = checked(uploaded(as_manager, LEADS))
    as_manager.post(reverse("campaigns:import_answers", args=[run.pk]), {"date_order": "dmy", "create_missing": "on"})
    run = checked(run)
    assert "A new platform: fb." in page(as_manager, run)
    as_manager.post(reverse("campaigns:import_start", args=[run.pk]))
    tasks.run_import(run_id=run.pk)
    assert Platform.objects.get().name == "fb"


def test_columns_can_be_said_and_are_remembered_for_the_next_file(as_manager):
    text = "id,when,where\nA1,2026-03-02,\n"
    run = checked(uploaded(as_manager, text))
    assert "missing" in page(as_manager, run)
    columns = {"column-external_id": "id", "column-received_at": "when", "column-platform": "where"}
    as_manager.post(reverse("campaigns:import_answers", args=[run.pk]), columns)
    run = checked(run)
    assert run.status == "ready"
    as_manager.post(reverse("campaigns:import_start", args=[run.pk]))
    tasks.run_import(run_id=run.pk)
    ImportRun.objects.all().delete()
    assert checked(uploaded(as_manager, text)).status == "ready"


def test_who_is_asked_about_columns_sees_what_stands_in_them(as_manager):
    run = checked(uploaded(as_manager, "nummer,wann,kosten\nA1,2026-03-02,45.00\n"))
    assert all(
        f">{text}<" in page(as_manager, run) for text in ("nummer", "wann", "kosten", "A1", "2026-03-02", "45.00")
    )


@pytest.mark.parametrize("later", [Role.DIRECTOR, Role.MANAGER])
def test_a_file_that_a_director_brought_is_not_found_by_managers(as_manager, director, later):
    """Whatever became of that director since."""
    client = Client()
    client.force_login(director)
    run = checked(uploaded(client, "nummer,wann,kosten\nA1,2026-03-02,45.00\n"))
    assert run.file_name in client.get(reverse("campaigns:imports")).content.decode()
    director.role = later
    director.save()
    for name, ask in (
        ("import_run", as_manager.get),
        ("import_errors", as_manager.get),
        ("import_answers", as_manager.post),
    ):
        assert ask(reverse(f"campaigns:{name}", args=[run.pk])).status_code == 404, name
    assert run.file_name not in as_manager.get(reverse("campaigns:imports")).content.decode()


OF_A_TRACKER = "date,email,platform,hours,Hourly rate,Internal rate\n2026-03-02,{email},{platform},1,34.17,21.93\n"


@pytest.fixture
def brought_by_a_member(member):
    """A member's file of their own hours, with what an hour costs, once it was checked."""
    client = Client()
    client.force_login(member)
    PlatformFactory(name="Facebook")

    def bring(platform="Facebook"):
        text = OF_A_TRACKER.format(email=member.email, platform=platform)
        file = SimpleUploadedFile("mine.csv", text.encode())
        client.post(reverse("campaigns:import_add"), {"source": "auto", "file": file})
        return checked(ImportRun.objects.get())

    return bring


def test_a_manager_reads_nothing_out_of_a_members_file(as_manager, brought_by_a_member):
    """Neither the rows nor names, questions or errors, and cannot have a column shown as another."""
    run = brought_by_a_member("34.17")
    assert run.status == "needs_answers"
    assert "34.17" in str(run.questions)
    text = page(as_manager, run)
    assert "34.17" not in text
    assert "mine.csv" in text
    assert "column-note" not in text
    for name, ask in (("import_answers", as_manager.post), ("import_errors", as_manager.get)):
        assert ask(reverse(f"campaigns:{name}", args=[run.pk]), {"column-note": "Internal rate"}).status_code == 403
    assert checked(run).mapping["columns"] == {}


def test_a_manager_starts_and_undoes_a_members_file(as_manager, brought_by_a_member):
    run = brought_by_a_member()
    text = page(as_manager, run)
    assert "1 new, 0 changed" in text
    as_manager.post(reverse("campaigns:import_start", args=[run.pk]))
    tasks.run_import(run_id=run.pk)
    assert TimeEntry.objects.count() == 1
    assert "1 new" in as_manager.get(reverse("campaigns:import_undo", args=[run.pk])).content.decode()
    as_manager.post(reverse("campaigns:import_undo", args=[run.pk]))
    tasks.undo_import(run_id=run.pk)
    assert not TimeEntry.objects.exists()


def test_why_writing_failed_is_for_those_who_may_read_the_file(as_manager, director, brought_by_a_member):
    run = brought_by_a_member()
    run.counts |= {"failed": "Line 2: 34.17", "trouble": "could not be checked: 34.17"}
    run.status = ImportRun.Status.FAILED
    run.save()
    assert "34.17" not in page(as_manager, run)
    as_manager.force_login(director)
    assert "34.17" in page(as_manager, run)


def test_a_director_reads_a_members_file_and_answers(client, director, brought_by_a_member):
    run = brought_by_a_member("Fazebook")
    client.force_login(director)
    assert "Fazebook" in page(client, run)
    client.post(reverse("campaigns:import_answers", args=[run.pk]), {"text-0": "Fazebook", "name-0": "Facebook"})
    assert checked(run).status == "ready"


@pytest.mark.parametrize("field", ["note", "duration"])
def test_a_column_that_speaks_of_money_is_never_taken_for_what_managers_read(client, director, field):
    """Of a director's file neither; a manager may have taught it for the file of somebody else."""
    client.force_login(director)
    PlatformFactory(name="Facebook")
    text = OF_A_TRACKER.format(email=director.email, platform="Facebook")
    run = checked(uploaded(client, text, "hours"))
    assert 'option value="Internal rate"' in page(client, run)
    client.post(reverse("campaigns:import_answers", args=[run.pk]), {f"column-{field}": "Internal rate"})
    run = checked(run)
    assert run.status == "needs_answers"
    assert "speaks of money" in page(client, run)
    assert not [row for row in run.preview if "21.93" in row["texts"].values()]
    usual = {"note": "", "duration": "hours"}[field]
    client.post(reverse("campaigns:import_answers", args=[run.pk]), {f"column-{field}": usual})
    assert checked(run).status == "ready"


def test_files_from_before_are_the_directors_unless_somebody_else_brought_them(director, manager, member):
    """What the command line brought has nobody, and is the directors' too."""
    for person in (None, director, manager, member):
        ImportRun.objects.create(kind="hours", file_name=str(person), requested_by=person)
    importlib.import_module("campaigns.migrations.0009_import_for_directors").say_whose_is_for_managers(apps, None)
    found = {run.requested_by for run in ImportRun.objects.not_for_directors()}
    assert found == {manager, member}
    assert ImportRun.objects.filter(for_directors=True).count() == 2


def test_leaving_a_campaign_out_says_that_its_hours_and_money_still_count(as_manager):
    PlatformFactory(name="Facebook")
    text = "external_id,platform,campaign,starts_on,ends_on,amount\nS1,Facebook,Nowhere,2026-03-02,2026-03-02,7\n"
    assert "No campaign: General presence" in page(as_manager, checked(uploaded(as_manager, text, "spend")))


def test_errors_are_shown_by_line_and_can_be_downloaded_all(as_manager, monkeypatch):
    monkeypatch.setattr(validation, "MOST_ERRORS_KEPT", 2)
    rows = "".join(f"A{number},nonsense\n" for number in range(5))
    run = checked(uploaded(as_manager, "external_id,received_at\n" + rows))
    assert run.status == "failed"
    text = page(as_manager, run)
    assert "5 values cannot be imported" in text
    assert "“nonsense” is not a day." in text
    response = as_manager.get(reverse("campaigns:import_errors", args=[run.pk]))
    assert b"".join(response.streaming_content).decode().count("nonsense") == 5


def test_a_file_that_is_too_large_is_refused_with_a_sentence(as_manager, monkeypatch):
    monkeypatch.setattr(imports, "LARGEST_FILE", 10)
    file = SimpleUploadedFile("leads.csv", LEADS.encode())
    response = as_manager.post(reverse("campaigns:import_add"), {"kind": "leads", "source": "auto", "file": file})
    assert response.status_code == 422
    assert "larger than 50 MB" in response.content.decode()


def test_a_file_that_is_no_table_is_refused_with_a_sentence(as_manager):
    run = checked(uploaded(as_manager, "\0\0\0"))
    assert run.status == "failed"
    assert "not a text file" in page(as_manager, run)
    as_manager.post(reverse("campaigns:import_discard", args=[run.pk]))
    assert not ImportRun.objects.exists()


def test_progress_asks_the_page_to_load_anew_once_the_work_is_over(as_manager, manager, tmp_path):
    run = started(written(tmp_path, "external_id,received_at\nA1,2026-03-02\n"), "leads")
    ImportRun.objects.update(requested_by=manager, for_directors=False)
    address = reverse("campaigns:import_progress", args=[run.pk])
    assert "HX-Refresh" not in as_manager.get(address)
    tasks.run_import(run_id=run.pk)
    assert as_manager.get(address)["HX-Refresh"] == "true"


def test_two_clicks_start_one_import_and_nothing_starts_unchecked(as_manager, tmp_path):
    run = imported(written(tmp_path, "external_id,received_at\nA1,2026-03-02\n"), "leads")
    as_manager.post(reverse("campaigns:import_start", args=[run.pk]))
    run.refresh_from_db()
    assert run.status == "done"


def test_odd_answers_are_passed_over(as_manager):
    run = checked(uploaded(as_manager, LEADS))
    odd = {"date_order": "ymd", "column-name": "no such column", "text-0": "other", "name-0": "Facebook", "name-x": "1"}
    as_manager.post(reverse("campaigns:import_answers", args=[run.pk]), odd)
    assert checked(run).status == "needs_answers"
    assert run.mapping["names"] == {}


def test_a_run_that_nobody_carries_on_with_is_found_by_the_sweep(as_manager, manager):
    run = uploaded(as_manager, LEADS)
    now = timezone.now()
    assert runner.resume_stalled(now) == 1
    assert runner.acquire(run, "checking", now)
    assert runner.resume_stalled(now) == 0
    assert not runner.acquire(run, "checking", now)
    assert runner.resume_stalled(now + timedelta(minutes=3)) == 1


def test_a_run_that_was_last_alive_by_a_clock_that_was_ahead_is_carried_on_with(as_manager, manager):
    run = uploaded(as_manager, LEADS)
    now = timezone.now()
    assert runner.acquire(run, "checking", now + timedelta(days=900))
    assert runner.resume_stalled(now) == 1
    assert runner.acquire(run, "checking", now)


def test_after_a_start_of_everything_no_run_waits_for_a_worker_that_is_gone(as_manager, manager):
    run = uploaded(as_manager, LEADS)
    now = timezone.now()
    assert runner.acquire(run, "checking", now)
    assert runner.resume_all(now) == 1
    assert runner.acquire(run, "checking", now)


def test_the_history_asks_a_fixed_number_of_questions(as_manager, manager, tmp_path, django_assert_max_num_queries):
    for number in range(3):
        imported(written(tmp_path, f"external_id,received_at\nA{number},2026-03-02\n"), "leads")
    ImportRun.objects.update(requested_by=manager, for_directors=False)
    with django_assert_max_num_queries(8):
        text = as_manager.get(reverse("campaigns:imports")).content.decode()
    assert text.count("file.csv") == 3


def test_of_many_platforms_what_a_name_stands_for_is_typed(as_manager, monkeypatch):
    monkeypatch.setattr(lookups, "MOST_LISTED", 2)
    platforms = [PlatformFactory(name=name) for name in ("Facebook", "FB groups", "LinkedIn")]
    run = checked(uploaded(as_manager, LEADS))
    shown = page(as_manager, run)
    assert 'name="name-0_named"' in shown
    assert '<option value="FB groups"></option>' in shown  # it holds the name of the file
    assert '<option value="LinkedIn"' not in shown
    answers = reverse("campaigns:import_answers", args=[run.pk])
    for sent, sentence in (
        ({"name-0_named": "Facebok"}, "fb: None is called “Facebok”. The nearest: Facebook."),
        (
            {"name-0_named": "Facebook", "name-0": "\x00"},
            "fb: choose one of the answers or write “Facebook”, not both.",
        ),
    ):
        said = as_manager.post(answers, {"text-0": "fb", **sent}, follow=True).content.decode()
        assert sentence in said
        assert "platform" not in checked(ImportRun.objects.get()).mapping["names"]
    as_manager.post(answers, {"text-0": "fb", "name-0_named": "facebook"})
    assert checked(ImportRun.objects.get()).mapping["names"] == {"platform": {"fb": str(platforms[0])}}


def test_a_page_of_questions_does_not_grow_with_what_there_is_to_choose_from(as_manager, monkeypatch):
    monkeypatch.setattr(lookups, "MOST_LISTED", 2)
    rows = "".join(f"A{n},2026-03-04,unknown {n}\n" for n in range(30))
    PlatformFactory.create_batch(5)
    run = checked(uploaded(as_manager, f"external_id,received_at,platform\n{rows}"))
    few = len(page(as_manager, run))
    PlatformFactory.create_batch(30)
    assert abs(len(page(as_manager, run)) - few) < 100
