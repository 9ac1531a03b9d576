"""A tracker's file that is brought again with other values: changed, moved, in conflict, and taken back."""

import contextlib
import html
from datetime import UTC, date, datetime

import pytest
from django.core.files.base import ContentFile

from campaigns.imports import runner
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.opening import checksum
from campaigns.imports.summary import described
from campaigns.models import ImportedRow, ImportRun, Platform
from operations import erase_person, merge_platforms
from tests.campaigns.imports.conftest import own_uploads  # noqa: F401
from tests.campaigns.imports.importing import examined, imported, started, ticking, undone, written
from tests.factories import (
    CampaignFactory,
    ClientFactory,
    MemberFactory,
    PlatformFactory,
    RateFactory,
    TimesheetFactory,
)
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
    full = toggl((MONDAY, "00:00:00", "14:00:00", "Facebook"), (MONDAY, "10:00:00", "10:00:00", "LinkedIn"))
    imported(written(tmp_path, full), "hours")
    turned = toggl((MONDAY, "00:00:00", "10:00:00", "Facebook"), (MONDAY, "10:00:00", "14:00:00", "LinkedIn"))
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


BOTH = toggl(
    (MONDAY, "09:00:00", "01:30:00", "Facebook"),
    (MONDAY, "11:00:00", "01:00:00", "LinkedIn"),
    *((f"2026-11-{day}", "09:00:00", "01:00:00", "Facebook") for day in range(17, 27)),
)
WITHOUT = BOTH.replace(f"Jo Berg,jo@example.com,Acme,Spring,LinkedIn,,No,{MONDAY},11:00:00,,,01:00:00,\n", "")


def test_what_a_file_lacks_is_kept_listed_and_asked_about(tmp_path):
    imported(written(tmp_path, BOTH), "hours")
    findings = examined(written(tmp_path, WITHOUT), "hours")
    assert findings.is_good
    (question,) = findings.questions
    assert (question["ask"], question["count"], question["looks_filtered"]) == ("complete", 1, False)
    said = [*described(findings.counts), *findings.sentences()]
    assert "1 row of earlier files between 2026-11-16 and 2026-11-16 is not in this one: Jo Berg 1:00." in said
    assert any(text.endswith("In a map: option,yes,complete or option,no,complete.") for text in said)
    imported(written(tmp_path, WITHOUT), "hours", creating=True)
    assert (MONDAY, "LinkedIn", 60) in cells()


def test_a_file_that_holds_everything_takes_out_what_it_lacks_and_undo_gives_it_back(tmp_path):
    imported(written(tmp_path, BOTH), "hours")
    complete = ColumnMapping(options={"complete": "yes"})
    run = imported(written(tmp_path, WITHOUT), "hours", mapping=complete)
    assert (MONDAY, "LinkedIn", 60) not in cells()
    assert len(cells()) == 11
    # It is said of one file: the next one with this header is asked again.
    fewer = "".join(line for line in WITHOUT.splitlines(keepends=True) if "2026-11-20" not in line)
    assert [one["ask"] for one in examined(written(tmp_path, fewer), "hours").questions] == ["complete"]
    undone(run)
    assert (MONDAY, "LinkedIn", 60) in cells()
    assert imported(written(tmp_path, BOTH), "hours").counts["written"] == {"same": 12}


def test_a_file_that_lacks_a_campaign_or_much_looks_filtered(tmp_path):
    imported(written(tmp_path, BOTH), "hours")
    half = TOGGL + "".join(BOTH.splitlines(keepends=True)[1:8:3]) + BOTH.splitlines(keepends=True)[-1]
    (question,) = examined(written(tmp_path, half), "hours").questions
    assert question["looks_filtered"]
    assert "It looks filtered" in list(examined(written(tmp_path, half), "hours").sentences())[0]


def test_what_a_file_lacks_stays_where_somebody_changed_it_or_the_week_is_submitted(tmp_path, jo):
    imported(written(tmp_path, BOTH), "hours")
    entry = TimeEntry.objects.get(platform__name="LinkedIn")
    entry.minutes = 50
    entry.save()
    run = imported(written(tmp_path, WITHOUT), "hours", mapping=ColumnMapping(options={"complete": "yes"}))
    assert (MONDAY, "LinkedIn", 50) in cells()
    assert "lacking_kept" in {remark["code"] for remark in run.remarks}


def test_submitted_weeks_are_listed_and_may_be_left_out_as_a_block(tmp_path, jo):
    TimesheetFactory(member=jo, week=date(2026, 11, 16), submitted_at=datetime(2026, 11, 22, tzinfo=UTC))
    findings = examined(written(tmp_path, BOTH), "hours")
    assert findings.error_count == 8
    (sentence,) = findings.sentences()
    assert sentence.startswith("Submitted weeks: jo@example.com 2026-W47 (8:30).")
    run = imported(written(tmp_path, BOTH), "hours", mapping=ColumnMapping(options={"submitted": "leave_out"}))
    assert {day for day, _platform, _minutes in cells()} == {f"2026-11-{day}" for day in range(23, 27)}
    assert "Left out. Submitted weeks: jo@example.com 2026-W47 (8:30)." in sentences(run)
    assert ImportedRow.objects.count() == 4


def test_a_file_that_a_later_one_corrected_is_undone_after_it(tmp_path, client, director):
    client.force_login(director)
    first = imported(written(tmp_path, FIRST), "hours")
    second = imported(written(tmp_path, FIRST.replace("01:30:00", "02:00:00"), name="corrected.csv"), "hours")
    response = client.post(f"/imports/{first.pk}/undo/")
    assert response.status_code == 409
    assert "corrected.csv" in response.content.decode()
    first.refresh_from_db()
    assert first.status == "done"
    assert "corrected.csv" in client.get(f"/imports/{first.pk}/undo/").content.decode()
    undone(second)
    assert client.post(f"/imports/{first.pk}/undo/").status_code == 302


def test_the_page_asks_once_whether_the_file_holds_everything(tmp_path, client, director):
    imported(written(tmp_path, BOTH), "hours")
    client.force_login(director)
    file = ContentFile(WITHOUT.encode(), name="again.csv")
    client.post("/imports/add/", {"kind": "hours", "source": "auto", "file": file})
    run = ImportRun.objects.latest("pk")
    runner.check(run, now=ticking())
    page = html.unescape(client.get(f"/imports/{run.pk}/").content.decode())
    assert "Jo Berg 1:00. Does this file hold everything of Jo Berg from 2026-11-16 to 2026-11-16?" in page
    assert ImportRun.objects.get(pk=run.pk).status == "needs_answers"
    client.post(f"/imports/{run.pk}/answers/", {"complete": "yes"})
    runner.check(ImportRun.objects.get(pk=run.pk), now=ticking())
    run.refresh_from_db()
    assert (run.status, run.counts["complete"]) == ("ready", "yes")


def own(*rows):
    header = "date,email,platform,campaign,hours\n"
    return header + "".join(
        f"2026-11-{day},jo@example.com,{platform},Spring,{hours}\n" for day, platform, hours in rows
    )


def test_cells_that_a_file_in_our_own_format_set_and_the_next_one_lacks_are_asked_about(tmp_path):
    rows = [(day, "Facebook", "1:00") for day in range(16, 26)]
    first = imported(written(tmp_path, own(*rows)), "hours")
    imported(written(tmp_path, own((16, "Facebook", "2:00"), *rows[1:])), "hours")
    fewer = own((16, "Facebook", "2:00"), *rows[2:])
    (question,) = examined(written(tmp_path, fewer), "hours").questions
    assert (question["ask"], question["sums"]) == ("complete", [("Jo Berg", 3600)])
    assert len(cells()) == 10
    run = imported(written(tmp_path, fewer), "hours", mapping=ColumnMapping(options={"complete": "yes"}))
    assert len(cells()) == 9
    undone(run)
    assert [minutes for _day, _platform, minutes in cells()] == [120, *[60] * 9]
    assert first.corrections().count() == 1


def test_a_cell_of_our_own_format_that_moved_to_another_platform_does_not_count_twice(tmp_path):
    rows = [(16, "Facebook", "1:30"), (16, "LinkedIn", "1:00"), (17, "Facebook", "2:00")]
    first = imported(written(tmp_path, own(*rows)), "hours")
    moved = own(rows[0], rows[1], (17, "LinkedIn", "2:00"))
    findings = examined(written(tmp_path, moved), "hours")
    assert "1 entry moved to another day, platform or campaign." in list(described(findings.counts))
    assert findings.is_good
    assert "lacking" not in findings.counts
    run = imported(written(tmp_path, moved), "hours")
    after = [(MONDAY, "Facebook", 90), (MONDAY, "LinkedIn", 60), ("2026-11-17", "LinkedIn", 120)]
    assert cells() == after
    assert imported(written(tmp_path, moved), "hours").counts["written"] == {"same": 3}
    undone(run)
    assert cells() == [*after[:2], ("2026-11-17", "Facebook", 120)]
    undone(first)
    assert cells() == []


def test_cells_of_two_files_in_our_own_format_that_share_none_are_of_two_clients(tmp_path):
    imported(written(tmp_path, own((16, "Facebook", "1:00"), (17, "Facebook", "1:00"))), "hours")
    imported(written(tmp_path, own((16, "LinkedIn", "1:00"), (17, "LinkedIn", "0:30"))), "hours")
    assert len(cells()) == 4


def test_a_cell_of_our_own_format_that_somebody_changed_does_not_move(tmp_path):
    imported(written(tmp_path, own((16, "Facebook", "1:00"), (17, "Facebook", "1:00"))), "hours")
    TimeEntry.objects.filter(day="2026-11-17").update(minutes=50)
    run = imported(written(tmp_path, own((16, "Facebook", "1:00"), (17, "LinkedIn", "1:00"))), "hours")
    assert ("2026-11-17", "Facebook", 50) in cells()
    assert run.counts["lacking"]["count"] == 1


@pytest.mark.parametrize("left_out", ["1:00", "?"], ids=["as it was", "unreadable"])
@pytest.mark.parametrize("kind", ["with a start", "without", "own format"])
def test_a_line_that_was_left_out_does_not_count_as_absent(tmp_path, kind, left_out):
    days = range(16, 26)
    text = {
        "with a start": toggl(*((f"2026-11-{day}", "09:00:00", "1:00", "Facebook") for day in days)),
        "without": harvest(*((f"2026-11-{day}", "1:00", "Facebook") for day in days)),
        "own format": own(*((day, "Facebook", "1:00") for day in days)),
    }[kind]
    imported(written(tmp_path, text), "hours")
    lines = text.splitlines(keepends=True)
    again = written(tmp_path, "".join([*lines[:3], lines[3].replace("1:00", left_out), *lines[5:]]))
    mapping = ColumnMapping(options={"complete": "yes"}, left_out={checksum(again): [4]})
    findings = examined(again, "hours", mapping=mapping)
    assert findings.counts["lacking"]["count"] == 1
    imported(again, "hours", mapping=mapping)
    assert [day for day, _platform, _minutes in cells()] == [f"2026-11-{day}" for day in days if day != 19]


def test_a_start_that_was_corrected_is_the_same_entry_and_stays_it(tmp_path):
    imported(written(tmp_path, FIRST), "hours")
    later = FIRST.replace("09:00:00", "09:30:00")
    imported(written(tmp_path, later), "hours")
    assert cells() == [(MONDAY, "Facebook", 90), (MONDAY, "LinkedIn", 60)]
    imported(written(tmp_path, later.replace("01:30:00", "02:00:00")), "hours")
    assert cells() == [(MONDAY, "Facebook", 120), (MONDAY, "LinkedIn", 60)]


def test_an_entry_whose_start_and_platform_were_corrected_moved(tmp_path):
    imported(written(tmp_path, FIRST), "hours")
    moved = FIRST.replace("09:00:00,,,01:30:00", "09:30:00,,,01:30:00").replace("Spring,Facebook", "Spring,LinkedIn")
    imported(written(tmp_path, moved), "hours")
    assert cells() == [(MONDAY, "LinkedIn", 150)]


def test_a_correction_that_undo_must_keep_is_in_conflict_with_the_next_file(tmp_path, jo):
    imported(written(tmp_path, FIRST), "hours")
    second = imported(written(tmp_path, FIRST.replace("01:30:00", "02:00:00")), "hours")
    sheet = TimesheetFactory(member=jo, week=date(2026, 11, 16), submitted_at=datetime(2026, 11, 22, tzinfo=UTC))
    undone(second)
    assert second.counts["kept"] == 1
    sheet.delete()
    run = imported(written(tmp_path, FIRST.replace("01:30:00", "02:30:00")), "hours")
    assert cells() == [(MONDAY, "Facebook", 120), (MONDAY, "LinkedIn", 60)]
    assert any("2:00 is kept" in text for text in sentences(run))


@pytest.mark.parametrize("dies_at", range(1, 8))
def test_a_worker_that_dies_while_it_corrects_and_takes_out_is_taken_over(tmp_path, monkeypatch, dies_at):
    monkeypatch.setattr(runner, "CHUNK", 2)
    imported(written(tmp_path, BOTH), "hours")
    second = WITHOUT.replace("01:30:00", "02:00:00").replace(
        "2026-11-20,09:00:00,,,01:00", "2026-11-20,09:00:00,,,03:00"
    )
    second = "".join(line for line in second.splitlines(keepends=True) if "2026-11-23" not in line)
    run = started(written(tmp_path, second), "hours", mapping=ColumnMapping(options={"complete": "yes"}))
    steps = []

    def dies(*args, real=runner._write_batch):
        steps.append(1)
        if len(steps) == dies_at:
            raise KeyboardInterrupt
        real(*args)

    with monkeypatch.context() as context, contextlib.suppress(KeyboardInterrupt):
        context.setattr(runner, "_write_batch", dies)
        runner.write(run, now=ticking())
    ImportRun.objects.filter(pk=run.pk).update(alive_at=None)
    run.refresh_from_db()
    runner.write(run, now=ticking())
    run.refresh_from_db()
    assert run.status == "done"
    assert sum(minutes for _day, _platform, minutes in cells()) == 120 + 180 + 8 * 60
    undone(run)
    assert sum(minutes for _day, _platform, minutes in cells()) == 90 + 60 + 10 * 60


def test_an_entry_that_moved_off_a_platform_comes_back_on_the_one_it_was_merged_into(tmp_path, director):
    imported(written(tmp_path, toggl((MONDAY, "09:00:00", "01:30:00", "Facebook"))), "hours")
    run = imported(written(tmp_path, toggl((MONDAY, "09:00:00", "01:30:00", "LinkedIn"))), "hours")
    gone, into = Platform.objects.get(name="Facebook"), PlatformFactory(name="Meta")
    merge_platforms.merge(gone_id=gone.pk, into_id=into.pk, by=director, at=datetime(2026, 11, 25, tzinfo=UTC))
    undone(run)
    assert cells() == [(MONDAY, "Meta", 90)]


def test_hours_that_were_merged_with_others_are_still_corrected_by_their_share(tmp_path, director):
    rows = (MONDAY, "09:00:00", "01:30:00", "Facebook"), (MONDAY, "11:00:00", "01:00:00", "LinkedIn")
    imported(written(tmp_path, toggl(*rows)), "hours")
    gone, into = Platform.objects.get(name="Facebook"), Platform.objects.get(name="LinkedIn")
    merge_platforms.merge(gone_id=gone.pk, into_id=into.pk, by=director, at=datetime(2026, 11, 25, tzinfo=UTC))
    assert cells() == [(MONDAY, "LinkedIn", 150)]
    imported(written(tmp_path, toggl(*rows).replace("01:30:00", "02:00:00")), "hours")
    assert cells() == [(MONDAY, "LinkedIn", 180)]


# -- notes ------------------------------------------------------------------------------------------------------------


def noted(*notes, start="09:00:00"):
    """A file of one hour each on one cell, with these notes."""
    lines = [
        f"Jo Berg,jo@example.com,Acme,Spring,Facebook,{note},No,{MONDAY},{f'{9 + number:02}:00:00' if start else ''},,,"
        f"01:00:00,\n"
        for number, note in enumerate(notes)
    ]
    return TOGGL + "".join(lines)


def note_of_the_cell():
    return TimeEntry.objects.get().note


@pytest.mark.parametrize("start", ["with a start", ""])
def test_a_note_that_alone_was_corrected_is_said_and_written_and_undone(tmp_path, start):
    first = imported(written(tmp_path, noted("Posts", "Cals; and mails", start=start)), "hours")
    corrected = written(tmp_path, noted("Posts", "Calls; and mails", start=start))
    findings = examined(corrected, "hours")
    assert list(described(findings.counts))[:2] == ["0 new, 1 changed, 0 already there.", "1 note corrected."]
    second = imported(corrected, "hours")
    assert (note_of_the_cell(), TimeEntry.objects.get().minutes) == ("Posts; Calls; and mails", 120)
    assert imported(corrected, "hours").counts["written"] == {"same": 1}
    undone(second)
    assert note_of_the_cell() == "Posts; Cals; and mails"
    assert imported(written(tmp_path, noted("Posts", "Cals; and mails", start=start)), "hours").counts["written"] == {
        "same": 1
    }
    undone(second)
    undone(first)
    assert cells() == []


def test_a_note_that_somebody_changed_here_is_kept_and_said(tmp_path):
    imported(written(tmp_path, noted("Posts")), "hours")
    TimeEntry.objects.update(note="Mine")
    run = imported(written(tmp_path, noted("Postings")), "hours")
    assert note_of_the_cell() == "Mine"
    assert "note_kept" in {remark["code"] for remark in run.remarks}


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        (["", ""], ["Posts", ""], "Posts"),
        (["Posts", ""], ["", ""], "Posts"),
        (["Posts", "Posts"], ["Posts", "Calls"], "Posts; Calls"),
        (["Posts", "Posts"], ["Calls", "Calls"], "Calls"),
        (["Posts", "Posts"], ["Calls", "Mails"], "Calls; Mails"),
        (["Posts", "Calls"], ["Calls", "Posts"], "Posts; Calls"),
    ],
)
def test_each_row_corrects_its_own_part_of_the_note(tmp_path, before, after, note):
    imported(written(tmp_path, noted(*before)), "hours")
    imported(written(tmp_path, noted(*after)), "hours")
    assert note_of_the_cell() == note


def test_a_note_and_a_duration_that_were_corrected_are_both_written(tmp_path):
    imported(written(tmp_path, noted("Posts", "Cals")), "hours")
    imported(written(tmp_path, noted("Posts", "Calls").replace("10:00:00,,,01:00:00", "10:00:00,,,02:00:00")), "hours")
    assert (note_of_the_cell(), TimeEntry.objects.get().minutes) == ("Posts; Calls", 180)


def test_an_erased_person_s_rows_keep_no_key_of_a_note(tmp_path, jo):
    imported(written(tmp_path, noted("Posts")), "hours")
    imported(written(tmp_path, noted("Postings")), "hours")
    jo.left_on, jo.is_active = date(2026, 11, 20), False
    jo.save()
    erase_person.erase_now(jo, at=datetime(2026, 12, 1, tzinfo=UTC))
    assert not ImportedRow.objects.exclude(note_key=None).exists()
    assert "Post" not in str(list(ImportedRow.objects.values_list("before", flat=True)))


NIGHT = toggl((MONDAY, "22:00:00", "03:30:00", "Facebook"))


def test_what_a_shortened_night_gave_to_the_next_day_is_listed_and_goes_where_somebody_says_so(tmp_path):
    imported(written(tmp_path, NIGHT), "hours")
    assert cells() == [(MONDAY, "Facebook", 120), ("2026-11-17", "Facebook", 90)]
    shorter = written(tmp_path, NIGHT.replace("03:30:00", "01:00:00"))
    [question] = examined(shorter, "hours").questions
    assert (question["ask"], question["count"], question["sums"]) == ("complete", 1, [("Jo Berg", 90 * 60)])
    run = imported(shorter, "hours", mapping=ColumnMapping(options={"complete": "yes"}))
    assert cells() == [(MONDAY, "Facebook", 60)]
    undone(run)
    assert cells() == [(MONDAY, "Facebook", 120), ("2026-11-17", "Facebook", 90)]


def test_entries_of_the_day_after_a_file_are_not_lacking_in_it(tmp_path):
    tuesday = toggl((MONDAY, "22:00:00", "03:30:00", "Facebook"), ("2026-11-17", "09:00:00", "01:00:00", "LinkedIn"))
    imported(written(tmp_path, tuesday), "hours")
    run = imported(written(tmp_path, NIGHT.replace("03:30:00", "01:00:00")), "hours")
    assert run.counts["lacking"]["sums"] == [["Jo Berg", 90 * 60]]
