"""An upgrade backs up first; one that fails says how to go back; a database of each released version is upgraded."""

import json
import lzma
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from operations.backup import archive
from tests.operations.backup.installations import ROOT, Installation

RELEASED = ROOT / "tests" / "compatibility" / "released"
STORED = json.loads((ROOT / "tests" / "compatibility" / "stored_before_0_2.json").read_text(encoding="utf-8"))
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^## (\d+\.\d+\.\d+)( .*)?$", CHANGELOG, flags=re.MULTILINE)
VERSIONS = [version for version, note in HEADINGS if "not released yet" not in note]


# -- versions ---------------------------------------------------------------------------------------------------------


def test_the_version_is_that_of_the_newest_changes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == HEADINGS[0][0]


def released(version: str, installation: Installation) -> Path:
    """The backup that this version took of everything that it stored, on the same kind of database."""
    kind = "sqlite" if installation.database_url.startswith("sqlite") else "postgresql"
    file = RELEASED / f"{version}-{kind}.backup.xz"
    assert file.is_file(), f"No database of {version}: docs/contributing.md says how a release leaves one behind."
    path = installation.folder / f"{version}.backup"
    path.write_bytes(lzma.decompress(file.read_bytes()))
    return path


def assert_that_all_is_there(installation: Installation) -> None:
    rows, facts = STORED["rows"], installation.facts()
    assert sorted(facts["people"]) == sorted(row["email"] for row in rows["timesheets_user"])
    assert sorted(name for name, _note in facts["leads"]) == sorted(row["name"] for row in rows["campaigns_lead"])
    assert facts["minutes"] == sum(row["minutes"] for row in rows["timesheets_timeentry"])
    assert facts["sales"] == sum(row["amount_cents"] for row in rows["campaigns_sale"])
    assert facts["spend"] == sum(row["amount_cents"] for row in rows["campaigns_spend"])
    assert facts["marked"] >= 1
    assert "A touch is never edited" in facts["refused"]
    uploads = installation.folder / "uploads"
    found = {path.relative_to(uploads).as_posix() for path in uploads.rglob("*") if path.is_file()}
    assert found == set(STORED["files"])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_backup_of_each_released_version_is_restored(either, version):
    new = either.empty()
    done = new.restore(released(version, new))
    assert done.returncode == 0, done.stderr
    assert_that_all_is_there(new)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_database_of_each_released_version_is_upgraded_after_a_backup(either, version):
    old = either.empty()
    file = released(version, old)
    assert old.restore(file, "--as-it-was").returncode == 0
    done = old.manage("migrate")
    assert done.returncode == 0, done.stderr
    assert_that_all_is_there(old)
    [taken] = (old.folder / "backups").glob("retour-*.backup")
    assert f"Backed up: {taken}" in done.stdout
    with archive.opened(taken) as before, archive.opened(file) as released_then:
        assert before.manifest.migrations == released_then.manifest.migrations
        assert before.manifest.contents == released_then.manifest.contents


# -- the backup before ------------------------------------------------------------------------------------------------


def backups(installation: Installation) -> list[Path]:
    return sorted((installation.folder / "backups").glob("*.backup"))


def test_nothing_is_backed_up_when_nothing_changes_or_nothing_could_be_lost(sqlite):
    for one, to in ((sqlite.used(), ()), (sqlite.empty(), ("contenttypes",))):
        assert one.manage("migrate", *to).returncode == 0
        assert backups(one) == []


def test_a_look_at_the_plan_backs_nothing_up(sqlite):
    one = sqlite.older()
    assert one.manage("migrate", "--plan").returncode == 0
    assert one.manage("migrate", "--check").returncode == 1
    assert backups(one) == []


def test_who_wants_no_backup_says_so(sqlite):
    one = sqlite.older()
    assert one.manage("migrate", "--no-backup").returncode == 0
    assert backups(one) == []


def test_without_room_for_a_backup_nothing_is_migrated(sqlite):
    one = sqlite.older()
    (one.folder / "backups").write_text("a file where the folder should be")
    refused = one.manage("migrate")
    assert refused.returncode == 1
    assert "Nothing was migrated, because no backup could be written." in refused.stderr
    assert "migrate --no-backup" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert one.manage("migrate", "--check").returncode == 1  # it still has all of it to do


# -- an upgrade that fails --------------------------------------------------------------------------------------------

NEWER = {
    "9998_flying_cars": 'migrations.RunSQL("CREATE TABLE campaigns_flyingcar (id integer)")',
    "9999_that_fails": 'migrations.RunSQL("INSERT INTO campaigns_nowhere VALUES (1)")',
}
MIGRATION = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("campaigns", "{after}")]
    operations = [{operation}]
"""


TABLES = "from django.db import connection; print(connection.introspection.table_names())"


@pytest.fixture
def newer_version(tmp_path: Path) -> dict[str, str]:
    """The environment of a version whose second new migration fails: its first one has made a table by then."""
    package = tmp_path / "newer_migrations"
    package.mkdir()
    known = sorted((ROOT / "campaigns" / "migrations").glob("*.py"))
    for path in known:
        (package / path.name).write_text(path.read_text())
    after = max(path.stem for path in known if path.stem[0].isdigit())
    for name, operation in NEWER.items():
        (package / f"{name}.py").write_text(MIGRATION.format(after=after, operation=operation))
        after = name
    (tmp_path / "newer_settings.py").write_text(
        'from config.settings import *\nMIGRATION_MODULES = {"campaigns": "newer_migrations"}\n'
    )
    return {"DJANGO_SETTINGS_MODULE": "newer_settings", "PYTHONPATH": str(tmp_path)}


def run_step(step: str, installation: Installation, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *shlex.split(step)[1:]]
    return subprocess.run(command, cwd=ROOT, env=installation.environment | environment, capture_output=True, text=True)


def test_an_upgrade_that_fails_says_how_to_go_back_and_those_steps_lead_there(either, newer_version):
    one = either.used()
    before = one.facts()
    failed = run_step("python manage.py migrate", one, newer_version)
    assert failed.returncode == 1
    assert "campaigns_nowhere" in failed.stderr  # why
    [backup] = backups(one)
    [step] = re.findall(r"^ +(python manage\.py .*)$", failed.stderr, flags=re.MULTILINE)
    assert step == f"python manage.py restore {backup} --replace --as-it-was"
    back = run_step(step, one, newer_version)
    assert back.returncode == 0, back.stderr
    assert "start that one" in back.stdout
    assert one.manage("migrate", "--check").returncode == 0  # the version before has nothing to do
    assert one.facts() == before
    assert "campaigns_flyingcar" not in one.python(TABLES)


def test_the_docs_have_the_same_step():
    section = (ROOT / "docs" / "deploy.md").read_text().split("## When an upgrade fails\n")[1].split("\n## ")[0]
    steps = re.findall(r"python manage\.py (restore .*)", section)
    assert len(steps) == 2  # with and without containers
    assert {re.sub(r"\S+\.backup", "FILE", step) for step in steps} == {"restore FILE --replace --as-it-was"}


@pytest.mark.parametrize("either", [pytest.param("postgres", marks=pytest.mark.server)], indirect=True)
def test_a_restore_lets_a_table_go_that_only_a_newer_version_knows(either, newer_version):
    """The way back by the version before itself, which does not know that table."""
    one = either.used()
    path = one.backup()
    run_step("python manage.py migrate --no-backup", one, newer_version)
    assert one.restore(path, "--replace").returncode == 0
    assert "campaigns_flyingcar" not in one.python(TABLES)
