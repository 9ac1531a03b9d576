"""E-mails about an account: who is told of what, and that they tell a stranger nothing."""

import re
import smtplib
import threading
from datetime import UTC, datetime
from pathlib import Path

import allauth
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.models import Agency
from tests.factories import PASSWORD
from tests.timesheets.test_accounts import choose, link_in
from tests.timesheets.test_second_factor import set_up, sign_in
from timesheets import account_emails
from timesheets.models import User

pytestmark = pytest.mark.django_db

NEW = "a long walk home"
# PostgreSQL's name for what Django reads row by row is another each time.
CURSOR = re.compile(r"_django_curs_\w+")


@pytest.fixture(autouse=True)
def clean_counters():
    cache.clear()


def told(person: User) -> list[str]:
    """What the notices to this person say was changed."""
    notices = [one for one in mail.outbox if one.to == [person.email] and "was changed" in one.subject]
    return [text for one in notices for text in map(str, account_emails.NOTICES.values()) if text in one.body]


# -- who is told of what ----------------------------------------------------------------------------------------------


def test_who_changes_their_password_is_told_where_to_turn_if_it_was_not_them(member):
    with time_machine.travel(datetime(2026, 11, 18, 12, tzinfo=UTC), tick=False):
        client = sign_in(member)
        form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        assert client.post("/accounts/password/change/", form).status_code == 302
    assert told(member) == ["Your password was changed."]
    [letter] = mail.outbox
    assert f"Hello {member.name}" in letter.body
    assert "18 Nov 2026, 13:00" in letter.body  # in the agency's zone
    assert "/accounts/password/reset/" in letter.body
    assert NEW not in letter.body


def test_who_chooses_a_new_password_under_a_link_is_told(member):
    client = Client()
    client.post("/accounts/password/reset/", {"email": member.email})
    choose(client, link_in(mail.outbox[0]), {"password1": NEW, "password2": NEW})
    assert told(member) == ["A new password was chosen, under a link that was e-mailed to you."]


def test_who_had_no_password_is_told_of_the_first(member):
    member.set_unusable_password()
    member.save()
    client = Client()
    client.force_login(member)
    page = client.get("/accounts/password/change/", follow=True).content.decode()
    assert "<h1>Choose a password</h1>" in page
    assert 'href="/profile/"' in page
    assert client.post("/accounts/password/set/", {"password1": NEW, "password2": NEW}).status_code == 302
    assert told(member) == ["A password was chosen for your account."]


def test_who_gets_a_second_factor_or_loses_it_is_told(member, django_capture_on_commit_callbacks):
    client = sign_in(member)
    with django_capture_on_commit_callbacks(execute=True):
        set_up(client)
        client.post("/accounts/2fa/recovery-codes/generate/")
        client.post("/accounts/2fa/totp/deactivate/")
    assert sorted(told(member)) == [
        "A code from an app was added as a second factor.",
        "New recovery codes were made. The old ones no longer work.",
        "The code from an app was removed as a second factor.",
    ]


def test_who_removes_a_passkey_is_told(member):
    client = sign_in(member)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    passkey = passkey_of(member)
    answer = client.post(f"/accounts/2fa/webauthn/keys/{passkey.pk}/remove/")
    assert answer.url == "/accounts/2fa/webauthn/"
    assert told(member) == ["A passkey was removed."]


def passkey_of(person: User) -> Authenticator:
    kind = Authenticator.Type.WEBAUTHN
    return Authenticator.objects.create(user=person, type=kind, data={"name": "Key", "credential": {}})


def test_whose_second_factor_somebody_else_removes_is_told(director, member, manager):
    set_up(sign_in(member))
    set_up(sign_in(manager))
    mail.outbox.clear()
    sign_in(director).post(f"/team/people/{member.pk}", {"forget": "1"})
    call_command("remove_second_factor", manager.email)
    for person in (member, manager):
        assert told(person) == ["Every second factor was removed. Your password alone lets you in now."]


def test_whose_password_a_director_chooses_in_the_admin_is_told(director, member):
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    answer = sign_in(director).post(f"/admin/timesheets/user/{member.pk}/password/", form)
    assert answer.status_code == 302
    assert told(member) == ["Your password was changed."]


def test_a_notice_is_in_the_language_of_the_person(member):
    User.objects.filter(pk=member.pk).update(language="fr")
    with time_machine.travel(datetime(2026, 11, 18, 12, tzinfo=UTC), tick=False):
        client = sign_in(User.objects.get(pk=member.pk))
        client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert "18 nov. 2026, 13:00" in mail.outbox[0].body


def test_there_are_words_for_all_that_people_are_told_of_by_django_allauth():
    templates = Path(allauth.__file__).parent / "templates"
    names = {str(path.relative_to(templates)) for path in templates.glob("mfa/email/*_message.txt")}
    names |= {f"account/email/password_{what}_message.txt" for what in ("changed", "reset", "set")}
    assert len(names) >= 8
    assert names == {f"{name}_message.txt" for name in account_emails.NOTICES if "/" in name}


# -- what a stranger learns -------------------------------------------------------------------------------------------


def test_the_answer_to_a_forgotten_password_waits_for_no_account_and_no_mail_server(member, monkeypatch):
    Agency.current()
    waiting: list = []
    monkeypatch.setattr("timesheets.account_emails.beside", waiting.append)
    asked = []
    for email in (member.email, "nobody@example.com"):
        with CaptureQueriesContext(connection) as queries:
            answer = Client().post("/accounts/password/reset/", {"email": email})
        told = [CURSOR.sub("cursor", query["sql"].replace(email, "?")) for query in queries]
        asked.append([sql for sql in told if "SAVEPOINT" not in sql])
        assert (answer.status_code, answer.url) == (302, "/accounts/password/reset/done/")
        assert mail.outbox == []
    assert asked[0] == asked[1]
    for work in waiting:
        work()
    assert [letter.to for letter in mail.outbox] == [[member.email]]


def test_a_mail_server_that_is_away_is_told_to_the_log_and_to_no_stranger(member, monkeypatch, caplog):
    answers = [Client().post("/accounts/password/reset/", {"email": email}) for email in ("nobody@example.com",)]
    monkeypatch.setattr(EmailMessage, "send", refuse)
    answers.append(Client().post("/accounts/password/reset/", {"email": member.email}))
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, "/accounts/password/reset/done/")] * 2
    assert "an e-mail about an account was not sent" in caplog.text


def refuse(_letter: EmailMessage, *_args: object) -> None:
    raise smtplib.SMTPServerDisconnected("gone")


def test_what_is_sent_beside_the_answer_is_sent_by_a_thread_that_the_process_waits_for(monkeypatch):
    monkeypatch.undo()  # of what makes the other tests wait for it
    sent: list[threading.Thread] = []
    before = set(threading.enumerate())
    account_emails.beside(lambda: sent.append(threading.current_thread()))
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
    [thread] = sent
    assert thread is not threading.current_thread()
    assert not thread.daemon


# -- a mail server that is away ---------------------------------------------------------------------------------------


def test_a_new_password_counts_though_the_notice_of_it_cannot_be_sent(member, monkeypatch):
    client = sign_in(member)
    monkeypatch.setattr(EmailMessage, "send", refuse)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/accounts/password/change/", form).status_code == 302
    assert User.objects.get(pk=member.pk).check_password(NEW)


def test_a_director_reads_that_an_invitation_could_not_be_sent_and_sends_it_again(director, monkeypatch):
    client = sign_in(director)
    form = {"name": "Inès", "email": "ines@example.com", "role": "member", "weekly_minutes": "35"}
    form |= {"joined_on": "2026-11-02", "is_active": "on"}
    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse)
        told = client.post("/team/people/add", form, follow=True).content.decode()
        person = User.objects.get(email="ines@example.com")
        again = client.post(f"/team/people/{person.pk}", {"invite": "1"}, follow=True).content.decode()
    for page in (told, again):
        assert "Inès is here, but the e-mail could not be sent." in page
        assert "was sent to" not in page
    client.post(f"/team/people/{person.pk}", {"invite": "1"})
    assert [letter.to for letter in mail.outbox] == [["ines@example.com"]]
