"""Signing in, as a person does it."""

from tests.factories import PASSWORD


def test_a_person_types_address_and_password_and_is_in(page, member):
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(member.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    assert page.context.cookies()


def test_a_wrong_password_says_so_and_keeps_the_address(page, member):
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(member.email)
    page.locator("input[name=password]").fill("not the password")
    page.locator("input[name=password]").press("Enter")
    page.locator(".errors, .errorlist, [role=alert], .error").first.wait_for()
    assert page.locator("input[name=login]").input_value() == member.email


def test_the_session_that_tests_make_is_a_signed_in_one(signed_in_page, member):
    page = signed_in_page(member)
    page.goto("/")
    assert "/accounts/login" not in page.url
