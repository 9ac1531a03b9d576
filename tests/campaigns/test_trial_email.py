"""`Send one to me`: a director sees whether e-mail arrives, and if not why."""

import pytest
from django.core import mail

from campaigns.models import Agency

pytestmark = pytest.mark.django_db
PAGE = "/settings/trial-email"


@pytest.fixture
def web(client, director):
    Agency.current()
    client.force_login(director)
    return client


def test_it_goes_to_whoever_asks(web, director):
    page = web.post(PAGE, {"email": "someone.else@example.com"}, follow=True).content.decode()
    [letter] = mail.outbox
    assert letter.to == [director.email]
    assert f"An e-mail was sent to {director.email}" in page


def test_a_server_that_is_away_is_said_with_its_reason(web, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    page = web.post(PAGE, follow=True).content.decode()
    assert "No e-mail went to" in page
    assert "refused" in page


def test_without_a_server_it_is_said_what_to_set(web, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_IS_SET_UP = "core.smtp.NotSetUp", False
    assert "E-mail is not set up: EMAIL_URL is empty." in web.post(PAGE, follow=True).content.decode()


def test_a_file_is_not_called_an_e_mail_that_was_sent(web, settings):
    settings.EMAIL_IS_SET_UP = False
    assert "no mail server is set up" in web.post(PAGE, follow=True).content.decode()


def test_it_is_written_in_the_readers_language(web, director):
    director.language = "fr"
    director.save()
    web.post(PAGE)
    assert mail.outbox[0].subject != "An e-mail from Retour arrives"
