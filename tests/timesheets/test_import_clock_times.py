"""Entries that say when they began and ended: without a duration, over midnight, in the night the clocks change."""

from datetime import date

import pytest

from tests.campaigns.imports.conftest import own_uploads  # noqa: F401
from tests.campaigns.imports.importing import examined, imported, written
from tests.factories import CampaignFactory, ClientFactory, MemberFactory, PlatformFactory
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db

TOGGL = "User,Client,Project,Task,Start date,Start time,End date,End time,Duration\n"


@pytest.fixture(autouse=True)
def here():
    MemberFactory(name="Ada Byron")
    PlatformFactory(name="Facebook")
    CampaignFactory(name="Spring", client=ClientFactory(name="Acme"))


def row(start, end, *, day="2026-03-02", end_day="", duration=""):
    return f"Ada Byron,Acme,Spring,Facebook,{day},{start},{end_day},{end},{duration}\n"


def minutes(tmp_path, *rows):
    imported(written(tmp_path, TOGGL + "".join(rows)), "hours")
    return list(TimeEntry.objects.order_by("day").values_list("day", "minutes"))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (row("09:00", "10:30"), [(date(2026, 3, 2), 90)]),
        (row("9:00 AM", "1:15 PM"), [(date(2026, 3, 2), 255)]),
        (row("22:00", "01:30"), [(date(2026, 3, 2), 120), (date(2026, 3, 3), 90)]),
        (row("22:00", "01:30", end_day="2026-03-03"), [(date(2026, 3, 2), 120), (date(2026, 3, 3), 90)]),
        (row("2026-03-02 09:00:00", "2026-03-02 10:30:00"), [(date(2026, 3, 2), 90)]),
        (row("2026-03-02T08:00:00Z", "2026-03-02T10:30:00+01:00"), [(date(2026, 3, 2), 90)]),
        # The clocks go forward at 2 and back at 3.
        (row("01:30", "03:30", day="2026-03-29"), [(date(2026, 3, 29), 60)]),
        (row("01:30", "03:30", day="2026-10-25"), [(date(2026, 10, 25), 180)]),
        # A duration that is written counts: there may have been a break.
        (row("09:00", "12:00", duration="2:00:00"), [(date(2026, 3, 2), 120)]),
    ],
)
def test_an_entry_without_a_duration_takes_from_its_start_to_its_end(tmp_path, cells, expected):
    assert minutes(tmp_path, cells) == expected


def test_an_end_before_the_start_is_an_error(tmp_path):
    cells = row("09:00", "08:00", end_day="2026-03-02")
    [error] = examined(written(tmp_path, TOGGL + cells), "hours").errors
    assert (error.line, error.code) == (2, "end_before_start")
    assert "is before the start, 09:00" in str(error)


def test_neither_a_duration_nor_an_end_is_an_error(tmp_path):
    [error] = examined(written(tmp_path, TOGGL + row("09:00", "")), "hours").errors
    assert (error.column, error.code) == ("Duration", "missing_value")


def test_a_file_without_a_column_of_durations_needs_a_start_and_an_end(tmp_path):
    text = "date,email,platform,campaign,Begin,Finish\n2026-03-02,ada@example.com,Facebook,Spring,09:00,10:30\n"
    findings = examined(written(tmp_path, text), "hours")
    assert [question["field"] for question in findings.questions] == ["duration"]


def test_the_day_of_an_instant_is_that_of_the_agency(tmp_path):
    header = "issue_key,summary,project,author,started,time_spent_seconds\n"
    text = f"{header}SOC-1,Facebook,Spring,Ada Byron,2026-03-02T23:30:00.000+0000,900\n"
    imported(written(tmp_path, text), "hours")
    assert list(TimeEntry.objects.values_list("day", "minutes")) == [(date(2026, 3, 3), 15)]


JIRA = "Summary,Issue key,Project name,Log Work,Log Work\n"


def jira(*cells):
    return JIRA + "Facebook,SOC-1,Spring," + ",".join(f'"{cell}"' for cell in cells) + "\n"


def test_the_entries_of_an_issue_in_jira_are_rows_of_their_own_and_corrected_one_by_one(tmp_path):
    first = jira("Posts; and answers;02/Mar/26 9:00 AM;Ada Byron;5400", ";02/Mar/26 6:25 PM;Ada Byron;900")
    imported(written(tmp_path, first), "hours")
    entry = TimeEntry.objects.get()
    assert (entry.day, entry.minutes, entry.note) == (date(2026, 3, 2), 105, "Posts; and answers")
    assert imported(written(tmp_path, first), "hours").counts["written"] == {"same": 1}
    imported(written(tmp_path, first.replace(";900", ";1800")), "hours")
    assert TimeEntry.objects.get().minutes == 120
    imported(written(tmp_path, first.replace(";900", ";1200").replace(";5400", ";3600")), "hours")
    assert TimeEntry.objects.get().minutes == 80


def test_an_entry_of_jira_that_cannot_be_read_is_an_error_of_its_line(tmp_path):
    errors = examined(written(tmp_path, jira("an hour of posts", "")), "hours").errors
    assert {error.line for error in errors} == {2}
    assert "“an hour of posts” is not a day" in str(errors[0])
