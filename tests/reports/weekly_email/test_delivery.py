"""One decision per subscriber and week, and what each end of a sending means; against a real SMTP server."""

import asyncio
import email.policy
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.core import mail
from django.db import connection

from campaigns.models import Agency, JobRun
from core import outbox, smtp
from core.weeks import Week
from operations import jobs
from reports.models import SummaryDelivery
from reports.verdicts import evaluation
from reports.weekly_email import delivery
from tests import factories
from tests.servers import free_port
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db
State = SummaryDelivery.State

# 2026-W47 is the week of Monday 16 November; Paris is an hour ahead of UTC then.
MONDAY_8 = datetime(2026, 11, 16, 7, tzinfo=UTC)
W46, W47 = Week.parse("2026-W46"), Week.parse("2026-W47")
MINUTE = timedelta(minutes=1)


# -- a mail server ----------------------------------------------------------------------------------------------------


class Sink:
    """Keeps what it is sent; `answers` says what it does at a step instead."""

    def __init__(self):
        self.messages = []
        self.answers = {}
        self.connections = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if "mail" in self.answers:
            return self.answers["mail"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "rcpt" in self.answers:
            return self.answers["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.get("data")
        if answer == "drop":
            server.transport.abort()
        elif answer == "silence":
            await asyncio.sleep(PATIENCE)
        elif answer:
            return answer
        else:
            self.messages.append(message_from_bytes(envelope.original_content, policy=email.policy.default))
            self.envelope = envelope
        return "250 accepted"

    def authenticate(self, server, session, envelope, mechanism, data):
        success = (data.login, data.password) == (b"retour", b"right")
        return AuthResult(success=success, handled=success)


@pytest.fixture
def sink(settings):
    """A mail server on loopback that the settings point to."""
    sink = Sink()
    controller = Controller(
        sink, hostname="127.0.0.1", port=free_port(), authenticator=sink.authenticate, auth_require_tls=False
    )
    controller.start()
    settings.EMAIL_BACKEND = smtp.SMTP_BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = PATIENCE
    yield sink
    controller.stop()


@pytest.fixture
def reader():
    return factories.SubscriberFactory(email="reader@example.com", name="Réa Dure")


@pytest.fixture
def decided(reader):
    """The reader's summary of 2026-W46, waiting."""
    delivery.decide(W46, at=MONDAY_8)
    return SummaryDelivery.objects.get()


def send(row, at=MONDAY_8):
    delivery.send_due(at=at)
    row.refresh_from_db()
    return row


def body(message, kind):
    """A part of a received message with the line ends it was written with."""
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


# -- how a sending ends -----------------------------------------------------------------------------------------------


def test_what_is_sent_is_what_is_stored(sink, decided):
    assert send(decided).state == State.SENT
    (message,) = sink.messages
    assert message["To"] == "Réa Dure <reader@example.com>"
    assert message["Message-ID"] == decided.message_id
    assert message["Subject"] == decided.subject
    assert message["Auto-Submitted"] == "auto-generated"
    assert body(message, "plain") == decided.text
    assert body(message, "html").rstrip("\n") == decided.html.rstrip("\n")  # each Django ends the last line as it likes
    assert sink.envelope.rcpt_tos == ["reader@example.com"]
    assert decided.sent_at == MONDAY_8


def test_one_click_unsubscription_is_offered_in_the_headers(sink, decided, reader):
    send(decided)
    (message,) = sink.messages
    assert message["List-Unsubscribe"].strip() == f"<{delivery.unsubscribe_url(reader)}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    ("step", "answer", "state"),
    [
        ("mail", "421 too busy", State.WAITING),
        ("mail", "550 you are not welcome", State.FAILED),
        ("rcpt", "451 greylisted", State.WAITING),
        ("rcpt", "550 no such reader", State.FAILED),
        ("data", "451 disk full", State.WAITING),
        ("data", "421 closing", State.WAITING),
        ("data", "554 looks like spam", State.FAILED),
        ("data", "drop", State.UNKNOWN),
        ("data", "silence", State.UNKNOWN),
    ],
)
def test_each_end_is_told_apart(sink, decided, step, answer, state, monkeypatch):
    sink.answers[step] = answer
    monkeypatch.setattr(smtp, "SCANNING_FACTOR", 0.005 if answer == "silence" else 3)
    assert send(decided).state == state
    assert decided.reason
    if answer[:3].isdigit():
        assert decided.reason == answer
    assert sink.messages == []


def test_a_server_that_is_away_is_tried_again(settings, sink, decided):
    settings.EMAIL_PORT = free_port()
    assert send(decided).state == State.WAITING
    assert "refused" in decided.reason


def test_a_name_that_leads_nowhere_is_tried_again(settings, sink, decided):
    settings.EMAIL_HOST = "no-such-host.invalid"
    assert send(decided).state == State.WAITING


def test_a_server_that_never_greets_is_tried_again(settings, sink, decided):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT = silent.getsockname()[1]
        settings.EMAIL_TIMEOUT = 0.3
        assert send(decided).state == State.WAITING


@pytest.mark.parametrize(("password", "state"), [("right", State.SENT), ("wrong", State.FAILED)])
def test_a_server_may_ask_who_sends(settings, sink, decided, password, state):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "retour", password
    assert send(decided).state == state
    assert password not in decided.reason


def test_a_server_without_the_encryption_that_is_asked_for_gets_nothing(settings, sink, decided):
    settings.EMAIL_USE_TLS = True
    assert send(decided).state == State.WAITING
    assert sink.messages == []


def test_a_refusal_is_repeated_ever_later_and_at_last_given_up(sink, decided):
    sink.answers["rcpt"] = "451 later"
    at, waits = MONDAY_8, []
    while send(decided, at).state == State.WAITING:
        waits.append((decided.next_attempt_at - at) // MINUTE)
        at = decided.next_attempt_at
    assert waits == list(outbox.BACKOFF_MINUTES)
    assert max(waits) <= 30
    assert sum(waits) == 4 * 60
    assert (decided.state, decided.attempts, decided.reason) == (State.FAILED, 13, "451 later")


def test_nothing_is_tried_before_its_time(sink, decided):
    sink.answers["mail"] = "421 busy"
    send(decided)
    send(decided, MONDAY_8 + timedelta(seconds=59))
    assert sink.connections == 1
    sink.answers.clear()
    assert send(decided, MONDAY_8 + MINUTE).state == State.SENT


@pytest.mark.parametrize("state", [State.SENT, State.FAILED, State.UNKNOWN, State.DROPPED, State.CLAIMED])
def test_only_what_waits_is_sent(sink, decided, state):
    SummaryDelivery.objects.update(state=state, claimed_at=MONDAY_8)
    send(decided, MONDAY_8 + MINUTE)
    assert sink.connections == 0


def test_a_row_whose_worker_died_becomes_unknown_and_is_not_sent(sink, decided):
    assert delivery.OUTBOX.claim(decided.pk, at=MONDAY_8)
    assert send(decided, MONDAY_8 + 14 * MINUTE).state == State.CLAIMED
    assert send(decided, MONDAY_8 + 16 * MINUTE).state == State.UNKNOWN
    assert sink.connections == 0


def test_one_that_was_backed_off_before_its_worker_died_becomes_unknown_too(decided):
    SummaryDelivery.objects.update(state=State.CLAIMED, claimed_at=MONDAY_8, reason="451 later")
    assert send(decided, MONDAY_8 + 16 * MINUTE).state == State.UNKNOWN
    assert decided.reason == "The worker stopped while it was sending."


def test_nobody_claims_one_before_its_time(sink, decided):
    """A worker that was told of it earlier, before a temporary failure backed it off."""
    SummaryDelivery.objects.update(next_attempt_at=MONDAY_8 + 2 * MINUTE)
    assert delivery.OUTBOX.claim(decided.pk, at=MONDAY_8 + 1 * MINUTE) is None
    delivery.OUTBOX.send(decided.pk, at=MONDAY_8 + 1 * MINUTE)
    decided.refresh_from_db()
    assert (decided.state, decided.attempts, sink.connections) == (State.WAITING, 0, 0)
    delivery.OUTBOX.send(decided.pk, at=MONDAY_8 + 2 * MINUTE)
    assert sink.connections == 1


def test_a_second_worker_gets_nothing(decided):
    assert delivery.OUTBOX.claim(decided.pk, at=MONDAY_8)
    assert delivery.OUTBOX.claim(decided.pk, at=MONDAY_8) is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_sends(sink, reader):
    delivery.decide(W46, at=MONDAY_8)
    start = threading.Barrier(6)

    def work(_):
        start.wait()
        try:
            delivery.send_due(at=MONDAY_8)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as workers:
        list(workers.map(work, range(6)))
    assert len(sink.messages) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_decides(reader):
    JobRun.objects.create(name="summary", next_due=MONDAY_8)
    Agency.current()
    start = threading.Barrier(4)

    def work(_):
        start.wait()
        try:
            delivery.decide_due(at=MONDAY_8)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    assert SummaryDelivery.objects.count() == 1


def test_whoever_left_meanwhile_gets_nothing(sink, decided, reader):
    delivery.unsubscribe(reader, at=MONDAY_8)
    assert send(decided).state == State.DROPPED
    assert sink.connections == 0


def test_what_an_outage_kept_until_another_week_was_over_is_not_sent_any_more(sink, decided):
    midnight = MONDAY_8 + timedelta(days=6, hours=16)  # when Monday begins in Paris
    sink.answers["mail"] = "421 busy"
    assert send(decided, midnight - MINUTE).state == State.WAITING
    sink.answers.clear()
    assert send(decided, midnight).state == State.DROPPED
    assert decided.reason == "Another week was over before it could be sent."
    assert sink.messages == []


def test_an_old_one_that_a_director_asked_for_is_sent_all_the_same(sink, decided, director):
    SummaryDelivery.objects.update(state=State.UNKNOWN)
    a_month_later = MONDAY_8 + timedelta(days=30)
    assert delivery.resend(decided, at=a_month_later, by=director)
    assert send(decided, a_month_later).state == State.SENT


def test_a_late_end_does_not_undo_a_claim_that_was_given_up(decided):
    mine = delivery.OUTBOX.claim(decided.pk, at=MONDAY_8)
    delivery.OUTBOX.mark_lost(at=MONDAY_8 + 16 * MINUTE)
    delivery.OUTBOX.deliver(mine, at=MONDAY_8)
    decided.refresh_from_db()
    assert decided.state == State.UNKNOWN


def test_backends_without_smtp_just_send(decided):
    assert send(decided).state == State.SENT
    assert mail.outbox[0].subject == decided.subject


def test_a_line_that_starts_with_a_dot_arrives_whole(sink, decided):
    SummaryDelivery.objects.update(text="one\n.\n.two\n..three\n")
    assert send(decided).state == State.SENT
    assert body(sink.messages[0], "plain") == "one\n.\n.two\n..three\n"


@pytest.mark.parametrize("name", ["Eve\r\nBcc: all@example.com", 'A "quoted" \\ name, Inc.', "名前", "x" * 120])
def test_no_name_can_add_a_header(sink, reader, name):
    reader.name = name
    reader.save()
    delivery.decide(W46, at=MONDAY_8)
    delivery.send_due(at=MONDAY_8)
    (message,) = sink.messages
    assert message["Bcc"] is None
    assert [one.addr_spec for one in message["To"].addresses] == ["reader@example.com"]


# -- sending again ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.UNKNOWN, State.FAILED])
def test_a_director_may_send_a_new_copy_and_that_is_recorded(sink, decided, director, state):
    SummaryDelivery.objects.update(state=state, attempts=8)
    assert delivery.resend(decided, at=MONDAY_8, by=director)
    first_id = decided.message_id
    assert send(decided).state == State.SENT
    assert decided.message_id != first_id
    assert (decided.resent_by, decided.resent_at, decided.attempts) == (director, MONDAY_8, 1)


@pytest.mark.parametrize("state", [State.SENT, State.CLAIMED, State.WAITING, State.DROPPED])
def test_nothing_else_is_sent_again(decided, director, state):
    SummaryDelivery.objects.update(state=state)
    assert not delivery.resend(decided, at=MONDAY_8, by=director)


# -- deciding ---------------------------------------------------------------------------------------------------------


def sweep(at):
    delivery.decide_due(at=at)
    return {str(Week(row.week)): row.state for row in SummaryDelivery.objects.order_by("week")}


def next_due():
    return JobRun.objects.get(name="summary").next_due


def test_the_first_sweep_only_sets_the_time(reader):
    assert sweep(MONDAY_8 + MINUTE) == {}
    assert next_due() == MONDAY_8 + timedelta(weeks=1)


def test_on_monday_at_eight_the_week_that_was_over_is_decided_once(reader):
    sweep(MONDAY_8 - timedelta(days=3))
    assert next_due() == MONDAY_8
    assert sweep(MONDAY_8 - MINUTE) == {}
    assert sweep(MONDAY_8) == {"2026-W46": State.WAITING}
    sweep(MONDAY_8 + MINUTE)
    assert SummaryDelivery.objects.count() == 1
    assert next_due() == MONDAY_8 + timedelta(weeks=1)


def test_after_an_outage_only_the_last_week_is_sent_and_the_others_are_skipped_with_a_reason(reader):
    sweep(MONDAY_8 - timedelta(days=3))
    states = sweep(MONDAY_8 + timedelta(days=17))
    assert states == {"2026-W46": State.DROPPED, "2026-W47": State.DROPPED, "2026-W48": State.WAITING}
    assert SummaryDelivery.objects.filter(state=State.DROPPED, reason="").count() == 0
    assert next_due() == MONDAY_8 + timedelta(weeks=3)


def test_one_sweep_decides_and_sends(reader, mailoutbox):
    sweep(MONDAY_8 - timedelta(days=3))
    jobs.sweep(at=MONDAY_8)
    jobs.sweep(at=MONDAY_8 + MINUTE)
    assert [message.to for message in mailoutbox] == [['"Réa Dure" <reader@example.com>']]
    assert JobRun.objects.get(name="sweep").detail == ""


def test_figures_that_are_still_being_counted_are_waited_for_but_not_forever(reader, monkeypatch):
    sweep(MONDAY_8 - timedelta(days=3))
    monkeypatch.setattr("reports.attribution.rollups.drain", set)  # another worker is at it
    factories.SaleFactory()
    assert sweep(MONDAY_8) == {}
    assert sweep(MONDAY_8 + 10 * MINUTE) == {"2026-W46": State.WAITING}


def test_an_outage_that_ends_on_monday_before_eight_waits_for_eight(reader):
    sweep(MONDAY_8 - timedelta(days=3))
    following = MONDAY_8 + timedelta(weeks=1)
    assert sweep(following - timedelta(hours=1)) == {"2026-W46": State.DROPPED}
    assert next_due() == following
    assert sweep(following) == {"2026-W46": State.DROPPED, "2026-W47": State.WAITING}


def test_eight_stays_eight_when_the_clocks_change(reader):
    sweep(datetime(2026, 10, 19, 12, tzinfo=UTC))
    assert next_due() == datetime(2026, 10, 26, 7, tzinfo=UTC)  # summer time would have been 6:00 UTC
    sweep(datetime(2027, 3, 22, 12, tzinfo=UTC))
    assert next_due() == datetime(2027, 3, 29, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("America/Toronto", datetime(2026, 11, 16, 13, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 11, 15, 18, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2026, 11, 16, 19, tzinfo=UTC)),
    ],
)
def test_a_new_time_zone_moves_the_time_but_loses_no_week(reader, zone, due):
    sweep(MONDAY_8 - timedelta(days=3))
    agency = Agency.current()
    agency.time_zone = zone
    agency.save()
    sweep(MONDAY_8 - timedelta(days=2))
    assert next_due() == due
    assert sweep(due - MINUTE) == {}
    assert sweep(due) == {"2026-W46": State.WAITING}


def test_a_zone_in_which_eight_has_passed_sends_at_once(reader):
    sweep(MONDAY_8 - timedelta(days=3))
    agency = Agency.current()
    agency.time_zone = "Asia/Tokyo"
    agency.save()
    assert sweep(MONDAY_8 - MINUTE) == {"2026-W46": State.WAITING}


def test_figures_are_brought_up_to_date_and_judged_before_the_decision(reader):
    sweep(MONDAY_8 - timedelta(days=3))
    rate = factories.RateFactory(hourly_cents=10_000)
    platform, campaign = factories.PlatformFactory(name="Facebook"), factories.CampaignFactory()
    for back in range(30):
        day = W46.plus(-back).monday
        factories.EntryFactory(member=rate.member, platform=platform, campaign=campaign, day=day, minutes=600)
    Agency.objects.update(sales_complete_since=W46.plus(-29).monday, typical_sale_cents=50_000, usual_delay_months=2)
    sweep(MONDAY_8)
    row = SummaryDelivery.objects.get()
    assert "Facebook is losing" in row.subject
    assert evaluation.compute(W46)[platform].state == "losing"


def test_a_second_decision_leaves_the_first_and_adds_only_newcomers(decided):
    newcomer = factories.SubscriberFactory()
    factories.SubscriberFactory(unsubscribed_at=MONDAY_8)
    delivery.decide(W46, at=MONDAY_8 + MINUTE)
    rows = {row.subscriber_id: row for row in SummaryDelivery.objects.all()}
    assert set(rows) == {decided.subscriber_id, newcomer.pk}
    assert rows[decided.subscriber_id].message_id == decided.message_id


def test_each_subscriber_reads_their_own_language(reader):
    factories.SubscriberFactory(language="fr")
    delivery.decide(W46, at=MONDAY_8)
    assert {row.html.split('lang="')[1][:2] for row in SummaryDelivery.objects.all()} == {"en", "fr"}
