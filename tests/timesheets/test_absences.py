"""Days away and free days: typed without a reason, seen by whom they concern, and expected of nobody."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Agency, AgencyDay
from campaigns.personal_data_export import on_person
from core.weeks import Week
from reports.figures.query import Period, ReportFilters
from reports.pages.period_report import read_report
from tests import factories
from timesheets import absences, expected_hours, grid, missing_hours, reminders, team
from timesheets.models import Absence, Reminder, Timesheet
from timesheets.presence import read_presence

pytestmark = [pytest.mark.django_db, pytest.mark.database]

WEEK = Week(date(2026, 11, 16))  # without a holiday in France; the one before has the 11th
MONDAY, FRIDAY = WEEK.days[0], WEEK.days[4]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


def away(member, first=MONDAY, last=None, **fields):
    return factories.AbsenceFactory(member=member, first_day=first, last_day=last or first, **fields)


# -- typing them ------------------------------------------------------------------------------------------------------


def test_there_is_no_room_for_a_reason():
    fields = {field.name for field in Absence._meta.get_fields()}
    assert fields == {"id", "member", "first_day", "last_day", "is_half"}


def test_a_person_notes_a_day_a_range_and_half_a_day_and_takes_one_out(client, member):
    client.force_login(member)
    page = reverse("timesheets:absences")
    assert client.get(page).status_code == 200
    client.post(page, {"first_day": "2026-11-16", "last_day": ""})
    client.post(page, {"first_day": "2026-11-23", "last_day": "2026-11-27"})
    client.post(page, {"first_day": "2026-11-18", "last_day": "", "is_half": "on"})
    text = client.get(page).content.decode()
    assert "18 Nov 2026, half a day" in text
    assert "23 to 27 Nov 2026" in text
    half = Absence.objects.get(is_half=True)
    client.post(reverse("timesheets:remove_absence", args=[half.pk]))
    assert list(Absence.objects.order_by("first_day").values_list("member", "first_day", "last_day", "is_half")) == [
        (member.pk, date(2026, 11, 16), date(2026, 11, 16), False),
        (member.pk, date(2026, 11, 23), date(2026, 11, 27), False),
    ]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"first_day": "2026-11-20", "last_day": "2026-11-19"}, "The last day is before the first."),
        ({"first_day": "2026-11-20", "last_day": "2026-11-21", "is_half": "on"}, "Half a day is of one day"),
        ({"first_day": "2026-11-20", "last_day": "2028-11-21"}, "This is more than a year"),
        ({"first_day": "2026-11-09", "last_day": "2026-11-16"}, "It overlaps with 16 Nov 2026: remove that one first."),
        ({"first_day": "", "last_day": ""}, "This field is required."),
        ({"first_day": "0026-11-20", "last_day": ""}, "This day is too far away"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(client, member, typed, sentence):
    away(member)
    client.force_login(member)
    answer = client.post(reverse("timesheets:absences"), typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Absence.objects.count() == 1


def test_the_database_holds_days_in_order_and_half_days_to_one(member):
    for fields in ({"last_day": date(2026, 11, 1)}, {"last_day": FRIDAY, "is_half": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Absence.objects.create(member=member, first_day=MONDAY, **fields)


def test_managers_see_and_note_those_of_others_and_colleagues_do_neither(client, member, manager):
    colleague = factories.MemberFactory(name="Yann")
    theirs = away(colleague, date(2026, 11, 23))
    page = reverse("timesheets:absences_of", args=[colleague.pk])
    client.force_login(member)
    assert client.get(page).status_code == 403
    assert client.post(reverse("timesheets:remove_absence", args=[theirs.pk])).status_code == 404
    client.force_login(manager)
    assert "23 Nov 2026" in client.get(page).content.decode()
    client.post(page, {"first_day": "2026-12-01", "last_day": ""})
    assert Absence.objects.filter(member=colleague).count() == 2
    client.post(reverse("timesheets:remove_absence_of", args=[colleague.pk, theirs.pk]))
    assert not Absence.objects.filter(pk=theirs.pk).exists()
    assert client.post(reverse("timesheets:remove_absence_of", args=[member.pk, theirs.pk])).status_code == 404


def test_the_page_takes_the_same_statements_whatever_it_shows(client, member):
    client.force_login(member)
    page = reverse("timesheets:absences")
    away(member, date(2026, 9, 30))
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for number in range(1, 9):
        away(member, date(2026, 10, number))
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    # agency, session with person; how many absences, absences; agency, days of the agency
    assert len(many) == len(few) == 6, [query["sql"] for query in many]


# -- what they are for ------------------------------------------------------------------------------------------------


def test_who_is_away_all_week_is_not_missing(member):
    half_there = factories.MemberFactory(name="Half there")
    away(member, MONDAY, FRIDAY)
    away(half_there, MONDAY, WEEK.days[3])
    assert missing_hours.missing(WEEK) == [half_there]
    assert missing_hours.missing_names(WEEK) == [str(half_there)]
    assert not missing_hours.is_missing(member, WEEK)
    assert missing_hours.is_missing(half_there, WEEK)
    away(half_there, FRIDAY, is_half=True)
    assert missing_hours.missing(WEEK) == [half_there]
    assert missing_hours.missing_names(WEEK) == [str(half_there)]
    assert missing_hours.awaited(WEEK).expected == [half_there]


def test_a_holiday_and_absences_together_make_a_week_away(member):
    week = WEEK.previous
    away(member, week.days[0], week.days[1])
    away(member, week.days[3], week.days[4])
    assert missing_hours.missing(week) == missing_hours.missing_names(week) == []
    Agency.current()
    Agency.objects.update(keeps_public_holidays=False)
    assert missing_hours.missing(week) == [member]


def test_nobody_who_is_away_is_reminded_and_what_waits_is_not_sent(member):
    reminder = Reminder.objects.create(member=member, week=WEEK.monday, kind="friday", due_at=NOW, next_attempt_at=NOW)
    assert reminders.not_needed(reminder, NOW) == ""
    away(member, MONDAY, FRIDAY)
    assert reminders.not_needed(reminder, NOW) == "submitted, away, or no longer at work"


def test_the_team_reads_away_and_does_not_wait(client, member, manager):
    away(member, MONDAY, FRIDAY)
    factories.TimesheetFactory(member=manager, week=WEEK.plus(-3).monday, submitted_at=NOW)
    sheet = team.of_week(WEEK, today=WEEK.next.monday, reader=manager)
    line = next(line for line in sheet.people if line.person == member)
    assert (line.state, line.is_missing, line.can_approve) == ("away", False, True)
    assert sheet.counts()["away"] == 1
    assert [week for late in team.behind(WEEK) if late.person == member for week in late.weeks] == [
        WEEK.plus(-3), WEEK.plus(-2), WEEK.plus(-1),
    ]  # fmt: skip
    client.force_login(manager)
    text = client.get(f"/team/?week={WEEK}").content.decode()
    assert "1 away" in text
    assert "no day at work" in text


def test_what_the_figures_lack_leaves_out_who_is_away(member):
    away(member, MONDAY, FRIDAY)
    other = factories.MemberFactory()
    agency = Agency.current()
    report = read_report(Period(WEEK, WEEK), ReportFilters(), agency=agency, last_complete=WEEK)
    assert missing_hours.awaited(WEEK).expected == [other]
    assert report.missing.not_submitted == [str(other)]


# -- what hours are measured against ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weeks", "usual"),
    [
        ([], None),
        ([(600, 1), (600, 1)], None),
        ([(600, 1), (660, 1), (1200, 1)], 660),
        ([(600, 1), (360, Fraction(3, 5)), (480, Fraction(4, 5))], 600),
        ([(600, 1), (660, 1), (120, Fraction(1, 5))], None),
        ([(0, 1), (0, 1), (600, 1)], 0),
    ],
    ids=["nothing", "two weeks say nothing", "the middle one", "brought to whole weeks", "a day is no week", "none"],
)
def test_usual_is_the_median_of_whole_weeks(weeks, usual):
    assert expected_hours.usual_minutes([(minutes, Fraction(share)) for minutes, share in weeks]) == usual


def with_past_weeks(member, *minutes):
    for back, worked in enumerate(minutes, start=1):
        week = WEEK.plus(-back)
        factories.TimesheetFactory(member=member, week=week.monday, submitted_at=NOW)
        if worked:
            factories.EntryFactory(member=member, day=week.monday, minutes=worked)


def expected(member, week=WEEK):
    return expected_hours.expected_hours([member], week)[member.pk]


def test_hours_are_held_against_the_persons_own_usual_ones_for_the_days_at_work(member):
    with_past_weeks(member, 768, 960, 1000)  # the 11th was a holiday: 768 in four days are 960 in five
    found = expected(member)
    assert (found.minutes, found.is_usual, found.days) == (960, True, 5)
    assert expected_hours.expected_words(found, member) == "usual: 16:00"
    away(member, WEEK.days[0])
    away(member, WEEK.days[1], is_half=True)
    away(member, WEEK.days[5])
    found = expected(member)
    assert (found.minutes, found.days) == (675, Fraction(7, 2))
    assert expected_hours.expected_words(found, member) == "usual for 3.5 of 5 days: 11:15"


def test_a_week_that_is_not_submitted_tells_nothing_of_what_is_usual(member):
    with_past_weeks(member, 960, 960)
    factories.EntryFactory(member=member, day=WEEK.plus(-3).monday, minutes=960)
    assert not expected(member).is_usual
    Timesheet.of(member, WEEK.plus(-3)).submit(at=NOW)
    assert expected(member).is_usual


def test_before_anything_is_usual_the_contract_stands_there_and_says_so(member):
    assert expected_hours.expected_words(expected(member), member) == "contract: 35:00"
    away(member, WEEK.days[0], WEEK.days[1])
    assert expected_hours.expected_words(expected(member), member) == "contract for 3 of 5 days: 21:00"
    away(member, WEEK.days[2], WEEK.days[4])
    assert expected_hours.expected_words(expected(member), member) == "no day at work"


def test_days_before_the_first_and_after_the_last_are_not_expected():
    late = factories.MemberFactory(joined_on=WEEK.days[3], left_on=WEEK.days[3])
    assert expected(late).days == 1
    assert missing_hours.is_missing(late, WEEK)
    weekend = factories.MemberFactory(joined_on=WEEK.days[5])
    assert missing_hours.is_missing(weekend, WEEK)  # as it always was: nobody said that they are away


def test_the_grid_names_the_days_quietly_and_takes_hours_all_the_same(client, member):
    away(member, WEEK.previous.days[0])
    away(member, WEEK.previous.days[1], is_half=True)
    away(member, WEEK.previous.days[5])
    sheet = grid.build(member=member, week=WEEK.previous, today=NOW.date())
    assert [column.off for column in sheet.columns] == ["Away", "Half a day away", "Armistice Day", "", "", "", ""]
    assert not any(column.is_closed or column.is_locked for column in sheet.columns)
    client.force_login(member)
    text = client.get(f"/hours/{WEEK.previous}/").content.decode()
    assert "Armistice Day" in text
    assert "contract for 2.5 of 5 days: 17:30" in text


# -- holidays and free days -------------------------------------------------------------------------------------------


def test_the_agencys_own_days_are_free_and_holidays_can_be_worked():
    AgencyDay.objects.create(day=WEEK.days[2], name="Summer party")
    AgencyDay.objects.create(day=date(2026, 11, 11), is_free=False)
    free = read_presence(WEEK.previous, WEEK).calendar.free
    assert dict(free) == {WEEK.days[2]: "Summer party"}


def test_the_director_chooses_a_region_after_seeing_its_days(client, director):
    Agency.current()
    client.force_login(director)
    page = reverse("campaigns:holidays")
    assert "26 December 2026" not in client.get(page).content.decode()
    seen = client.post(page, {"keeps_public_holidays": "on", "holiday_region": "57", "preview": "1"})
    assert seen.status_code == 200
    assert "26 December 2026" in seen.content.decode()
    assert Agency.current().holiday_region == ""
    client.post(page, {"keeps_public_holidays": "on", "holiday_region": "57"})
    assert Agency.current().holiday_region == "57"
    assert "26 December 2026" in client.get(page).content.decode()
    client.post(page, {})
    assert not Agency.current().keeps_public_holidays
    assert "25 December 2026" not in client.get(page).content.decode()
    answer = client.post(page, {"holiday_region": "TX"})
    assert answer.status_code == 422


def test_the_director_adds_a_free_day_and_has_a_holiday_worked(client, director):
    Agency.current()
    client.force_login(director)
    add = reverse("campaigns:agency_day")
    answer = client.post(add, {"day": "2026-12-24", "name": "", "is_free": "on"})
    assert answer.status_code == 422
    assert "Give the day a name" in answer.content.decode()
    client.post(add, {"day": "2026-12-24", "name": "Christmas Eve", "is_free": "on"})
    again = client.post(add, {"day": "2026-12-24", "name": "Eve", "is_free": "on"})
    assert "This day is in the list already" in again.content.decode()
    client.post(add, {"day": "2026-11-11", "name": "Armistice Day"})
    text = client.get(reverse("campaigns:holidays")).content.decode()
    assert "Christmas Eve" in text
    assert "<s>Armistice Day</s>" in text
    for own in AgencyDay.objects.all():
        client.post(reverse("campaigns:agency_day_remove", args=[own.pk]))
    assert not AgencyDay.objects.exists()


def test_another_country_forgets_the_region(client, director):
    Agency.current()
    Agency.objects.update(holiday_region="57")
    from campaigns.forms import AgencyForm

    form = AgencyForm(instance=Agency.current(), by=director, today=NOW.date())
    typed = {name: form[name].value() for name in form.fields} | {"country": "CA"}
    posted = {name: value for name, value in typed.items() if value is not None and value is not False}
    form = AgencyForm(posted, instance=Agency.current(), by=director, today=NOW.date())
    assert form.is_valid(), form.errors
    assert form.save().holiday_region == ""


# -- as personal data -------------------------------------------------------------------------------------------------


def test_they_are_in_what_is_held_on_a_person(member):
    away(member)
    [row] = on_person(member)["timesheets.absence"]
    assert row["first_day"] == MONDAY


def test_after_two_years_they_are_deleted(member):
    old, young = away(member, date(2024, 11, 17)), away(member, date(2024, 11, 18))
    absences.forget_old(at=NOW)
    assert list(Absence.objects.all()) == [young], old
