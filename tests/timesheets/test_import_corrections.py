"""A tracker's file that is brought again with other values: changed, moved, in conflict, and taken back."""

from datetime import UTC, date, datetime

import pytest

from campaigns.imports.mapping import ColumnMapping
from campaigns.imports.summary import described
from campaigns.models import ImportedRow
from operations import erase_person
from tests.campaigns.imports.conftest import own_uploads  # noqa: F401
from tests.campaigns.imports.importing import examined, imported, undone, written
from tests.factories import CampaignFactory, ClientFactory, MemberFactory, PlatformFactory, RateFactory
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db

TOGGL = "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags\n"
HARVEST = "Date,Client,Project,Project Code,Task,Notes,Hours,Billable?,Invoiced?,Approved?,First Name,Last Name\n"


@pytest.fixture(autouse=True)
def jo():
    jo = MemberFactory(name="Jo Berg", email="jo@example.com")
    RateFactory(member=jo, hourly_cents=4200)
    CampaignFactory(name="Spring", client=ClientFactory(name="Acme"))
    PlatformFactory(name="Facebook")
    PlatformFactory(name="LinkedIn")
    return jo


def toggl(*rows):
    """A file of entries, each as day, start, duration, platform."""
    lines = [
        f"Jo Berg,jo@example.com,Acme,Spring,{platform},,No,{day},{start},,,{duration},\n"
        for day, start, duration, platform in rows
    ]
    return TOGGL + "".join(lines)


def harvest(*rows):
    """A file of entries without a start, each as day, hours, platform."""
    return HARVEST + "".join(f"{day},Acme,Spring,,{task},,{hours},Yes,No,No,Jo,Berg\n" for day, hours, task in rows)


def cells():
    found = TimeEntry.objects.order_by("day", "platform__name")
    return [(str(entry.day), entry.platform.name, entry.minutes) for entry in found]


def sentences(run):
    return list(described(run.counts))


MONDAY = "2026-11-16"
FIRST = toggl((MONDAY, "09:00:00", "01:30:00", "Facebook"), (MONDAY, "11:00:00", "01:00:00", "LinkedIn"))


def test_an_entry_that_was_corrected_changes_by_its_share_and_undo_gives_it_back(tmp_path):
    imported(written(tmp_path, FIRST), "hours")
    entry = TimeEntry.objects.get(platform__name="Facebook")
    entry.import_minutes(0)
    entry.minutes, entry.minutes_as_imported = 120, 120  # half an hour was typed before the file came
    entry.save()
    second = imported(written(tmp_path, FIRST.replace("01:30:00", "02:00:00")), "hours")
    assert cells() == [(MONDAY, "Facebook", 150), (MONDAY, "LinkedIn", 60)]
    assert "1 entry changed, hours +0:30." in sentences(second)
    undone(second)
    assert cells() == [(MONDAY, "Facebook", 120), (MONDAY, "LinkedIn", 60)]
    third = imported(written(tmp_path, FIRST), "hours")
    assert third.counts["written"] == {"same": 2}


def test_what_changes_is_said_before_anything_is_written(tmp_path):
    imported(written(tmp_path, FIRST), "hours")
    findings = examined(written(tmp_path, FIRST.replace("01:30:00", "00:45:00")), "hours")
    assert "1 entry changed, hours -0:45." in list(described(findings.counts))
    assert cells() == [(MONDAY, "Facebook", 90), (MONDAY, "LinkedIn", 60)]


def test_back_and_forth_ends_where_it_began(tmp_path):
    second = FIRST.replace("01:30:00", "02:00:00")
    for text in (FIRST, second, FIRST, second, FIRST):
        imported(written(tmp_path, text), "hours")
    assert cells() == [(MONDAY, "Facebook", 90), (MONDAY, "LinkedIn", 60)]


def test_an_entry_that_moved_to_another_project_leaves_the_first_one(tmp_path):
    first = imported(written(tmp_path, toggl((MONDAY, "09:00:00", "01:30:00", "Facebook"))), "hours")
    moved = imported(written(tmp_path, toggl((MONDAY, "09:00:00", "01:30:00", "LinkedIn"))), "hours")
    assert cells() == [(MONDAY, "LinkedIn", 90)]
    assert "1 entry moved to another day, platform or campaign." in sentences(moved)
    undone(moved)
    assert cells() == [(MONDAY, "Facebook", 90)]
    assert TimeEntry.objects.get().hourly_cents == 4200
    undone(first)
    assert cells() == []
    assert not ImportedRow.objects.exists()


def test_an_entry_without_a_start_is_found_by_its_work_and_moves_by_its_duration(tmp_path):
    imported(written(tmp_path, harvest((MONDAY, "1.5", "Facebook"), (MONDAY, "1", "LinkedIn"))), "hours")
    imported(written(tmp_path, harvest((MONDAY, "2.5", "Facebook"), (MONDAY, "1", "LinkedIn"))), "hours")
    assert cells() == [(MONDAY, "Facebook", 150), (MONDAY, "LinkedIn", 60)]
    imported(written(tmp_path, harvest((MONDAY, "2.5", "LinkedIn"), (MONDAY, "1", "LinkedIn"))), "hours")
    assert cells() == [(MONDAY, "LinkedIn", 210)]


def test_the_only_entry_of_a_file_moves_as_well(tmp_path):
    imported(written(tmp_path, harvest((MONDAY, "1.5", "Facebook"))), "hours")
    imported(written(tmp_path, harvest((MONDAY, "1.5", "LinkedIn"))), "hours")
    assert cells() == [(MONDAY, "LinkedIn", 90)]


def test_a_file_of_another_client_takes_no_hour_of_the_first(tmp_path):
    CampaignFactory(name="Autumn", client=ClientFactory(name="Beta"))
    imported(written(tmp_path, harvest((MONDAY, "1", "Facebook"), ("2026-11-17", "2", "Facebook"))), "hours")
    other = harvest((MONDAY, "1", "Facebook"), ("2026-11-18", "3", "Facebook"))
    imported(written(tmp_path, other.replace("Acme,Spring", "Beta,Autumn")), "hours")
    assert TimeEntry.objects.filter(campaign__name="Spring").minutes() == 180
    assert TimeEntry.objects.filter(campaign__name="Autumn").minutes() == 240


def test_a_cell_that_somebody_changed_since_is_kept_and_listed_with_both_figures(tmp_path):
    imported(written(tmp_path, FIRST), "hours")
    entry = TimeEntry.objects.get(platform__name="Facebook")
    entry.minutes = 100
    entry.save()
    run = imported(written(tmp_path, FIRST.replace("01:30:00", "02:00:00")), "hours")
    assert cells() == [(MONDAY, "Facebook", 100), (MONDAY, "LinkedIn", 60)]
    (sentence,) = [text for text in sentences(run) if "somebody changed" in text]
    assert "jo@example.com" in sentence
    assert "1:40 is kept; with this file it would be 2:10." in sentence


def test_a_cell_that_somebody_emptied_since_stays_empty(tmp_path):
    imported(written(tmp_path, FIRST), "hours")
    TimeEntry.objects.filter(platform__name="Facebook").delete()
    run = imported(written(tmp_path, FIRST.replace("01:30:00", "02:00:00")), "hours")
    assert cells() == [(MONDAY, "LinkedIn", 60)]
    assert any("0:00 is kept; with this file it would be 2:00." in text for text in sentences(run))


def test_seconds_of_a_cell_are_rounded_once_over_several_files(tmp_path):
    first = toggl((MONDAY, "09:00:00", "00:10:20", "Facebook"))
    more = first + toggl((MONDAY, "10:00:00", "00:10:20", "Facebook")).removeprefix(TOGGL)
    imported(written(tmp_path, first), "hours")
    imported(written(tmp_path, more), "hours")
    assert cells() == [(MONDAY, "Facebook", 21)]


def test_a_row_corrected_to_seconds_leaves_an_empty_cell_that_undo_fills_again(tmp_path):
    imported(written(tmp_path, toggl((MONDAY, "09:00:00", "01:00:00", "Facebook"))), "hours")
    run = imported(written(tmp_path, toggl((MONDAY, "09:00:00", "00:00:10", "Facebook"))), "hours")
    assert cells() == []
    undone(run)
    assert cells() == [(MONDAY, "Facebook", 60)]


def test_a_row_with_an_id_follows_it_to_another_day_and_adopts_one_without(tmp_path):
    header = TOGGL.replace("\n", ",Entry\n")
    row = "Jo Berg,jo@example.com,Acme,Spring,Facebook,,No,{day},09:00:00,,,01:00:00,,{id}\n"
    named = {"source": "toggl", "mapping": ColumnMapping(columns={"external_id": "Entry"})}
    imported(written(tmp_path, header + row.format(day=MONDAY, id="")), "hours", **named)
    imported(written(tmp_path, header + row.format(day=MONDAY, id="77")), "hours", **named)
    assert cells() == [(MONDAY, "Facebook", 60)]
    assert ImportedRow.objects.standing().get().identity
    imported(written(tmp_path, header + row.format(day="2026-11-17", id="77")), "hours", **named)
    assert cells() == [("2026-11-17", "Facebook", 60)]


def test_a_day_that_is_full_may_be_rearranged_by_a_correction(tmp_path):
    full = toggl((MONDAY, "00:00:00", "14:00:00", "Facebook"), (MONDAY, "14:00:00", "10:00:00", "LinkedIn"))
    imported(written(tmp_path, full), "hours")
    turned = toggl((MONDAY, "00:00:00", "10:00:00", "Facebook"), (MONDAY, "14:00:00", "14:00:00", "LinkedIn"))
    run = imported(written(tmp_path, turned), "hours")
    assert cells() == [(MONDAY, "Facebook", 600), (MONDAY, "LinkedIn", 840)]
    undone(run)
    assert cells() == [(MONDAY, "Facebook", 840), (MONDAY, "LinkedIn", 600)]


def test_erasing_a_person_takes_the_keys_of_their_rows(tmp_path, jo):
    imported(written(tmp_path, FIRST), "hours")
    jo.left_on, jo.is_active = date(2026, 11, 20), False
    jo.save()
    erase_person.erase_now(jo, at=datetime(2026, 12, 1, tzinfo=UTC))
    keys = ImportedRow.objects.values_list("fingerprint", "identity", "natural_key")
    assert set(keys) == {(None, None, None)}
