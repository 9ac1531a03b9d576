"""What the data itself keeps, whatever path a change takes."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from campaigns.models import StaleMark, Touch
from core.weeks import Week
from tests import factories
from timesheets.models import CostRate, TimeEntry, User

pytestmark = pytest.mark.django_db


def test_saving_stamps_week_and_rate():
    rate = factories.RateFactory(starts_on=date(2026, 1, 1), hourly_cents=3700)
    entry = factories.EntryFactory(member=rate.member, day=date(2026, 11, 22))
    assert entry.week == date(2026, 11, 16)
    assert entry.hourly_cents == 3700


def test_a_day_without_a_rate_is_saved_with_none():
    entry = factories.EntryFactory()
    assert entry.hourly_cents is None
    assert TimeEntry.objects.without_rate().get() == entry


def test_a_backdated_rate_restamps_what_it_covers_and_nothing_else():
    member = factories.MemberFactory()
    CostRate.objects.create(member=member, starts_on=date(2026, 1, 1), hourly_cents=4000)
    entries = [factories.EntryFactory(member=member, day=date(2026, month, 3)) for month in (2, 5, 8)]
    other = factories.EntryFactory(day=date(2026, 5, 3))
    CostRate.objects.create(member=member, starts_on=date(2026, 4, 1), hourly_cents=5000)
    stamped = [TimeEntry.objects.get(pk=entry.pk).hourly_cents for entry in (*entries, other)]
    assert stamped == [4000, 5000, 5000, None]
    CostRate.objects.get(starts_on=date(2026, 4, 1)).delete()
    assert [TimeEntry.objects.get(pk=entry.pk).hourly_cents for entry in entries] == [4000, 4000, 4000]


def test_a_first_rate_reaches_the_entries_that_had_none():
    entry = factories.EntryFactory()
    CostRate.objects.create(member=entry.member, starts_on=entry.day, hourly_cents=4000)
    entry.refresh_from_db()
    assert entry.hourly_cents == 4000


def test_a_day_holds_24_hours_on_every_path():
    entry = factories.EntryFactory(minutes=1000)
    row = TimeEntry(
        member=entry.member,
        day=entry.day,
        week=entry.week,
        platform=factories.PlatformFactory(),
        campaign=entry.campaign,
        minutes=441,
    )
    with pytest.raises(DatabaseError, match="24 hours"), transaction.atomic():
        TimeEntry.objects.bulk_create([row])
    with pytest.raises(DatabaseError), transaction.atomic():
        TimeEntry.objects.filter(pk=entry.pk).update(minutes=1441)
    row.minutes = 440
    TimeEntry.objects.bulk_create([row])


def test_of_many_rows_one_day_that_is_too_long_has_none_written():
    """One statement for two people: on PostgreSQL its rows are looked at together."""
    entry, other = factories.EntryFactory(minutes=1000), factories.EntryFactory(minutes=1000)
    rows = [
        TimeEntry(
            member=each.member, day=each.day, week=each.week, platform=platform, campaign=each.campaign, minutes=m
        )
        for each, platform, m in ((entry, other.platform, 440), (other, entry.platform, 441))
    ]
    with pytest.raises(IntegrityError, match="A day has 24 hours"), transaction.atomic():
        TimeEntry.objects.bulk_create(rows)
    assert TimeEntry.objects.count() == 2
    rows[1].minutes = 440
    TimeEntry.objects.bulk_create(rows)
    with pytest.raises(IntegrityError, match="A day has 24 hours"), transaction.atomic():
        TimeEntry.objects.filter(minutes=440).update(minutes=441)


@pytest.mark.parametrize("field", ["minutes", "week"])
def test_the_database_refuses_an_impossible_entry(field):
    entry = factories.EntryFactory()
    wrong = {"minutes": 0, "week": entry.week + timedelta(days=7)}[field]
    with pytest.raises(IntegrityError), transaction.atomic():
        TimeEntry.objects.filter(pk=entry.pk).update(**{field: wrong})


def test_a_touch_is_never_edited_only_voided():
    touch = factories.TouchFactory()
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Touch.objects.filter(pk=touch.pk).update(platform=factories.PlatformFactory())
    touch.void(at=touch.at)
    assert Touch.objects.live().count() == 0


def test_every_change_of_hours_leaves_a_mark():
    entry = factories.EntryFactory()
    assert taken_marks() == {date(2026, 11, 16)}
    TimeEntry.objects.filter(pk=entry.pk).update(day=date(2026, 11, 25), week=date(2026, 11, 23))
    assert taken_marks() == {date(2026, 11, 16), date(2026, 11, 23)}
    TimeEntry.objects.all().delete()
    assert taken_marks() == {date(2026, 11, 23)}


def taken_marks():
    """The weeks that are marked; the marks are gone afterwards."""
    weeks = set(StaleMark.objects.values_list("week_from", flat=True))
    StaleMark.objects.all().delete()
    return weeks


def test_someone_whose_first_day_nobody_told_is_asked_for_weeks_only_since_they_are_known():
    person = User.objects.create_user("new@example.com", name="New", known_since=date(2026, 11, 18))
    for monday, asked in ((date(2026, 11, 9), False), (date(2026, 11, 16), True)):
        week = Week(monday)
        assert (person in User.objects.at_work(week)) is person.is_at_work(week) is asked
    factories.EntryFactory(member=person, day=date(2026, 1, 5))  # old hours can be logged all the same


def test_the_manager_of_an_entrys_history_is_of_one_class():
    """simple_history makes a class each time that it is asked, which a save waited for."""
    entry = factories.EntryFactory()
    assert type(entry.history) is type(TimeEntry.history)
    assert [each.minutes for each in entry.history.all()] == [entry.minutes]
