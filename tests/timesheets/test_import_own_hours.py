"""A member's own file, from My hours: it brings their hours and nothing else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import tasks
from campaigns.models import CampaignAlias, ImportRun, Platform, PlatformAlias, RememberedMapping
from tests.campaigns.imports.conftest import own_uploads  # noqa: F401
from tests.campaigns.imports.importing import imported, written
from tests.factories import CampaignFactory, ClientFactory, MemberFactory, PlatformFactory
from timesheets.models import PersonAlias, TimeEntry

pytestmark = pytest.mark.django_db

HEADER = "date,email,platform,campaign,hours,note\n"
MINE = "2026-11-16,jo@example.com,Facebook,Spring,1:30,Posts\n"
THEIRS = "2026-11-16,al@example.com,Facebook,Spring,2:00,\n"
CLOCKED = "Start date,Start time,Duration,Client,Project,Task,Description,Tags\n"


@pytest.fixture
def jo():
    return MemberFactory(name="Jo", email="jo@example.com")


@pytest.fixture(autouse=True)
def places():
    CampaignFactory(name="Spring", client=ClientFactory(name="Acme"))
    PlatformFactory(name="Facebook")


@pytest.fixture
def bring(client):
    """Upload a text as this person, check it, and return the run."""

    def upload(person, text: str, **more) -> ImportRun:
        client.force_login(person)
        file = SimpleUploadedFile("mine.csv", text.encode())
        answer = client.post(reverse("campaigns:import_add"), {"source": "auto", "file": file, "own": "1"} | more)
        assert answer.status_code == 302
        run = ImportRun.objects.latest("pk")
        tasks.check_import(run_id=run.pk)
        run.refresh_from_db()
        return run

    return upload


def begin(client, run) -> ImportRun:
    client.post(reverse("campaigns:import_start", args=[run.pk]))
    tasks.run_import(run_id=run.pk)
    run.refresh_from_db()
    return run


def logged() -> list[tuple[str, int]]:
    return sorted(TimeEntry.objects.values_list("member__email", "minutes"))


def test_ones_own_rows_are_imported_and_undone(client, jo, bring):
    run = begin(client, bring(jo, HEADER + MINE))
    assert (run.status, logged()) == ("done", [("jo@example.com", 90)])
    assert TimeEntry.history.get().history_user == jo
    client.post(reverse("campaigns:import_undo", args=[run.pk]))
    tasks.undo_import(run_id=run.pk)
    assert logged() == []


def test_rows_of_another_person_are_refused_in_a_sentence(client, jo, bring):
    MemberFactory(name="Al", email="al@example.com")
    run = bring(jo, HEADER + MINE + THEIRS)
    assert run.status == "failed"
    text = client.get(reverse("campaigns:import_run", args=[run.pk])).content.decode()
    assert "this row is for “al@example.com”, not for you." in text
    begin(client, run)
    assert logged() == []


def test_a_name_that_nobody_has_is_not_asked_about(jo, bring):
    run = bring(jo, HEADER + "2026-11-16,someone@example.com,Facebook,Spring,1,\n")
    assert (run.status, run.questions) == ("failed", [])
    assert [one["code"] for one in run.errors] == ["not_your_hours"]


@pytest.mark.parametrize(
    ("text", "brought"),
    [
        (HEADER + "2026-11-16,,FB ads,Spring,1,\n", []),
        ("date,platform,campaign,hours\n2026-11-16,FB ads,Spring,1\n", [("jo@example.com", 60)]),
    ],
    ids=["in an empty column", "without a column"],
)
def test_what_is_answered_never_brings_hours_to_another(client, jo, bring, text, brought):
    al = MemberFactory(name="Al", email="al@example.com")
    run = bring(jo, text)
    answers = {"constant-email": al.email, "name-0": "Facebook", "text-0": "FB ads", "create_missing": "on"}
    client.post(reverse("campaigns:import_answers", args=[run.pk]), answers)
    tasks.check_import(run_id=run.pk)
    begin(client, run)
    assert logged() == brought


def test_what_one_member_says_is_no_rule_for_everybody(client, jo, bring):
    run = bring(jo, HEADER + "2026-11-16,jo@example.com,FB ads,Spring,1,\n")
    answers = {"name-0": "Facebook", "text-0": "FB ads"}
    client.post(reverse("campaigns:import_answers", args=[run.pk]), answers)
    tasks.check_import(run_id=run.pk)
    assert begin(client, run).status == "done"
    assert logged() == [("jo@example.com", 60)]
    for model in (PlatformAlias, CampaignAlias, PersonAlias, RememberedMapping):
        assert not model.objects.exists()


def test_a_member_makes_no_platform_by_importing(client, jo, bring):
    run = bring(jo, HEADER + "2026-11-16,jo@example.com,Myspace,Spring,1,\n")
    assert "Create “Myspace”" not in client.get(reverse("campaigns:import_run", args=[run.pk])).content.decode()
    answers = {"name-0": "+", "text-0": "Myspace", "create_missing": "on"}
    client.post(reverse("campaigns:import_answers", args=[run.pk]), answers)
    tasks.check_import(run_id=run.pk)
    begin(client, run)
    assert not Platform.objects.filter(name="Myspace").exists()
    assert logged() == []


def test_a_trackers_file_without_a_name_is_its_members_and_two_alike_are_not_one(client, jo, bring):
    al = MemberFactory(name="Al", email="al@example.com")
    row = "2026-11-16,09:00:00,01:00:00,Acme,Spring,Facebook,,\n"
    for person in (jo, al, jo):
        begin(client, bring(person, CLOCKED + row, source="toggl"))
    assert logged() == [("al@example.com", 60), ("jo@example.com", 60)]


def test_a_row_that_a_manager_imported_is_not_counted_again(client, jo, bring, tmp_path):
    text = (
        "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags\n"
        "Jo,jo@example.com,Acme,Spring,Facebook,Posts,No,2026-11-16,09:00:00,2026-11-16,10:30:00,01:30:00,\n"
    )
    imported(written(tmp_path, text), "hours")
    begin(client, bring(jo, text))
    assert logged() == [("jo@example.com", 90)]


def test_another_members_import_is_not_found(client, jo, bring):
    run = bring(jo, HEADER + MINE)
    client.force_login(MemberFactory())
    assert client.get(reverse("campaigns:import_run", args=[run.pk])).status_code == 404
    assert client.post(reverse("campaigns:import_start", args=[run.pk])).status_code == 404
    assert "mine.csv" not in client.get(reverse("campaigns:imports")).content.decode()


def test_a_manager_may_import_their_own_alone_too(client, manager, bring):
    run = bring(manager, HEADER + THEIRS)
    assert run.only_for == manager
    assert run.status == "failed"


def test_my_hours_leads_to_it(client, jo):
    client.force_login(jo)
    assert reverse("campaigns:import_add") in client.get("/my-hours/").content.decode()
