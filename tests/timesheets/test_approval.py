"""Weeks handed in by day and as a whole, approved, reopened and taken back."""

import re
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.weeks import Week
from tests import factories
from timesheets import hours, missing_hours, team, week_rows
from timesheets.hours import HoursCell
from timesheets.models import TimeEntry, Timesheet

pytestmark = pytest.mark.django_db

WEEK = Week(date(2026, 11, 16))
MONDAY, _TUESDAY, WEDNESDAY, THURSDAY, *_REST, SUNDAY = WEEK.days
AT = datetime(2026, 11, 18, 16, tzinfo=UTC)
PAGE = f"/hours/{WEEK}/"


@pytest.fixture
def row():
    return {"platform": factories.PlatformFactory().pk, "campaign": factories.CampaignFactory().pk}


def sheet_of(member) -> Timesheet:
    return Timesheet.objects.get(member=member, week=WEEK.monday)


def states(member) -> tuple[object, ...]:
    one = sheet_of(member)
    return one.submitted_through, one.submitted_at and "all", one.approved_through, one.approved_at and "all"


# -- by day -----------------------------------------------------------------------------------------------------------


def test_only_the_days_that_were_submitted_are_locked(client, member, row):
    client.force_login(member)
    client.post(PAGE + "submit", {"through": "2026-11-18"})
    answers = [client.post(PAGE + "cell", row | {f"d{day}": "1"}).status_code for day in range(7)]
    assert answers == [423, 423, 423, 200, 200, 200, 200]
    assert sorted(TimeEntry.objects.values_list("day", flat=True)) == list(WEEK.days[3:])
    text = client.get(PAGE).content.decode()
    assert text.count(" readonly") == 3
    assert "The days up to 18 November" in text


def test_a_save_that_meets_a_locked_day_changes_nothing_and_says_why(member, row):
    entry = factories.EntryFactory(member=member, day=MONDAY, minutes=60)
    Timesheet.of(member, WEEK).submit(at=AT, through=MONDAY)
    cell = HoursCell(MONDAY, entry.platform_id, entry.campaign_id)
    with pytest.raises(hours.Locked):
        hours.log(member=member, cell=cell, minutes=120, expected_version=entry.etag)
    with pytest.raises(hours.Locked):
        week_rows.remove_row(
            member=member, week=WEEK, platform_id=cell.platform_id, campaign_id=cell.campaign_id, with_hours=True
        )
    entry.refresh_from_db()
    assert (entry.minutes, entry.version) == (60, 1)


def test_days_are_submitted_further_but_never_less(member):
    sheet = Timesheet.of(member, WEEK)
    sheet.submit(at=AT, through=WEDNESDAY)
    for through in (MONDAY, WEDNESDAY):
        with pytest.raises(Timesheet.AlreadySubmitted):
            sheet.submit(at=AT, through=through)
    sheet.submit(at=AT, through=THURSDAY)
    assert states(member) == (THURSDAY, None, None, None)
    sheet.submit(at=AT, through=SUNDAY)
    assert sheet_of(member).is_locked


def test_a_week_submitted_in_part_is_still_missing(member):
    Timesheet.of(member, WEEK).submit(at=AT, through=WEDNESDAY)
    assert missing_hours.is_missing(member, WEEK)
    Timesheet.of(member, WEEK).submit(at=AT)
    assert not missing_hours.is_missing(member, WEEK)


@pytest.mark.parametrize("through", ["2026-11-15", "2026-11-23", "x", "2026-13-01"])
def test_a_day_of_another_week_cannot_be_submitted_here(client, member, through):
    client.force_login(member)
    assert b"not in the week" in client.post(PAGE + "submit", {"through": through}, follow=True).content
    assert not Timesheet.objects.exclude(submitted_at=None, submitted_through=None).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"submitted_through": date(2026, 11, 15)},
        {"submitted_through": date(2026, 11, 23)},
        {"approved_through": MONDAY},
        {"submitted_through": MONDAY, "approved_through": WEDNESDAY},
        {"approved_at": AT},
    ],
)
def test_the_database_refuses_days_that_cannot_be(wrong):
    with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
        factories.TimesheetFactory(**wrong)


# -- approving --------------------------------------------------------------------------------------------------------


def test_what_is_submitted_is_approved_once_and_by_another(member, manager):
    sheet = Timesheet.of(member, WEEK)
    with pytest.raises(Timesheet.NotApproved):
        sheet.approve(at=AT, by=manager)
    sheet.submit(at=AT, through=WEDNESDAY)
    sheet.approve(at=AT, by=manager)
    assert states(member) == (WEDNESDAY, None, WEDNESDAY, None)
    with pytest.raises(Timesheet.NotApproved):
        sheet.approve(at=AT, by=manager)
    sheet.submit(at=AT)
    sheet.approve(at=AT, by=manager)
    assert states(member) == (WEDNESDAY, "all", WEDNESDAY, "all")
    assert sheet_of(member).approved_by == manager


def test_nobody_approves_their_own_week_but_a_director(manager, director):
    for person in (manager, director):
        Timesheet.of(person, WEEK).submit(at=AT)
    with pytest.raises(Timesheet.NotApproved):
        sheet_of(manager).approve(at=AT, by=manager)
    sheet_of(director).approve(at=AT, by=director)
    assert sheet_of(director).is_approved
    assert not sheet_of(manager).is_approved


def test_several_weeks_are_approved_at_once_and_no_other(client, manager):
    anne, bob, carl, dora = (factories.MemberFactory() for _each in range(4))
    for person in (anne, bob, carl):
        Timesheet.of(person, WEEK).submit(at=AT)
        Timesheet.of(person, WEEK.next).submit(at=AT)
    client.force_login(manager)
    sent = {"approve": "chosen", "chosen": [anne.pk, bob.pk, dora.pk, "x", "9" * 30]}
    text = client.post(f"/team/{WEEK}/decide", sent, follow=True).content.decode()
    assert "2 weeks approved." in text
    assert "1 week was left as it is" in text
    approved = Timesheet.objects.exclude(approved_at=None)
    assert {(one.member, one.week, one.approved_by) for one in approved} == {
        (anne, WEEK.monday, manager),
        (bob, WEEK.monday, manager),
    }
    assert sheet_of(anne).history.latest().history_user == manager


def test_all_that_the_page_showed_as_submitted_are_approved_and_nothing_since(client, manager):
    shown, later, own = factories.MemberFactory(), factories.MemberFactory(), manager
    for person in (shown, own):
        Timesheet.of(person, WEEK).submit(at=AT)
    client.force_login(manager)
    text = client.get(f"/team/?week={WEEK}").content.decode()
    sent = re.findall(r'name="shown" value="(\d+)"', text)
    assert sent == [str(shown.pk)]
    Timesheet.of(later, WEEK).submit(at=AT)
    client.post(f"/team/{WEEK}/decide", {"approve": "shown", "shown": sent})
    assert [sheet_of(one).is_approved for one in (shown, later, own)] == [True, False, False]


def test_several_weeks_are_reopened_for_one_reason(client, manager):
    people = [factories.MemberFactory() for _each in range(3)]
    for person in people:
        for week in (WEEK, WEEK.next):
            Timesheet.of(person, week).submit(at=AT)
    client.force_login(manager)
    sent = {"reopen": "chosen", "chosen": [people[0].pk, people[1].pk]}
    assert b"Say why" in client.post(f"/team/{WEEK}/decide", sent | {"reason": " "}, follow=True).content
    assert Timesheet.objects.filter(submitted_at=None).count() == 0
    client.post(f"/team/{WEEK}/decide", sent | {"reason": "Rates changed"})
    opened = Timesheet.objects.filter(submitted_at=None)
    assert {(one.member, one.week) for one in opened} == {(person, WEEK.monday) for person in people[:2]}
    assert set(opened.values_list("reopen_reason", flat=True)) == {"Rates changed"}


def test_without_anybody_chosen_nothing_happens(client, manager, member):
    Timesheet.of(member, WEEK).submit(at=AT)
    client.force_login(manager)
    assert b"Choose at least one" in client.post(f"/team/{WEEK}/decide", {"approve": "chosen"}, follow=True).content
    assert not sheet_of(member).is_approved


# -- reopening --------------------------------------------------------------------------------------------------------


def test_a_manager_reopens_all_days_and_the_record_is_shown(client, manager, member):
    sheet = Timesheet.of(member, WEEK)
    sheet.submit(at=AT, through=WEDNESDAY)
    sheet.approve(at=AT, by=manager)
    client.force_login(manager)
    client.post(f"/team/{member.pk}/{WEEK}/reopen", {"reason": "Wrong <client>", "then": member.pk})
    assert states(member) == (None, None, None, None)
    shown = client.get(f"/team/{member.pk}/{WEEK}/").content.decode()
    assert "Wrong &lt;client&gt;" in shown
    client.force_login(member)
    text = client.get(PAGE).content.decode()
    assert f"by {manager}: Wrong &lt;client&gt;" in text
    client.post(PAGE + "submit")
    assert sheet_of(member).reopen_reason == ""
    assert "Wrong" not in client.get(PAGE).content.decode()
    client.force_login(manager)
    assert "Wrong &lt;client&gt;" in client.get(f"/team/{member.pk}/{WEEK}/").content.decode()


def test_a_member_takes_back_what_nobody_has_approved(client, manager, member):
    sheet = Timesheet.of(member, WEEK)
    sheet.submit(at=AT, through=MONDAY)
    sheet.approve(at=AT, by=manager)
    sheet.submit(at=AT)
    client.force_login(member)
    assert b"Say why" in client.post(PAGE + "take-back", {"reason": ""}, follow=True).content
    assert sheet_of(member).is_locked
    client.post(PAGE + "take-back", {"reason": "Forgot Friday"})
    assert states(member) == (MONDAY, None, MONDAY, None)
    kept = sheet_of(member).history.latest()
    assert (kept.reopen_reason, kept.history_user) == ("Forgot Friday", member)
    assert b"nothing here that you can reopen" in client.post(PAGE + "take-back", {"reason": "x"}, follow=True).content
    assert states(member) == (MONDAY, None, MONDAY, None)


def test_a_page_of_someone_else_submits_and_reopens_nothing(client, manager, member):
    Timesheet.of(member, WEEK).submit(at=AT)
    client.force_login(member)
    client.post(PAGE + "take-back", {"reason": "x", "member": manager.pk})
    client.post(f"/hours/{WEEK.next}/submit", {"member": manager.pk})
    assert sheet_of(member).is_locked
    assert Timesheet.objects.exclude(submitted_at=None).count() == 1


# -- who is behind ----------------------------------------------------------------------------------------------------


def test_who_is_behind_is_told_by_week(client, manager, member):
    factories.TimesheetFactory(member=member, week=WEEK.previous.monday, submitted_at=AT)
    new = factories.MemberFactory(joined_on=WEEK.monday)
    found = {one.person: one.weeks for one in team.behind(WEEK)}
    assert found == {manager: [WEEK.previous, WEEK], member: [WEEK], new: [WEEK]}
    client.force_login(manager)
    assert client.get("/team/").status_code == 200
