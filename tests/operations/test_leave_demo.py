"""Leaving the demo: only where the demo made the database, typed, backed up first, and nobody of the demo stays."""

import importlib
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from campaigns.models import Agency, ImportRun, JobRun, Lead, Platform
from operations import leave_demo
from operations.backup import archive
from tests import factories
from timesheets import setup_token
from timesheets.models import Session, TimeEntry, User

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/settings/leave-demo/"


@pytest.fixture
def demo(settings, tmp_path, transactional_db):
    """A little of what the demo makes, with a file somebody brought."""
    settings.BACKUP_DIR, settings.MEDIA_ROOT = tmp_path / "backups", str(tmp_path / "uploads")
    Agency.current()
    Agency.objects.update(is_demo=True, name="Atelier Lumen")
    factories.RateFactory()
    factories.TouchFactory(lead=factories.LeadFactory(), platform=factories.PlatformFactory())
    factories.SaleFactory()
    factories.EntryFactory()
    file = tmp_path / "uploads" / "imports" / "brought.csv"
    file.parent.mkdir(parents=True)
    file.write_text("a,b\n")
    return file


@pytest.fixture
def boss(demo):
    return factories.DirectorFactory()


@pytest.fixture
def web(boss):
    browser = Client()
    browser.force_login(boss)
    return browser


def backups():
    from django.conf import settings

    return sorted(Path(settings.BACKUP_DIR).glob("*")) if Path(settings.BACKUP_DIR).exists() else []


def test_the_settings_lead_there_in_the_demo_alone(web):
    assert PAGE in web.get("/settings/").content.decode()
    Agency.objects.update(is_demo=False)
    assert PAGE not in web.get("/settings/").content.decode()
    assert web.get(PAGE).status_code == web.post(PAGE, {"name": "Atelier Lumen"}).status_code == 404
    with pytest.raises(leave_demo.NotTheDemo):
        leave_demo.leave(at=None)
    assert TimeEntry.objects.exists()


@pytest.mark.parametrize("typed", ["", "yes", "Atelier"])
def test_it_wants_the_name_of_the_agency(web, typed):
    answer = web.post(PAGE, {"name": typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"]
    assert User.objects.exists()
    assert backups() == []


def test_everything_goes_and_the_set_up_begins_for_whoever_left(web, demo):
    other = Client()
    other.force_login(factories.ManagerFactory())
    answer = web.post(PAGE, {"name": "atelier lumen"})
    assert answer.headers["Location"] == "/setup/agency/"
    for model in (User, Lead, Platform, TimeEntry, JobRun, ImportRun):
        assert not model.objects.exists(), model
    assert not demo.exists()
    assert other.get("/hours/").headers["Location"].startswith("/accounts/login/")
    assert not Agency.current().is_demo
    assert web.get("/setup/agency/").status_code == 200
    assert Client().get("/setup/agency/").headers["Location"] == "/setup/"
    connection.check_constraints()


def test_the_own_agency_starts_where_the_demo_ended(web):
    web.post(PAGE, {"name": "Atelier Lumen"})
    own = {"agency": "Mine", "country": "FR", "name": "H", "email": "h@example.com", "gross_margin": "100"}
    own |= {"password1": "a long walk home", "password2": "a long walk home", "platforms": ["Facebook"]}
    assert web.post("/setup/agency/", own).status_code == 302
    assert User.objects.get().is_director
    assert web.get("/").status_code == 200
    assert web.get(PAGE).status_code == 404
    assert Session.objects.count() == 1


def test_a_whole_backup_comes_first(web):
    people = User.objects.count()
    web.post(PAGE, {"name": "Atelier Lumen"})
    [path] = backups()
    assert path.name.startswith("demo-")
    with archive.opened(path) as backup:
        assert backup.manifest.contents["timesheets_user"]["rows"] == people
        assert list(backup.uploads()) == ["imports/brought.csv"]


def test_without_a_backup_nothing_is_changed(web, settings, tmp_path):
    settings.BACKUP_DIR = tmp_path / "file"
    settings.BACKUP_DIR.write_text("no folder")
    answer = web.post(PAGE, {"name": "Atelier Lumen"})
    assert answer.status_code == 422
    assert "Nothing was changed, because no backup could be taken" in answer.content.decode()
    assert User.objects.exists()


@pytest.mark.parametrize("role", ["member", "manager"])
def test_only_a_director_leaves_it(demo, role):
    browser = Client()
    browser.force_login(factories.MemberFactory() if role == "member" else factories.ManagerFactory())
    assert browser.post(PAGE, {"name": "Atelier Lumen"}).status_code == 403
    assert TimeEntry.objects.exists()


def test_no_later_start_loads_the_demo_again(web):
    web.post(PAGE, {"name": "Atelier Lumen"})
    assert setup_token.is_expected()


@pytest.mark.parametrize(
    ("others", "is_demo"), [([], True), (["you@example.com"], False)], ids=["the demo alone", "somebody beside it"]
)
def test_a_demo_of_an_older_version_is_known_by_its_people(transactional_db, others, is_demo):
    Agency.current()
    for email in ("director@demo.example", *others):
        factories.MemberFactory(email=email)
    migration = importlib.import_module("timesheets.migrations.0006_demos_made_before")
    migration.note_demos(apps, None)
    assert Agency.current().is_demo is is_demo


def test_an_empty_database_is_no_demo(transactional_db):
    Agency.current()
    importlib.import_module("timesheets.migrations.0006_demos_made_before").note_demos(apps, None)
    assert not Agency.current().is_demo
