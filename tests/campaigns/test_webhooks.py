"""Other programs and chats are told what happens: at least once, at most once, and never what is not for them."""

import base64
import hashlib
import hmac
import json
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns import erasure, merge_leads
from campaigns.models import ErasureReason, EventKind, Lead, SecurityEvent, Webhook, WebhookDelivery, WebhookEvent
from campaigns.models.webhooks import FOR_DIRECTORS
from campaigns.webhooks import chat, delivery, events
from core import outgoing_http
from core.outbox import LOST_AFTER
from core.weeks import Week
from reports.models import Flag, FlagCleared
from tests.erasure.canaries import bring
from tests.factories import LeadFactory, PlatformFactory, SaleFactory, TouchFactory, UserFactory
from tests.receiver import hang_up, receiving, redirect_to
from timesheets.models import Timesheet

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEK = Week.parse("2026-W47")
State = WebhookDelivery.State
LEADS = "external_id,received_at,name,status\nA-1,2026-11-02,From A File,won\nA-2,2026-11-03,Another,new\n"


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    with receiving() as receiver:
        yield receiver


def webhook_to(receiver, *, kinds=tuple(EventKind), **fields):
    webhook = Webhook(name="Receiver", events=[str(kind) for kind in kinds], **fields)
    webhook.url = receiver.url() if receiver else "https://example.com/hook"
    webhook.plain_secret = webhook.rotate_secret(at=None)
    webhook.save()
    return webhook


def told(receiver):
    return [json.loads(request.body) for request in receiver.came]


def kinds_waiting():
    return sorted(WebhookDelivery.objects.values_list("kind", flat=True))


# -- what is told -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_lead_that_comes_in_is_told_with_its_origin_and_without_its_name(receiver):
    webhook_to(receiver)
    lead = LeadFactory(name="Ada Example", email="ada@example.com", phone="+33 1", company="Example")
    TouchFactory(lead=lead, platform=PlatformFactory(name="Facebook"))
    delivery.send_due(at=NOW)
    (message,) = told(receiver)
    assert message["type"] == "lead.created"
    assert message["data"]["lead"] == lead.pk
    assert message["data"]["platform"] == "Facebook"
    assert message["data"]["status"] == "new"
    assert not re.search("ada|example\\.com/l|\\+33|Example", receiver.came[0].body.decode().replace("testserver", ""))
    assert WebhookDelivery.objects.get().state == State.SENT


@pytest.mark.django_db
def test_names_are_told_where_they_were_asked_for_and_are_those_of_the_moment_of_sending(receiver):
    webhook_to(receiver, kinds=[EventKind.LEAD_CREATED], has_personal_data=True)
    lead = LeadFactory(name="Ada", email="ada@example.com")
    events.hand_out(at=NOW)
    assert "Ada" not in str(WebhookDelivery.objects.values())
    Lead.objects.filter(pk=lead.pk).update(name="Ada Lovely")
    delivery.send_due(at=NOW)
    assert told(receiver)[0]["data"]["person"]["name"] == "Ada Lovely"


@pytest.mark.django_db
def test_nothing_is_told_of_whom_was_erased_meanwhile(receiver):
    webhook_to(receiver, kinds=[EventKind.LEAD_CREATED], has_personal_data=True)
    lead = LeadFactory(name="Ada", email="ada@example.com")
    events.hand_out(at=NOW)
    erasure.erase([lead], at=NOW, why=ErasureReason.REQUEST)
    delivery.send_due(at=NOW)
    assert "person" not in told(receiver)[0]["data"]


@pytest.mark.django_db
def test_each_thing_that_happens_to_leads_and_sales_is_told_once():
    webhook_to(None)
    lead, other = LeadFactory(), LeadFactory()
    lead.move_to("qualified", at=NOW)
    lead.move_to("won", at=NOW + MINUTE)
    sale = SaleFactory(lead=lead, amount_cents=240_050)
    SaleFactory(refund_of=sale, amount_cents=-5_000)
    merge_leads.merge(survivor_id=lead.pk, merged_id=other.pk, by=None, at=NOW)
    erasure.erase([lead], at=NOW, why=ErasureReason.REQUEST)
    events.hand_out(at=NOW)
    assert kinds_waiting() == sorted(
        ["lead.created"] * 2
        + ["lead.qualified", "lead.won", "sale.created", "refund.created", "lead.merged"]
        + ["lead.erased"] * WebhookDelivery.objects.filter(kind="lead.erased").count()
    )
    assert WebhookDelivery.objects.get(kind="sale.created").data["amount"] == "2400.50"
    assert WebhookDelivery.objects.get(kind="refund.created").data["amount"] == "-50.00"
    assert WebhookDelivery.objects.get(kind="lead.merged").data["merged"] == other.pk
    assert WebhookDelivery.objects.filter(kind="lead.erased").exists()
    events.hand_out(at=NOW)
    assert not WebhookEvent.objects.exists()


@pytest.mark.django_db
def test_without_a_webhook_nothing_is_kept():
    LeadFactory()
    off = webhook_to(None)
    Webhook.objects.filter(pk=off.pk).update(is_active=False)
    LeadFactory()
    assert not WebhookEvent.objects.exists()


@pytest.mark.django_db
def test_a_file_is_told_once_it_is_done_and_not_row_by_row(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    webhook_to(None)
    run = bring("leads", LEADS, at=NOW)
    events.hand_out(at=NOW)
    assert kinds_waiting() == ["import.done"]
    assert WebhookDelivery.objects.get().data["rows"] == 2
    assert WebhookDelivery.objects.get().data["import"] == run.pk
    Lead.objects.get(external_id="A-2").move_to("qualified", at=NOW)
    events.hand_out(at=NOW)
    assert "lead.qualified" in kinds_waiting()


@pytest.mark.django_db
def test_a_week_is_told_when_it_is_submitted(receiver):
    webhook_to(receiver, kinds=[EventKind.WEEK_SUBMITTED], format="slack")
    member = UserFactory(name="Nora")
    Timesheet.of(member, WEEK).submit(at=NOW)
    delivery.send_due(at=NOW)
    assert told(receiver)[0]["text"].startswith("Nora submitted 2026-W47: 0:00")


@pytest.mark.django_db
def test_flags_are_told_when_they_are_raised_and_cleared():
    webhook_to(None)
    platform = PlatformFactory(name="Facebook")
    flag = Flag.objects.create(platform=platform, kind="losing", raised_on=WEEK.monday)
    flag.clear(WEEK, FlagCleared.WITHIN_LIMIT)
    events.hand_out(at=NOW)
    assert kinds_waiting() == ["flag.cleared", "flag.raised"]
    assert "Facebook" in WebhookDelivery.objects.get(kind="flag.raised").data["text"]


# -- the signature ----------------------------------------------------------------------------------------------------


def verified(request, secret):
    """The scheme of Standard Webhooks, as a receiver checks it."""
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return wanted in request.headers["webhook-signature"].split(" ")


@pytest.mark.django_db
def test_a_message_is_signed_and_for_a_day_by_the_secret_before_too(receiver):
    webhook = webhook_to(receiver, kinds=[EventKind.LEAD_CREATED])
    first = webhook.plain_secret
    second = webhook.rotate_secret(at=NOW)
    webhook.save()
    LeadFactory()
    delivery.send_due(at=NOW)
    assert verified(receiver.came[0], first)
    assert verified(receiver.came[0], second)
    with time_machine.travel(NOW + timedelta(days=1, minutes=1), tick=False):
        LeadFactory()
        delivery.send_due(at=NOW + timedelta(days=1, minutes=1))
    assert not verified(receiver.came[1], first)
    assert verified(receiver.came[1], second)


@pytest.mark.django_db
def test_the_signature_is_that_of_the_published_example():
    from campaigns.webhooks.signing import signature

    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the scheme's own example
    body = b'{"test": 2432232314}'
    signed = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, secret)
    assert signed == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


# -- what does not arrive ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [500, 404, 302, hang_up])
def test_a_program_is_told_again_with_the_same_id_until_it_answers(receiver, answer):
    webhook_to(receiver, kinds=[EventKind.LEAD_CREATED])
    receiver.answer = answer
    LeadFactory()
    delivery.send_due(at=NOW)
    assert WebhookDelivery.objects.get().state == State.WAITING
    delivery.send_due(at=NOW)
    assert len(receiver.came) == 1  # not before its time
    receiver.answer = 200
    delivery.send_due(at=NOW + 2 * MINUTE)
    assert WebhookDelivery.objects.get().state == State.SENT
    assert len({request.headers["webhook-id"] for request in receiver.came}) == 1


@pytest.mark.django_db
def test_after_three_days_it_is_given_up_and_can_be_sent_again(receiver, client, director):
    webhook_to(receiver, kinds=[EventKind.LEAD_CREATED])
    receiver.answer = 500
    LeadFactory()
    at = NOW
    delivery.send_due(at=at)
    while WebhookDelivery.objects.get().state == State.WAITING:
        at = WebhookDelivery.objects.get().next_attempt_at
        delivery.send_due(at=at)
    assert timedelta(days=3) <= at - NOW <= timedelta(days=3, hours=12)
    assert WebhookDelivery.objects.get().reason == "the receiver answered 500"
    receiver.answer = 200
    client.force_login(director)
    client.post(reverse("campaigns:webhook_send_again", args=[WebhookDelivery.objects.get().pk]))
    delivery.send_due(at=NOW)
    assert WebhookDelivery.objects.get().state == State.SENT
    assert len({request.headers["webhook-id"] for request in receiver.came}) == 1


@pytest.mark.django_db
def test_a_receiver_that_hangs_costs_a_run_one_message_and_holds_up_no_other(receiver, settings):
    with receiving() as other:
        webhook_to(receiver, kinds=[EventKind.LEAD_CREATED])
        webhook_to(other, kinds=[EventKind.LEAD_CREATED])
        receiver.answer = hang_up
        LeadFactory.create_batch(5)
        delivery.send_due(at=NOW)
        assert len(receiver.came) == 1
        assert len(other.came) == 5


@pytest.mark.django_db
def test_a_receiver_that_is_gone_for_good_is_switched_off(receiver):
    webhook = webhook_to(receiver, kinds=[EventKind.LEAD_CREATED])
    receiver.answer = 410
    LeadFactory()
    delivery.send_due(at=NOW)
    webhook.refresh_from_db()
    assert not webhook.is_active
    assert WebhookDelivery.objects.get().state == State.FAILED


@pytest.mark.django_db
def test_a_redirect_to_the_inside_is_not_followed(receiver):
    with receiving() as inside:
        webhook_to(receiver, kinds=[EventKind.LEAD_CREATED])
        receiver.answer = redirect_to(inside.url())
        LeadFactory()
        delivery.send_due(at=NOW)
        assert inside.came == []


@pytest.mark.django_db
def test_what_a_chat_may_have_read_is_not_posted_twice(receiver):
    webhook_to(receiver, kinds=[EventKind.LEAD_CREATED], format="mattermost")
    receiver.answer = hang_up
    LeadFactory()
    delivery.send_due(at=NOW)
    assert WebhookDelivery.objects.get().state == State.UNKNOWN
    delivery.send_due(at=NOW + timedelta(hours=1))
    assert len(receiver.came) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("format", "after"), [("standard", State.WAITING), ("slack", State.UNKNOWN)])
def test_a_worker_that_dies_while_sending(receiver, format, after):
    webhook = webhook_to(receiver, kinds=[EventKind.LEAD_CREATED], format=format)
    LeadFactory()
    events.hand_out(at=NOW)
    outbox = delivery.outbox_of(webhook)
    assert outbox.claim(WebhookDelivery.objects.get().pk, at=NOW)
    assert not delivery.is_due(at=NOW + MINUTE)
    assert delivery.is_due(at=NOW + LOST_AFTER + MINUTE), "else nobody would look at it"
    outbox.mark_lost(at=NOW + LOST_AFTER + MINUTE)
    assert WebhookDelivery.objects.get().state == after


@pytest.mark.django_db
@pytest.mark.claim
def test_a_receiver_that_answers_500_for_a_day_gets_it_once_it_is_well(receiver):
    """The sweep asks every minute; it is tried seldom, with one id, and is there within half a day of its recovery."""
    webhook_to(receiver, kinds=[EventKind.LEAD_CREATED])
    receiver.answer = 500
    LeadFactory()
    for minute in range(0, 36 * 60, 5):
        at = NOW + timedelta(minutes=minute)
        if minute == 24 * 60:
            assert 8 <= len(receiver.came) <= 15, "a receiver in trouble is not asked all the time"
            receiver.answer = 200
        with time_machine.travel(at, tick=False):
            if delivery.is_due(at=at):
                delivery.send_due(at=at)
    assert WebhookDelivery.objects.get().state == State.SENT
    assert len({request.headers["webhook-id"] for request in receiver.came}) == 1
    times = [int(request.headers["webhook-timestamp"]) for request in receiver.came]
    assert times == sorted(set(times)), "each attempt is signed anew, so that receivers take it for no replay"
    assert times[-1] - times[-2] <= 12 * 3600 + 300


@pytest.mark.django_db
def test_a_receiver_that_drips_costs_a_run_one_message_and_is_tried_again(receiver, monkeypatch):
    monkeypatch.setattr(outgoing_http, "SECONDS", 0.6)
    stop = threading.Event()

    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 ")
        while not stop.wait(0.1):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return

    with receiving() as other:
        webhook_to(receiver, kinds=[EventKind.LEAD_CREATED])
        webhook_to(other, kinds=[EventKind.LEAD_CREATED])
        receiver.answer = drip
        LeadFactory.create_batch(3)
        delivery.send_due(at=NOW)
        stop.set()
        assert (len(receiver.came), len(other.came)) == (1, 3)
    receiver.answer = 200
    delivery.send_due(at=NOW + 2 * MINUTE)
    stored = WebhookDelivery.objects.values_list("message_id", flat=True)
    assert {request.headers["webhook-id"] for request in receiver.came} <= set(stored)
    assert len(receiver.came) == 4, "one of them twice"


@pytest.mark.django_db
def test_a_private_address_is_not_posted_to(settings):
    settings.WEBHOOK_PRIVATE_HOSTS = []
    with receiving() as inside:
        webhook = webhook_to(inside, kinds=[EventKind.LEAD_CREATED])
        webhook.url = f"https://127.0.0.1:{inside.port}/"
        webhook.save()
        LeadFactory()
        delivery.send_due(at=NOW)
        assert inside.came == []
    assert "a network of its own" in WebhookDelivery.objects.get().reason


@pytest.mark.django_db
def test_what_the_receiver_writes_is_kept_nowhere(receiver):
    def answer(handler):
        handler.send_response(500, "leak-in-the-status")
        handler.end_headers()
        handler.wfile.write(b"leak-in-the-body")

    webhook_to(receiver, kinds=[EventKind.LEAD_CREATED])
    receiver.answer = answer
    LeadFactory()
    delivery.send_due(at=NOW)
    assert "leak" not in str(WebhookDelivery.objects.values())


@pytest.mark.django_db
def test_after_a_month_what_was_told_is_forgotten(receiver):
    webhook_to(receiver, kinds=[EventKind.LEAD_CREATED])
    LeadFactory()
    delivery.send_due(at=NOW)
    WebhookDelivery.objects.update(at=NOW)
    delivery.purge(at=NOW + timedelta(days=29))
    assert WebhookDelivery.objects.exists()
    delivery.purge(at=NOW + timedelta(days=31))
    assert not WebhookDelivery.objects.exists()


# -- chats ------------------------------------------------------------------------------------------------------------

NASTY = "<!channel> & @all *b* [x](http://y) `c`"


@pytest.mark.django_db
@pytest.mark.parametrize("format", ["slack", "teams", "mattermost"])
def test_a_name_means_nothing_to_a_chat_but_itself(format):
    webhook = webhook_to(None, format=format)
    data = {"lead": 1, "platform": NASTY, "campaign": None, "url": "https://example.com/leads/1/"}
    message = WebhookDelivery(webhook=webhook, kind="lead.created", data=data)
    text = json.dumps(chat.body(message), ensure_ascii=False)
    assert "<!channel>" not in text
    assert "@all" not in text
    assert ("[x](" in text) is (format == "slack")  # which knows no Markdown links
    assert "https://example.com/leads/1/" in text


@pytest.mark.django_db
def test_who_is_missing_and_the_hours_are_a_sentence():
    nora, otto = UserFactory(name="Nora"), UserFactory(name="Otto")
    missing = {"week": "2026-W47", "people": [nora.pk, otto.pk]}
    assert chat.sentence("week.missing", missing, has_names=False) == (
        "2026-W47 is not submitted by 2 people: Nora, Otto"
    )
    assert chat.sentence("week.missing", {**missing, "people": []}, has_names=False).startswith("Everybody")
    hours = {"week": "2026-W47", "minutes": {"X": 90, "Facebook": 4_805}}
    assert chat.sentence("week.hours", hours, has_names=False) == "Hours of 2026-W47: 81:35. Facebook 80:05, X 1:30"


# -- setting one up ---------------------------------------------------------------------------------------------------


def filled_in(**changes):
    fields = {
        "name": "CRM",
        "format": "standard",
        "url": "https://example.com/hook/abcd",
        "events": ["lead.created"],
        "is_active": "on",
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


@pytest.mark.django_db
def test_a_manager_sets_one_up_and_sees_the_secret_once(client, manager):
    client.force_login(manager)
    answer = client.post(reverse("campaigns:webhook_add"), filled_in(), follow=True)
    webhook = Webhook.objects.get()
    (secret,) = webhook.secrets
    assert secret in answer.content.decode()
    again = client.get(webhook.get_absolute_url()).content.decode()
    assert secret not in again
    assert "example.com/…abcd" in again
    assert "https://example.com/hook" not in again
    stored = str(Webhook.objects.values())
    assert secret not in stored
    assert "example.com" not in stored
    assert SecurityEvent.objects.filter(kind="webhook", by=manager).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(FOR_DIRECTORS))
def test_a_manager_can_neither_choose_nor_see_what_is_computed_from_cost(client, manager, kind):
    client.force_login(manager)
    answer = client.post(reverse("campaigns:webhook_add"), filled_in(events=[kind]))
    assert answer.status_code == 422
    webhook = webhook_to(None, kinds=[kind])
    assert client.get(reverse("campaigns:webhooks")).content.decode().count("Receiver") == 0
    for name in ("webhook", "webhook_edit", "webhook_remove"):
        assert client.get(reverse(f"campaigns:{name}", args=[webhook.pk])).status_code == 404


@pytest.mark.django_db
def test_a_channel_that_reads_cost_is_set_up_knowingly(client, director):
    client.force_login(director)
    fields = filled_in(format="slack", events=["flag.raised"])
    answer = client.post(reverse("campaigns:webhook_add"), fields)
    assert answer.status_code == 422
    assert "Tick this" in answer.content.decode()
    client.post(reverse("campaigns:webhook_add"), {**fields, "accepts_readers": "on"})
    assert Webhook.objects.get().is_for_directors


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://10.0.0.1/",
        "https://localhost/",
        "https://a:b@example.com/",
        "nothing",
        "https://",
    ],
)
def test_an_address_that_may_not_be_posted_to_is_refused_at_its_field(client, director, url):
    client.force_login(director)
    answer = client.post(reverse("campaigns:webhook_add"), filled_in(url=url))
    assert answer.status_code == 422
    assert answer.context["form"].errors["url"]
    assert not Webhook.objects.exists()


@pytest.mark.django_db
def test_an_edit_without_an_address_keeps_it_and_the_format_stays(client, director):
    client.force_login(director)
    webhook = webhook_to(None)
    fields = filled_in(url="", format="slack", name="Renamed")
    client.post(reverse("campaigns:webhook_edit", args=[webhook.pk]), fields)
    webhook.refresh_from_db()
    assert (webhook.name, webhook.url, webhook.format) == ("Renamed", "https://example.com/hook", "standard")


@pytest.mark.django_db
def test_a_trial_message_says_whether_it_arrived(client, director, receiver):
    client.force_login(director)
    webhook = webhook_to(receiver)
    page = client.post(reverse("campaigns:webhook_test", args=[webhook.pk]), follow=True)
    assert "The trial message arrived" in page.content.decode()
    receiver.answer = 500
    page = client.post(reverse("campaigns:webhook_test", args=[webhook.pk]), follow=True)
    assert "answered 500" in page.content.decode()
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db
def test_removing_one_asks_first_and_takes_what_waits(client, director):
    client.force_login(director)
    webhook = webhook_to(None)
    LeadFactory()
    events.hand_out(at=NOW)
    assert client.get(reverse("campaigns:webhook_remove", args=[webhook.pk])).status_code == 200
    assert Webhook.objects.exists()
    client.post(reverse("campaigns:webhook_remove", args=[webhook.pk]))
    assert not Webhook.objects.exists()
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db
def test_a_secret_key_that_was_changed_is_said_and_nothing_is_posted(receiver, settings, client, director):
    webhook = webhook_to(receiver, kinds=[EventKind.LEAD_CREATED])
    client.force_login(director)
    LeadFactory()
    settings.SECRET_KEY = "another-secret-key-of-more-than-fifty-letters-in-all-1234"  # noqa: S105
    settings.SECRET_KEY_FALLBACKS = []
    client.force_login(director)
    assert "SECRET_KEY was changed" in client.get(webhook.get_absolute_url()).content.decode()
    delivery.send_due(at=NOW)
    assert WebhookDelivery.objects.get().state == State.FAILED
    assert receiver.came == []
