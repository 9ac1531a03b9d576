"""Hours from the trackers that agencies have, and from Retour's own format."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from campaigns.imports import runner
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.models import Campaign, CampaignAlias, ImportedRow, JobRun, Platform, PlatformAlias, StaleMark
from tests.campaigns.imports.conftest import own_uploads  # noqa: F401
from tests.campaigns.imports.importing import examined, imported, started, ticking, undone, written
from tests.factories import (
    CampaignFactory,
    ClientFactory,
    EntryFactory,
    MemberFactory,
    PlatformFactory,
    RateFactory,
    TimesheetFactory,
)
from timesheets.imports.importer import HourImporter
from timesheets.models import TimeEntry, User

pytestmark = pytest.mark.django_db

TOGGL = (
    "\ufeffUser,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags\n"
    "Jo,jo@example.com,Acme,Spring,Facebook,Posts,No,2026-11-16,09:00:00,2026-11-16,10:30:00,01:30:00,\n"
    "Jo,jo@example.com,Acme,Spring,Facebook,Answers,No,2026-11-16,10:00:00,2026-11-16,10:20:20,00:20:20,\n"
    "Jo,jo@example.com,Acme,Spring,LinkedIn,,No,2026-11-16,14:00:00,2026-11-16,14:18:25,18:25 min,\n"
)


@pytest.fixture
def jo():
    member = MemberFactory(name="Jo", email="jo@example.com")
    RateFactory(member=member, hourly_cents=4200)
    return member


@pytest.fixture
def places():
    spring = CampaignFactory(name="Spring", client=ClientFactory(name="Acme"))
    return PlatformFactory(name="Facebook"), PlatformFactory(name="LinkedIn"), spring


def cells():
    found = TimeEntry.objects.order_by("day", "platform__name", "campaign__name")
    return [(str(one.day), one.platform.name, str(one.campaign), one.minutes) for one in found]


def test_a_toggl_file_adds_up_by_cell_and_rounds_seconds_once(tmp_path, jo, places):
    run = imported(written(tmp_path, TOGGL), "hours")
    assert run.source == "toggl"
    # 90 min + 20 min 20 s, and 18 min 25 s: rounded once a cell.
    assert cells() == [("2026-11-16", "Facebook", "Spring", 110), ("2026-11-16", "LinkedIn", "Spring", 18)]
    entry = TimeEntry.objects.get(platform__name="Facebook")
    assert (entry.hourly_cents, entry.week, entry.note) == (4200, date(2026, 11, 16), "Posts; Answers")
    assert entry.history.count() == 1
    assert {one["code"] for one in run.remarks} == {"overlap", "unread"}


def test_the_same_file_twice_changes_nothing(tmp_path, jo, places):
    path = written(tmp_path, TOGGL)
    imported(path, "hours")
    before = list(TimeEntry.objects.order_by("pk").values())
    run = imported(path, "hours")
    assert list(TimeEntry.objects.order_by("pk").values()) == before
    assert run.rows.count() == 0


def test_a_longer_export_adds_only_its_new_rows(tmp_path, jo, places):
    imported(written(tmp_path, TOGGL), "hours")
    more = TOGGL + "Jo,jo@example.com,Acme,Spring,LinkedIn,,No,2026-11-16,15:00:00,,,00:10:00,\n"
    imported(written(tmp_path, more), "hours")
    assert cells()[1] == ("2026-11-16", "LinkedIn", "Spring", 28)


def test_two_equal_rows_in_one_file_both_count(tmp_path, jo, places):
    row = "Jo,jo@example.com,Acme,Spring,Facebook,,No,2026-11-17,,,,00:30:00,\n"
    header = TOGGL.splitlines(keepends=True)[0]
    imported(written(tmp_path, header + row * 2), "hours")
    assert cells() == [("2026-11-17", "Facebook", "Spring", 60)]


def test_tracked_hours_are_added_to_what_is_there_and_subtracted_by_undo(tmp_path, jo, places):
    facebook, _linkedin, spring = places
    EntryFactory(member=jo, day=date(2026, 11, 16), platform=facebook, campaign=spring, minutes=30, note="mine")
    run = imported(written(tmp_path, TOGGL), "hours")
    assert cells()[0][-1] == 140
    assert "cell_held" in {one["code"] for one in run.remarks}
    undone(run)
    assert run.status == "undone"
    assert cells() == [("2026-11-16", "Facebook", "Spring", 30)]
    assert ImportedRow.objects.count() == 0
    imported(written(tmp_path, TOGGL), "hours")
    assert cells()[0][-1] == 140


def test_undo_keeps_hours_of_a_week_that_was_submitted_since(tmp_path, jo, places):
    run = imported(written(tmp_path, TOGGL), "hours")
    TimesheetFactory(member=jo, submitted_at=datetime(2026, 11, 20, tzinfo=UTC))
    undone(run)
    assert len(cells()) == 2
    assert run.counts["kept"] == 3


def test_a_submitted_week_is_an_error_that_says_to_reopen_it(tmp_path, jo, places):
    TimesheetFactory(member=jo, submitted_at=datetime(2026, 11, 20, tzinfo=UTC))
    findings = examined(written(tmp_path, TOGGL), "hours")
    assert [error.line for error in findings.errors] == [2, 4]
    assert "has already submitted week 2026-W47" in str(findings.errors[0])
    assert "Reopen" in str(findings.errors[0])


def test_a_day_over_24_hours_names_person_day_and_sum(tmp_path, jo, places):
    facebook, _linkedin, spring = places
    EntryFactory(member=jo, day=date(2026, 11, 16), platform=facebook, campaign=spring, minutes=23 * 60)
    findings = examined(written(tmp_path, TOGGL), "hours")
    (error,) = findings.errors
    assert "this row brings jo@example.com to 25:08 hours on 2026-11-16" in str(error)


def test_unknown_names_are_listed_once_with_how_often(tmp_path):
    findings = examined(written(tmp_path, TOGGL), "hours")
    asked = {(one["sort"], one["text"]): (one["count"], one["line"]) for one in findings.questions}
    assert asked == {
        ("person", "jo@example.com"): (3, 2),
        ("platform", "Facebook"): (2, 2),
        ("platform", "LinkedIn"): (1, 4),
        ("campaign", "Acme / Spring"): (3, 2),
    }
    assert TimeEntry.objects.count() == 0


def test_create_makes_people_platforms_clients_and_campaigns_and_undo_removes_them(tmp_path):
    run = imported(written(tmp_path, TOGGL), "hours", creating=True)
    assert User.objects.get().name == "Jo"
    assert not User.objects.get().has_usable_password()
    assert cells() == [("2026-11-16", "Facebook", "Spring", 110), ("2026-11-16", "LinkedIn", "Spring", 18)]
    assert Campaign.objects.get(name="Spring").client.name == "Acme"
    undone(run)
    assert not User.objects.exists()
    assert not Platform.objects.exists()


def test_where_no_column_shows_the_platform_the_person_is_asked(tmp_path, jo):
    text = TOGGL.replace("Facebook", "Posting").replace("LinkedIn", "Answering")
    (question,) = examined(written(tmp_path, text), "hours").questions
    assert (question["ask"], question["field"]) == ("column", "platform")


def test_a_person_without_an_address_cannot_be_created(tmp_path, places):
    harvest = (
        "Date,Client,Project,Project Code,Task,Notes,Hours,Billable?,Invoiced?,Approved?,First Name,Last Name,Roles,"
        "Employee?,Billable Rate,Billable Amount,Cost Rate,Cost Amount,Currency,External Reference URL\n"
        '16/11/2026,Acme,Spring,,Facebook,,"1,5",Yes,No,No,Nina,Berg,,Yes,0,0,0,0,EUR,\n'
    )
    findings = examined(written(tmp_path, harvest), "hours", creating=True)
    (question,) = findings.questions
    assert (question["sort"], question["text"], question["reason"]) == ("person", "Nina Berg", "no_email")
    assert "e-mail address" in list(findings.sentences())[0]
    MemberFactory(name="Nina Berg")
    imported(written(tmp_path, harvest), "hours")
    assert cells() == [("2026-11-16", "Facebook", "Spring", 90)]


def test_harvest_dates_that_may_be_day_or_month_first_are_asked(tmp_path, places):
    MemberFactory(name="Nina Berg")
    harvest = (
        "Date;Client;Project;Task;Notes;Hours;First Name;Last Name\n03/04/2026;Acme;Spring;Facebook;;1,5;Nina;Berg\n"
    )
    findings = examined(written(tmp_path, harvest), "hours")
    assert [one["ask"] for one in findings.questions] == ["date_order"]
    assert findings.error_count == 0
    imported(written(tmp_path, harvest), "hours", mapping=ColumnMapping(options={"date_order": "mdy"}))
    assert cells()[0][0] == "2026-03-04"


def test_an_old_german_harvest_file_is_read(tmp_path, places):
    MemberFactory(name="Jörg Groß")
    text = (
        "Date;Client;Project;Project Code;Task;Notes;Hours;Billable?;Invoiced?;First Name;Last Name;Department\n"
        "26.01.2015;Acme;Spring;;Facebook;Übersicht;1,25;Ja;Nein;Jörg;Groß;\n"
    )
    imported(written(tmp_path, text.encode("cp1252")), "hours")
    assert cells() == [("2015-01-26", "Facebook", "Spring", 75)]
    assert TimeEntry.objects.get().note == "Übersicht"


def test_a_clockify_file_with_a_12_hour_clock_and_short_rows_is_read(tmp_path, jo, places):
    text = (
        "Project,Client,Description,Activity,User,Group,Email,Tags,Billable,Start Date,Start Time,End Date,End Time,"
        "Duration (h),Duration (decimal)\n"
        'Spring,Acme,Posts,,Jo,,jo@example.com,"Facebook, urgent",Yes,11/16/2026,09:00:00 AM,11/16/2026,10:30:00 AM,'
        "01:30:00,1.50\n"
        "Spring,Acme,,,Jo,,jo@example.com,LinkedIn,Yes,11/16/2026,01:00:00 PM,11/16/2026,01:15:00 PM,00:15:00\n"
    )
    imported(written(tmp_path, text), "hours")
    assert cells() == [("2026-11-16", "Facebook", "Spring", 90), ("2026-11-16", "LinkedIn", "Spring", 15)]


def test_a_german_kimai_file_is_read(tmp_path, jo, places):
    text = (
        "Datum;Von;Bis;Dauer;Währung;Preis;Name;Benutzer;E-Mail;Kunde;Projekt;Tätigkeit;Beschreibung;Abrechenbar;Tags\n"
        "2026-11-16;09:00;10:30;1:30;EUR;0;Jo;jo;jo@example.com;Acme;Spring;Facebook;;ja;\n"
        "2026-11-17;09:00;10:30;1,5;EUR;0;Jo;jo;jo@example.com;Acme;Spring;Facebook;;ja;\n"
    )
    run = imported(written(tmp_path, text), "hours")
    assert run.source == "kimai"
    assert [one[-1] for one in cells()] == [90, 90]


OWN = (
    "date,email,platform,campaign,hours,note\n"
    "2026-11-16,jo@example.com,Facebook,Acme / Spring,1:30,'=posts\n"
    "2026-11-16,jo@example.com,Facebook,Acme / Spring,0.5,\n"
    "2026-11-17,jo@example.com,LinkedIn,,2,\n"
)


def test_the_own_format_sets_cells_and_says_what_it_replaces(tmp_path, jo, places):
    facebook, _linkedin, spring = places
    EntryFactory(member=jo, day=date(2026, 11, 16), platform=facebook, campaign=spring, minutes=30, note="old")
    run = imported(written(tmp_path, OWN), "hours")
    assert cells() == [
        ("2026-11-16", "Facebook", "Spring", 120),
        ("2026-11-17", "LinkedIn", "General presence", 120),
    ]
    assert TimeEntry.objects.get(platform=facebook).note == "=posts"
    assert [one["code"] for one in run.remarks] == ["cell_replaced"]
    again = imported(written(tmp_path, OWN), "hours")
    assert again.counts["written"] == {"same": 2}
    undone(run)
    assert cells() == [("2026-11-16", "Facebook", "Spring", 30)]
    assert TimeEntry.objects.get().note == "old"


def test_a_row_that_sets_a_cell_is_found_by_the_cell_and_makes_no_hash_of_what_it_says(
    tmp_path, jo, places, monkeypatch
):
    monkeypatch.setattr(HourImporter, "imprint", lambda *_values: pytest.fail("a hash was made"))
    content = "date,email,platform,campaign,hours,external_id\n2026-11-16,jo@example.com,LinkedIn,Spring,1:30,"
    run = imported(written(tmp_path, content + "7\n"), "hours")
    assert list(run.rows.values_list("fingerprint", "natural_key", "identity")) == [(None, "cell", None)]
    mapped = ColumnMapping(columns={"external_id": "external_id"})
    with_long_id = examined(written(tmp_path, content + "7" * 121 + "\n"), "hours", mapping=mapped)
    assert [error.code for error in with_long_id.errors] == ["too_long"]


def test_a_day_that_is_rearranged_never_trips_over_24_hours(tmp_path, jo, places):
    facebook, linkedin, spring = places
    EntryFactory(member=jo, day=date(2026, 11, 16), platform=facebook, campaign=spring, minutes=1000)
    EntryFactory(member=jo, day=date(2026, 11, 16), platform=linkedin, campaign=spring, minutes=400)
    text = (
        "date,email,platform,campaign,hours\n"
        "2026-11-16,jo@example.com,LinkedIn,Spring,1000m\n2026-11-16,jo@example.com,Facebook,Spring,400m\n"
    )
    run = imported(written(tmp_path, text), "hours")
    assert [one[-1] for one in cells()] == [400, 1000]
    undone(run)
    assert [one[-1] for one in cells()] == [1000, 400]


def test_bad_rows_are_all_listed_and_nothing_is_written(tmp_path, jo, places):
    text = (
        "date,email,platform,campaign,hours\n"
        "2026-11-16,jo@example.com,Facebook,Spring,90\n"
        "2026-02-30,jo@example.com,Facebook,Spring,1:75\n"
        ",jo@example.com,Facebook,Spring,-1\n"
    )
    findings = examined(written(tmp_path, text), "hours")
    assert [(error.line, error.column, error.code) for error in findings.errors] == [
        (2, "hours", "over_a_day"),
        (3, "date", "no_such_day"),
        (3, "hours", "minutes_over_59"),
        (4, "date", "missing_value"),
        (4, "hours", "negative"),
    ]
    assert "write 1:30" in str(findings.errors[0])


def test_names_that_were_said_are_remembered_as_aliases(tmp_path, jo, places):
    text = "date,email,platform,campaign,hours\n2026-11-16,JO,FB,FB spring,1\n2026-11-16,jo,Meetings,,1\n"
    mapping = ColumnMapping()
    mapping.map_name("platform", "FB", "Facebook")
    mapping.map_name("platform", "Meetings", "-")
    mapping.map_name("campaign", "FB spring", "Spring")
    run = imported(written(tmp_path, text), "hours", mapping=mapping)
    assert cells() == [("2026-11-16", "Facebook", "Spring", 60)]
    assert "left_out" in {one["code"] for one in run.remarks}
    assert list(PlatformAlias.objects.values_list("text", flat=True)) == ["fb"]
    assert list(CampaignAlias.objects.values_list("text", flat=True)) == ["fb spring"]
    # The next file with this header needs no map at all.
    more = "date,email,platform,campaign,hours\n2026-11-18,jo,fb,fb spring,1\n2026-11-18,jo,Meetings,,1\n"
    imported(written(tmp_path, more), "hours")
    assert len(cells()) == 2


def test_two_campaigns_of_one_name_are_told_apart_by_client(tmp_path, jo, places):
    CampaignFactory(name="Spring", client=ClientFactory(name="Beta"))
    text = "date,email,platform,campaign,hours\n2026-11-16,jo@example.com,Facebook,Spring,1\n"
    (question,) = examined(written(tmp_path, text), "hours").questions
    assert question["reason"] == "ambiguous"
    imported(written(tmp_path, text.replace("Spring", "Beta / Spring")), "hours")
    assert TimeEntry.objects.get().campaign.client.name == "Beta"


def test_a_workbook_is_read_like_a_csv(tmp_path, jo, places):
    book = openpyxl.Workbook()
    book.active.append(["date", "email", "platform", "campaign", "hours"])
    book.active.append([datetime(2026, 11, 16), "jo@example.com", "Facebook", "Spring", 1.5])
    book.save(tmp_path / "hours.xlsx")
    imported(tmp_path / "hours.xlsx", "hours")
    assert cells() == [("2026-11-16", "Facebook", "Spring", 90)]


def test_a_worker_that_dies_between_chunks_is_taken_over_with_the_same_result(tmp_path, jo, places, monkeypatch):
    monkeypatch.setattr(runner, "CHUNK", 2)
    rows = [f"Jo,jo@example.com,Acme,Spring,Facebook,,No,2026-11-{day:02},,,,00:10:20,\n" for day in range(1, 21)]
    path = written(tmp_path, TOGGL.splitlines(keepends=True)[0] + "".join(rows * 3))
    run = started(path, "hours")
    steps = []

    def dies(*args, real=runner._write_batch):
        steps.append(1)
        if len(steps) == 5:
            raise KeyboardInterrupt
        real(*args)

    with monkeypatch.context() as context:
        context.setattr(runner, "_write_batch", dies)
        with pytest.raises(KeyboardInterrupt):
            runner.write(run, now=ticking())
    run.refresh_from_db()
    assert run.status == "importing"
    assert 0 < run.rows_done < 20
    runner.write(run, now=ticking())  # still alive for all anybody knows: left alone
    assert run.status == "importing"
    run.alive_at = None
    run.save()
    assert runner.resume_stalled(run.created_at) == 1
    runner.write(run, now=ticking())
    run.refresh_from_db()
    assert run.status == "done"
    assert [one[-1] for one in cells()] == [31] * 20  # 3 x 10 min 20 s
    assert run.rows.count() == 60


def test_a_file_leaves_one_mark_for_each_cell_in_however_many_steps_it_is_written(tmp_path, jo, places, monkeypatch):
    monkeypatch.setattr(runner, "CHUNK", 1)
    rows = [f"Jo,jo@example.com,Acme,Spring,Facebook,,No,2026-11-{day},,,,01:00:00,\n" for day in range(16, 27)]
    run = imported(written(tmp_path, TOGGL.splitlines(keepends=True)[0] + "".join(rows)), "hours")
    assert StaleMark.objects.filter(is_cell=True).count() == 2
    StaleMark.objects.all().delete()
    undone(run)
    assert StaleMark.objects.filter(is_cell=True).count() == 2


def test_marks_that_say_the_same_become_one_and_others_stay():
    StaleMark.objects.bulk_create(
        StaleMark(week_from=date(2026, 11, 16), platform_id=platform, campaign_id=None, lead_id=lead)
        for platform, lead in [(1, None), (1, None), (None, None), (2, None), (None, 7), (None, None), (None, 7)]
    )
    StaleMark.merge_alike()
    left = StaleMark.objects.order_by("pk").values_list("platform_id", "lead_id")
    assert list(left) == [(1, None), (None, None), (2, None), (None, 7)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_marks_are_left_alone_while_a_drain_is_at_work():
    StaleMark.objects.bulk_create(StaleMark(lead_id=7) for _each in range(2))
    JobRun.objects.get_or_create(name="drain")

    def merge() -> None:
        try:
            StaleMark.merge_alike()
        finally:
            connection.close()

    with transaction.atomic():
        assert JobRun.take_turn("drain")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(merge).result()
    assert StaleMark.objects.count() == 2
    StaleMark.merge_alike()
    assert StaleMark.objects.count() == 1


def test_what_a_file_makes_has_the_history_that_each_entry_would_have(tmp_path, jo, places):
    before = timezone.now()
    imported(written(tmp_path, TOGGL), "hours")
    entries = list(TimeEntry.objects.order_by("pk"))
    recorded = TimeEntry.history.model.objects.order_by("pk")
    fields = [field.attname for field in TimeEntry.history.model.tracked_fields]
    told = [*fields, "history_type", "history_user_id", "history_change_reason"]
    by_hand = [tuple(getattr(entry, name) for name in fields) + ("+", None, None) for entry in entries]
    assert list(recorded.values_list(*told)) == by_hand
    assert all(before <= at <= timezone.now() for at in recorded.values_list("history_date", flat=True))


def test_what_goes_wrong_while_writing_is_taken_back_and_said(tmp_path, jo, places, monkeypatch):
    monkeypatch.setattr(runner, "CHUNK", 1)
    path = written(tmp_path, TOGGL.replace("2026-11-16,14", "2026-11-17,14"))
    run = started(path, "hours")
    TimesheetFactory(member=jo, submitted_at=None)
    real = runner._write_batch

    def fails_later(*args):
        real(*args)
        TimesheetFactory(member=MemberFactory())
        monkeypatch.setattr(runner, "_write_batch", lambda *args: 1 / 0)

    monkeypatch.setattr(runner, "_write_batch", fails_later)
    runner.write(run, now=ticking())
    run.refresh_from_db()
    assert run.status == "failed"
    assert "division" in run.counts["failed"]
    assert cells() == []


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("shape", ["csv", "xlsx", "reader-csv", "reader-xlsx"])
@pytest.mark.parametrize("whose", ["own", "team", "team with rates"])
def test_hours_that_are_taken_out_come_back_unchanged_here_and_in_an_empty_system(
    tmp_path, client, jo, director, places, shape, language, whose
):
    facebook, linkedin, spring = places
    CampaignFactory(name="Spring", client=ClientFactory(name="Beta"))
    EntryFactory(member=jo, day=date(2026, 11, 16), platform=facebook, campaign=spring, minutes=83, note="=1+1; 'a'")
    EntryFactory(member=jo, day=date(2026, 11, 17), platform=linkedin, campaign=Campaign.objects.general(), minutes=7)
    reader = jo if whose == "own" else director
    reader.language = language
    reader.save()
    client.force_login(reader)
    query = {"format": shape, "first": "2026-W01", "last": "2026-W53"}
    if whose == "team with rates":
        query["rates"] = "yes"
    response = client.get("/my-hours/" if whose == "own" else "/team/hours", query)
    path = written(tmp_path, b"".join(response.streaming_content))
    before = cells()
    run = imported(path, "hours")
    assert run.counts["written"] == {"same": 2}
    TimeEntry.objects.all().delete()
    Campaign.objects.all().delete()
    Platform.objects.all().delete()
    imported(path, "hours", creating=True)
    assert cells() == before
    assert set(TimeEntry.objects.values_list("note", flat=True)) == {"=1+1; 'a'", ""}
    assert Campaign.objects.get(is_general=True).entries.count() == 1
    assert Campaign.objects.count() == 2


def test_a_database_that_is_busy_for_a_while_does_not_cost_the_import(tmp_path, jo, places, monkeypatch):
    monkeypatch.setattr(runner, "CHUNK", 1)
    run = started(written(tmp_path, TOGGL.replace("2026-11-16,14", "2026-11-17,14")), "hours")
    real, calls = runner._write_batch, []

    def busy(*args):
        calls.append(1)
        if len(calls) == 2:
            raise OperationalError("database is locked")
        real(*args)

    monkeypatch.setattr(runner, "_write_batch", busy)
    runner.write(run, now=ticking())
    run.refresh_from_db()
    assert (run.status, run.rows_done) == ("importing", 1)
    runner.write(run, now=ticking())
    run.refresh_from_db()
    assert run.status == "done"
    assert run.counts["written"] == {"create": 2}
    assert sum(one[-1] for one in cells()) == 128


def test_an_import_that_is_interrupted_again_and_again_is_taken_back(tmp_path, jo, places, monkeypatch):
    run = started(written(tmp_path, TOGGL), "hours")

    def locked(*args):
        raise OperationalError("database is locked")

    monkeypatch.setattr(runner, "_write_batch", locked)
    for _attempt in range(runner.MOST_INTERRUPTIONS + 1):
        runner.write(run, now=ticking())
    run.refresh_from_db()
    assert run.status == "failed"
    assert run.counts["failed"] == "OperationalError: database is locked"


def test_people_whom_nobody_knows_yet_are_not_one_person(tmp_path, places):
    rows = "".join(
        f"{name},,Acme,Spring,Facebook,,No,2026-11-16,09:00:00,2026-11-16,19:00:00,10:00:00,\n"
        for name in ("Ann", "Ben", "Cleo")
    )
    findings = examined(written(tmp_path, TOGGL.partition("\n")[0] + "\n" + rows), "hours")
    assert [question["text"] for question in findings.questions] == ["Ann", "Ben", "Cleo"]
    assert not findings.errors  # thirty hours on one day are ten of each
    assert "overlap" not in {remark["code"] for remark in findings.remarks}
