"""Which addresses may be targets, and how parameters are appended."""

import pytest

from campaigns.links import targets
from campaigns.links.naming import NamingRules

HOSTS = ["www.example.com", "*.shop.example", "localhost:8000"]


@pytest.mark.parametrize(
    "address",
    [
        "https://www.example.com/offer?a=1#part",
        "http://WWW.example.com",
        "https://eu.shop.example/x",
        "https://a.b.shop.example/x",
        "http://localhost:8000/",
    ],
)
def test_an_address_on_an_allowed_host_may_be_a_target(address):
    assert targets.is_allowed(address, HOSTS)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/offer",
        "//www.example.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://www.example.com/",
        "https://example.com/",
        "https://shop.example/",
        "https://evil.example/",
        "https://www.example.com.evil.example/",
        "https://evil.example/www.example.com",
        "https://www.example.com@evil.example/",
        "https://evil.example\\@www.example.com/",
        "https://evil.example#@www.example.com/",
        "https://www.example.com:81/",
        "https://www.example.com:x/",
        "https://www.example.com/\r\nSet-Cookie: a=b",
        "https://www.example.com/ a",
        "https://localhost/",
        "https://[::1/",
    ],
)
def test_any_other_address_may_not(address):
    assert not targets.is_allowed(address, HOSTS)


def test_nothing_is_allowed_where_no_host_is():
    assert not targets.is_allowed("https://www.example.com/", [])


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://e.com", "https://e.com?utm_source=x&rt=1"),
        ("https://e.com/a?b=1&b=2&c", "https://e.com/a?b=1&b=2&c&utm_source=x&rt=1"),
        ("https://e.com/?utm_source=y&utm_term=z&rt=0&b=%20", "https://e.com/?b=%20&utm_source=x&rt=1"),
        ("https://e.com/?utm%5Fsource=y", "https://e.com/?utm_source=x&rt=1"),
        ("https://e.com/a#part?x=1", "https://e.com/a?utm_source=x&rt=1#part?x=1"),
        ("https://e.com/a?#", "https://e.com/a?utm_source=x&rt=1#"),
    ],
)
def test_parameters_stand_once_before_the_fragment(address, expected):
    assert targets.with_parameters(address, {"utm_source": "x", "rt": "1"}) == expected


def test_what_a_parameter_holds_ends_nothing():
    assert targets.with_parameters("https://e.com", {"utm_source": "a&b=c\r\n#é"}) == (
        "https://e.com?utm_source=a%26b%3Dc%0D%0A%23%C3%A9"
    )


@pytest.mark.parametrize("text", ["www.example.com", "*.example.com", "localhost:8000", "a-b.example"])
def test_a_host_is_a_name_with_a_port_or_not(text):
    assert targets.is_host(text)


@pytest.mark.parametrize(
    "text", ["", "https://www.example.com", "example.com/a", "*", "a..b", "exa mple.com", "-a.com"]
)
def test_anything_else_is_no_host(text):
    assert not targets.is_host(text)


@pytest.mark.parametrize(
    ("rules", "text", "right"),
    [
        (NamingRules(), "Spring  Sale ", "spring-sale"),
        (NamingRules(has_no_spaces=False), "Spring Sale", "spring sale"),
        (NamingRules(is_lower_case=False), "Spring Sale", "Spring-Sale"),
    ],
)
def test_the_rules_say_how_a_name_is_spelled(rules, text, right):
    assert rules.spelled(text) == right
    assert rules.allow(right)
    assert not rules.allow(text)


def test_without_mediums_any_may_be_used():
    assert NamingRules().allow_medium("whatever")
    assert not NamingRules(mediums=("social",)).allow_medium("whatever")
