"""Logging hours: what a save writes, and what it refuses."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import StaleMark
from core.weeks import Week
from tests import factories
from timesheets import hours, missing_hours, week_rows
from timesheets.hours import HoursCell
from timesheets.models import TimeEntry, Timesheet, TimesheetRow, User

pytestmark = pytest.mark.django_db

WEDNESDAY = date(2026, 11, 18)
WEEK = Week(date(2026, 11, 16))


@pytest.fixture
def cell():
    return HoursCell(WEDNESDAY, factories.PlatformFactory().pk, factories.CampaignFactory().pk)


def beside(cell: HoursCell, **changes) -> HoursCell:
    """The cell of another row, or day, of the same week."""
    place = {"day": cell.day, "platform_id": cell.platform_id, "campaign_id": cell.campaign_id, **changes}
    return HoursCell(**place)


def statements(queries) -> list[str]:
    """Without the frame of a transaction."""
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return [query["sql"] for query in queries if not query["sql"].startswith(frame)]


def test_a_save_stamps_week_and_rate_and_leaves_its_history(member, cell):
    factories.RateFactory(member=member, starts_on=date(2026, 1, 1), hourly_cents=4200)
    factories.RateFactory(member=member, starts_on=date(2026, 11, 19), hourly_cents=9900)
    saved = hours.log(member=member, cell=cell, minutes=90, note=" call with Acme ")
    entry = TimeEntry.objects.get()
    assert (entry.minutes, entry.week, entry.hourly_cents, entry.version) == (90, WEEK.monday, 4200, 1)
    assert (saved.etag, saved.note) == (entry.etag, "call with Acme")
    assert entry.history.count() == 1
    assert StaleMark.objects.filter(week_from=WEEK.monday).exists()


def test_a_day_without_a_rate_saves_and_is_reported(member, cell):
    hours.log(member=member, cell=cell, minutes=90)
    hours.log(member=member, cell=beside(cell, day=WEEK.monday), minutes=30)
    assert TimeEntry.objects.filter(hourly_cents=None).count() == 2
    [uncosted] = missing_hours.without_rate(WEEK.previous, WEEK)
    assert (uncosted.member_id, uncosted.minutes, uncosted.since) == (member.pk, 120, WEEK.monday)
    assert list(missing_hours.without_rate(WEEK.next, WEEK.next)) == []


def test_a_save_changes_its_cell_alone_and_returns_the_sums(member, cell):
    hours.log(member=member, cell=cell, minutes=60)
    hours.log(member=member, cell=beside(cell, day=WEEK.sunday), minutes=30)
    hours.log(member=member, cell=beside(cell, platform_id=factories.PlatformFactory().pk), minutes=15)
    hours.log(member=member, cell=beside(cell, day=WEEK.sunday + timedelta(1)), minutes=500)
    hours.log(member=factories.MemberFactory(), cell=cell, minutes=500)
    saved = hours.log(member=member, cell=cell, minutes=90)
    assert (saved.minutes, saved.row_minutes, saved.day_minutes, saved.week_minutes) == (90, 120, 105, 135)
    assert TimeEntry.objects.of(member).get(day=WEDNESDAY, platform=cell.platform_id).version == 2
    assert TimeEntry.objects.count() == 5


def test_zero_empties_the_cell_and_the_history_keeps_it(member, cell):
    saved = hours.log(member=member, cell=cell, minutes=90, note="draft")
    saved = hours.log(member=member, cell=cell, minutes=0, expected_version=saved.etag)
    assert (saved.etag, saved.minutes, saved.week_minutes) == ("", 0, 0)
    assert not TimeEntry.objects.exists()
    kept = TimeEntry.history.latest()
    assert (kept.history_type, kept.minutes, kept.note) == ("-", 90, "draft")


def test_each_version_holds_the_entry_as_it_was_then_and_which_edit_made_it(member, cell):
    factories.RateFactory(member=member, starts_on=date(2026, 1, 1), hourly_cents=4200)
    entries, edits = [], ["first", "second"]
    for minutes, edit in zip((60, 90), edits, strict=True):
        hours.log(member=member, cell=cell, minutes=minutes, note=f"{edit} note", idempotency_key=edit)
        entries.append(TimeEntry.objects.get())
    versions = list(TimeEntry.history.order_by("history_id"))
    assert [(version.history_type, version.history_change_reason) for version in versions] == [
        ("+", "first"),
        ("~", "second"),
    ]
    for version, entry in zip(versions, entries, strict=True):
        for field in version.tracked_fields:
            assert getattr(version, field.attname) == getattr(entry, field.attname), field
        assert version.history_user is None  # no request was under way


def test_typed_hours_are_no_longer_what_an_import_made_of_the_cell(member, cell):
    hours.log(member=member, cell=cell, minutes=60)
    TimeEntry.objects.update(minutes_as_imported=60)
    for minutes in (90, 60):
        hours.log(member=member, cell=cell, minutes=minutes)
        assert not TimeEntry.objects.get().is_as_imported


def test_what_is_there_already_is_no_change_however_stale_its_writer(member, cell):
    first = hours.log(member=member, cell=cell, minutes=90, expected_version="")
    again = hours.log(member=member, cell=cell, minutes=90, expected_version="")
    assert again == first
    assert TimeEntry.history.count() == 1


def test_a_stale_save_is_refused_with_what_is_there(member, cell):
    first = hours.log(member=member, cell=cell, minutes=60, expected_version="")
    hours.log(member=member, cell=cell, minutes=120, expected_version=first.etag)
    with pytest.raises(hours.Stale) as refusal:
        hours.log(member=member, cell=cell, minutes=90, expected_version=first.etag)
    assert refusal.value.theirs.minutes == 120
    assert hours.log(member=member, cell=cell, minutes=90, expected_version=refusal.value.theirs.etag).minutes == 90


def test_a_cell_emptied_and_filled_again_is_not_what_was_seen(member, cell):
    seen = hours.log(member=member, cell=cell, minutes=60).etag
    hours.log(member=member, cell=cell, minutes=0)
    hours.log(member=member, cell=cell, minutes=120)
    with pytest.raises(hours.Stale):
        hours.log(member=member, cell=cell, minutes=90, expected_version=seen)


def test_a_day_of_more_than_24_hours_is_refused_in_words(member, cell):
    hours.log(member=member, cell=cell, minutes=23 * 60)
    with pytest.raises(hours.HoursRefused, match="Wednesday would have 25:30; a day has 24:00"):
        hours.log(member=member, cell=beside(cell, platform_id=factories.PlatformFactory().pk), minutes=150)
    member.duration_style = User.DurationStyle.DECIMAL
    with pytest.raises(hours.HoursRefused, match="would have 25.5; a day has 24"):
        hours.log(member=member, cell=beside(cell, platform_id=factories.PlatformFactory().pk), minutes=150)
    assert hours.log(member=member, cell=cell, minutes=1440).day_minutes == 1440


def test_a_submitted_week_is_locked_and_its_neighbours_are_not(member, cell):
    hours.log(member=member, cell=cell, minutes=60)
    factories.TimesheetFactory(member=member, submitted_at="2026-11-21T12:00Z")
    for refused in (90, 0):
        with pytest.raises(hours.Locked):
            hours.log(member=member, cell=cell, minutes=refused)
    hours.log(member=member, cell=beside(cell, day=WEEK.monday - timedelta(1)), minutes=60)
    hours.log(member=member, cell=beside(cell, day=WEEK.sunday + timedelta(1)), minutes=60)
    assert TimeEntry.objects.get(day=WEDNESDAY).minutes == 60


@pytest.mark.parametrize(
    ("dates", "reason"),
    [({"joined_on": date(2026, 11, 19)}, "before you joined"), ({"left_on": date(2026, 11, 17)}, "after you left")],
)
def test_days_before_joining_and_after_leaving_take_no_hours(cell, dates, reason):
    member = factories.MemberFactory(**dates)
    with pytest.raises(hours.HoursRefused, match=reason):
        hours.log(member=member, cell=cell, minutes=60)


@pytest.mark.parametrize("kind", ["platform", "campaign"])
def test_what_is_no_longer_in_use_takes_no_new_hours_but_old_ones_can_be_corrected(member, cell, kind):
    entry = factories.EntryFactory(member=member, day=WEDNESDAY, minutes=60)
    retired = getattr(entry, kind)
    retired.is_active = False
    retired.save()
    with pytest.raises(hours.HoursRefused):
        hours.log(member=member, cell=HoursCell(WEEK.monday, entry.platform_id, entry.campaign_id), minutes=60)
    old = HoursCell(WEDNESDAY, entry.platform_id, entry.campaign_id)
    assert hours.log(member=member, cell=old, minutes=75).minutes == 75
    assert hours.log(member=member, cell=old, minutes=0).minutes == 0


def test_a_row_that_never_was_is_refused(member, cell):
    with pytest.raises(hours.HoursRefused):
        hours.log(member=member, cell=beside(cell, platform_id=999_999), minutes=60)


def test_a_save_takes_four_statements_whatever_is_logged(member, cell):
    lock = connection.features.has_select_for_update  # SQLite needs none
    factories.RateFactory(member=member)
    factories.TimesheetFactory(member=member)
    for offset in range(40):
        factories.EntryFactory(member=member, day=WEEK.monday + timedelta(offset % 7), minutes=10)
    for minutes in (60, 90, 0):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            hours.log(member=member, cell=cell, minutes=minutes)
        assert len(statements(queries)) == 3 + lock, statements(queries)


# -- rows -------------------------------------------------------------------------------------------------------------


def test_rows_stay_without_hours_and_are_added_once(member):
    row = {"platform": factories.PlatformFactory(), "campaign": factories.CampaignFactory()}
    assert week_rows.add_row(member=member, week=WEEK, today=WEDNESDAY, **row)
    assert not week_rows.add_row(member=member, week=WEEK, today=WEDNESDAY, **row)
    assert TimesheetRow.objects.count() == 1


def test_copying_last_weeks_rows_takes_no_hours_and_does_nothing_twice(member):
    entry = factories.EntryFactory(member=member, day=WEDNESDAY)
    row = {"platform": factories.PlatformFactory(), "campaign": factories.CampaignFactory()}
    week_rows.add_row(member=member, week=WEEK, today=WEDNESDAY, **row)
    retired = factories.EntryFactory(member=member, day=WEDNESDAY, platform=factories.PlatformFactory(is_active=False))
    copied = week_rows.copy_rows(member=member, source=WEEK, target=WEEK.next, today=WEEK.plus(9).monday)
    assert set(copied) == {(entry.platform_id, entry.campaign_id), (row["platform"].pk, row["campaign"].pk)}
    assert (retired.platform_id, retired.campaign_id) not in copied
    assert week_rows.copy_rows(member=member, source=WEEK, target=WEEK.next, today=WEEK.plus(9).monday) == []
    assert TimeEntry.objects.in_week(WEEK.next).count() == 0


def test_a_row_with_hours_is_removed_only_when_that_is_meant(member):
    entry = factories.EntryFactory(member=member, day=WEDNESDAY, minutes=90)
    other = factories.EntryFactory(day=WEDNESDAY, platform=entry.platform, campaign=entry.campaign)
    next_week = factories.EntryFactory(
        member=member, day=WEDNESDAY + timedelta(7), platform=entry.platform, campaign=entry.campaign
    )
    place = {"member": member, "week": WEEK, "platform_id": entry.platform_id, "campaign_id": entry.campaign_id}
    with pytest.raises(week_rows.HasHours) as refusal:
        week_rows.remove_row(**place, with_hours=False)
    assert refusal.value.minutes == 90
    week_rows.remove_row(**place, with_hours=True)
    assert set(TimeEntry.objects.all()) == {other, next_week}
    assert TimeEntry.history.filter(id=entry.pk).latest().history_type == "-"


def test_a_submitted_week_keeps_its_rows(member):
    entry = factories.EntryFactory(member=member, day=WEDNESDAY)
    factories.TimesheetFactory(member=member, submitted_at="2026-11-21T12:00Z")
    with pytest.raises(hours.Locked):
        week_rows.add_row(
            member=member, week=WEEK, platform=factories.PlatformFactory(), campaign=entry.campaign, today=WEDNESDAY
        )
    with pytest.raises(hours.Locked):
        week_rows.copy_rows(member=member, source=WEEK.previous, target=WEEK, today=WEDNESDAY)
    with pytest.raises(hours.Locked):
        week_rows.remove_row(
            member=member, week=WEEK, platform_id=entry.platform_id, campaign_id=entry.campaign_id, with_hours=True
        )
    assert TimeEntry.objects.get() == entry


# -- who is missing ---------------------------------------------------------------------------------------------------


def test_missing_are_those_at_work_who_have_not_submitted():
    absent = factories.MemberFactory(name="Absent")
    started = factories.TimesheetFactory(member__name="Started").member
    factories.TimesheetFactory(submitted_at="2026-11-21T12:00Z")
    elsewhere = factories.TimesheetFactory(
        member__name="Last week", week=WEEK.previous.monday, submitted_at="2026-11-21T12:00Z"
    )
    factories.MemberFactory(joined_on=WEEK.sunday + timedelta(1))
    factories.MemberFactory(left_on=WEEK.monday - timedelta(1))
    factories.MemberFactory(logs_hours=False)
    factories.MemberFactory(is_active=False)
    leaving = factories.MemberFactory(name="Zoe", left_on=WEEK.monday)
    expected = [absent, elsewhere.member, started, leaving]
    assert missing_hours.missing(WEEK) == expected
    assert missing_hours.missing_names(WEEK) == [str(person) for person in expected]
    assert Timesheet.objects.count() == 3
