"""From the first contact to the refund, in a real browser."""

import re

from playwright.sync_api import expect

from campaigns.models import Lead, Sale
from tests.factories import ManagerFactory, PlatformFactory


def test_a_manager_follows_a_lead_from_its_first_contact_to_a_refund(signed_in_page):
    linkedin = PlatformFactory(name="LinkedIn")
    page = signed_in_page(ManagerFactory())
    page.goto("/leads/")
    page.get_by_role("link", name="Add a lead").first.click()
    page.get_by_label("Company").fill("Maison Dupré")
    page.get_by_label("Came through").select_option(label="LinkedIn")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Maison Dupré")
    page.get_by_label("Status").select_option("won")
    page.get_by_role("button", name="Save the status").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Maison Dupré was won: what did they buy?")
    page.get_by_role("link", name="Later").click()
    expect(page.get_by_text("New → Won")).to_be_visible()
    lead = Lead.objects.get()
    assert lead.touches.get().platform == linkedin

    page.goto("/sales/add/")
    page.get_by_label("Lead").press_sequentially("dupr")
    option = page.locator("#leads option")
    expect(option).to_have_count(1)
    page.get_by_label("Lead").fill(option.get_attribute("value"))
    page.get_by_label(re.compile("^Amount")).fill("1 200,50")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Maison Dupré")).to_be_visible()
    page.get_by_role("link", name="Refund").click()
    page.get_by_label(re.compile("^Amount")).fill("5000")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("of this sale is left to refund.")).to_be_visible()
    assert page.get_by_label(re.compile("^Amount")).input_value() == "5000"
    page.get_by_label(re.compile("^Amount")).fill("200,50")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Left after refunds")).to_be_visible()
    assert sorted(Sale.objects.values_list("amount_cents", flat=True)) == [-20_050, 120_050]


def test_a_page_with_something_typed_asks_before_it_is_left(signed_in_page):
    page = signed_in_page(ManagerFactory())
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/platforms/add/")
    page.get_by_label("Name", exact=True).fill("Mastodon")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Platforms")
    assert asked == ["beforeunload"]


def test_a_list_is_narrowed_without_a_button_and_can_be_shared(signed_in_page):
    PlatformFactory(name="Facebook")
    PlatformFactory(name="Fair", kind="event")
    page = signed_in_page(ManagerFactory())
    page.goto("/platforms/")
    page.get_by_label("Kind").select_option("event")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "kind=event" in page.url
    page.goto(page.url)
    expect(page.get_by_role("cell", name="Fair")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    expect(page.locator("tbody tr")).to_have_count(2)
