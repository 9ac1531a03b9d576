"""What is erased of a person who left leaves no trace, and what their hours cost stays."""

import json
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from campaigns.imports import runner
from campaigns.models import Agency, Hold, HoldNotice, ImportRun, RememberedMapping, SavedView
from core.weeks import Week
from operations import erase_person, jobs
from reports.attribution import rollups
from reports.models import SummaryDelivery
from reports.weekly_email import delivery
from tests import factories
from tests.erasure.canaries import AT, rollup_rows, traces
from timesheets.models import (
    Absence,
    CostRate,
    PersonAlias,
    PersonErasure,
    PinnedRow,
    Reminder,
    Session,
    TimeEntry,
    Timer,
    Timesheet,
    User,
)

pytestmark = [pytest.mark.django_db, pytest.mark.claim]

WEEK = Week.parse("2026-W46")
NAME, EMAIL = "Canary O'Quokka & Co", "canary@example.com"
HOURS = f"""date,name,platform,hours,note
2026-11-12,{NAME},LinkedIn,2,Canarynote of a file
2026-11-12,Somebody Else,LinkedIn,1,
"""


@pytest.fixture
def person(director, linkedin) -> User:
    """Somebody whose name, address and words are in every place where they can get, and who left on Friday."""
    person = factories.MemberFactory(name=NAME, email=EMAIL, joined_on=date(2020, 1, 1))
    factories.MemberFactory(name="Somebody Else", joined_on=date(2020, 1, 1))
    rate = factories.RateFactory(member=person, starts_on=date(2020, 1, 1), hourly_cents=4_321)
    entry = factories.EntryFactory(member=person, platform=linkedin, day=WEEK.days[1], minutes=75, note="Canarynote")
    entry.note = "Canarynote, changed"
    entry.save()
    sheet = factories.TimesheetFactory(member=person, week=WEEK.monday, submitted_at=AT)
    sheet.reopen(reason="Canary forgot Friday")
    _ways_to_sign_in(person)
    PersonAlias.objects.create(person=person, text="Canary elsewhere")
    place = {"member": person, "platform": linkedin, "campaign": entry.campaign}
    PinnedRow.objects.create(**place, since=WEEK.monday)
    factories.AbsenceFactory(member=person)
    Timer.objects.create(**place, started_at=AT)
    SavedView.objects.create(member=person, list_name="leads", name="Canary's own")
    SavedView.objects.create(member=director, list_name="leads", name=f"Met by {NAME}")
    Reminder.objects.create(
        member=person,
        week=WEEK.monday,
        kind="friday",
        due_at=AT,
        next_attempt_at=AT,
        state=Reminder.State.FAILED,
        reason=f"550 <{EMAIL}> unknown",
    )
    hold = Hold.objects.create(kind="clock", since=AT, last_sweep_at=AT)
    HoldNotice.objects.create(hold=hold, member=person, next_attempt_at=AT, state="failed", reason=f"550 <{EMAIL}>")
    for row in (person, rate, entry, sheet):
        LogEntry.objects.create(
            user=director,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row),
            action_flag=CHANGE,
        )
    _files(person)
    factories.DecisionFactory(sentence=f"Ask {NAME} ({EMAIL}), who knows it best.")
    _summaries(director)
    person.left_on = date(2026, 11, 13)
    person.save()
    return person


def _ways_to_sign_in(person: User) -> None:
    EmailAddress.objects.create(user=person, email=EMAIL, verified=True)
    Authenticator.objects.create(user=person, type="totp", data={"secret": "canarysecret"})
    AccessAttempt.objects.create(username=EMAIL.upper(), attempt_time=AT, failures_since_start=1)
    Client().force_login(person)


def _files(person: User) -> None:
    """One that was imported, one whose labels name the person, one that is called by their name."""
    run = ImportRun.objects.create(kind="hours", file_name="canary-o-quokka-co.csv", requested_by=person)
    run.file.save("canary.csv", ContentFile(HOURS.encode()))
    runner.ask_for(run, ImportRun.Status.CHECKING)
    runner.check(run, now=lambda: AT)
    assert run.status == ImportRun.Status.READY, (run.errors, run.questions, run.counts)
    runner.ask_for(run, ImportRun.Status.IMPORTING)
    runner.write(run, now=lambda: AT)
    assert TimeEntry.objects.filter(member=person).count() == 2
    names = {"person": {"canary at work": EMAIL, "somebody": "else@example.com"}}
    RememberedMapping.objects.create(kind="hours", header="b" * 64, mapping={"columns": {}, "names": names})


def _summaries(director: User) -> None:
    """The summary says by name who has not submitted; the person gets it too."""
    rollups.drain()
    for email in (director.email, EMAIL):
        factories.SubscriberFactory(email=email, name="Canary" if email == EMAIL else "")
    delivery.decide(WEEK, at=AT)
    SummaryDelivery.objects.filter(subscriber__email=EMAIL).update(reason=f"550 <{EMAIL}> unknown")


def kept() -> tuple[object, ...]:
    tables = rollup_rows()
    entries = TimeEntry.objects.order_by("pk").values_list("member", "day", "minutes", "hourly_cents")
    rates = CostRate.objects.order_by("pk").values_list("member", "starts_on", "hourly_cents")
    return tables, list(entries), list(rates), list(Timesheet.objects.values_list("member", "week"))


def test_erasing_a_person_leaves_no_trace_in_any_table_or_file(person, own_files):
    held = "\n".join(traces(own_files))
    for table in (
        "timesheets_user",
        "timesheets_personalias",
        "timesheets_timeentry",
        "timesheets_historicaltimeentry",
        "timesheets_timesheet",
        "timesheets_historicaltimesheet",
        "timesheets_reminder",
        "campaigns_holdnotice",
        "account_emailaddress",
        "mfa_authenticator",
        "axes_accessattempt",
        "campaigns_importrun",
        "campaigns_importedrow",
        "campaigns_rememberedmapping",
        "campaigns_savedview",
        "campaigns_decision",
        "reports_subscriber",
        "reports_summarydelivery",
        "django_admin_log",
    ):
        assert f"{table}: " in held, f"the test put nothing into {table}"
    erase_person.erase_now(person, at=AT)
    assert traces(own_files) == []
    assert RememberedMapping.objects.get(header="b" * 64).mapping["names"]["person"] == {"somebody": "else@example.com"}


def test_their_hours_and_what_these_cost_stay_to_the_cent(person):
    before = kept()
    assert before[0][0][0]["labour_cent_minutes"] > 0
    erase_person.erase_now(person, at=AT)
    assert kept() == before
    person.refresh_from_db()
    assert (person.name, person.left_on) == (f"Former member {person.pk}", date(2026, 11, 13))
    assert not PinnedRow.objects.exists()
    assert not Absence.objects.exists()
    assert not Timer.objects.exists()
    assert [view.name for view in SavedView.objects.all()] == [f"View {SavedView.objects.get().pk}"]
    assert not Session.objects.exists()


def test_the_summaries_say_former_member_instead(person):
    erase_person.erase_now(person, at=AT)
    texts = " ".join(SummaryDelivery.objects.values_list("text", flat=True))
    assert f"Former member {person.pk}" in texts
    assert "Somebody Else" in texts


def test_others_keep_what_they_have(person):
    other = User.objects.get(name="Somebody Else")
    factories.EntryFactory(member=other, day=WEEK.days[2], note="Own words")
    Reminder.objects.create(member=other, week=WEEK.monday, kind="friday", due_at=AT, next_attempt_at=AT)
    erase_person.erase_now(person, at=AT)
    assert TimeEntry.objects.filter(member=other, note="Own words").exists()
    assert Reminder.objects.get().member == other
    other.refresh_from_db()
    assert (other.name, other.is_active) == ("Somebody Else", True)


def test_who_can_still_sign_in_is_not_erased(person):
    person.left_on = None
    person.save()
    with pytest.raises(erase_person.StillHere):
        erase_person.erase_now(person, at=AT)
    person.refresh_from_db()
    assert person.name == NAME


def test_while_hours_are_imported_nobody_is_erased(person):
    ImportRun.objects.update(status=ImportRun.Status.IMPORTING)
    with pytest.raises(erase_person.HoursImportUnderWay):
        erase_person.erase_now(person, at=AT)
    assert not PersonErasure.objects.exists()


def test_an_import_with_erased_notes_can_still_be_undone(person):
    erase_person.erase_now(person, at=AT)
    run = ImportRun.objects.get()
    runner.ask_for(run, ImportRun.Status.UNDOING)
    runner.undo(run, now=lambda: AT)
    assert list(TimeEntry.objects.values_list("minutes", flat=True)) == [75]


# -- after a restore --------------------------------------------------------------------------------------------------


@pytest.fixture
def restored(person, django_capture_on_commit_callbacks) -> User:
    """The database as a backup from before the person left brings it back, without a log of the erasure."""
    with django_capture_on_commit_callbacks(execute=True):
        erase_person.erase_now(person, at=AT)
    User.objects.filter(pk=person.pk).update(name=NAME, email=EMAIL, is_active=True, left_on=None)
    PersonErasure.objects.all().delete()
    return User.objects.get(pk=person.pk)


def test_the_log_beside_the_database_erases_a_person_again_after_a_restore(restored, own_files):
    assert erase_person.replay() == 1
    assert traces(own_files) == []
    restored.refresh_from_db()
    assert (restored.is_active, restored.left_on) == (False, AT.date())
    assert PersonErasure.objects.get().erased_at == AT
    assert erase_person.replay() == 0


def test_the_log_holds_a_number_and_hashes_alone(restored, own_files):
    [line] = (own_files / "erasures.jsonl").read_text().splitlines()
    assert set(json.loads(line)) == {"mark", "person", "erased_at", "why", "hashes"}
    assert "canary" not in line.lower()


def test_somebody_else_with_the_number_of_one_who_was_erased_is_left_alone(restored):
    User.objects.filter(pk=restored.pk).update(name="Somebody New", email="new@example.com")
    assert erase_person.replay() == 0


def test_the_log_of_people_of_another_installation_is_nobodys_business(restored):
    Agency.objects.update(mark="ffffffff")
    assert erase_person.replay() == 0


def test_a_person_who_is_back_is_erased_again_at_night(restored, own_files):
    jobs.purge(at=AT + timedelta(days=1))
    assert traces(own_files) == []


# -- by hand ----------------------------------------------------------------------------------------------------------


def test_a_director_erases_a_person_after_being_asked(person, director, client):
    client.force_login(director)
    address = f"/team/people/{person.pk}/erase/"
    assert address in client.get(reverse("timesheets:person", args=[person.pk])).content.decode()
    asked = client.get(address).content.decode()
    assert "This cannot be taken back" in asked
    assert "2 entries of hours" in asked
    assert "2 notes on hours" in asked
    assert User.objects.get(pk=person.pk).name == NAME
    page = client.post(address, follow=True).content.decode()
    assert f"Former member {person.pk}" in page
    assert "canary" not in page.lower()
    assert client.get(address).status_code == 302


def test_the_page_says_who_cannot_be_erased_yet(person, director, client):
    client.force_login(director)
    person.left_on = None
    person.save()
    address = f"/team/people/{person.pk}/erase/"
    assert address not in client.get(reverse("timesheets:person", args=[person.pk])).content.decode()
    page = client.get(address).content.decode()
    assert "Only somebody who has left can be erased" in page
    assert "Erase for good" not in page
    assert "can still sign in" in client.post(address, follow=True).content.decode()
    assert User.objects.get(pk=person.pk).name == NAME


def test_only_a_director_erases_a_person(person, manager, member, client):
    for reader in (manager, member):
        client.force_login(reader)
        assert client.post(f"/team/people/{person.pk}/erase/").status_code == 403
    assert User.objects.get(pk=person.pk).name == NAME
