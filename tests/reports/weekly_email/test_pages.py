"""The archive, the preview, the subscribers and the way out."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.weeks import Week
from reports.models import Subscriber, SummaryDelivery
from reports.weekly_email import delivery
from reports.weekly_email.preview_policy import hashes_of_styles
from tests import factories

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 16, 7, tzinfo=UTC)
W46 = Week.parse("2026-W46")
State = SummaryDelivery.State


@pytest.fixture
def reader():
    return factories.SubscriberFactory(email="reader@example.com", name="Reader")


@pytest.fixture
def row(reader):
    delivery.decide(W46, at=AT)
    return SummaryDelivery.objects.get()


def addresses(row):
    """Each page for directors with its method."""
    return [
        ("get", reverse("reports:summaries")),
        ("get", reverse("reports:summary_sent", args=[row.pk])),
        ("get", reverse("reports:summary_sent_email", args=[row.pk])),
        ("post", reverse("reports:summary_resend", args=[row.pk])),
        ("get", reverse("reports:summary_preview", args=["2026-W46"])),
        ("get", reverse("reports:summary_preview_email", args=["2026-W46"])),
        ("get", reverse("reports:subscribers")),
        ("post", reverse("reports:subscribers")),
        ("post", reverse("reports:subscriber_remove", args=[row.subscriber_id])),
    ]


def test_a_director_sees_every_page(client, director, row):
    client.force_login(director)
    for method, address in addresses(row):
        assert getattr(client, method)(address).status_code in (200, 302, 422), address


def test_members_and_managers_see_none(client, member, manager, row):
    for user in (member, manager):
        client.force_login(user)
        for method, address in addresses(row):
            assert getattr(client, method)(address).status_code == 403, address
    assert Subscriber.objects.get().unsubscribed_at is None


def test_strangers_are_asked_to_sign_in(client, row):
    for method, address in addresses(row):
        answer = getattr(client, method)(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/accounts/login/"), address


# -- who may get it ---------------------------------------------------------------------------------------------------


def test_of_the_agencys_people_only_a_director_who_is_there_can_be_subscribed(client, director, manager):
    left = factories.DirectorFactory(is_active=False)
    client.force_login(director)
    for email, status in ((manager.email.upper(), 422), (left.email, 422), (director.email, 302), ("x@bank.fr", 302)):
        assert client.post(reverse("reports:subscribers"), {"email": email, "language": "en"}).status_code == status
    assert set(Subscriber.objects.values_list("email", flat=True)) == {director.email, "x@bank.fr"}


def test_a_director_who_becomes_a_manager_gets_no_more_summaries(director, mailoutbox):
    factories.SubscriberFactory(email=director.email)
    delivery.decide(W46, at=AT)
    type(director).objects.update(role="manager")
    delivery.send_due(at=AT)
    row = SummaryDelivery.objects.get()
    assert (row.state, mailoutbox) == (State.DROPPED, [])
    assert "only directors get the summary" in row.reason


# -- the e-mail in its frame ------------------------------------------------------------------------------------------


def test_the_e_mail_is_shown_exactly_as_it_went(client, director, row):
    client.force_login(director)
    assert client.get(reverse("reports:summary_sent_email", args=[row.pk])).content.decode() == row.html


@pytest.mark.parametrize("name", ["sent", "preview"])
def test_only_the_e_mail_may_bring_its_style_and_it_may_nothing_else(client, director, row, name):
    client.force_login(director)
    argument = row.pk if name == "sent" else "2026-W46"
    page = client.get(reverse(f"reports:summary_{name}", args=[argument]))
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    framed = client.get(reverse(f"reports:summary_{name}_email", args=[argument]))
    rules = {rule.split()[0]: rule.split()[1:] for rule in framed["Content-Security-Policy"].split(";") if rule.strip()}
    style = rules.pop("style-src")
    assert style[0] == "'unsafe-hashes'"
    assert style[1:] == hashes_of_styles(framed.content.decode())
    assert rules == {
        "default-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-popups"],
    }
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert page["X-Frame-Options"] == "DENY"


def test_each_style_of_an_e_mail_is_allowed_by_its_hash_as_a_browser_reads_it():
    html = "<style>a { b: c }</style><p style=\"font: 1px &quot;A&quot;\">x</p><p style='d: e'>y</p><p style='d: e'>"
    expected = ["a { b: c }", 'font: 1px "A"', "d: e"]
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in expected]
    assert hashes_of_styles(html) == sorted(f"'sha256-{digest}'" for digest in digests)
    assert hashes_of_styles("<p>plain</p>") == []


@pytest.mark.parametrize("week", ["2026-W54", "x", "0001-W01", "9999-W52", "2026-46"])
def test_a_week_that_is_none_is_not_found(client, director, week):
    client.force_login(director)
    assert client.get(reverse("reports:summary_preview", args=[week])).status_code == 404
    assert client.get(reverse("reports:summary_preview_email", args=[week])).status_code == 404


def test_the_preview_speaks_the_language_asked_for(client, director):
    client.force_login(director)
    address = reverse("reports:summary_preview_email", args=["2026-W46"])
    assert 'lang="fr"' in client.get(address, {"language": "fr"}).content.decode()
    assert 'lang="en"' in client.get(address, {"language": "nonsense"}).content.decode()
    assert not SummaryDelivery.objects.exists()


def test_the_archive_says_how_each_ended(client, director, row):
    client.force_login(director)
    SummaryDelivery.objects.update(state=State.FAILED, reason="550 no such <reader>")
    page = client.get(reverse("reports:summaries")).content.decode()
    assert "Refused for good" in page
    assert "550 no such &lt;reader&gt;" in page


def test_the_archive_is_paged_and_asks_the_database_as_often_whatever_it_holds(client, director, reader):
    client.force_login(director)
    address = reverse("reports:summaries")
    client.get(address)  # makes the settings' row
    counts = []
    for weeks in (1, 120):
        SummaryDelivery.objects.all().delete()
        SummaryDelivery.objects.bulk_create(
            SummaryDelivery(subscriber=reader, week=W46.plus(-back).monday) for back in range(weeks)
        )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


# -- sending again ----------------------------------------------------------------------------------------------------


def test_what_failed_may_be_lost_or_was_sent_has_the_button(client, director, row):
    """What was sent asks first (test_sending_again.py)."""
    client.force_login(director)
    for state in State.values:
        SummaryDelivery.objects.update(state=state)
        page = client.get(reverse("reports:summary_sent", args=[row.pk])).content.decode()
        assert ("Send again" in page) == (state in (State.FAILED, State.UNKNOWN, State.SENT)), state


def test_sending_again_goes_out_with_the_next_sweep_and_says_who_asked(client, director, row, mailoutbox):
    client.force_login(director)
    SummaryDelivery.objects.update(state=State.UNKNOWN)
    client.post(reverse("reports:summary_resend", args=[row.pk]))
    row.refresh_from_db()
    delivery.send_due(at=row.next_attempt_at)
    assert len(mailoutbox) == 1
    assert str(director) in client.get(reverse("reports:summary_sent", args=[row.pk])).content.decode()


def test_nothing_is_sent_again_to_whoever_left(client, director, row):
    client.force_login(director)
    SummaryDelivery.objects.update(state=State.UNKNOWN)
    delivery.unsubscribe(row.subscriber, at=AT)
    client.post(reverse("reports:summary_resend", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == State.UNKNOWN


# -- subscribers ------------------------------------------------------------------------------------------------------


def test_a_director_adds_and_removes_subscribers(client, director):
    client.force_login(director)
    address = reverse("reports:subscribers")
    client.post(address, {"email": "New@Example.com", "name": "New\r\nBcc: x", "language": "fr"})
    one = Subscriber.objects.get()
    assert (one.email, one.language, one.unsubscribed_at) == ("new@example.com", "fr", None)
    assert "\n" not in one.name
    client.post(reverse("reports:subscriber_remove", args=[one.pk]))
    one.refresh_from_db()
    assert one.unsubscribed_at is not None
    client.post(address, {"email": "new@example.com", "name": "", "language": "en"})
    one.refresh_from_db()
    assert one.unsubscribed_at is None


def test_a_wrong_address_is_refused_in_place(client, director):
    client.force_login(director)
    answer = client.post(reverse("reports:subscribers"), {"email": "no", "language": "en"})
    assert answer.status_code == 422
    assert "no" in answer.content.decode()
    assert not Subscriber.objects.exists()


# -- leaving ----------------------------------------------------------------------------------------------------------


def path_of(reader):
    return delivery.unsubscribe_url(reader).removeprefix("http://testserver")


def test_opening_the_link_only_asks(client, reader):
    answer = client.get(path_of(reader))
    assert answer.status_code == 200
    assert "Stop these e-mails?" in answer.content.decode()
    reader.refresh_from_db()
    assert reader.unsubscribed_at is None


def test_one_click_without_cookies_or_signing_in_unsubscribes_once_or_twice_alike(reader):
    stranger = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = stranger.post(path_of(reader), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "No more summaries" in answer.content.decode()
        moment = Subscriber.objects.get().unsubscribed_at
    assert moment is not None
    assert Subscriber.objects.get().unsubscribed_at == moment


@pytest.mark.parametrize(
    "token", ["1", "1:x", "x:y", "9" * 30 + ":x", "%00", "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
)
def test_a_link_that_was_not_made_here_is_not_found(client, reader, token):
    assert client.post(f"/summaries/unsubscribe/{token}/").status_code == 404
    reader.refresh_from_db()
    assert reader.unsubscribed_at is None


def test_the_way_out_speaks_the_subscribers_language(client):
    reader = factories.SubscriberFactory(language="fr")
    assert 'lang="fr"' in client.get(path_of(reader)).content.decode()
