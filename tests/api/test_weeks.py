"""Weeks are handed in, approved and sent back as on the pages; absences noted; many hours written at once."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from campaigns.models import ImportRun
from tests import factories
from tests.api.asking import Asker, is_problem, messages_of, token_for
from timesheets.models import Absence, Reminder, TimeEntry, Timesheet

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
MONDAY = date(2026, 11, 16)


@pytest.fixture(autouse=True)
def a_wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


# -- one's own week ---------------------------------------------------------------------------------------------------


def test_a_week_is_handed_in_and_taken_back_with_a_reason(as_member, camille):
    assert as_member.get("/weeks/2026-W47").json()["state"] == "open"
    assert not Timesheet.objects.exists(), "reading writes nothing"
    answer = as_member.post("/weeks/2026-W47/submit")
    assert (answer.status_code, answer.json()["state"], answer.json()["person"]) == (200, "submitted", camille.pk)
    assert answer["Location"] == "/api/v1/weeks/2026-W47"
    assert as_member.get(answer["Location"])["ETag"] == answer["ETag"]
    assert is_problem(as_member.post("/weeks/2026-W47/submit"), 409)
    assert messages_of(as_member.post("/weeks/2026-W47/take-back")) == [("reason", "Say why the week is reopened.")]
    back = as_member.post("/weeks/2026-W47/take-back", {"reason": "Tuesday is wrong"}).json()
    assert (back["state"], back["reopen_reason"]) == ("open", "Tuesday is wrong")
    assert is_problem(as_member.post("/weeks/2026-W47/take-back", {"reason": "again"}), 409)
    assert Timesheet.history.first().history_user == camille


def test_the_first_days_of_a_week_are_handed_in_alone(as_member):
    answer = as_member.post("/weeks/2026-W47/submit", {"through": "2026-11-17"}).json()
    assert (answer["state"], answer["submitted_through"]) == ("open", "2026-11-17")
    refused = as_member.post("/weeks/2026-W48/submit", {"through": "2026-11-17"})
    assert messages_of(refused) == [("through", "This day is not in the week.")]
    assert not Timesheet.objects.filter(week=date(2026, 11, 23)).exists()


def test_a_week_that_is_handed_in_twice_with_one_key_is_answered_twice(as_member):
    first = as_member.post("/weeks/2026-W47/submit", Idempotency_Key="w47")
    again = as_member.post("/weeks/2026-W47/submit", Idempotency_Key="w47")
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())


@pytest.mark.parametrize("week", ["2026-W54", "0001-W01", "47", "2026-11-16"])
def test_a_week_that_there_is_not_is_nowhere(as_member, week):
    assert is_problem(as_member.get(f"/weeks/{week}"), 404)
    assert is_problem(as_member.post(f"/weeks/{week}/submit"), 404)


# -- the team's -------------------------------------------------------------------------------------------------------


@pytest.fixture
def handed_in(camille):
    return factories.TimesheetFactory(member=camille, week=MONDAY, submitted_at=NOW)


def test_a_week_is_approved_as_it_was_seen(as_manager, camille, handed_in):
    address = f"/people/{camille.pk}/weeks/2026-W47"
    seen = as_manager.get(address)
    assert is_problem(as_manager.post(f"{address}/approve"), 428)
    handed_in.reopen(reason="one more hour")
    handed_in.submit(at=NOW.replace(hour=13))
    assert is_problem(as_manager.post(f"{address}/approve", If_Match=seen["ETag"]), 412), "it came since"
    seen = as_manager.get(address)
    answer = as_manager.post(f"{address}/approve", If_Match=seen["ETag"])
    assert (answer.json()["state"], answer["Location"]) == ("approved", f"/api/v1{address}")
    assert str(Timesheet.objects.get().approved_by) == "Marc"
    assert is_problem(as_manager.post(f"{address}/approve", If_Match="*"), 409)


def test_a_week_is_sent_back_with_a_reason_that_its_person_reads(as_manager, as_member, camille, handed_in):
    address = f"/people/{camille.pk}/weeks/2026-W47/reopen"
    assert is_problem(as_manager.post(address), 422)
    assert as_manager.post(address, {"reason": "Monday is missing"}).json()["state"] == "open"
    assert as_member.get("/weeks/2026-W47").json()["reopen_reason"] == "Monday is missing"
    assert is_problem(as_manager.post(address, {"reason": "again"}), 409)


def test_nobody_approves_their_own_week_and_no_service_anybodys(as_service, handed_in, camille):
    marc = factories.ManagerFactory()
    factories.TimesheetFactory(member=marc, week=MONDAY, submitted_at=NOW)
    own = Asker(token_for(marc)).post(f"/people/{marc.pk}/weeks/2026-W47/approve", If_Match="*")
    assert is_problem(own, 409)
    assert is_problem(as_service.post(f"/people/{camille.pk}/weeks/2026-W47/approve", If_Match="*"), 403)
    assert is_problem(as_service.post(f"/people/{camille.pk}/weeks/2026-W47/reopen", {"reason": "x"}), 403)


def test_whose_week_is_missing_is_read_and_reminded_once_a_day(as_manager, camille):
    factories.EntryFactory(member=camille, day=date(2026, 11, 10), minutes=90)
    lines = {line["name"]: line for line in as_manager.get("/weeks/2026-W46/team").json()}
    assert (lines["Camille"]["state"], lines["Camille"]["minutes"]) == ("missing", 90)
    address = f"/people/{camille.pk}/weeks/2026-W46/remind"
    assert as_manager.post(address).status_code == 200
    assert [str(reminder.member) for reminder in Reminder.objects.all()] == ["Camille"]
    assert is_problem(as_manager.post(address), 409)
    factories.TimesheetFactory(member=camille, week=date(2026, 11, 9), submitted_at=NOW)
    assert is_problem(as_manager.post(address), 409)


# -- absences ---------------------------------------------------------------------------------------------------------


def test_an_absence_is_noted_and_taken_out(as_member, camille):
    answer = as_member.post("/absences", {"first_day": "2026-11-23", "last_day": "2026-11-27"})
    assert answer.status_code == 201
    assert answer.json() == {
        "id": answer.json()["id"],
        "member": camille.pk,
        "first_day": "2026-11-23",
        "last_day": "2026-11-27",
        "is_half": False,
    }
    half = as_member.post("/absences", {"first_day": "2026-12-01", "is_half": True}).json()
    assert (half["last_day"], half["is_half"]) == ("2026-12-01", True)
    overlap = as_member.post("/absences", {"first_day": "2026-11-25"})
    assert [field for field, _message in messages_of(overlap)] == ["first_day"]
    assert is_problem(as_member.ask("DELETE", answer["Location"]), 428)
    gone = as_member.ask("DELETE", answer["Location"], If_Match=answer["ETag"])
    assert (gone.status_code, gone.content) == (204, b"")
    assert [absence.pk for absence in Absence.objects.all()] == [half["id"]]


def test_a_member_meets_no_absence_of_others_and_a_manager_all(as_member, as_manager, as_service, camille):
    other = factories.AbsenceFactory()
    assert as_member.get("/absences").json()["items"] == []
    assert is_problem(as_member.get(f"/absences/{other.pk}"), 404)
    assert is_problem(as_member.ask("DELETE", f"/absences/{other.pk}", If_Match="*"), 404)
    assert is_problem(as_member.post("/absences", {"member": other.member_id, "first_day": "2026-12-07"}), 422)
    assert as_manager.post("/absences", {"member": camille.pk, "first_day": "2026-12-07"}).status_code == 201
    assert len(as_manager.get("/absences").json()["items"]) == 2
    assert [row["id"] for row in as_manager.get(f"/absences?member={other.member_id}").json()["items"]] == [other.pk]
    assert is_problem(as_service.post("/absences", {"first_day": "2026-12-07"}), 403)


# -- many hours at once -----------------------------------------------------------------------------------------------


@pytest.fixture
def places():
    factories.PlatformFactory(name="Facebook")
    factories.CampaignFactory(name="Spring", client=factories.ClientFactory(name="Acme"))


@pytest.fixture
def row(places):
    return {"date": "2026-11-16", "platform": "Facebook", "campaign": "Spring", "hours": "1:30", "note": "Posts"}


def test_a_member_writes_many_of_their_own_hours_and_takes_them_back(as_member, camille, row):
    made = as_member.post("/hours/bulk", {"rows": [row, {**row, "date": "2026-11-17", "hours": "0:45"}]})
    assert (made.status_code, made.json()["created"]) == (201, 2)
    assert [(entry.member, entry.minutes) for entry in TimeEntry.objects.order_by("day")] == [
        (camille, 90),
        (camille, 45),
    ]
    assert as_member.get(made["Location"]).json() == made.json()
    assert [run["id"] for run in as_member.get("/imports").json()["items"]] == [made.json()["id"]]
    reader = Asker(token_for(camille, scopes=["hours:read"]))
    assert is_problem(reader.post(f"{made['Location']}/undo"), 403)
    assert as_member.post(f"{made['Location']}/undo").json()["status"] == "undoing"
    assert is_problem(as_member.post(f"{made['Location']}/undo"), 409)


def test_what_is_wrong_is_said_at_its_row_and_nothing_is_written(as_member, row):
    factories.MemberFactory(name="Al", email="al@example.com")
    answer = as_member.post("/hours/bulk", {"rows": [row, {**row, "hours": "25"}, {**row, "email": "al@example.com"}]})
    assert is_problem(answer, 422)
    assert [(error["row"], error["field"]) for error in answer.json()["errors"]] == [(1, "hours"), (2, "email")]
    assert not TimeEntry.objects.exists()
    assert not ImportRun.objects.exists()


def test_a_manager_writes_the_teams_hours_and_a_service_too(as_manager, as_service, camille, row):
    for number, program in enumerate((as_manager, as_service)):
        sent = {**row, "email": camille.email, "date": f"2026-11-1{7 + number}"}
        assert program.post("/hours/bulk", {"rows": [sent]}).status_code == 201
    assert {entry.member for entry in TimeEntry.objects.all()} == {camille}
    assert is_problem(as_manager.post("/hours/bulk", {"rows": [row]}), 422), "whose hours they are is not said"
    assert as_manager.post("/hours/bulk", {"rows": [row], "own": True}).status_code == 201
    assert is_problem(as_service.post("/hours/bulk", {"rows": [row], "own": True}), 403)


def test_a_week_that_was_handed_in_takes_no_rows(as_member, camille, handed_in, row):
    answer = as_member.post("/hours/bulk", {"rows": [row]})
    assert is_problem(answer, 422)
    assert not TimeEntry.objects.exists()


def test_nobody_finds_the_imports_of_others(as_member, as_manager, as_director, row, camille):
    of_director = as_director.post("/hours/bulk", {"rows": [{**row, "email": camille.email}]})
    for program in (as_member, as_manager):
        assert is_problem(program.get(of_director["Location"]), 404)
        assert program.get("/imports").json()["items"] == []
        assert is_problem(program.post(f"{of_director['Location']}/undo"), 404)


def test_what_somebody_worked_on_brought_leads_by_campaign(as_member, as_service, camille):
    entry = factories.EntryFactory(member=camille, day=date(2026, 11, 16))
    lead = factories.LeadFactory(received_at=NOW, status="won")
    factories.TouchFactory(lead=lead, campaign=entry.campaign, platform=entry.platform)
    [line] = as_member.get("/my-campaigns").json()
    assert (line["campaign"], line["leads"], line["won"]) == (entry.campaign_id, 1, 1)
    assert is_problem(as_service.get("/my-campaigns"), 403)
    assert is_problem(as_member.get("/my-campaigns?period=ever"), 422)
