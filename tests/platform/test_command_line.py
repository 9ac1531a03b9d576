"""What an administrator can mend is said in a sentence, without a traceback; a defect keeps its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError, ProgrammingError

from config.command_line import what_to_do
from tests.databases import ROOT

SETUP = ("manage.py", "setup", "--agency", "Atelier", "--director", "hd@example.com")


def run(*command, **variables):
    environment = {
        "PATH": os.environ["PATH"],
        "EMBEDDED": "true",
        "SECRET_KEY": "long-enough-and-not-an-example-0123456789",
        **{name: str(value) for name, value in variables.items()},
    }
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)


def sentence(done):
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


def test_setup_before_migrate_says_to_migrate(tmp_path):
    said = sentence(run(*SETUP, DATA_DIR=tmp_path))
    assert said.endswith("Run this first: manage.py migrate")


def test_a_secret_that_is_missing_is_named(tmp_path):
    assert "SECRET_KEY is missing" in sentence(run(*SETUP, DATA_DIR=tmp_path, SECRET_KEY=""))


def test_a_database_that_cannot_be_opened_is_named(tmp_path):
    said = sentence(run(*SETUP, DATA_DIR=tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/retour.sqlite3"))
    assert "The database cannot be used" in said
    assert "DATABASE_URL" in said


@pytest.mark.parametrize("command", [SETUP, ("tools/run.py",), ("manage.py", "serve")], ids=["setup", "run", "serve"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path, command):
    blocked = tmp_path / "file" / "var"
    blocked.parent.write_text("no folder")
    said = sentence(run(*command, DATA_DIR=blocked))
    assert str(blocked) in said
    assert "DATA_DIR" in said


def test_whoever_wants_the_traceback_gets_it(tmp_path):
    assert "Traceback" in run(*SETUP, "--traceback", DATA_DIR=tmp_path).stderr


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (ImproperlyConfigured("X is missing."), "Retour does not start: X is missing."),
        (OperationalError("no such table: campaigns_agency"), "Run this first"),
        (OperationalError("no such column: campaigns_agency.mark"), "Run this first"),
        (ProgrammingError('relation "campaigns_agency" does not exist\nLINE 1: …'), "Run this first"),
        (ProgrammingError("column campaigns_agency.mark does not exist\nLINE 1: …"), "Run this first"),
        (OperationalError("connection failed: refused\nIs it running?"), "connection failed: refused. Look at"),
        (PermissionError(13, "Permission denied", "/srv/x"), "/srv/x cannot be used (permission denied)"),
        (OSError(30, "Read-only file system", "/srv/x"), "/srv/x cannot be used (read-only file system)"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_can_be_mended_is_said(error, part):
    assert part in what_to_do(error, migrate="manage.py migrate")


@pytest.mark.parametrize(
    "error", [IntegrityError("UNIQUE"), ProgrammingError("syntax error"), FileNotFoundError(2, "No such file", "/x")]
)
def test_a_defect_is_left_as_it_is(error):
    assert what_to_do(error, migrate="") == ""


def test_the_tables_are_missed_by_every_command(tmp_path):
    assert "Run this first" in sentence(run("manage.py", "setup_token", DATA_DIR=tmp_path))
    assert Path(tmp_path / "retour.sqlite3").exists()
