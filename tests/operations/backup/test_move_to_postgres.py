"""`manage.py move-to postgres://...`: from SQLite into an empty PostgreSQL, all of it or nothing."""

import fcntl
import os
import subprocess
import sys
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg
import pytest

from operations.management.commands.move_to import with_password
from tests.operations.backup.installations import ROOT, Installation

pytestmark = pytest.mark.server

DEMO = """
from django.core.management import call_command
from operations.demo.plan import FEWEST_STAFF, FEWEST_WEEKS
call_command("demo", weeks=FEWEST_WEEKS, staff=FEWEST_STAFF)
"""
ERASE_THE_LAST_LEAD = """
from tests.factories import *
lead = LeadFactory()
print(lead.pk)
lead.delete()
"""
NEXT_LEAD = """
from django.db import transaction
from tests.factories import *
with transaction.atomic():
    print(LeadFactory().pk)
    transaction.set_rollback(True)
"""


class Moved(NamedTuple):
    source: Installation
    target: Installation
    erased: int
    before: dict
    command: subprocess.CompletedProcess[str]


def move(
    source: Installation, target: Installation, *, address: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the command as it stands in the documentation, the password in the environment."""
    parts = urlsplit(target.database_url)
    without = f"postgres://{parts.username}@{parts.hostname}:{parts.port}{parts.path}"
    return subprocess.run(
        [sys.executable, "manage.py", "move-to", address or without],
        cwd=ROOT,
        env={**source.environment, "PGPASSWORD": parts.password or "", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def tables(installation: Installation) -> int:
    with psycopg.connect(installation.database_url) as connection:
        count = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        return connection.execute(count).fetchone()[0]


@pytest.fixture(scope="module")
def moved(sqlite, postgres) -> Moved:
    """An installation with people and work that has moved, to be read; the last of its leads was erased before."""
    source, target = sqlite.used(), postgres.empty()
    erased = int(source.python(ERASE_THE_LAST_LEAD))
    before = source.facts()  # with the marks that triggers leave, and what they refuse
    return Moved(source, target, erased, before, move(source, target))


def test_everything_is_there_afterwards_and_the_database_guards_what_it_guarded(moved):
    assert moved.command.returncode == 0, moved.command.stderr
    assert "and compared each" in moved.command.stdout
    assert moved.source.facts() == moved.before
    after = moved.target.facts()
    assert after | {"refused": after["refused"].splitlines()[0]} == moved.before


def test_the_number_of_an_erased_row_is_not_given_again(moved):
    """What is added is taken back: a sequence does not go back with it."""
    assert int(moved.target.python(NEXT_LEAD)) == moved.erased + 1


def test_the_demo_agency_moves_and_its_figures_are_what_they_were(sqlite, postgres):
    source, target = sqlite.migrated(DEMO), postgres.empty()
    moved = move(source, target)
    assert moved.returncode == 0, moved.stderr
    rebuilt = target.manage("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr


def test_a_database_that_is_not_empty_is_refused_and_left_alone(sqlite, postgres):
    source, target = sqlite.used(), postgres.migrated()
    before = target.facts()
    refused = move(source, target)
    assert refused.returncode == 1
    assert "The new database is not empty: it holds " in refused.stderr
    assert target.facts() == before


def test_a_value_that_does_not_fit_is_named_and_nothing_is_moved(sqlite, postgres):
    source, target = sqlite.used(), postgres.empty()
    source.python("from campaigns.models import Lead; Lead.objects.update(name='x' * 5000)")
    refused = move(source, target)
    assert refused.returncode == 1
    assert "campaigns_lead.name: 5000 characters, where " in refused.stderr
    assert tables(target) == 0


def test_what_postgresql_refuses_is_said_and_nothing_is_moved(sqlite, postgres):
    source, target = sqlite.used(), postgres.empty()
    source.python("from campaigns.models import Lead; Lead.objects.update(note='before' + chr(0) + 'after')")
    refused = move(source, target)
    assert refused.returncode == 1
    assert "Nothing was moved: PostgreSQL refuses campaigns_lead: " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert tables(target) == 0


def test_it_is_refused_while_retour_runs(sqlite, postgres):
    source, target = sqlite.used(), postgres.empty()
    with (source.folder / "supervisor.lock").open("w") as lock:
        print(os.getpid(), "http://127.0.0.1:8000", file=lock, flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = move(source, target)
    assert refused.returncode == 1
    assert "Retour is already running at http://127.0.0.1:8000" in refused.stderr
    assert tables(target) == 0


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("mysql://retour@db/retour", "is no address of PostgreSQL"),
        ("postgres://retour@db", "is no address of PostgreSQL"),
        ("postgres://retour:secret@db:5432/retour", "Leave the password out of the address"),
        ("postgres://retour@127.0.0.1:1/retour", "The new database cannot be used: "),
    ],
)
def test_an_address_that_leads_nowhere_is_said_in_a_sentence(sqlite, postgres, address, says):
    refused = move(sqlite.used(), postgres.empty(), address=address)
    assert refused.returncode == 1
    assert says in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_installation_on_postgresql_has_nothing_to_move(postgres):
    refused = move(postgres.migrated(), postgres.empty())
    assert refused.returncode == 1
    assert "is on PostgreSQL already" in refused.stderr


def test_it_says_where_the_password_belongs():
    assert with_password("postgres://retour@db:5432/retour") == "postgres://retour:PASSWORD@db:5432/retour"
