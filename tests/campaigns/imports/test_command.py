"""`manage.py import_data`, as it is typed."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from campaigns.models import ImportRun, Lead, Platform, Sale
from tests import databases
from tests.campaigns.imports.importing import written
from tests.waiting import happens

LEADS = "mql_id,first_contact_date,origin\na1,2026-03-02,paid search\na2,2026-03-03,unknown\na3,2026-03-04,\n"
MAP = (
    "what,from,to\ncolumn,mql_id,external_id\ncolumn,first_contact_date,received_at\ncolumn,origin,platform\n"
    "platform,paid search,Search\nplatform,unknown,-\nconstant,qualified,status\n"
)


@pytest.mark.django_db
def test_a_map_turns_any_file_into_leads(tmp_path, capsys):
    path, chart = written(tmp_path, LEADS), written(tmp_path, MAP, "map.csv")
    with pytest.raises(CommandError) as refused:
        call_command("import_data", "leads", path, map=chart)
    assert refused.value.returncode == 1
    assert "platform,paid search,NAME" in capsys.readouterr().err
    call_command("import_data", "leads", path, map=chart, create=True, check=True)
    assert not Lead.objects.exists()
    assert not Platform.objects.exists()
    assert not ImportRun.objects.exists()
    call_command("import_data", "leads", path, map=chart, create=True)
    assert "3 new, 0 changed" in capsys.readouterr().out
    assert [lead.touches.count() for lead in Lead.objects.order_by("external_id")] == [1, 0, 0]
    assert Platform.objects.get().kind == "search"
    assert set(Lead.objects.values_list("status", flat=True)) == {"qualified"}
    call_command("import_data", "leads", path, map=chart, create=True)
    assert Lead.objects.count() == 3


@pytest.mark.django_db
def test_every_bad_row_is_printed_with_what_would_be_right(tmp_path, capsys):
    path = written(tmp_path, "external_id,sold_on,amount\n" + "".join(f"S{n},2026-02-30,1\n" for n in range(1200)))
    with pytest.raises(CommandError) as refused:
        call_command("import_data", "sales", path)
    assert str(refused.value) == "1200 errors: nothing was written."
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1200
    assert lines[-1] == (
        "Line 1201, column “sold_on”: “2026-02-30” does not exist in the calendar. Write the day as 2026-03-02."
    )
    assert not Sale.objects.exists()


@pytest.mark.django_db
def test_a_constant_gives_every_deal_its_amount(tmp_path):
    chart = written(tmp_path, "what,from,to\ncolumn,won,sold_on\nconstant,500.00,amount\n", "map.csv")
    call_command("import_data", "sales", written(tmp_path, "won\n2026-02-26 19:58:54\n"), map=chart)
    assert Sale.objects.get().amount_cents == 50_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("colum,a,amount", "Line 2 of the map: “colum” is not known; write column, constant"),
        ("column,a,amont", "Line 2 of the map: “amont” is not a field of this kind of file; the fields are amount"),
        ("option,dym,date_order", "Line 2 of the map: write option,dmy,date_order"),
        ("platform,fb,", "Line 2 of the map: say after the second comma what “fb” stands for"),
        ("column,a,amount\ncolumn,b,amount", "Line 3 of the map: amount has two columns"),
    ],
)
def test_every_problem_of_a_map_is_a_sentence_with_its_line(tmp_path, line, sentence):
    chart = written(tmp_path, f"what,from,to\n{line}\n", "map.csv")
    with pytest.raises(CommandError) as refused:
        call_command("import_data", "sales", written(tmp_path, "a,b\n1,2\n"), map=chart)
    assert str(refused.value).startswith(sentence)


@pytest.mark.django_db
def test_a_map_that_names_a_column_the_file_does_not_have_is_refused(tmp_path, capsys):
    chart = written(tmp_path, "what,from,to\ncolumn,wonn,sold_on\nconstant,1,amount\n", "map.csv")
    with pytest.raises(CommandError):
        call_command("import_data", "sales", written(tmp_path, "won\n2026-02-26\n"), map=chart)
    assert "no column “wonn”" in capsys.readouterr().err


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["map", "file"])
def test_a_file_that_is_not_there_is_said(tmp_path, name):
    there, gone = written(tmp_path, "what,from,to\n"), tmp_path / "gone.csv"
    arguments = {"file": (gone, None), "map": (there, gone)}[name]
    with pytest.raises(CommandError, match="gone.csv"):
        call_command("import_data", "sales", arguments[0], map=arguments[1])


def manage(environment, *arguments):
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL)


# What the sweep does each minute, without the minutes.
RESUME = """
from django.utils import timezone
from campaigns.imports import runner
from campaigns.models import ImportRun

for _round in range(5):
    for run in ImportRun.objects.filter(status="importing"):
        ImportRun.objects.update(alive_at=None)
        runner.write(run, now=timezone.now)
"""
CONTENT = (
    "SELECT u.email, e.day, p.name, c.name, e.minutes FROM timesheets_timeentry e JOIN timesheets_user u ON "
    "u.id = e.member_id JOIN campaigns_platform p ON p.id = e.platform_id JOIN campaigns_campaign c ON "
    "c.id = e.campaign_id ORDER BY 1, 2, 3, 4"
)


@pytest.mark.server
def test_an_import_that_is_killed_and_taken_up_again_gives_the_same_rows(tmp_path):
    header = (
        "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags\n"
    )
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(300)]
    platforms = ("Facebook", "LinkedIn")
    rows = "".join(
        f"P,p{n % 7}@example.com,,Spring,{platforms[n % 2]},,No,{days[n // 20]},,,,00:1{n % 9}:{n % 60:02},\n"
        for n in range(3000)
    )
    path = written(tmp_path, header + rows)
    contents = []
    for name in ("whole", "killed"):
        database = tmp_path / f"{name}.sqlite3"
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{database}",
            "UPLOADS_DIR": str(tmp_path / name),
            "BROKER_URL": "memory://",
        }
        databases.copy_file(database)
        process = manage(environment, "import_data", "hours", path, "--create")
        if name == "killed":
            kill_half_way(process, database)
            assert manage(environment, "shell", "-v0", "-c", RESUME).wait() == 0
        else:
            assert process.wait() == 0
        with closing(sqlite3.connect(database)) as connection:
            contents.append(connection.execute(CONTENT).fetchall())
            assert connection.execute("SELECT status FROM campaigns_importrun").fetchall() == [("done",)]
            imported = connection.execute("SELECT COUNT(*), COUNT(DISTINCT fingerprint) FROM campaigns_importedrow")
            assert len(set(imported.fetchone())) == 1
    assert contents[0] == contents[1]
    assert len(contents[0]) == 2100


def kill_half_way(process, database):
    """Kill the process, in a way that it cannot notice, once some of the rows are in."""

    def has_begun() -> bool:
        assert process.poll() is None, "it was over before it could be killed"
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("SELECT MAX(rows_done) FROM campaigns_importrun").fetchone()[0])

    assert happens(has_begun, every=0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
