"""What cannot be restored, or taken, is refused in a sentence, and changes nothing."""

import subprocess
import sys
import tarfile
from contextlib import nullcontext
from dataclasses import replace

import psycopg
import pytest
from django.db import connection

from operations.backup import archive, restore
from operations.backup.databases import BackupRefused
from tests.operations.backup.installations import ROOT


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param(lambda _data: b"PK\x03\x04 something else", "is not a backup of Retour", id="another file"),
        pytest.param(lambda _data: b"", "is not a backup of Retour", id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], "is cut off or damaged", id="cut off in the middle"),
        pytest.param(lambda data: data[: 512 * 3], "is cut off or damaged", id="cut off near the start"),
        pytest.param(lambda data: data[: data.rindex(b"manifest.sha256")], "its last part is missing", id="no seal"),
        pytest.param(
            lambda data: data[:90_000] + bytes([data[90_000] ^ 1]) + data[90_001:],
            "database is not as it was written",
            id="one bit of the database",
        ),
        pytest.param(lambda data: data[:-1], "bytes are missing", id="the last byte"),
        pytest.param(
            lambda data: data[: (len(data) + len(data.rstrip(b"\0"))) // 2],
            "bytes are missing",
            id="half of the padding",
        ),
        pytest.param(lambda data: data + b"\0", "bytes were added", id="a byte more"),
        pytest.param(lambda data: data + data, "bytes were added", id="twice"),
        pytest.param(lambda data: data[:-1] + b"x", "something was written behind its end", id="another last byte"),
        pytest.param(
            lambda data: data.replace(b'"taken_at": "2', b'"taken_at": "3'), "its manifest was changed", id="manifest"
        ),
    ],
)
def test_a_file_that_is_not_whole_is_refused(whole, tmp_path, change, sentence):
    damaged = tmp_path / "damaged.backup"
    damaged.write_bytes(change(whole.read_bytes()))
    with pytest.raises(archive.Damaged, match=sentence), archive.opened(damaged):
        pass


def test_the_command_refuses_a_damaged_file_in_a_sentence_and_changes_nothing(whole, sqlite, tmp_path):
    damaged, other = tmp_path / "damaged.backup", sqlite.empty()
    damaged.write_bytes(whole.read_bytes()[:100_000])
    refused = other.restore(damaged)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"CommandError: {damaged} is cut off or damaged")
    assert not (other.folder / "uploads").exists()
    assert not (other.folder / "retour.sqlite3").exists()


@pytest.mark.parametrize("full", ["extract", "_put_uploads"])
def test_a_disk_that_is_full_is_told_with_what_to_do(whole, sqlite, full):
    """Before the database is replaced nothing changes; after it, what is there is not to be used."""
    other = sqlite.migrated()
    module = {"extract": "archive.Archive", "_put_uploads": "restore"}[full]
    code = f"""
import django; django.setup()
from django.core import management
from operations.backup import archive, restore
def fill(*_args):
    raise OSError(28, "No space left on device")
{module}.{full} = fill
management.execute_from_command_line(["manage.py", "restore", "{whole}"])
"""
    environment = {**other.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert ("not everything is as it was" in done.stderr) == (full == "_put_uploads")
    assert ("restore once more, with --replace" in done.stderr) == (full == "_put_uploads")
    assert "Traceback" not in done.stderr
    assert not [one for one in (*whole.parent.iterdir(), *other.folder.iterdir()) if one.name.startswith(".restore")]
    assert len(other.facts()["leads"]) == (1 if full == "_put_uploads" else 0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({}, None, id="its own"),
        pytest.param(
            {"migrations": ["campaigns.9999_flying_cars"]}, "campaigns.9999_flying_cars", id="a newer version"
        ),
        pytest.param({"vendor": "oracle"}, "This backup is of oracle, but DATABASE_URL names", id="another database"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused(whole, changes, sentence):
    with archive.opened(whole) as backup:
        manifest = replace(backup.manifest, **({"vendor": connection.vendor} | changes))
    with pytest.raises(BackupRefused, match=sentence) if sentence else nullcontext():
        restore.check_fits(manifest)


def test_a_backup_in_a_newer_form_is_refused():
    with pytest.raises(archive.Damaged, match="written by another version of Retour"):
        archive.Manifest.from_json(b'{"format": 99}')


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "database").write_bytes(b"")
    manifest = archive.Manifest("", "", "sqlite", [], {})
    uploads = [("../../evil", tmp_path / "database")]
    archive.write(tmp_path / "evil.backup", database=tmp_path / "database", uploads=uploads, manifest=manifest)
    with pytest.raises(archive.Damaged, match="outside of its folder"), archive.opened(tmp_path / "evil.backup"):
        pass


def test_sums_that_are_not_those_of_the_backup_are_refused(whole, sqlite, tmp_path):
    with archive.opened(whole) as backup:
        backup.extract(archive.DATABASE, tmp_path / "database")
        manifest = replace(backup.manifest, contents={"campaigns_sale": {"rows": 1, "amount_cents": 123457}})
    odd, other = tmp_path / "odd.backup", sqlite.empty()
    archive.write(odd, database=tmp_path / "database", uploads=[], manifest=manifest)
    refused = other.restore(odd)
    assert refused.returncode == 1
    assert "campaigns_sale: amount_cents 123457 in the backup, 123456 now" in refused.stderr


def test_a_file_that_is_there_is_never_overwritten(sqlite):
    one = sqlite.empty()
    path = one.folder / "taken.backup"
    path.write_text("mine")
    refused = one.manage("backup", str(path))
    assert refused.returncode == 1
    assert "exists already" in refused.stderr
    assert path.read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(sqlite, tmp_path):
    refused = sqlite.empty().manage("backup", str(tmp_path / "nowhere" / "one.backup"))
    assert "There is no folder" in refused.stderr


def test_a_file_can_be_checked_without_changing_anything(whole, sqlite):
    other = sqlite.empty()
    checked = other.restore(whole, "--check")
    assert "is whole" in checked.stdout
    assert not (other.folder / "retour.sqlite3").exists()


def test_only_its_owner_can_read_a_backup(whole):
    assert whole.stat().st_mode & 0o777 == 0o600


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


@pytest.mark.server
def test_a_database_that_is_in_use_is_not_restored_over(on_postgres):
    path = on_postgres.backup("in-use.backup")
    with psycopg.connect(on_postgres.database_url):
        refused = on_postgres.restore(path, "--replace")
    assert refused.returncode == 1
    assert "1 other connections to the database are open" in refused.stderr


@pytest.mark.server
def test_a_dump_that_fails_in_the_middle_changes_nothing(on_postgres, tmp_path):
    whole = on_postgres.backup("middle.backup")
    with tarfile.open(whole) as tar:
        dump = tar.extractfile("database").read()
    with archive.opened(whole) as backup:
        manifest = backup.manifest
    (tmp_path / "dump").write_bytes(dump[: len(dump) // 2])  # as whole as its checksum says, and still not a dump
    cut = tmp_path / "cut.backup"
    archive.write(cut, database=tmp_path / "dump", uploads=[], manifest=manifest)
    refused = on_postgres.restore(cut, "--replace")
    assert refused.returncode == 1
    assert "Nothing was changed" in refused.stderr
    assert on_postgres.facts()["sales"] == 123456


@pytest.mark.server
def test_the_password_is_on_no_command_line(on_postgres):
    code = """
from operations.backup.databases import Postgres
for name in ("pg_dump", "psql"):
    arguments, environment = Postgres()._arguments(name)
    print(environment["PGPASSWORD"] in " ".join(arguments), bool(environment["PGPASSWORD"]))
"""
    assert on_postgres.python(code) == "False True\nFalse True\n"


@pytest.mark.server
def test_a_missing_tool_is_named_with_what_to_install(on_postgres, monkeypatch):
    monkeypatch.setenv("PATH", "")
    code = (
        "from pathlib import Path; from operations.backup import databases as d; d.DEBIAN_PLACES = Path('/nowhere')\n"
    )
    code += "try:\n    d.Postgres()._program('pg_dump')\nexcept d.BackupRefused as error:\n    print(error)"
    assert "apt-get install postgresql-client" in on_postgres.python(code)
