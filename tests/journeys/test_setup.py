"""A new user sets up an agency in the browser, in French or in English, with a phone or at a desk."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from campaigns.models import Agency
from tests import factories
from tests.journeys.shapes import SIZES, shapes
from timesheets import setup_token
from timesheets.models import CostRate, User


@pytest.fixture
def token(transactional_db):
    return setup_token.renew()


@pytest.fixture
def director(transactional_db):
    return factories.DirectorFactory(name="Hélène Moreau")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_agency_is_set_up_from_the_first_visit_on(page, token, take_screenshot, size, scheme):
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.goto("/")
    page.get_by_label("Token").fill("a wrong one")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This is not the token.")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    take_screenshot(f"setup-token-{size['width']}-{scheme}")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Country").select_option("FR")
    expect(page.get_by_label("Currency")).to_have_value("EUR")
    expect(page.get_by_label("Language")).to_have_value("fr")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Paris")
    page.get_by_label("Country").select_option("CA")
    expect(page.get_by_label("Currency")).to_have_value("CAD")
    expect(page.get_by_label("Time zone")).to_have_value("")
    page.get_by_label("Language").select_option("fr")
    page.get_by_label("Country").select_option("GB")
    expect(page.get_by_label("Language")).to_have_value("fr")  # whoever chose it meant it
    page.get_by_label("Name", exact=True).fill("Atelier Nord")
    page.get_by_label("Your name").fill("Hélène Moreau")
    page.get_by_label("E-mail", exact=True).fill("helene@example.com")
    page.get_by_label("Password", exact=True).fill("a long walk home")
    page.get_by_label("The password again").fill("a long walk home")
    page.get_by_label("Events").uncheck()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert Axe().run(page).response["violations"] == []
    take_screenshot(f"setup-{size['width']}-{scheme}")
    page.get_by_role("button", name="Set up and sign in").click()
    expect(page.get_by_text("Atelier Nord")).to_be_visible()
    agency = Agency.current()
    assert (agency.language, agency.currency, agency.time_zone) == ("fr", "GBP", "Europe/London")
    assert User.objects.get().is_director


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_new_director_sees_what_is_left_to_do(signed_in_page, director, take_screenshot, language):
    director.language = language
    director.save()
    page = signed_in_page(director)
    for width, scheme in shapes(page):
        page.goto("/")
        expect(page.locator(".first-steps > li")).to_have_count(11)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert Axe().run(page).response["violations"] == [], (width, scheme)
        take_screenshot(f"first-steps-{width}-{scheme}-{language}")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "fr")])
def test_a_team_is_pasted_from_a_sheet(signed_in_page, director, take_screenshot, settings, size, scheme, language):
    settings.EMAIL_IS_SET_UP = False
    director.language = language
    director.save()
    page = signed_in_page(director)
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.goto("/team/people/add-several")
    page.locator("#id_text").fill(
        "Nom\tE-mail\tHeures\tEmbauche\tCoût\tDepuis\n"
        "Inès Aubry\tines@example.com\t35\t02/11/2024\t45,50\t01/01/2026\n"
        "Yann Le Goff\tyann@example\t28,5\tbientôt\t52\t\n"
    )
    page.locator("button[name=read]").click()
    expect(page.locator(".type-in tbody tr")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert Axe().run(page).response["violations"] == []
    take_screenshot(f"add-people-{size['width']}-{language}")
    page.locator("#id_form-1-email").fill("yann@example.com")
    page.locator("#id_form-1-joined_on").fill("")
    page.locator("#id_form-1-starts_on").fill("2026-01-01")
    page.locator("form[data-unsaved] button.primary").click()
    expect(page.locator(".links-to-join code")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert Axe().run(page).response["violations"] == []
    take_screenshot(f"links-to-join-{size['width']}-{language}")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "fr")])
def test_everybodys_rates_are_set_in_one_table(signed_in_page, director, take_screenshot, size, scheme, language):
    director.language = language
    director.save()
    anne = factories.EntryFactory(member__name="Anne Le Goff", minutes=600).member
    factories.RateFactory(member__name="Bob Martin")
    page = signed_in_page(director)
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.goto("/team/rates/")
    page.locator("#id_starts_on").fill("2020-01-01")
    page.locator(f"#id_cents-{anne.pk}").fill("52,50")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert Axe().run(page).response["violations"] == []
    take_screenshot(f"all-rates-{size['width']}-{language}")
    page.locator("main button.primary").click()
    expect(page.locator("p.answer")).to_contain_text("525")
    assert Axe().run(page).response["violations"] == []
    take_screenshot(f"all-rates-preview-{size['width']}-{language}")
    page.locator("main button.primary").click()
    expect(page.locator(".message.success")).to_be_visible()
    assert CostRate.objects.get(member=anne).hourly_cents == 5250


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "fr")])
def test_the_demo_is_left_for_ones_own_agency(signed_in_page, director, take_screenshot, size, scheme, language):
    Agency.objects.update_or_create(pk=1, defaults={"is_demo": True, "name": "Studio Nord"})
    director.language = language
    director.save()
    page = signed_in_page(director)
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.goto("/settings/")
    page.locator("#demo a.button").click()
    page.locator("#id_name").fill("Studio Nord")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert Axe().run(page).response["violations"] == []
    take_screenshot(f"leave-demo-{size['width']}-{language}")
    page.locator("main button.danger").click()
    expect(page.locator("#id_agency")).to_be_visible()
    assert not User.objects.exists()
