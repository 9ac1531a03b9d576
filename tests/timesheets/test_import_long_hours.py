"""Nights, forgotten timers and days of more than 24 hours: split, asked about, never a year that cannot be read."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import tasks
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.warnings import sentences
from campaigns.models import ImportRun, RememberedMapping
from tests.campaigns.imports.conftest import own_uploads  # noqa: F401
from tests.campaigns.imports.importing import examined, imported, undone, written
from tests.factories import MemberFactory, PlatformFactory
from timesheets.imports.long_hours import DayPart, split_at_midnight
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db

TOGGL = "User,Email,Client,Project,Start date,Start time,Duration,Tags\n"
FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture(autouse=True)
def here():
    MemberFactory(name="Noa Brandt", email="noa@example.com")
    PlatformFactory(name="Facebook")
    PlatformFactory(name="LinkedIn")


def toggl(*entries):
    rows = "".join(
        f"Noa Brandt,noa@example.com,,,2026-03-02,{start},{duration},{platform}\n"
        for start, duration, platform in entries
    )
    return TOGGL + rows


def logged():
    return list(TimeEntry.objects.order_by("day", "platform__name").values_list("day", "minutes"))


def said(findings_or_run):
    return " ".join(sentences(findings_or_run.remarks))


@pytest.mark.parametrize(
    ("start", "seconds", "parts"),
    [
        (0, 86_400, [(FIRST, 0, 86_400)]),
        (79_200, 7_200, [(FIRST, 79_200, 7_200)]),
        (79_200, 7_201, [(FIRST, 79_200, 7_200), (SECOND, 0, 1)]),
        (-1, 90_000, [(FIRST, -1, 86_400), (SECOND, 0, 3_600)]),
        (-1, 0, []),
    ],
)
def test_an_entry_is_split_where_a_day_ends(start, seconds, parts):
    assert split_at_midnight(FIRST, start, seconds) == [DayPart(*part) for part in parts]


def test_a_night_counts_on_both_days_and_only_once(tmp_path):
    path = written(tmp_path, toggl(("22:00:00", "08:00:00", "Facebook")))
    run = imported(path, "hours")
    assert logged() == [(FIRST, 120), (SECOND, 360)]
    assert "1 entry goes over midnight" in said(run)
    assert set(imported(path, "hours").counts["written"]) == {"same"}
    undone(run)
    assert logged() == []


TIMER = (("09:00:00", "01:00:00", "LinkedIn"), ("10:00:00", "24:19:36", "Facebook"))


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("", [(FIRST, 60)]),
        ("leave_out", [(FIRST, 60)]),
        ("cut", [(FIRST, 840), (FIRST, 60)]),
        ("split", [(FIRST, 840), (FIRST, 60), (SECOND, 620)]),
    ],
)
def test_a_forgotten_timer_is_left_out_until_somebody_says_what_it_is(tmp_path, answer, found):
    mapping = ColumnMapping(options={"long_entries": answer} if answer else {})
    run = imported(written(tmp_path, toggl(*TIMER)), "hours", mapping=mapping)
    assert logged() == found
    assert "longer than 16 hours" in said(run)
    assert "(24.33 hours)" in said(run)
    assert "long_entries" not in RememberedMapping.objects.get().mapping["options"]


def test_a_number_that_is_too_large_is_minutes_as_likely_and_no_timer(tmp_path):
    text = "Date,Client,Project,Hours,First Name,Last Name\n2026-03-02,,Facebook,90,Noa,Brandt\n"
    [error] = examined(written(tmp_path, text), "hours").errors
    assert str(error) == "Line 2, column “Hours”: “90” is more than 24 hours. If you mean 1:30, write 1:30."


def test_more_than_a_day_in_our_own_format_is_an_error_that_speaks_of_days(tmp_path):
    text = "date,email,platform,hours\n2026-03-02,noa@example.com,Facebook,25:30\n"
    [error] = examined(written(tmp_path, text), "hours").errors
    assert str(error).endswith("A day has 24 hours: write what of it was on this day, or leave the line out.")


PARALLEL = (("00:00:00", "15:00:00", "Facebook"), ("08:00:00", "16:00:00", "LinkedIn"))


@pytest.mark.parametrize(("answer", "found"), [("cut", [(FIRST, 900), (FIRST, 540)]), ("leave_out", [])])
def test_a_day_of_more_than_24_hours_is_cut_or_left_out_as_somebody_says(tmp_path, answer, found):
    path = written(tmp_path, toggl(*PARALLEL))
    [error] = examined(path, "hours").errors
    assert (error.code, "option,cut,long_days" in str(error)) == ("day_over_24_hours", True)
    run = imported(path, "hours", mapping=ColumnMapping(options={"long_days": answer}))
    assert logged() == found
    assert "more than 24 hours" in said(run)


SPREAD = ColumnMapping(options={"long_days": "spread"})
WEEK = [date(2026, 3, 2 + number) for number in range(7)]


def test_a_week_that_was_logged_on_one_day_is_spread_over_its_working_days_and_only_once(tmp_path):
    entries = [("", f"{hours}:00:00", platform) for hours, platform in ((15, "Facebook"), (15, "LinkedIn"))]
    path = written(tmp_path, toggl(*entries, ("", "10:00:00", "Facebook")))
    run = imported(path, "hours", mapping=SPREAD)
    by_day = {day: TimeEntry.objects.filter(day=day).minutes() for day in WEEK}
    assert by_day == {day: 480 if number < 5 else 0 for number, day in enumerate(WEEK)}
    by_platform = [TimeEntry.objects.filter(platform__name=name).minutes() for name in ("Facebook", "LinkedIn")]
    assert by_platform == [25 * 60, 15 * 60]
    assert "spread evenly over the working days of its week: from line 2 (40.00 hours)" in said(run)
    assert set(imported(path, "hours", mapping=SPREAD).counts["written"]) == {"same"}
    undone(run)
    assert logged() == []


def test_two_long_days_of_a_week_are_spread_side_by_side(tmp_path):
    first, second = (toggl(*PARALLEL).replace("2026-03-02", day) for day in ("2026-03-02", "2026-03-03"))
    path = written(tmp_path, first + second.removeprefix(TOGGL))
    run = imported(path, "hours", mapping=SPREAD)
    assert TimeEntry.objects.all().minutes() == 2 * 31 * 60
    assert {TimeEntry.objects.filter(day=day).minutes() for day in WEEK[:5]} == {2 * 31 * 60 // 5}
    assert set(imported(path, "hours", mapping=SPREAD).counts["written"]) == {"same"}
    undone(run)
    assert logged() == []


def test_what_is_too_much_for_five_days_goes_over_seven_and_for_a_week_stays_an_error(tmp_path):
    hundreds = [("", "23:00:00", "Facebook")] * 6
    imported(written(tmp_path, toggl(*hundreds)), "hours", mapping=SPREAD)
    assert {TimeEntry.objects.filter(day=day).minutes() for day in WEEK} == {1182, 1183}
    findings = examined(written(tmp_path, toggl(*hundreds, *hundreds)), "hours", mapping=SPREAD)
    assert {error.code for error in findings.errors} == {"day_over_24_hours"}


def test_what_is_done_with_a_timer_is_chosen_on_the_screen(client, director):
    client.force_login(director)
    file = SimpleUploadedFile("file.csv", toggl(*TIMER).encode())
    client.post(reverse("campaigns:import_add"), {"kind": "hours", "source": "auto", "file": file})
    run = ImportRun.objects.get()
    tasks.check_import(run_id=run.pk)
    run.refresh_from_db()
    assert run.status == "ready"
    page = client.get(reverse("campaigns:import_run", args=[run.pk])).content.decode()
    assert "perhaps a forgotten timer: what is done with it?" in page
    client.post(reverse("campaigns:import_answers", args=[run.pk]), {"long_entries": "split"})
    tasks.check_import(run_id=run.pk)
    run.refresh_from_db()
    assert run.counts["seconds"] == 3600 + 24 * 3600 + 19 * 60 + 36
