"""What a director does by hand: erase a lead, take out all that is held on a lead or a person."""

import json
from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from campaigns.models import (
    Hold,
    HoldNotice,
    ImportRun,
    Lead,
    Sale,
)
from reports.models import SummaryDelivery
from tests import factories
from tests.erasure.canaries import AT
from timesheets.models import PersonAlias, Reminder, Timer

pytestmark = [pytest.mark.django_db, pytest.mark.claim]


def test_a_director_takes_out_all_that_is_held_on_a_lead(lead, client):
    answer = client.get(f"/leads/{lead.pk}/data.json")
    assert answer["Content-Disposition"] == f'attachment; filename="lead-{lead.pk}.json"'
    told = json.loads(answer.content)
    assert told["lead"]["email"] == "canarymail@example.com"
    assert {one["utm_campaign"] for one in told["campaigns.touch"]} == {"", "canarylink"}
    assert {one["description"] for one in told["campaigns.sale"]} == {"Canarydescription changed", "Canaryrefund"}
    assert "Canarydescription" in {one["description"] for one in told["campaigns.historicalsale"]}
    assert told["campaigns.importedrow"][0]["before"]["now"]["note"] == "Canarynote"
    assert told["campaigns.statuschange"][0]["after"] == "qualified"
    assert "Otto" not in answer.content.decode()


def test_a_director_erases_a_lead_after_being_asked(lead, client):
    assert "Erase its personal data" in client.get(f"/leads/{lead.pk}/").content.decode()
    asked = client.get(f"/leads/{lead.pk}/erase/").content.decode()
    assert "This cannot be taken back" in asked
    assert "Other leads with this e-mail" not in asked
    other = factories.LeadFactory(name="The same again", email="CanaryMail@example.com")
    assert "The same again" in client.get(f"/leads/{lead.pk}/erase/").content.decode()
    other.delete()
    assert Lead.objects.get(pk=lead.pk).erased_at is None
    page = client.post(f"/leads/{lead.pk}/erase/", follow=True).content.decode()
    assert f"Erased lead {lead.pk}" in page
    assert "canary" not in page.lower()
    assert "erased-" not in page
    for address in ("edit", "erase"):
        assert client.get(f"/leads/{lead.pk}/{address}/").status_code == 302
    sale = Sale.objects.get(lead=lead)
    assert "erased-" not in client.get(f"/sales/{sale.pk}/").content.decode()
    assert "canary" not in client.get("/leads/export.csv").getvalue().decode().lower()


def test_while_an_import_runs_the_director_is_told_to_wait(lead, client):
    ImportRun.objects.filter(kind="touches").update(status=ImportRun.Status.CHECKING)
    page = client.post(f"/leads/{lead.pk}/erase/", follow=True).content.decode()
    assert "Try again when it has finished" in page
    assert Lead.objects.get(pk=lead.pk).erased_at is None


@pytest.mark.parametrize("address", ["/leads/{}/data.json", "/leads/{}/erase/"])
def test_managers_and_members_neither_take_out_nor_erase(client, manager, member, address):
    lead = factories.LeadFactory()
    for person in (manager, member):
        client.force_login(person)
        assert client.get(address.format(lead.pk)).status_code == 403
        assert client.post(address.format(lead.pk)).status_code in (403, 405)
    assert Lead.objects.get().erased_at is None


def test_a_director_takes_out_all_that_is_held_on_a_person(director, client, member):
    entry = factories.EntryFactory(member=member, note="Own note")
    entry.note = "Own note, changed"
    entry.save()
    sheet = factories.TimesheetFactory(member=member, submitted_at=AT)
    factories.RateFactory(member=member, hourly_cents=7_654_321)
    factories.EntryFactory(member=member, note="Own second note", day=date(2026, 11, 3))
    PersonAlias.objects.create(person=member, text="alias of theirs")
    place = {"member": member, "platform": entry.platform, "campaign": entry.campaign}
    Timer.objects.create(**place, started_at=AT)
    Reminder.objects.create(member=member, week=sheet.week, kind="friday", due_at=AT, next_attempt_at=AT)
    hold = Hold.objects.create(kind="clock", since=AT, last_sweep_at=AT)
    HoldNotice.objects.create(hold=hold, member=member, next_attempt_at=AT, reason="550 told them")
    ImportRun.objects.create(kind="hours", file_name="their own.csv", only_for=member)
    AccessAttempt.objects.create(username=member.email.upper(), attempt_time=AT, failures_since_start=3)
    Authenticator.objects.create(user=member, type="totp", data={"secret": "their-secret"})
    letter = SummaryDelivery(subscriber=factories.SubscriberFactory(email=member.email), week=date(2026, 11, 9))
    letter.subject = "Sent to them"
    letter.save()
    about = {"content_type": ContentType.objects.get_for_model(member), "object_id": str(member.pk)}
    LogEntry.objects.create(user=director, **about, object_repr="Called so", action_flag=CHANGE)
    someone = factories.EntryFactory(note="Somebody else's note")
    client.force_login(director)
    text = client.get(f"/team/people/{member.pk}/data.json").content.decode()
    told = json.loads(text)
    assert told["person"]["email"] == member.email
    assert {one["note"] for one in told["timesheets.timeentry"]} == {"Own note, changed", "Own second note"}
    assert "Own note" in {one["note"] for one in told["timesheets.historicaltimeentry"]}
    for name, field, value in (
        ("timesheets.timesheet", "week", sheet.week.isoformat()),
        ("timesheets.personalias", "text", "alias of theirs"),
        ("timesheets.timer", "member_id", member.pk),
        ("timesheets.reminder", "kind", "friday"),
        ("campaigns.holdnotice", "reason", "550 told them"),
        ("timesheets.costrate", "member_id", member.pk),
        ("campaigns.importrun", "file_name", "their own.csv"),
        ("axes.accessattempt", "failures_since_start", 3),
        ("reports.subscriber", "email", member.email),
        ("reports.summarydelivery", "subject", "Sent to them"),
        ("admin.logentry about the person", "object_repr", "Called so"),
    ):
        assert [one[field] for one in told[name]] == [value], name
    for secret in (member.password, "7654321", "hourly_cents", "their-secret", someone.note):
        assert secret not in text
