"""Rows that are pinned, copied with hours, removed and brought back; the timer; edits that are sent twice."""

import re
import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from campaigns.models import Agency
from core.weeks import Week
from tests import factories
from timesheets import grid, hours, timers, week_rows
from timesheets.hours import HoursCell
from timesheets.models import PinnedRow, TimeEntry, Timer, Timesheet, TimesheetRow

pytestmark = pytest.mark.django_db

WEEK = Week(date(2026, 11, 16))
WEDNESDAY = date(2026, 11, 18)
PAGE = f"/hours/{WEEK}/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def platform():
    return factories.PlatformFactory(name="Facebook")


@pytest.fixture
def campaign():
    return factories.CampaignFactory(name="Spring launch")


@pytest.fixture
def row(platform, campaign):
    return {"platform": platform.pk, "campaign": campaign.pk}


@pytest.fixture
def cell(platform, campaign):
    return HoursCell(WEDNESDAY, platform.pk, campaign.pk)


@pytest.fixture
def signed_in(client, member):
    Agency.objects.update_or_create(pk=1, defaults={"time_zone": "Europe/Paris"})
    client.force_login(member)
    return client


def shown(member, week: Week) -> list[str]:
    return [row.key for row in grid.build(member=member, week=week, today=WEDNESDAY).rows]


# -- an edit that is sent again ---------------------------------------------------------------------------------------


def test_an_edit_sent_again_is_written_once_even_when_its_cell_looks_as_before(member, cell):
    """Typed, emptied, and then the first request arrives once more: the cell is empty again, as that edit saw it."""
    edit = str(uuid.uuid4())
    first = hours.log(member=member, cell=cell, minutes=90, expected_version="", idempotency_key=edit)
    emptied = str(uuid.uuid4())
    hours.log(member=member, cell=cell, minutes=0, expected_version=first.etag, idempotency_key=emptied)
    again = hours.log(member=member, cell=cell, minutes=90, expected_version="", idempotency_key=edit)
    assert (again.minutes, again.etag) == (0, "")
    assert not TimeEntry.objects.exists()
    assert TimeEntry.history.filter(history_change_reason=edit).count() == 1
    assert TimeEntry.history.get(history_change_reason=emptied).history_type == "-"
    assert TimeEntry.history.count() == 2


def test_an_edit_sent_again_after_someone_wrote_over_it_shows_theirs(member, cell):
    edit = str(uuid.uuid4())
    first = hours.log(member=member, cell=cell, minutes=90, expected_version="", idempotency_key=edit)
    hours.log(member=member, cell=cell, minutes=120, expected_version=first.etag)
    again = hours.log(member=member, cell=cell, minutes=90, expected_version="", idempotency_key=edit)
    assert again.minutes == 120
    assert TimeEntry.objects.get().minutes == 120


def test_an_edit_that_was_written_is_not_refused_by_a_later_lock(member, cell):
    edit = str(uuid.uuid4())
    hours.log(member=member, cell=cell, minutes=90, expected_version="", idempotency_key=edit)
    factories.TimesheetFactory(member=member, week=WEEK.monday, submitted_at="2026-11-21T12:00Z")
    assert hours.log(member=member, cell=cell, minutes=90, expected_version="", idempotency_key=edit).minutes == 90
    with pytest.raises(hours.Locked):
        hours.log(member=member, cell=cell, minutes=60, idempotency_key=str(uuid.uuid4()))


def test_the_audit_holds_an_edit_once_whoever_writes_it(member, cell):
    edit = str(uuid.uuid4())
    hours.log(member=member, cell=cell, minutes=90, idempotency_key=edit)
    kept = TimeEntry.history.get()
    kept.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        kept.save(force_insert=True)


@pytest.mark.parametrize("sent", ["", "x" * 500, "'; DROP", "1B4E28BA-2FA1-41D2-883F-0016D3CCA427"])
def test_an_id_that_is_none_is_left_out(signed_in, row, sent):
    assert signed_in.post(PAGE + "cell", row | {"d2": "1", "edit": sent}).status_code == 200
    assert TimeEntry.history.get().history_change_reason is None


# -- pinned rows ------------------------------------------------------------------------------------------------------


def test_a_pinned_row_is_in_each_new_week_and_in_none_before(signed_in, member, row):
    signed_in.post(PAGE + "add-row", row)
    assert b'aria-pressed="true"' in signed_in.post(PAGE + "pin-row", row, headers=HTMX).content
    key = f"{row['platform']}-{row['campaign']}"
    assert [shown(member, WEEK.plus(weeks)) for weeks in (-1, 0, 1, 5)] == [[], [key], [key], [key]]
    assert shown(factories.MemberFactory(), WEEK.next) == []
    assert not TimesheetRow.objects.exclude(timesheet__week=WEEK.monday).exists()


def test_an_unpinned_row_stays_in_its_week(signed_in, member, row):
    signed_in.post(PAGE + "pin-row", row)
    address = f"/hours/{WEEK.next}/"
    assert b'aria-pressed="false"' in signed_in.post(address + "pin-row", row | {"off": "1"}, headers=HTMX).content
    assert shown(member, WEEK.next) != []
    assert shown(member, WEEK.plus(2)) == []


def test_a_pinned_row_goes_with_its_campaign_and_is_not_added_twice(signed_in, member, row, campaign):
    signed_in.post(PAGE + "pin-row", row)
    signed_in.post(PAGE + "pin-row", row)
    assert "there already" in signed_in.post(PAGE + "add-row", row, headers=HTMX).content.decode()
    assert PinnedRow.objects.count() == 1
    campaign.is_active = False
    campaign.save()
    assert shown(member, WEEK) == []


def test_unpinning_what_is_not_pinned_changes_nothing(signed_in, row):
    answer = signed_in.post(PAGE + "pin-row", {"platform": "999999", "campaign": "1", "off": "1"}, headers=HTMX)
    assert answer.status_code == 200
    assert not TimesheetRow.objects.exists()


# -- copying ----------------------------------------------------------------------------------------------------------


def test_hours_are_copied_into_empty_cells_only_and_only_once(member, platform, campaign):
    place = {"member": member, "platform": platform, "campaign": campaign}
    for day in WEEK.previous.days[:3]:
        factories.EntryFactory(day=day, minutes=120, note="last week's", **place)
    factories.EntryFactory(day=WEEK.monday, minutes=15, **place)
    assert week_rows.copy_hours(member=member, source=WEEK.previous, target=WEEK, today=WEDNESDAY) == 2
    assert week_rows.copy_hours(member=member, source=WEEK.previous, target=WEEK, today=WEDNESDAY) == 0
    copied = TimeEntry.objects.of(member).in_week(WEEK).order_by("day")
    assert list(copied.values_list("minutes", "note")) == [(15, ""), (120, ""), (120, "")]
    assert TimeEntry.history.filter(week=WEEK.monday).count() == 3


def test_copied_hours_respect_what_the_week_cannot_take(platform, campaign):
    member = factories.MemberFactory(joined_on=WEEK.previous.monday, left_on=WEEK.days[3])
    place = {"member": member, "platform": platform, "campaign": campaign}
    for day in WEEK.previous.days[:5]:
        factories.EntryFactory(day=day, minutes=600, **place)
    factories.EntryFactory(member=member, day=WEEK.days[2], minutes=1000)
    factories.TimesheetFactory(member=member, week=WEEK.monday, submitted_through=WEEK.monday)
    assert week_rows.copy_hours(member=member, source=WEEK.previous, target=WEEK, today=WEDNESDAY) == 2
    days = TimeEntry.objects.in_week(WEEK).filter(platform=platform).values_list("day", flat=True).order_by("day")
    assert list(days) == [WEEK.days[1], WEEK.days[3]]


def test_a_submitted_week_takes_no_copy(signed_in, member, row):
    factories.EntryFactory(member=member, day=WEEK.previous.monday)
    factories.TimesheetFactory(member=member, week=WEEK.monday, submitted_at="2026-11-21T12:00Z")
    assert "submitted" in signed_in.post(PAGE + "copy-hours", headers=HTMX).content.decode()
    assert not TimeEntry.objects.in_week(WEEK).exists()


# -- carried over ------------------------------------------------------------------------------------------------------


@pytest.fixture
def last_week(member, platform, campaign):
    """An hour last week on the row, and two on another."""
    factories.EntryFactory(member=member, day=WEEK.previous.days[2], platform=platform, campaign=campaign)
    other = factories.EntryFactory(member=member, day=WEEK.previous.monday, minutes=120, platform__name="LinkedIn")
    return [f"{platform.pk}-{campaign.pk}", f"{other.platform_id}-{other.campaign_id}"]


def test_a_new_week_has_the_rows_of_the_last_one_without_its_hours(member, last_week):
    sheet = grid.build(member=member, week=WEEK, today=WEDNESDAY)
    assert [row.key for row in sheet.rows] == last_week
    assert sheet.minutes == 0
    assert shown(member, WEEK.next) == last_week
    assert not TimesheetRow.objects.exists()
    assert not Timesheet.objects.exists()


def test_after_weeks_away_the_last_week_with_hours_counts_and_none_older_than_eight(member, last_week):
    def on(week: Week) -> list[str]:
        return [row.key for row in grid.build(member=member, week=week, today=week.monday).rows]

    factories.EntryFactory(member=member, day=WEEK.plus(-2).monday)
    assert on(WEEK.plus(7)) == last_week
    assert on(WEEK.plus(8)) == []


def test_rows_are_carried_to_open_weeks_from_the_last_one_on(member, last_week):
    assert [row.key for row in grid.build(member=member, week=WEEK, today=WEEK.next.sunday).rows] == last_week
    assert grid.build(member=member, week=WEEK, today=WEEK.plus(2).monday).rows == []
    factories.TimesheetFactory(member=member, week=WEEK.monday, submitted_at="2026-11-21T12:00Z")
    assert shown(member, WEEK) == []


def test_rows_out_of_use_are_not_carried(member, last_week, campaign):
    campaign.is_active = False
    campaign.save()
    assert shown(member, WEEK) == last_week[1:]


def test_who_does_not_want_it_starts_with_an_empty_week(signed_in, member, last_week):
    profile = {"name": member.name, "language": "", "theme": "auto", "duration_style": "clock"}
    assert 'name="carries_rows" ' in signed_in.get("/profile/").content.decode()
    signed_in.post("/profile/", profile)
    member.refresh_from_db()
    assert shown(member, WEEK) == []
    signed_in.post("/profile/", profile | {"carries_rows": "on"})
    member.refresh_from_db()
    assert shown(member, WEEK) == last_week


def test_the_profile_turns_keys_of_one_letter_off(signed_in, member):
    profile = {"name": member.name, "language": "", "theme": "auto", "duration_style": "clock"}
    assert "data-no-letter-keys" not in signed_in.get("/profile/").content.decode()
    signed_in.post("/profile/", profile)
    assert "data-no-letter-keys" in signed_in.get("/profile/").content.decode()
    signed_in.post("/profile/", profile | {"has_letter_keys": "on"})
    assert "data-no-letter-keys" not in signed_in.get("/profile/").content.decode()


def test_a_manager_reads_the_week_without_carried_rows(member, manager, last_week):
    assert grid.build(member=member, week=WEEK, today=WEDNESDAY, reader=manager).rows == []


@time_machine.travel("2026-11-18T12:00Z")
def test_a_carried_row_that_was_removed_stays_away_until_it_is_asked_for(signed_in, member, row, last_week):
    token = removed(signed_in, row)
    assert shown(member, WEEK) == last_week[1:]
    assert shown(member, WEEK.next) == last_week
    signed_in.post(PAGE + "restore-row", {"removed": token}, headers=HTMX)
    assert shown(member, WEEK) == last_week
    assert not TimesheetRow.objects.exists()
    removed(signed_in, row)
    assert signed_in.post(PAGE + "add-row", row, headers=HTMX).content.decode().count("<tr") == 1
    assert sorted(shown(member, WEEK)) == sorted(last_week)
    removed(signed_in, row)
    assert "1 row copied" in signed_in.post(PAGE + "copy-rows", headers=HTMX).content.decode()
    assert sorted(shown(member, WEEK)) == sorted(last_week)


@time_machine.travel("2026-11-18T12:00Z")
def test_a_carried_row_is_not_added_or_copied_twice(signed_in, row, last_week):
    assert "there already" in signed_in.post(PAGE + "add-row", row, headers=HTMX).content.decode()
    assert "<tr" not in signed_in.post(PAGE + "copy-rows", headers=HTMX).content.decode()
    assert not TimesheetRow.objects.exists()


@time_machine.travel("2026-11-18T12:00Z")
def test_a_carried_row_keeps_its_place_once_it_has_hours(signed_in, member, row, last_week):
    signed_in.post(
        PAGE + "cell",
        {"platform": last_week[1].partition("-")[0], "campaign": last_week[1].partition("-")[2], "d2": "1"},
    )
    factories.EntryFactory(member=member, day=WEDNESDAY, platform__name="A new one")
    assert shown(member, WEEK)[:2] == last_week


# -- undo -------------------------------------------------------------------------------------------------------------


def removed(client, row) -> str:
    """Remove a row with its hours; return what brings it back."""
    answer = client.post(PAGE + "remove-row", row | {"with_hours": "1"}, headers=HTMX)
    assert answer.status_code == 200
    return re.search(r'"removed": "([^"]+)"', answer.content.decode())[1]


def test_a_removed_row_comes_back_as_it_was(signed_in, member, row, platform, campaign):
    for pair in (row, {"platform": factories.PlatformFactory().pk, "campaign": campaign.pk}):
        signed_in.post(PAGE + "add-row", pair)
    signed_in.post(PAGE + "pin-row", row)
    place = {"member": member, "platform": platform, "campaign": campaign}
    factories.EntryFactory(day=WEEK.days[1], minutes=75, note='A "note", été', **place)
    factories.EntryFactory(day=WEEK.days[4], minutes=20, **place)
    before = shown(member, WEEK)
    token = removed(signed_in, row)
    assert len(shown(member, WEEK)) == 1
    for _twice in range(2):
        assert signed_in.post(PAGE + "restore-row", {"removed": token}, headers=HTMX).status_code == 200
    assert shown(member, WEEK) == before
    entries = TimeEntry.objects.in_week(WEEK).order_by("day").values_list("day", "minutes", "note")
    assert list(entries) == [(WEEK.days[1], 75, 'A "note", été'), (WEEK.days[4], 20, "")]
    assert PinnedRow.objects.get().since == WEEK.monday


def test_what_was_typed_meanwhile_is_kept_by_the_undo(signed_in, member, row, cell):
    hours.log(member=member, cell=cell, minutes=60)
    token = removed(signed_in, row)
    hours.log(member=member, cell=cell, minutes=30)
    signed_in.post(PAGE + "restore-row", {"removed": token}, headers=HTMX)
    assert TimeEntry.objects.get().minutes == 30


def test_nobody_undoes_late_elsewhere_changed_or_for_another(signed_in, client, member, row, cell):
    hours.log(member=member, cell=cell, minutes=60)
    token = removed(signed_in, row)
    assert signed_in.post(PAGE + "restore-row", {"removed": token[:-1]}, headers=HTMX).status_code == 422
    assert signed_in.post(f"/hours/{WEEK.next}/restore-row", {"removed": token}, headers=HTMX).status_code == 422
    with time_machine.travel(datetime.now().astimezone() + timedelta(minutes=1)):
        assert signed_in.post(PAGE + "restore-row", {"removed": token}, headers=HTMX).status_code == 422
    client.force_login(factories.MemberFactory())
    assert client.post(PAGE + "restore-row", {"removed": token}, headers=HTMX).status_code == 422
    assert not TimeEntry.objects.exists()


# -- the timer --------------------------------------------------------------------------------------------------------


def at(text: str):
    return time_machine.travel(f"2026-11-{text}+01:00", tick=False)  # in Paris


def test_a_timer_adds_its_minutes_rounded_up_to_todays_cell(signed_in, member, row, cell):
    hours.log(member=member, cell=cell, minutes=60, note="by hand")
    with at("18T09:00:00"):
        assert b"Facebook" in signed_in.post(PAGE + "timer/start", row, headers=HTMX).content
    timer = Timer.objects.get()
    with at("18T09:41:01"):
        answer = signed_in.post(PAGE + "timer/stop", {"timer": timer.pk}, headers=HTMX)
    entry = TimeEntry.objects.get()
    assert (entry.day, entry.minutes, entry.note) == (WEDNESDAY, 102, "by hand")
    assert f'"id": "c{row["platform"]}-{row["campaign"]}-d2"' in answer["HX-Trigger"]
    assert not Timer.objects.exists()
    with at("18T10:00:00"):
        signed_in.post(PAGE + "timer/stop", {"timer": timer.pk}, headers=HTMX)  # a second click, or a lost answer
    entry.refresh_from_db()
    assert entry.minutes == 102


def test_there_is_one_timer_for_each_person(signed_in, member, row, platform, campaign):
    other = row | {"platform": factories.PlatformFactory().pk}
    for minute, sent in ((0, row), (5, row), (10, other)):
        with at(f"18T09:{minute:02d}:00"):
            signed_in.post(PAGE + "timer/start", sent, headers=HTMX)
    assert TimeEntry.objects.get().minutes == 10  # the first landed, having run on when it was started again
    assert Timer.objects.get().platform_id == other["platform"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Timer.objects.create(member=member, platform=platform, campaign=campaign, started_at="2026-11-18T08:00Z")


@pytest.mark.parametrize(
    ("choice", "minutes"),
    [({"choice": "midnight"}, 95), ({"hours": "0:40"}, 40), ({"choice": "discard"}, None)],
    ids=["midnight", "entered", "discarded"],
)
def test_a_timer_left_running_over_midnight_asks(signed_in, row, choice, minutes):
    with at("18T22:25:00"):
        signed_in.post(PAGE + "timer/start", row, headers=HTMX)
    timer = Timer.objects.get()
    with at("19T09:00:00"):
        assert b"Up to midnight: 1:35" in signed_in.get(PAGE).content
        assert b"Up to midnight" in signed_in.post(PAGE + "timer/stop", {"timer": timer.pk}, headers=HTMX).content
        other = row | {"platform": factories.PlatformFactory().pk}
        assert b"Say first" in signed_in.post(PAGE + "timer/start", other, headers=HTMX).content
        assert not TimeEntry.objects.exists()
        signed_in.post(PAGE + "timer/settle", choice | {"timer": timer.pk}, headers=HTMX)
    assert not Timer.objects.exists()
    held = TimeEntry.objects.values_list("day", "minutes").first()
    assert held == (minutes and (WEDNESDAY, minutes))


@pytest.mark.parametrize("typed", ["", "0", "90", "soon"])
def test_a_length_that_is_none_keeps_the_timer(signed_in, row, typed):
    with at("18T22:25:00"):
        signed_in.post(PAGE + "timer/start", row, headers=HTMX)
    with at("19T09:00:00"):
        answer = signed_in.post(PAGE + "timer/settle", {"timer": Timer.objects.get().pk, "hours": typed}, headers=HTMX)
    assert b"Write how long" in answer.content
    assert Timer.objects.exists()


def test_a_timer_whose_day_was_submitted_runs_on(signed_in, member, row):
    with at("18T09:00:00"):
        signed_in.post(PAGE + "timer/start", row, headers=HTMX)
    factories.TimesheetFactory(member=member, week=WEEK.monday, submitted_through=WEDNESDAY)
    with at("18T09:30:00"):
        answer = signed_in.post(PAGE + "timer/stop", {"timer": Timer.objects.get().pk}, headers=HTMX)
        assert b"submitted" in answer.content
        assert Timer.objects.exists()
        assert b"#glyph-start" not in signed_in.get(PAGE).content  # today takes none
    assert not TimeEntry.objects.exists()


def test_nobody_stops_someone_elses_timer(signed_in, client, row):
    signed_in.post(PAGE + "timer/start", row, headers=HTMX)
    timer = Timer.objects.get()
    client.force_login(factories.MemberFactory())
    client.post(PAGE + "timer/stop", {"timer": timer.pk}, headers=HTMX)
    client.post(PAGE + "timer/settle", {"timer": timer.pk, "choice": "discard"}, headers=HTMX)
    assert Timer.objects.exists()


@pytest.mark.parametrize(
    ("start", "minutes"), [("2026-03-28T23:30Z", 22 * 60 + 30), ("2026-10-24T23:30Z", 23 * 60 + 30)]
)
def test_midnight_is_the_agencys_even_when_the_clocks_change(member, platform, campaign, start, minutes):
    """Started at 0:30 in Paris on a day of 23 hours, and at 1:30 summer time on a day of 25."""
    timer = Timer.objects.create(member=member, platform=platform, campaign=campaign, started_at=start)
    timer.refresh_from_db()
    with timezone.override(ZoneInfo("Europe/Paris")):
        assert timers.minutes_to_midnight(timer) == minutes


def test_the_agencys_day_counts_not_the_servers(signed_in, row):
    with at("19T00:10:00"):  # in UTC it is still the day before
        signed_in.post(PAGE + "timer/start", row, headers=HTMX)
    with at("19T00:30:00"):
        signed_in.post(PAGE + "timer/stop", {"timer": Timer.objects.get().pk}, headers=HTMX)
    assert TimeEntry.objects.get().day == WEDNESDAY + timedelta(days=1)
    assert not Timesheet.objects.exists()


# -- the timer in the head of every page ------------------------------------------------------------------------------


@pytest.fixture
def ticking(member, platform, campaign):
    started = datetime(2026, 11, 18, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
    return Timer.objects.create(member=member, platform=platform, campaign=campaign, started_at=started)


@time_machine.travel("2026-11-18T08:25Z")
def test_every_page_shows_the_timer_without_asking_for_it(signed_in, ticking, django_assert_num_queries):
    signed_in.get("/profile/")
    with django_assert_num_queries(3):  # session with person and timer, agency; the person again, for the form
        page = signed_in.get("/profile/").content.decode()
    assert 'data-elapsed="1500"' in page
    assert "Spring launch" in page.partition("<main")[0]
    ticking.delete()
    with django_assert_num_queries(3):
        page = signed_in.get("/profile/").content.decode()
    assert "data-elapsed" not in page
    assert 'id="running"' in page


@time_machine.travel("2026-11-18T08:25Z")
def test_the_timer_is_stopped_from_any_page(signed_in, member, ticking):
    sent = {"timer": ticking.pk, "member": member.pk}
    answer = signed_in.post("/timer/stop", sent, headers=HTMX).content.decode()
    assert "0:25 added to Wed 18." in answer
    assert "data-elapsed" not in answer
    assert TimeEntry.objects.get().minutes == 25
    assert "No timer runs." in signed_in.post("/timer/stop", sent, headers=HTMX).content.decode()
    assert signed_in.post("/timer/stop", sent)["Location"] == "/hours/"
    assert TimeEntry.objects.get().minutes == 25


@time_machine.travel("2026-11-18T08:25Z")
def test_a_timer_that_cannot_land_runs_on_and_says_why(signed_in, member, ticking):
    factories.TimesheetFactory(member=member, week=WEEK.monday, submitted_at="2026-11-18T07:00Z")
    answer = signed_in.post("/timer/stop", {"timer": ticking.pk}, headers=HTMX).content.decode()
    assert "was submitted" in answer
    assert "data-elapsed" in answer
    assert Timer.objects.exists()


@time_machine.travel("2026-11-19T08:25Z")
def test_a_timer_over_midnight_leads_to_the_week(signed_in, ticking):
    page = signed_in.get("/profile/").content.decode()
    assert "Ran over midnight" in page
    assert "ran over midnight" in signed_in.post("/timer/stop", {"timer": ticking.pk}, headers=HTMX).content.decode()
    assert Timer.objects.exists()


def test_nobody_stops_the_timer_of_another(signed_in, client, ticking):
    client.force_login(factories.MemberFactory())
    assert "No timer runs." in client.post("/timer/stop", {"timer": ticking.pk}, headers=HTMX).content.decode()
    assert Timer.objects.exists()
    assert "Spring launch" not in client.get("/timer/").content.decode()
