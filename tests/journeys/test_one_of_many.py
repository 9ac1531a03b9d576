"""One of many is named, by keyboard alone."""

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from campaigns.models import Platform, Spend
from core import lookups
from tests import factories
from timesheets.models import TimesheetRow

NAMES = "#id_campaign-names option"


@pytest.fixture
def many(transactional_db, monkeypatch):
    monkeypatch.setattr(lookups, "MOST_LISTED", 3)
    monkeypatch.setattr(lookups, "MOST_OFFERED", 2)
    factories.PlatformFactory(name="Facebook")
    acme = factories.ClientFactory(name="Acme")
    return [factories.CampaignFactory(name=name, client=acme) for name in ("Spring", "Summer", "Été", "Winter")]


def test_a_campaign_is_named_while_its_names_are_offered(signed_in_page, many):
    page = signed_in_page(factories.ManagerFactory())
    page.goto("/spend/add/")
    assert not Axe().run(page).response["violations"]
    expect(page.locator(NAMES)).to_have_count(2)
    field = page.get_by_label("Campaign")
    field.focus()
    page.keyboard.type("ete")
    expect(page.locator(NAMES)).to_have_count(1)
    expect(page.locator(NAMES)).to_have_attribute("value", "Été · Acme")
    page.get_by_label("Platform").select_option(label="Facebook")
    page.get_by_label("Amount").fill("7")
    page.get_by_label("From").fill("2026-11-16")
    page.get_by_label("To", exact=True).fill("2026-11-22")
    field.fill("et")
    page.keyboard.press("Enter")
    expect(page.locator(".errorlist")).to_contain_text("None is called “et”. The nearest: Été · Acme.")
    expect(field).to_have_value("et")
    assert not Axe().run(page).response["violations"]
    field.fill("Été · Acme")
    page.keyboard.press("Enter")
    page.wait_for_url("**/spend/")
    assert Spend.objects.get().campaign == many[2]


def test_a_row_is_added_by_a_name_and_what_is_refused_stays(signed_in_page, many):
    page = signed_in_page(factories.MemberFactory())
    page.goto("/hours/2026-W47/")
    page.get_by_text("Add a row").press("Enter")
    expect(page.locator("#id_platform")).to_be_focused()
    expect(page.locator("#find")).to_be_hidden()
    page.keyboard.type("Face")
    page.keyboard.press("Tab")
    page.keyboard.type("s")
    expect(page.locator(NAMES)).to_have_count(2)
    page.keyboard.press("Enter")
    expect(page.locator(".field:has(#id_campaign) .errorlist")).to_contain_text("None is called “s”")
    expect(page.locator("#id_campaign")).to_be_focused()
    expect(page.locator("#id_campaign")).to_have_value("s")
    expect(page.locator("#id_platform")).to_have_value(str(Platform.objects.get().pk))
    assert not Axe().run(page).response["violations"]
    page.locator("#id_campaign").fill("summer")
    page.keyboard.press("Enter")
    expect(page.locator("#rows > tr")).to_have_count(1)
    expect(page.locator("#rows td > input:focus")).to_have_count(1)
    expect(page.locator("#id_campaign")).to_have_value("")
    assert TimesheetRow.objects.get().campaign == many[1]


def test_on_a_phone_why_a_row_is_refused_stands_in_view_at_its_field(signed_in_page, many):
    member = factories.MemberFactory()
    for _number in range(12):
        factories.EntryFactory(member=member, day=date(2026, 11, 16), platform=factories.PlatformFactory(), minutes=30)
    page = signed_in_page(member)
    page.set_viewport_size({"width": 390, "height": 560})
    page.goto("/hours/2026-W47/")
    page.get_by_text("Add a row").click()
    page.locator("#id_platform").fill("Facebok")
    page.locator("#id_campaign").fill("summer")
    page.get_by_role("button", name="Add", exact=True).click()
    sentence = page.locator(".field:has(#id_platform) .errorlist")
    expect(sentence).to_contain_text("The nearest: Facebook.")
    expect(sentence).to_be_in_viewport()
    expect(page.locator("#id_platform")).to_be_focused()
    expect(page.locator("#id_campaign")).to_have_value("summer")
    page.locator("#id_platform").fill("Facebook")
    page.keyboard.press("Enter")
    expect(page.locator(".grid td.d0 > input:focus")).to_be_in_viewport()
    page.get_by_text("Add a row").click()
    expect(sentence).to_have_count(0)
    page.locator("#id_platform").fill("Facebook")
    page.locator("#id_campaign").fill("summer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This row is there already.")).to_be_in_viewport()


def test_without_javascript_a_refused_row_is_said_at_its_field(
    browser, browser_context_args, many, live_server, client
):
    member = factories.MemberFactory()
    client.force_login(member)
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/hours/2026-W47/")
    page.get_by_text("Add a row").click()
    page.locator("#id_platform").select_option("Facebook")
    page.locator("#id_campaign").fill("winte")
    page.get_by_role("button", name="Add", exact=True).click()
    sentence = page.locator(".field:has(#id_campaign) .errorlist")
    expect(sentence).to_contain_text("None is called “winte”. The nearest: Winter · Acme.")
    expect(sentence).to_be_in_viewport()
    expect(page.locator("#id_campaign")).to_be_focused()
    expect(page.locator("#id_campaign")).to_have_value("winte")
    page.locator("#id_campaign").fill("Winter")
    page.keyboard.press("Enter")
    expect(page.locator("#rows")).to_contain_text("Winter")
    context.close()
