"""Links, tokens, sessions and queued messages of Retour 0.1 still do what they were made to do."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.core import mail
from django.test import Client

from campaigns import erasure_log, platform_redirects
from campaigns.models import Agency, ImportRun, Lead, Sale
from config.celery import app
from operations.backup.archive import Manifest
from reports.models import Subscriber, SummaryDelivery, Verdict
from timesheets import encrypted_fields
from timesheets.models import PinnedRow, Reminder, TimeEntry, User

pytestmark = pytest.mark.django_db

WEEK = "/hours/2026-W47/"
HTMX = {"HX-Request": "true"}


def deliver(message) -> None:
    """Give a queued message to the worker, as the broker does: a name and its arguments."""
    app.loader.import_default_modules()
    name, arguments = message
    app.tasks[name].apply(kwargs=arguments, throw=True)


# -- links ------------------------------------------------------------------------------------------------------------


def test_an_invitation_that_was_sent_lets_its_person_in(before):
    browser = Client()
    form = {"new_password1": "a long enough sentence", "new_password2": "a long enough sentence"}
    answer = browser.post(before["links"]["invitation"], form)
    assert answer.status_code == 302, answer.content.decode()
    assert User.objects.get(email="nora@demo.example").check_password("a long enough sentence")


def test_the_link_in_a_reminder_stops_the_next_ones(before):
    assert Client().post(before["links"]["reminders off"]).status_code == 200
    assert list(User.objects.filter(gets_reminders=False).values_list("email", flat=True)) == ["manager@demo.example"]


def test_the_link_in_a_summary_stops_the_next_ones(before):
    assert Client().post(before["links"]["unsubscribe"]).status_code == 200
    assert Subscriber.objects.get().unsubscribed_at


# -- a page that was open ---------------------------------------------------------------------------------------------


def test_a_row_that_was_removed_comes_back(browser_of, before):
    answer = browser_of("member").post(f"{WEEK}restore-row", before["removed"], headers=HTMX)
    assert answer.status_code == 200, answer.content.decode()
    entry = TimeEntry.objects.get(note="to come back")
    assert (entry.minutes, str(entry.day), entry.platform.name) == (45, "2026-11-16", "Facebook")
    pinned = PinnedRow.objects.get()
    assert (pinned.member, pinned.platform, str(pinned.since)) == (entry.member, entry.platform, "2026-11-16")


def test_an_edit_whose_answer_was_lost_is_not_written_again(browser_of, before):
    entry = TimeEntry.objects.get(note="before")
    TimeEntry.objects.filter(pk=entry.pk).update(minutes=100)  # changed since
    assert browser_of("member").post(f"{WEEK}cell", before["edits"]["again"]).status_code == 200
    entry.refresh_from_db()
    assert entry.minutes == 100


def test_an_edit_that_waited_in_the_browser_is_written(browser_of, before):
    assert browser_of("member").post(f"{WEEK}cell", before["edits"]["change"]).status_code == 200
    assert TimeEntry.objects.get(note="after").minutes == 105


def test_an_edit_of_a_cell_that_has_changed_since_is_asked_about(browser_of, before):
    assert browser_of("member").post(f"{WEEK}cell", before["edits"]["stale"]).status_code == 409


def test_a_form_that_was_saved_is_not_saved_again(browser_of, before):
    sent = before["sent once"]
    answer = browser_of("manager").post("/sales/add/", sent["form"])
    assert (answer.status_code, answer["Location"]) == (302, sent["led_to"])
    assert Sale.objects.count() == 1


# -- signing in -------------------------------------------------------------------------------------------------------


def test_whoever_was_signed_in_still_is(before):
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = before["session"]
    answer = browser.get("/profile/")
    assert answer.status_code == 200
    assert answer.wsgi_request.user.email == before["session of"]


def test_a_second_factor_is_still_read(before):
    totp = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert totp.data["secret"].startswith("fernet:")
    assert encrypted_fields.unseal(totp.data["secret"]) == before["secret"]
    codes = RecoveryCodes(Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES))
    assert codes.validate_code(before["recovery code"])


# -- messages in the queue --------------------------------------------------------------------------------------------


def test_a_reminder_that_was_asked_for_is_sent(before):
    deliver(before["remind message"])
    assert Reminder.objects.get().state == "sent"
    assert mail.outbox[0].to == ["member@demo.example"]


def test_a_summary_that_waited_goes_out_as_it_was_written(before):
    deliver(["reports.send", {}])
    stored = SummaryDelivery.objects.get()
    assert stored.state == "sent"
    assert (mail.outbox[0].subject, mail.outbox[0].body) == (stored.subject, stored.text)
    assert mail.outbox[0].extra_headers["Message-ID"] == "<179499600000.1.1@testserver>"


def test_platforms_are_judged_again(before):
    Verdict.objects.all().delete()
    deliver(before["evaluate message"])
    assert {str(one.week) for one in Verdict.objects.all()} == {before["evaluate message"][1]["monday"]}


@pytest.mark.parametrize("name", ["reports.sweep", "reports.drain", "reports.send"])
def test_messages_without_arguments_are_still_known(before, name):
    assert name in before["messages without arguments"]
    deliver([name, {}])


def test_files_that_waited_are_checked_and_imported(before):
    for message in before["messages"]:
        deliver(message)
    runs = {name: ImportRun.objects.get(pk=pk) for name, pk in before["imports"].items()}
    assert runs["waiting"].status == "done", runs["waiting"].counts
    hours = TimeEntry.objects.filter(member__email="manager@demo.example", platform__name="XING")
    assert sorted(hours.values_list("minutes", flat=True)) == [90, 120]
    assert runs["checking"].status == "ready", runs["checking"].errors
    assert runs["checking"].rows_total == 3


def test_an_import_that_was_done_is_taken_back(before):
    run = ImportRun.objects.get(pk=before["imports"]["done"])
    assert Lead.objects.filter(external_id__startswith="OLD-").count() == 3
    ImportRun.objects.filter(pk=run.pk).update(status="undoing")
    deliver(before["undo message"])
    run.refresh_from_db()
    assert run.status == "undone"
    assert not Lead.objects.filter(external_id__startswith="OLD-").exists()


# -- files and records beside the rows --------------------------------------------------------------------------------


def test_the_log_of_erasures_is_still_read(before):
    assert before["erased"] in erasure_log.entries_outside("lead")
    assert Agency.current().mark in before["erasures"]


def test_a_platform_that_became_part_of_another_is_still_found(before):
    merged = before["merged"]
    assert platform_redirects.current(merged["gone"]) == merged["into"]


def test_the_manifest_of_a_backup_is_still_read(before):
    manifest = Manifest.from_json(before["manifest"].encode())
    assert re.findall(r'"(\w+)":', manifest.as_json().decode()) == re.findall(r'"(\w+)":', before["manifest"])
