"""Looking after the keys of forms."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from campaigns.capture import snippet
from campaigns.models import CapturedContact, CaptureKey, Lead
from core.sealing import MARK
from tests.factories import CaptureKeyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def as_manager(client, manager):
    client.force_login(manager)
    return client


def test_a_form_of_ones_own_gets_a_key_and_what_to_paste(as_manager):
    sent = {
        "name": "Contact",
        "source": "form",
        "origins": "https://WWW.example.com/contact\nhttps://www.example.com:443",
        "thank_you": "https://www.example.com/thanks",
        "field_names": "Your budget = message",
    }
    answer = as_manager.post("/forms/add/", sent)
    key = CaptureKey.objects.get()
    assert answer["Location"] == key.get_absolute_url()
    assert key.origins == "https://www.example.com"
    assert key.field_names == {"Your budget": "message"}
    assert len(key.key) == 24
    page = as_manager.get(key.get_absolute_url()).content.decode()
    assert f"&lt;form action=&quot;http://testserver/capture/{key.key}&quot;" in page or key.key in page
    assert "/static/capture/origin-1.js" in page


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"origins": ""}, "origins"),
        ({"origins": "www.example.com"}, "origins"),
        ({"origins": "*"}, "origins"),
        ({"thank_you": "javascript:alert(1)"}, "thank_you"),
        ({"thank_you": "https://www.example.com/\r\nSet-Cookie: a"}, "thank_you"),
        ({"field_names": "Budget"}, "field_names"),
        ({"field_names": "Budget = salary"}, "field_names"),
        ({"name": ""}, "name"),
        ({"source": "typeform", "secret": "short"}, "secret"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(as_manager, values, field):
    sent = {"name": "Contact", "source": "form", "origins": "https://www.example.com", **values}
    answer = as_manager.post("/forms/add/", sent)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not CaptureKey.objects.exists()


def test_the_secret_of_a_program_is_sealed_and_shown_once(as_manager):
    answer = as_manager.post("/forms/add/", {"name": "Typeform", "source": "typeform"})
    key = CaptureKey.objects.get()
    assert key.sealed_secret.startswith(MARK)
    assert key.secret in answer.content.decode()
    assert key.secret not in as_manager.get(key.get_absolute_url()).content.decode()
    given = as_manager.post("/forms/add/", {"name": "T", "source": "tally", "secret": "given by the program"})
    assert CaptureKey.objects.get(name="T").secret == "given by the program"
    assert "given by the program" in given.content.decode()


def test_a_new_secret_or_address_puts_the_old_one_out_of_force(as_manager):
    public, program = CaptureKeyFactory(), CaptureKeyFactory(source="tally")
    program.seal("the first secret")
    program.save()
    as_manager.post(f"/forms/{public.pk}/rotate/")
    page = as_manager.post(f"/forms/{program.pk}/rotate/").content.decode()
    program.refresh_from_db()
    assert program.secret != "the first secret"
    assert program.secret in page
    assert CaptureKey.objects.get(pk=public.pk).key != public.key
    assert as_manager.post(f"/capture/{public.key}", "name=a", content_type="application/json").status_code == 404


def test_a_key_that_was_revoked_keeps_no_secret_and_is_not_taken_up_again(as_manager):
    program = CaptureKeyFactory(source="tally")
    program.seal("the first secret")
    program.save()
    as_manager.post(f"/forms/{program.pk}/revoke/")
    program.refresh_from_db()
    assert program.sealed_secret == ""
    assert program.revoked_at
    for what in ("rotate", "test"):
        assert as_manager.post(f"/forms/{program.pk}/{what}/").status_code == 404
    assert as_manager.get(program.get_absolute_url()).status_code == 200


def test_a_test_makes_no_lead_and_is_shown(as_manager):
    key = CaptureKeyFactory()
    answer = as_manager.post(f"/forms/{key.pk}/test/", follow=True)
    assert "test@example.com" in answer.content.decode()
    assert CapturedContact.objects.get().kind == "test"
    assert not Lead.objects.exists()
    as_manager.post(f"/forms/quarantine/{CapturedContact.objects.get().pk}/release/")
    assert not Lead.objects.exists()


def test_the_source_of_a_key_never_changes(as_manager):
    key = CaptureKeyFactory()
    as_manager.post(key.get_absolute_url(), {"name": "N", "source": "tally", "origins": "https://a.example"})
    key.refresh_from_db()
    assert (key.name, key.source) == ("N", "form")


# -- what is pasted ---------------------------------------------------------------------------------------------------


def test_the_form_to_paste_says_what_it_is_for_and_sets_a_trap():
    text = snippet.form_of(CaptureKeyFactory())
    assert "We use what you write to answer you" in text
    assert 'name="retour_website"' in text
    assert set(re.findall(r'name="(\w+)"', text)) == {
        "name",
        "email",
        "phone",
        "how_heard",
        "message",
        "retour_website",
    }


def test_the_script_is_small_and_asks_nobody():
    script = Path(django_settings.BASE_DIR, "static", snippet.SCRIPT).read_bytes()
    assert len(script) <= 2048
    for word in (b"fetch", b"XMLHttpRequest", b"sendBeacon", b"cookie", b"import", b"eval"):
        assert word not in script


def test_browsers_may_keep_the_script_for_ever():
    test = re.compile(django_settings.WHITENOISE_IMMUTABLE_FILE_TEST)
    assert test.search("/static/capture/origin-1.js")
    assert test.search("/static/css/base.0123456789ab.css")
    assert not test.search("/static/css/base.css")
    assert not test.search("/static/capture/origin.js")
