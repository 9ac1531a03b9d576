"""From a click on a link to credited revenue, with a form on a site of another origin, in a real browser."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.capture import snippet
from campaigns.links import views
from campaigns.links.clicks import ClickCounter
from campaigns.models import CapturedContact, CaptureKey, EventKind, Lead, LinkClicks, LinkRules, Touch, Webhook
from campaigns.webhooks import delivery, signing
from reports.attribution import rollups
from reports.models import Credit
from tests.factories import CampaignFactory, CaptureKeyFactory, PlatformFactory, SaleFactory, TrackingLinkFactory
from tests.receiver import receiving

pytestmark = pytest.mark.django_db(transaction=True)

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CONSENT = "I agree that you remember where I came from."


@contextmanager
def site(pages: dict[str, str]) -> Iterator[str]:
    """Another site, with these pages by their path; the query does not matter."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0], "")
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def visitor(browser, transactional_db):
    """Somebody who was never here, with a browser that says so."""
    context = browser.new_context(user_agent=BROWSER)
    yield context.new_page()
    context.close()


@pytest.fixture
def counter(monkeypatch):
    counter = ClickCounter(None)
    monkeypatch.setattr(views, "CLICKS", counter)
    return counter


@pytest.fixture
def world(live_server, settings, counter):
    """A site with the form, a link that leads there, and the key that the form writes by."""
    settings.SITE_URL = live_server.url
    pages: dict[str, str] = {}
    with site(pages) as address:
        key = CaptureKeyFactory(origins=address, thank_you=f"{address}/thanks")
        body = f"{snippet.form_of(key)}{snippet.script_tag()}"
        pages["/"] = f"<!doctype html><html><title>Site</title>{body}</html>"
        pages["/agreed"] = f'<!doctype html><html data-retour-consent="{CONSENT}"><title>Site</title>{body}</html>'
        pages["/thanks"] = "<!doctype html><title>Thanks</title><h1>Thank you</h1>"
        LinkRules.objects.create(pk=1, allowed_hosts=address.removeprefix("http://"))
        link = TrackingLinkFactory(
            slug="post",
            target=f"{address}/#form",
            platform=PlatformFactory(name="LinkedIn"),
            campaign=CampaignFactory(name="Spring"),
        )
        yield address, link


def fill_in(page, email="ada@client.example"):
    page.get_by_label("Name").fill("Ada Example")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("How did you hear of us?").fill("LinkedIn")
    page.get_by_label("Message").fill("A site, please")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def stored(page):
    return page.evaluate("JSON.stringify(localStorage)")


@pytest.fixture
def told(settings):
    """A program that is told of leads and sales, and what it was told by now."""
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    with receiving() as receiver:
        webhook = Webhook(name="Receiver", events=[str(EventKind.LEAD_CREATED), str(EventKind.SALE_CREATED)])
        webhook.url = receiver.url()
        secret = webhook.rotate_secret(at=None)
        webhook.save()

        def messages() -> list[dict[str, Any]]:
            delivery.send_due(at=timezone.now())
            for request in receiver.came:
                said = request.headers
                signed = signing.signature(said["webhook-id"], int(said["webhook-timestamp"]), request.body, secret)
                assert said["webhook-signature"] == f"v1,{signed}"
            return [json.loads(request.body) for request in receiver.came]

        yield messages


def test_from_a_click_to_credited_revenue_and_a_webhook_with_nothing_kept_in_the_browser(
    visitor, world, live_server, counter, told
):
    address, link = world
    visitor.goto(f"{live_server.url}/go/post")
    assert visitor.url.startswith(f"{address}/?utm_source=linkedin&utm_medium=social&utm_campaign=spring&rt=post.")
    assert visitor.url.endswith("#form")
    fill_in(visitor)
    assert stored(visitor) == "{}"
    assert visitor.context.cookies() == []
    lead, touch = Lead.objects.get(), Touch.objects.get()
    assert (lead.name, lead.how_heard, lead.note) == ("Ada Example", "LinkedIn", "A site, please")
    assert (touch.lead, touch.platform, touch.campaign) == (lead, link.platform, link.campaign)
    assert CapturedContact.objects.get().consent_text == ""
    counter.write()
    assert LinkClicks.objects.get().count == 1
    sale = SaleFactory(lead=lead, amount_cents=500_000, sold_on=timezone.localdate() + timedelta(days=1))
    rollups.drain()
    assert {credit.platform_id for credit in Credit.objects.exclude(sale=None)} == {link.platform_id}
    of_lead, of_sale = told()
    assert (of_lead["type"], of_lead["data"]["lead"], of_lead["data"]["platform"]) == (
        "lead.created",
        lead.pk,
        "LinkedIn",
    )
    assert (of_sale["type"], of_sale["data"]["sale"], of_sale["data"]["lead"]) == ("sale.created", sale.pk, lead.pk)
    assert "5000" in str(of_sale["data"]["amount"])
    assert "Ada" not in f"{of_lead}{of_sale}"
    assert told() == [of_lead, of_sale], "nothing is told twice"


def test_with_consent_the_first_and_last_origin_are_kept_until_it_is_taken_back(visitor, world, live_server):
    address, link = world
    newsletter = PlatformFactory(name="Newsletter")
    visitor.goto(f"{address}/agreed?utm_source=newsletter&gclid=abc")
    link.target = f"{address}/agreed"
    link.save()
    visitor.goto(f"{live_server.url}/go/post")
    visitor.goto(f"{address}/agreed")  # a page later the address says nothing any more
    fill_in(visitor)
    assert set(Touch.objects.values_list("platform", flat=True)) == {newsletter.pk, link.platform_id}
    contact = CapturedContact.objects.get()
    assert contact.consent_text == CONSENT
    assert contact.consent_at
    assert contact.origin["first"]["gclid"] == "abc"
    visitor.goto(f"{address}/agreed")
    assert "newsletter" in stored(visitor)
    visitor.evaluate("document.documentElement.removeAttribute('data-retour-consent')")
    expect(visitor.locator("html:not([data-retour-consent])")).to_be_attached()
    visitor.wait_for_function("localStorage.length === 0")
    fill_in(visitor, email="bo@client.example")
    assert CapturedContact.objects.first().origin == {}


def test_a_page_of_another_site_cannot_send_the_form(visitor, world, live_server):
    _address, link = world
    key = CaptureKey.objects.get()
    with site({"/": "<!doctype html><title>Evil</title>"}) as evil:
        visitor.goto(f"{evil}/")
        send = """async (address) => {
            const body = JSON.stringify({name: "Eve", email: "eve@client.example"});
            const headers = {"Content-Type": "application/json"};
            try { return (await fetch(address, {method: "POST", body, headers})).status; } catch { return "refused"; }
        }"""
        assert visitor.evaluate(send, key.address) == "refused"
    assert not Lead.objects.exists()
    assert link.is_active


def test_a_page_of_the_site_may_send_it_by_a_script_and_read_the_answer(visitor, world):
    address, _link = world
    key = CaptureKey.objects.get()
    visitor.goto(f"{address}/")
    send = """async (address) => {
        const body = JSON.stringify({name: "Ada", email: "ada@client.example"});
        const headers = {"Content-Type": "application/json"};
        return await (await fetch(address, {method: "POST", body, headers})).json();
    }"""
    assert visitor.evaluate(send, key.address) == {"ok": True}
    assert Lead.objects.get().name == "Ada"
