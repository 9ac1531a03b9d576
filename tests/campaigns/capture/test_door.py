"""Who may send a form, how much, how often and how; and what the page that sent it may read."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.cache import cache

from campaigns.capture import limits
from campaigns.models import CapturedContact, CaptureKey, Lead, Touch
from tests.campaigns.capture.conftest import NOW, SITE
from tests.factories import CaptureKeyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.claim]

SENT = Path(__file__).parent / "senders"
FIELDS = {"name": "Ada Example", "email": "ada@client.example"}
URLENCODED, JSON = "application/x-www-form-urlencoded", "application/json"


def post(client, form, body=None, kind=URLENCODED, **headers):
    body = urlencode(FIELDS) if body is None else body
    return client.post(f"/capture/{form.key}", body, content_type=kind, headers=headers)


# -- where from -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://www.example.com", "https://www.example.com.evil.example", ""]
)
def test_a_page_of_another_site_cannot_send_it(client, form, origin):
    answer = post(client, form, Origin=origin)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not Lead.objects.exists()


def test_who_names_no_page_is_a_program_and_may_write(client, form):
    answer = post(client, form)
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_page_that_sent_it_may_read_the_answer(client, form):
    answer = post(client, form, Origin=SITE)
    assert answer["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in answer["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_browsers_are_told_beforehand_what_they_may_send(client, form):
    asked = {"Origin": SITE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = client.options(f"/capture/{form.key}", headers=asked)
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == SITE
    assert answer["Access-Control-Allow-Methods"] == "POST"
    assert answer["Access-Control-Allow-Headers"] == "Content-Type"
    for origin in ("https://evil.example", "null"):
        refused = client.options(f"/capture/{form.key}", headers={**asked, "Origin": origin})
        assert (refused.status_code, "Access-Control-Allow-Origin" in refused.headers) == (403, False)


def test_no_cookie_is_read_or_set(client, form, director):
    client.force_login(director)
    answer = post(client, form, Origin=SITE)
    assert not answer.cookies
    assert not answer.wsgi_request.user.is_authenticated


@pytest.mark.parametrize("key", ["nonsense", "x" * 400, "a%00b"])
def test_a_key_that_there_is_not_is_not_found(client, form, key):
    assert client.post(f"/capture/{key}", urlencode(FIELDS), content_type=URLENCODED).status_code == 404


def test_a_key_that_was_revoked_is_not_found(client, form):
    CaptureKey.objects.update(revoked_at=NOW)
    assert post(client, form).status_code == 404


# -- how much and how often -------------------------------------------------------------------------------------------


def test_more_than_64_kb_are_refused_whatever_length_was_promised(client, form):
    body = urlencode({**FIELDS, "message": "x" * 70_000})
    assert post(client, form, body).status_code == 413
    assert post(client, form, urlencode({**FIELDS, "message": "x" * 60_000})).status_code == 200


def test_more_than_thirty_fields_are_refused(client, form):
    fields = {f"f{number}": "x" for number in range(28)}
    assert post(client, form, urlencode({**FIELDS, **fields})).status_code == 200
    answer = post(client, form, urlencode({**FIELDS, **fields, "one": "more"}))
    assert (answer.status_code, answer.json()["error"]) == (400, "At most 30 fields.")
    assert post(client, form, urlencode({f"f{number}": "x" for number in range(5000)})).status_code == 400


def test_the_limits_of_json_are_those_of_a_form(client, form):
    fields = {f"f{number}": "x" for number in range(28)}
    assert post(client, form, json.dumps({**FIELDS, **fields}), JSON).status_code == 200
    answer = post(client, form, json.dumps({**FIELDS, **fields, "one": "more"}), JSON)
    assert (answer.status_code, answer.json()["error"]) == (400, "At most 30 fields.")
    assert post(client, form, json.dumps({**FIELDS, "message": "x" * 70_000}), JSON).status_code == 413


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
def test_the_last_byte_that_is_taken_is_the_65_536th(client, form, more, status):
    without = len(urlencode({**FIELDS, "message": ""}))
    body = urlencode({**FIELDS, "message": "x" * (65_536 - without + more)})
    assert len(body) == 65_536 + more
    assert post(client, form, body).status_code == status


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", "name=Ada", 415),
        ("multipart/form-data; boundary=x", "--x--", 415),
        ("application/json", "{", 400),
        ("application/json", "[1]", 400),
        ("application/json", "[" * 30_000, 400),
        (URLENCODED, b"name=%ff\xff", 400),
        ("application/json", b"\xff\xfe", 400),
    ],
)
def test_what_is_no_form_is_told_so(client, form, kind, body, status):
    answer = post(client, form, body, kind)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert not CapturedContact.objects.exists()


def test_too_many_from_one_address_are_asked_to_wait(client, form, clock):
    for number in range(limits.FROM_AN_ADDRESS):
        assert post(client, form, urlencode({"name": f"Ada {number}"})).status_code == 200
    answer = post(client, form, urlencode({"name": "One more"}))
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    assert (
        client.post(
            f"/capture/{form.key}", urlencode(FIELDS), content_type=URLENCODED, REMOTE_ADDR="203.0.113.7"
        ).status_code
        == 200
    )
    clock.shift(timedelta(minutes=10))
    assert post(client, form).status_code == 200


def test_too_many_by_one_key_are_asked_to_wait(client, form, monkeypatch):
    monkeypatch.setattr(limits, "BY_A_KEY", 2)
    for number in range(2):
        client.post(
            f"/capture/{form.key}", f"name={number}", content_type=URLENCODED, REMOTE_ADDR=f"203.0.113.{number}"
        )
    assert post(client, form).status_code == 429


def test_counts_hold_no_address_and_cannot_be_followed_to_the_next_day(client, form, clock, monkeypatch):
    kept = []
    monkeypatch.setattr(cache, "add", lambda name, *args, **named: kept.append(name))
    monkeypatch.setattr(cache, "incr", lambda name: 1)
    for _day in range(2):
        post(client, form)
        clock.shift(timedelta(days=1))
    hashes = [name.split(":")[-1] for name in kept]
    assert len(set(hashes)) == len(hashes) == 4
    assert "127.0.0.1" not in str(kept)


def test_the_addresses_of_one_home_count_together(client, form, monkeypatch):
    monkeypatch.setattr(limits, "FROM_AN_ADDRESS", 1)
    for end, status in (("1", 200), ("2", 429)):
        answer = client.post(
            f"/capture/{form.key}", f"name=Ada+{end}", content_type=URLENCODED, REMOTE_ADDR=f"2001:db8::{end}"
        )
        assert answer.status_code == status


# -- what a browser is led to -----------------------------------------------------------------------------------------


def test_a_browser_is_led_to_the_page_that_stands_with_the_key_and_to_no_other(client, form):
    form.thank_you = "https://www.example.com/thanks"
    form.save()
    body = urlencode({**FIELDS, "thank_you": "https://evil.example", "next": "//evil.example", "redirect": "x"})
    answer = post(client, form, body, Origin=SITE, Accept="text/html", Referer="https://evil.example/")
    assert (answer.status_code, answer["Location"]) == (303, "https://www.example.com/thanks")


def test_without_a_page_there_is_a_sentence(client, form):
    answer = post(client, form, Origin=SITE, Accept="text/html,*/*")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert "Thank you" in answer.content.decode()


# -- programs ---------------------------------------------------------------------------------------------------------


def digest(secret, content):
    return hmac.new(secret.encode(), content, hashlib.sha256)


def signed(source, secret, body, at=NOW):
    stamp = str(int(at.timestamp() * 1000))
    return {
        "typeform": {"Typeform-Signature": "sha256=" + base64.b64encode(digest(secret, body).digest()).decode()},
        "tally": {"Tally-Signature": base64.b64encode(digest(secret, body).digest()).decode()},
        "webflow": {
            "X-Webflow-Timestamp": stamp,
            "X-Webflow-Signature": digest(secret, f"{stamp}:".encode() + body).hexdigest(),
        },
        "wordpress": {"X-Retour-Key": secret},
    }[source]


@pytest.fixture(params=["typeform", "tally", "webflow", "wordpress"])
def program(request, db):
    key = CaptureKeyFactory(source=request.param, origins="")
    key.seal("a secret of this program")
    key.save()
    return key, (SENT / f"{request.param}.json").read_bytes()


def test_what_a_program_sends_is_read(client, program, linkedin, spring):
    key, body = program
    answer = post(client, key, body, "application/json", **signed(key.source, key.secret, body))
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    lead = Lead.objects.get()
    assert (lead.name, lead.email, lead.how_heard) == ("Ada Example", "ada@client.example", "LinkedIn")
    assert lead.phone.removeprefix("+") == "33100000001"
    touch = Touch.objects.get()
    assert (touch.platform, touch.campaign) == (linkedin, spring)
    if key.source == "typeform":
        assert lead.note == "What do you need?: A site, A shop\nMay we call?: yes\nPages: 12"


def test_a_program_that_sends_again_much_later_is_understood(client, program, clock):
    key, body = program
    for _time in range(2):
        now = NOW if not CapturedContact.objects.exists() else NOW + timedelta(hours=5)
        clock.move_to(now)
        assert (
            post(client, key, body, "application/json", **signed(key.source, key.secret, body, now)).status_code == 200
        )
    has_number = key.source != "wordpress"
    assert CapturedContact.objects.count() == (1 if has_number else 2)
    assert Lead.objects.count() == 1


def test_what_a_stranger_sends_in_its_name_is_refused(client, program):
    key, body = program
    right = signed(key.source, key.secret, body)
    for headers in ({}, signed(key.source, "another secret", body), dict.fromkeys(right, ""), {**right, "x": "y"}):
        other = body.replace(b"Ada", b"Eve") if "x" in headers and key.source != "wordpress" else body
        if "x" in headers and key.source == "wordpress":
            continue
        assert post(client, key, other, "application/json", **headers).status_code == 403
    assert not CapturedContact.objects.exists()


def test_an_old_signature_of_webflow_is_refused(client, db):
    key = CaptureKeyFactory(source="webflow", origins="")
    key.seal("a secret of this program")
    key.save()
    body = (SENT / "webflow.json").read_bytes()
    headers = signed("webflow", key.secret, body, NOW - timedelta(minutes=6))
    assert post(client, key, body, "application/json", **headers).status_code == 403


def test_a_program_without_a_readable_secret_is_believed_nothing(client, program, settings):
    key, body = program
    headers = signed(key.source, key.secret, body)
    settings.SECRET_KEY = "another secret of at least thirty-two letters"
    assert post(client, key, body, "application/json", **headers).status_code == 403
    CaptureKey.objects.update(sealed_secret="")
    assert post(client, key, body, "application/json", **signed(key.source, "", body)).status_code == 403


def test_no_page_may_send_by_the_key_of_a_program(client, program):
    key, body = program
    headers = {**signed(key.source, key.secret, body), "Origin": SITE}
    assert post(client, key, body, "application/json", **headers).status_code == 403


def test_strangers_use_up_nothing_of_a_program(client, program, monkeypatch):
    key, body = program
    monkeypatch.setattr(limits, "BY_A_KEY", 1)
    for _time in range(5):
        post(client, key, body, "application/json")
    assert post(client, key, body, "application/json", **signed(key.source, key.secret, body)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"form_response": 1, "data": 2, "payload": []}',
        '{"form_response": {"answers": [1, {"field": 2}], "definition": {"fields": "x"}, "hidden": []}}',
        '{"data": {"fields": [null, {"label": {}, "value": {"a": 1}, "options": [1]}]}}',
        '{"payload": {"data": {"email": {"a": []}, "name": [null, true]}}}',
        json.dumps({"a": float("nan")}),
        '{"form_response": {"answers": [{"field": {"id": []}}], "definition": {"fields": [{"id": {}}]}, '
        '"hidden": {"email": "a@client.example"}, "token": "\\ud800"}}',
        '{"data": {"fields": [{"options": [{"id": []}]}, {"label": "email", "value": "a@client.example"}], '
        '"responseId": "\\ud800"}}',
        '{"payload": {"data": {"email": "a@client.example"}, "id": "\\ud800"}}',
    ],
)
def test_a_body_of_another_shape_is_no_failure(client, program, body):
    key, _body = program
    headers = signed(key.source, key.secret, body.encode())
    assert post(client, key, body, "application/json", **headers).status_code in (200, 400, 422)


@pytest.mark.parametrize("depth", [50, 200, 350, 500, 650, 800, 20_000])
def test_lists_in_lists_are_no_failure(client, form, depth):
    body = '{"email": ' + "[" * depth + "]" * depth + "}"
    assert post(client, form, body, JSON).status_code in (400, 422)
