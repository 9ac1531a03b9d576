"""What becomes of a form: a new lead, a contact of a known one, quarantine; and that nobody can tell which."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import erasure, merge_leads, personal_data_export, retention
from campaigns.capture import intake
from campaigns.links import return_token, views
from campaigns.links.clicks import ClickCounter
from campaigns.models import CapturedContact, Lead, LinkRules, Sale, Touch
from reports.attribution import rollups
from reports.models import Credit
from tests.campaigns.capture.conftest import NOW, SITE
from tests.factories import CampaignFactory, LeadFactory, PlatformFactory, SaleFactory, TrackingLinkFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.claim]

STORED = {
    "first": {"utm_source": "newsletter", "at": (NOW - timedelta(days=20)).timestamp() * 1000},
    "last": {
        "utm_source": "linkedin",
        "utm_campaign": "spring",
        "gclid": "Cj0",
        "referrer": "lnkd.in",
        "at": (NOW - timedelta(days=2)).timestamp() * 1000,
    },
    "consent": {"text": "I agree to be remembered.", "at": (NOW - timedelta(days=20)).timestamp() * 1000},
}


def kinds():
    return list(CapturedContact.objects.order_by("pk").values_list("kind", flat=True))


# -- a new lead -------------------------------------------------------------------------------------------------------


def test_who_writes_becomes_a_lead(send, form):
    answer = send(phone="+33100000001", company="Client", message="A site, please", how_heard="LinkedIn", Budget="5000")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    lead = Lead.objects.get()
    assert (lead.name, lead.email, lead.phone, lead.company) == (
        "Ada Example",
        "ada@client.example",
        "+33100000001",
        "Client",
    )
    assert (lead.received_at, lead.how_heard, lead.status) == (NOW, "LinkedIn", "new")
    assert lead.note == "A site, please\nBudget: 5000"
    contact = CapturedContact.objects.get()
    assert (contact.kind, contact.lead, contact.key, contact.values) == ("new", lead, form, {})


def test_a_form_of_ones_own_says_what_its_fields_mean(send, form):
    form.field_names = {"Betrifft": "message", "Firma": "company"}
    form.save()
    send(Betrifft="Eine Website", firma="Client")
    lead = Lead.objects.get()
    assert (lead.note, lead.company) == ("Eine Website", "Client")


@pytest.mark.parametrize(
    ("fields", "name", "note"),
    [
        ({"name": None, "Prénom": "Ada", "Nom de famille": "Example"}, "Ada Example", ""),
        ({"name": "x" * 200}, "x" * 160, f"name: {'x' * 200}"),
        ({"email": "not an address"}, "Ada Example", "e-mail: not an address"),
        ({"your-name": "Another"}, "Ada Example", "your-name: Another"),
        ({"message": "a\x00b\ud800"}, "Ada Example", "ab"),
    ],
)
def test_nothing_that_was_written_is_lost(send, fields, name, note):
    assert send(**fields).status_code == 200
    lead = Lead.objects.get()
    assert (lead.name, lead.note) == (name, note)


def test_a_form_that_says_nobody_is_told_so(send):
    answer = send(name=None, email=None, message="Hello")
    assert answer.status_code == 422
    assert "neither a name" in answer.json()["error"]
    assert not CapturedContact.objects.exists()


# -- where they came from ---------------------------------------------------------------------------------------------


@pytest.fixture
def link(linkedin, spring):
    LinkRules.objects.create(pk=1, allowed_hosts="www.example.com")
    return TrackingLinkFactory(slug="post", platform=linkedin, campaign=spring)


def places():
    return [(touch.platform_id, touch.campaign_id, touch.at) for touch in Touch.objects.order_by("at", "pk")]


def test_a_signed_link_makes_the_touchpoint_without_a_stored_click(send, link):
    send(rt=return_token.issue("post", at=NOW - timedelta(days=3)), utm_source="whatever")
    assert places() == [(link.platform_id, link.campaign_id, NOW - timedelta(days=3))]
    assert Touch.objects.get().utm_source == "linkedin"


def test_a_click_counts_for_what_the_link_stood_for_whatever_it_leads_to_since(send, link):
    token = return_token.issue("post", at=NOW)
    link.target, link.is_active = "https://www.example.com/other", False
    link.save()
    send(rt=token)
    assert places() == [(link.platform_id, link.campaign_id, NOW)]


FORGED = {
    "changed": lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
    "of another link": lambda token: token.replace("post", "fair"),
    "invented": lambda token: "post.6a5c5e00.000000000000." + "0" * 32,
    "too old": lambda token: return_token.issue("post", at=NOW - timedelta(days=100)),
    "ahead": lambda token: return_token.issue("post", at=NOW + timedelta(days=1)),
    "of no link": lambda token: return_token.issue("nowhere", at=NOW),
}


def test_who_passes_a_link_on_with_its_token_passes_its_origin_on_once_for_each_lead(send, link, clock):
    """Nobody can write one, and whoever has one has followed the link: that much is known without a stored click."""
    token = return_token.issue("post", at=NOW)
    for email in ("one@client.example", "other@client.example"):
        for message in ("first", "second"):
            clock.shift(timedelta(hours=1))
            send(email=email, message=message, rt=token)
    assert Lead.objects.count() == 2
    assert places() == [(link.platform_id, link.campaign_id, NOW)] * 2


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_no_touchpoint_is_forged(send, link, forge):
    TrackingLinkFactory(slug="fair")
    assert send(rt=forge(return_token.issue("post", at=NOW))).status_code == 200
    assert Lead.objects.count() == 1
    assert places() == []


def test_a_token_that_is_sent_again_makes_no_second_touchpoint(send, link, clock):
    token = return_token.issue("post", at=NOW)
    send(rt=token)
    clock.shift(timedelta(hours=1))
    send(rt=token, message="Again")
    assert kinds() == ["new", "repeat"]
    assert len(places()) == 1


def test_utm_values_are_read_as_imports_read_them(send, linkedin, spring):
    send(utm_source="LINKEDIN", utm_medium="social", utm_campaign="Spring")
    assert places() == [(linkedin.pk, spring.pk, NOW)]


def test_a_direct_source_is_a_direct_touchpoint(send):
    send(utm_source="(direct)")
    assert places() == [(None, None, NOW)]


def test_a_source_that_nobody_knows_makes_no_touchpoint_and_stays_to_be_read(send, client, manager):
    send(utm_source="mystery", utm_medium="social")
    assert places() == []
    assert CapturedContact.objects.get().origin["now"]["utm_source"] == "mystery"
    client.force_login(manager)
    assert "utm_source=mystery" in client.get(Lead.objects.get().get_absolute_url()).content.decode()


def test_the_first_and_the_last_origin_are_touchpoints_with_consent(send, linkedin, spring, client, manager):
    newsletter = PlatformFactory(name="Newsletter")
    send(retour_origin=json.dumps(STORED))
    assert places() == [
        (newsletter.pk, None, NOW - timedelta(days=20)),
        (linkedin.pk, spring.pk, NOW - timedelta(days=2)),
    ]
    contact = CapturedContact.objects.get()
    assert (contact.consent_text, contact.consent_at) == ("I agree to be remembered.", NOW - timedelta(days=20))
    assert contact.origin["last"]["gclid"] == "Cj0"
    client.force_login(manager)
    page = client.get(contact.lead.get_absolute_url()).content.decode()
    assert "I agree to be remembered." in page
    assert "gclid=Cj0" in page


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "{",
        "[]",
        '"x"',
        '{"first": 1, "last": [], "consent": {"text": 5}}',
        '{"first": {"utm_source": {}, "at": true}}',
    ]
    + ['{"first": {"utm_source": "linkedin", "at": 1e400}}', "[" * 20_000],
)
def test_an_origin_that_cannot_be_read_costs_no_lead(send, linkedin, stored):
    assert send(retour_origin=stored).status_code == 200
    assert Lead.objects.count() == 1
    assert places() == []


def test_a_name_of_any_length_in_an_origin_costs_no_lead(send, linkedin):
    last = {"utm_source": "linkedin", "utm_campaign": "x" * 5_000, "at": NOW.timestamp() * 1000}
    assert send(retour_origin=json.dumps({"last": last})).status_code == 200
    assert Touch.objects.get().utm_campaign == "x" * 200


@pytest.mark.parametrize("days", [91, 4000])
def test_what_was_kept_for_too_long_is_not_believed(send, linkedin, days):
    first = {"utm_source": "linkedin", "at": (NOW - timedelta(days=days)).timestamp() * 1000}
    send(retour_origin=json.dumps({"first": first}))
    assert places() == []


def test_a_clock_that_is_ahead_is_now(send, linkedin):
    last = {"utm_source": "linkedin", "at": (NOW + timedelta(days=9)).timestamp() * 1000}
    send(retour_origin=json.dumps({"last": last}))
    assert places() == [(linkedin.pk, None, NOW)]


def test_the_host_that_somebody_came_from_is_a_platform_by_its_names(send, linkedin):
    linkedin.aliases.create(text="lnkd.in")
    send(retour_origin=json.dumps({"last": {"referrer": "lnkd.in", "at": NOW.timestamp() * 1000}}))
    assert places() == [(linkedin.pk, None, NOW)]


def test_from_the_click_to_credited_revenue(client, send, link, monkeypatch):
    monkeypatch.setattr(views, "CLICKS", ClickCounter(None))
    answer = client.get("/go/post", headers={"User-Agent": "Mozilla/5.0 Firefox/140.0"})
    token = answer["Location"].partition("rt=")[2]
    send(rt=token)
    SaleFactory(lead=Lead.objects.get(), amount_cents=500_000, sold_on=date(2026, 11, 20))
    rollups.drain()
    credits = Credit.objects.filter(sale__isnull=False)
    assert {credit.platform_id for credit in credits} == {link.platform_id}
    assert Sale.objects.count() == 1


# -- who is known already ---------------------------------------------------------------------------------------------


def test_a_known_address_is_a_contact_and_overwrites_nothing(send, linkedin, client, manager):
    lead = LeadFactory(name="Ada", email="ADA@client.example", phone="1", note="Known", received_at=NOW - timedelta(30))
    send(name="Somebody else", phone="2", company="New", message="Hello again", utm_source="linkedin")
    lead.refresh_from_db()
    assert (lead.name, lead.phone, lead.company, lead.note) == ("Ada", "1", "", "Known")
    assert Lead.objects.count() == 1
    contact = CapturedContact.objects.get()
    assert (contact.kind, contact.lead) == ("repeat", lead)
    assert contact.values["message"] == "Hello again"
    assert places() == [(linkedin.pk, None, NOW)]
    client.force_login(manager)
    page = client.get(lead.get_absolute_url()).content.decode()
    assert "Wrote again" in page
    assert "Hello again" in page


def test_the_same_within_ten_minutes_is_one(send, clock):
    for _time in range(3):
        assert send().json() == {"ok": True}
        clock.shift(timedelta(minutes=3))
    assert kinds() == ["new"]
    clock.shift(timedelta(minutes=9))
    send()
    assert kinds() == ["new", "repeat"]


def test_something_else_within_ten_minutes_is_a_contact(send):
    send()
    send(message="And one thing more")
    assert kinds() == ["new", "repeat"]


def test_an_erased_person_who_writes_again_is_a_new_lead(send, tmp_path, settings):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    send()
    erasure.erase_now(Lead.objects.get(), at=NOW)
    send()
    assert kinds() == ["new", "new"]
    assert sorted(Lead.objects.values_list("email", flat=True)) == ["", "ada@client.example"]


def test_a_voided_lead_is_not_written_to(send):
    LeadFactory(email="ada@client.example", voided_at=NOW)
    send()
    assert kinds() == ["new"]


def test_who_was_merged_is_known_as_who_they_became(send, director):
    one, other = LeadFactory(email="one@client.example"), LeadFactory(email="ada@client.example")
    merge_leads.merge(survivor_id=one.pk, merged_id=other.pk, by=director, at=NOW)
    send()
    assert CapturedContact.objects.get().lead == one


def test_contacts_go_along_with_a_merge_and_come_back_with_a_split(send, director):
    send()
    one, other = LeadFactory(), Lead.objects.get(email="ada@client.example")
    record = merge_leads.merge(survivor_id=one.pk, merged_id=other.pk, by=director, at=NOW)
    assert CapturedContact.objects.get().lead == one
    merge_leads.split(record, by=director)
    assert CapturedContact.objects.get().lead == other


# -- spam -------------------------------------------------------------------------------------------------------------


SPAM = [
    {"retour_website": "https://spam.example"},
    {"name": "Visit www.spam.example now"},
    {"message": "http://a.example http://b.example https://c.example www.d.example"},
]


@pytest.mark.parametrize("fields", SPAM)
def test_spam_is_set_aside_and_counts_nowhere(send, fields):
    assert send(**fields).json() == {"ok": True}
    assert kinds() == ["spam"]
    assert not Lead.objects.exists()


def test_new_known_spam_and_erased_get_the_same_answer_for_about_the_same_work(send, clock, tmp_path, settings):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    gone = LeadFactory(email="gone@client.example")
    erasure.erase_now(gone, at=NOW)
    send(email="warm@client.example")
    answers, statements = [], []
    for fields in ({}, {"message": "Again"}, {**SPAM[0], "message": "Spam"}, {"email": "gone@client.example"}):
        with CaptureQueriesContext(connection) as queries:
            answer = send(**fields)
        headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
        answers.append((answer.status_code, answer.content, headers))
        statements.append(len(queries))
    assert kinds()[1:] == ["new", "repeat", "spam", "new"]
    assert answers.count(answers[0]) == 4
    assert max(statements) - min(statements) <= 6, statements


def test_spam_beyond_what_anybody_reads_is_not_kept(send, monkeypatch):
    monkeypatch.setattr(intake, "MOST_SET_ASIDE_A_DAY", 2)
    for number in range(4):
        assert send(**SPAM[0], message=str(number)).json() == {"ok": True}
    assert kinds() == ["spam", "spam"]


def test_spam_goes_after_thirty_days_and_leads_stay(send):
    send(**SPAM[0])
    send(email="other@client.example")
    retention.purge(at=NOW + timedelta(days=29))
    assert sorted(kinds()) == ["new", "spam"]
    retention.purge(at=NOW + timedelta(days=31))
    assert kinds() == ["new"]


def test_spam_that_names_a_person_is_told_of_and_erased_with_them(send, tmp_path, settings):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    send(**SPAM[0])
    send(**SPAM[0], email="other@client.example", name="Other")
    lead = LeadFactory(name="", email="Ada@client.example")
    [told] = personal_data_export.on_lead(lead)["set aside as spam"]
    assert told["email"] == "ada@client.example"
    erasure.erase_now(lead, at=NOW)
    assert [row.email for row in CapturedContact.objects.all()] == ["other@client.example"]


def test_a_manager_releases_what_is_no_spam(send, link, client, manager):
    token = return_token.issue("post", at=NOW - timedelta(hours=2))
    send(rt=token, message="http://a.example " * 5)
    row = CapturedContact.objects.get()
    client.force_login(manager)
    assert "ada@client.example" in client.get("/forms/quarantine/").content.decode()
    answer = client.post(f"/forms/quarantine/{row.pk}/release/")
    lead = Lead.objects.get()
    assert answer["Location"] == lead.get_absolute_url()
    assert (lead.email, lead.received_at) == ("ada@client.example", NOW)
    assert places() == [(link.platform_id, link.campaign_id, NOW - timedelta(hours=2))]
    row.refresh_from_db()
    assert (row.kind, row.values, row.email) == ("new", {}, "")
    client.post(f"/forms/quarantine/{row.pk}/release/")
    client.post(f"/forms/quarantine/{row.pk}/delete/")
    assert CapturedContact.objects.count() == Lead.objects.count() == 1


def test_a_manager_deletes_what_is(send, client, manager):
    send(**SPAM[0])
    client.force_login(manager)
    client.post(f"/forms/quarantine/{CapturedContact.objects.get().pk}/delete/")
    assert not CapturedContact.objects.exists()


# -- what is kept -----------------------------------------------------------------------------------------------------


def test_all_that_is_held_of_contacts_is_told_and_erased(send, tmp_path, settings):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    send(retour_origin=json.dumps(STORED))
    send(message="Canary", retour_origin=json.dumps(STORED))
    lead = Lead.objects.get()
    told = personal_data_export.on_lead(lead)["campaigns.capturedcontact"]
    assert [row["values"].get("message") for row in told] == [None, "Canary"]
    assert told[0]["consent_text"] == "I agree to be remembered."
    erasure.erase_now(lead, at=NOW)
    for row in CapturedContact.objects.all():
        assert (row.values, row.origin, row.consent_text, row.content_hash, row.lead) == ({}, {}, "", "", lead)


def test_a_contact_keeps_a_lead_for_as_long_as_a_touchpoint_does(send):
    old = LeadFactory(email="ada@client.example", received_at=datetime(2020, 1, 1, tzinfo=UTC))
    other = LeadFactory(received_at=datetime(2020, 1, 1, tzinfo=UTC))
    send()
    assert list(retention.due(NOW)) == [other]
    assert old not in retention.due(NOW)


def test_no_address_of_a_visitor_is_kept(send):
    send(headers={"Origin": SITE, "User-Agent": "Canarybrowser"})
    held = str(list(CapturedContact.objects.values())) + str(list(Lead.objects.values()))
    assert "127.0.0.1" not in held
    assert "Canarybrowser" not in held


def test_a_campaign_alone_is_a_touchpoint_as_in_a_file(send, spring):
    CampaignFactory()
    send(utm_campaign="spring")
    assert places() == [(None, spring.pk, NOW)]
