"""The team's page, the people in it, their rates, and each one's own pages."""

import csv
import io
import re
from datetime import date, timedelta
from fractions import Fraction

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Agency
from core.weeks import Week
from tests import factories
from timesheets import rates, team
from timesheets.models import CostRate, TimeEntry, Timesheet, User
from timesheets.rates import Worked

pytestmark = pytest.mark.django_db

WEEK = Week(date(2026, 11, 16))


@pytest.fixture
def as_director(client, director):
    Agency.current()
    client.force_login(director)
    return client


# -- the week ---------------------------------------------------------------------------------------------------------


def test_the_teams_week_adds_up_and_says_where_each_week_stands():
    facebook, search = factories.PlatformFactory(name="Facebook"), factories.PlatformFactory(name="Search")
    anne = factories.EntryFactory(member__name="Anne", day=WEEK.monday, platform=facebook, minutes=60).member
    factories.EntryFactory(member=anne, day=WEEK.sunday, platform=facebook, minutes=30)
    factories.EntryFactory(member=anne, day=WEEK.sunday, platform=search, minutes=15)
    factories.EntryFactory(member=anne, day=WEEK.sunday + timedelta(1), platform=search, minutes=500)
    factories.TimesheetFactory(member__name="Bob", submitted_at="2026-11-21T12:00Z")
    factories.EntryFactory(member__name="Gone", member__left_on=date(2026, 1, 1), day=WEEK.monday, platform=search)
    reader = factories.DirectorFactory(logs_hours=False)
    sheet = team.of_week(WEEK, today=WEEK.sunday + timedelta(1), reader=reader)
    assert [name for name, _colour in sheet.platforms] == ["Facebook", "Search"]
    assert [(one.person.name, one.minutes, one.total, one.state.value) for one in sheet.people] == [
        ("Anne", [90, 15], 105, "missing"),
        ("Bob", [0, 0], 0, "submitted"),
        ("Gone", [0, 90], 90, "missing"),
    ]
    assert (sheet.totals, sheet.total) == ([90, 105], 195)
    assert sheet.total == TimeEntry.objects.in_week(WEEK).minutes()
    counts = team.of_week(WEEK, today=WEEK.sunday, reader=reader).counts()
    assert counts == {"approved": 0, "submitted": 1, "open": 2, "missing": 0, "away": 0}


def test_the_teams_page_takes_the_same_statements_whatever_it_shows(as_director):
    factories.EntryFactory(day=WEEK.monday)
    with CaptureQueriesContext(connection) as few:
        as_director.get("/team/?week=2026-W47")
    for _each in range(10):
        factories.EntryFactory(day=WEEK.monday)
    with CaptureQueriesContext(connection) as many:
        as_director.get("/team/?week=2026-W47")
    # agency, session with person; hours, their platforms, people, timesheets, reminders; absences, free days; of those
    # who are shown, submitted weeks and absences; the first week of all; how many people, hours without a rate
    assert len(many) == len(few) == 14, [query["sql"] for query in many]


@pytest.mark.parametrize("asked", ["?week=nonsense", "?week=2025-W53", "?week=", "?week=%00", ""])
def test_an_impossible_week_shows_the_current_one(as_director, asked):
    with time_machine.travel("2026-11-18T12:00Z"):
        assert b"16 to 22 November 2026" in as_director.get("/team/" + asked).content


def test_reopening_needs_a_reason_that_is_kept(client, manager):
    timesheet = factories.TimesheetFactory(submitted_at="2026-11-21T12:00Z")
    neighbour = factories.TimesheetFactory(
        member=timesheet.member, week=WEEK.next.monday, submitted_at="2026-11-28T12:00Z"
    )
    client.force_login(manager)
    place = f"/team/{timesheet.member_id}/{WEEK}/reopen"
    client.post(place, {"reason": "  "})
    timesheet.refresh_from_db()
    assert timesheet.is_locked
    client.post(place, {"reason": "Wrong campaign on Tuesday"})
    timesheet.refresh_from_db()
    assert not timesheet.is_locked
    kept = timesheet.history.latest()
    assert (kept.reopen_reason, kept.history_user) == ("Wrong campaign on Tuesday", manager)
    neighbour.refresh_from_db()
    assert neighbour.is_locked
    assert client.post(f"/team/{timesheet.member_id}/2026-W02/reopen", {"reason": "x"}).status_code == 404


def test_the_director_sees_who_has_no_rate(as_director):
    entry = factories.EntryFactory(member__name="Yann", day=WEEK.monday, minutes=90)
    text = as_director.get("/team/?week=2026-W47").content.decode()
    assert "Yann has no cost rate for 1:30 hours of this week" in text
    factories.RateFactory(member=entry.member)
    assert "has no cost rate" not in as_director.get("/team/?week=2026-W47").content.decode()


# -- people -----------------------------------------------------------------------------------------------------------

PERSON = {
    "name": "Inès Aubry",
    "email": "Ines@Example.com",
    "role": "member",
    "weekly_minutes": "28,5",
    "logs_hours": "on",
    "joined_on": "2026-11-02",
    "left_on": "",
    "is_active": "on",
}


def test_a_new_person_gets_an_e_mail_to_set_a_password(as_director, client):
    as_director.post("/team/people/add", PERSON)
    person = User.objects.get(email="ines@example.com")
    assert (person.weekly_minutes, person.joined_on, person.has_usable_password()) == (1710, date(2026, 11, 2), False)
    [letter] = mail.outbox
    assert letter.to == ["ines@example.com"]
    assert "Inès Aubry, you were added to Retour" in letter.body
    assert re.search(r"https?://\S+/welcome/\S+", letter.body)  # test_accounts.py follows it


def test_a_person_is_changed_and_an_address_is_taken_once(as_director, member):
    changed = PERSON | {"name": "New name", "role": "manager", "left_on": "2026-11-20"}
    as_director.post(f"/team/people/{member.pk}", changed)
    member.refresh_from_db()
    assert (member.name, member.role, member.left_on) == ("New name", "manager", date(2026, 11, 20))
    other = factories.MemberFactory()
    answer = as_director.post(f"/team/people/{other.pk}", PERSON)
    assert answer.status_code == 422
    assert "has this address already" in answer.content.decode()
    assert as_director.post(f"/team/people/{other.pk}", changed | {"left_on": "2020-01-01"}).status_code == 422


@pytest.mark.parametrize("change", [{"role": "member"}, {"is_active": ""}])
def test_the_last_director_stays_one(as_director, director, change):
    own = PERSON | {"email": director.email, "role": "director"} | change
    assert as_director.post(f"/team/people/{director.pk}", own).status_code == 422
    factories.DirectorFactory()
    assert as_director.post(f"/team/people/{director.pk}", own).status_code == 302


# -- rates ------------------------------------------------------------------------------------------------------------


def worked(day: date, platform: str, minutes: int, cents: int | None) -> Worked:
    return Worked(day, Week.containing(day).monday, platform, cents, minutes)


def test_the_effect_of_a_rate_is_exact_and_counts_what_changes_alone():
    days = [
        worked(date(2026, 11, 2), "Facebook", 60, 3000),
        worked(date(2026, 11, 9), "Facebook", 20, 3000),
        worked(date(2026, 11, 10), "Search", 50, 3000),
        worked(date(2026, 11, 16), "Search", 60, None),
    ]
    found = rates.effect(days, [(date(2026, 1, 1), 3000), (date(2026, 11, 9), 3100)])
    assert found.weeks == 2
    assert found.platforms == (("Facebook", Fraction(100, 3)), ("Search", Fraction(250, 3) + 3100))
    assert (found.total_cents, found.minutes_gained, found.minutes_lost) == (Fraction(350, 3) + 3100, 60, 0)
    lost = rates.effect(days, [])
    assert (lost.weeks, lost.minutes_lost, lost.total_cents) == (2, 130, -3000 * Fraction(130, 60))


def test_a_rate_is_previewed_then_written_and_the_hours_follow(as_director, director):
    rate = factories.RateFactory(member__name="Marc", starts_on=date(2026, 1, 1), hourly_cents=3000)
    facebook = factories.PlatformFactory(name="Facebook")
    for weeks in range(14):
        day = WEEK.plus(-weeks).monday
        factories.EntryFactory(member=rate.member, day=day, platform=facebook, minutes=8 * 60)
    place, sent = f"/team/{rate.member_id}/rates/", {"starts_on": "2026-08-01", "hourly_cents": "40,00"}
    text = as_director.post(place, sent).content.decode()
    assert "14 weeks change" in text
    assert re.search(r"Facebook <b class=\"nowrap\">\+1.120[.,]00\s€", text)
    assert CostRate.objects.count() == 1
    as_director.post(place, sent | {"confirmed": "1"})
    assert set(TimeEntry.objects.values_list("hourly_cents", flat=True)) == {4000}
    added = CostRate.objects.get(starts_on=date(2026, 8, 1))
    assert added.history.get().history_user == director
    page = as_director.get(place).content.decode()
    assert "31 Jul 2026" in page  # where the first one ends now
    assert as_director.post(place, sent).status_code == 422  # there is one from that day


def test_a_rate_is_corrected_and_deleted_after_a_preview(as_director):
    rate = factories.RateFactory(starts_on=date(2026, 1, 1), hourly_cents=3000)
    entry = factories.EntryFactory(member=rate.member, day=WEEK.monday, minutes=60)
    place = f"/team/{rate.member_id}/rates/{rate.pk}"
    sent = {"starts_on": "2026-01-01", "hourly_cents": "25"}
    assert "1 week changes" in as_director.post(place, sent).content.decode()
    as_director.post(place, sent | {"confirmed": "1"})
    entry.refresh_from_db()
    assert entry.hourly_cents == 2500
    assert "1:00 hours will have no rate" in as_director.get(place + "/delete").content.decode()
    as_director.post(place + "/delete")
    entry.refresh_from_db()
    assert entry.hourly_cents is None
    assert [one.history_type for one in CostRate.history.all()] == ["-", "~", "+"]
    assert as_director.get(place).status_code == 404


def test_a_rate_is_found_under_its_own_person_alone(as_director, member):
    rate = factories.RateFactory()
    assert as_director.get(f"/team/{member.pk}/rates/{rate.pk}").status_code == 404
    assert as_director.post(f"/team/{member.pk}/rates/{rate.pk}/delete").status_code == 404


@pytest.mark.parametrize("amount", ["0", "-3", "", "x", "1e9", "12,345", "10000.01", "99999999999"])
def test_an_impossible_rate_is_refused(as_director, member, amount):
    sent = {"starts_on": "2026-01-01", "hourly_cents": amount, "confirmed": "1"}
    assert as_director.post(f"/team/{member.pk}/rates/", sent).status_code == 422
    assert not CostRate.objects.exists()


# -- one's own pages --------------------------------------------------------------------------------------------------


def test_my_hours_add_up_each_way(client, member):
    facebook, search = factories.PlatformFactory(name="Facebook"), factories.PlatformFactory(name="Search")
    launch = factories.CampaignFactory(name="Launch")
    factories.EntryFactory(member=member, day=WEEK.monday, platform=facebook, campaign=launch, minutes=60)
    factories.EntryFactory(member=member, day=WEEK.previous.monday, platform=search, campaign=launch, minutes=45)
    factories.EntryFactory(day=WEEK.monday, platform=facebook, minutes=999)
    factories.EntryFactory(member=member, day=WEEK.plus(-20).monday, platform=facebook, minutes=999)
    client.force_login(member)
    for by in ("week", "platform", "campaign", "nonsense"):
        text = client.get(f"/my-hours/?first=2026-W46&last=2026-W47&by={by}").content.decode()
        assert "1:45" in text
        assert "16:39" not in text
    assert client.get("/my-hours/?first=2026-W47&last=2026-W46").status_code == 200


def test_my_hours_are_exported_as_they_can_be_imported(client, member):
    twin = factories.CampaignFactory(name="Launch", client__name="Acme")
    factories.CampaignFactory(name="Launch", client__name="Bolduc")
    factories.EntryFactory(
        member=member, day=WEEK.monday, platform__name="@home", campaign=twin, minutes=50, note="=1+1, said Anne"
    )
    factories.EntryFactory(day=WEEK.monday)
    client.force_login(member)
    answer = client.get("/my-hours/?first=2026-W47&last=2026-W47&format=csv")
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert rows == [
        ["date", "email", "platform", "campaign", "hours", "note"],
        ["2026-11-16", member.email, "'@home", "Acme / Launch", "0.83", "'=1+1, said Anne"],
    ]


def test_the_profile_sets_how_hours_are_written_and_nothing_else(client, member):
    client.force_login(member)
    sent = {"name": "Me", "language": "fr", "theme": "dark", "duration_style": "decimal", "role": "director"}
    client.post("/profile/", sent)
    member.refresh_from_db()
    assert (member.name, member.language, member.theme, member.duration_style) == ("Me", "fr", "dark", "decimal")
    assert member.role == "member"
    assert client.post("/profile/", sent | {"name": ""}).status_code == 422


# -- the admin --------------------------------------------------------------------------------------------------------

ADMIN = ["user", "personalias", "costrate", "timesheet", "timeentry"]


@pytest.mark.parametrize("model", ADMIN)
@pytest.mark.parametrize("page", ["", "?q=a", "add/"])
def test_the_admin_opens_for_directors_alone(as_director, manager, model, page):
    factories.RateFactory()
    factories.EntryFactory()
    factories.TimesheetFactory()
    place = f"/admin/timesheets/{model}/{page}"
    assert as_director.get(place).status_code == 200
    as_director.force_login(manager)
    assert as_director.get(place).status_code == 403


def test_a_rate_deleted_in_the_admin_restamps(as_director):
    rate = factories.RateFactory()
    entry = factories.EntryFactory(member=rate.member)
    sent = {"action": "delete_selected", "_selected_action": [rate.pk], "post": "yes"}
    as_director.post("/admin/timesheets/costrate/", sent)
    assert not CostRate.objects.exists()
    entry.refresh_from_db()
    assert entry.hourly_cents is None


def test_an_entry_changed_in_the_admin_is_stamped_and_kept_in_history(as_director, director):
    entry = factories.EntryFactory()
    factories.RateFactory(member=entry.member, hourly_cents=4400)
    place = f"/admin/timesheets/timeentry/{entry.pk}/change/"
    sent = {
        "member": entry.member_id,
        "day": "2026-11-25",
        "platform": entry.platform_id,
        "campaign": entry.campaign_id,
        "minutes": 75,
        "note": "",
    }
    assert as_director.post(place, sent).status_code == 302
    entry.refresh_from_db()
    assert (entry.week, entry.minutes, entry.hourly_cents) == (date(2026, 11, 23), 75, 4400)
    assert entry.history.latest().history_user == director
    assert as_director.get(f"/admin/timesheets/timeentry/{entry.pk}/history/").status_code == 200


def test_a_person_is_added_in_the_admin(as_director):
    sent = {
        "email": "Zoe@example.com",
        "name": "Zoé",
        "role": "member",
        "joined_on": "2026-01-01",
        "weekly_minutes": 2100,
        "usable_password": "true",
        "password1": "a long walk home",
        "password2": "a long walk home",
    }
    answer = as_director.post("/admin/timesheets/user/add/", sent)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert User.objects.get(email="zoe@example.com").check_password("a long walk home")
    assert Timesheet.objects.count() == 0
