"""Every page as each role in a real browser: nothing that the content policy refuses, and no error in the console."""

import pytest
import time_machine
from playwright.sync_api import Error

from tests.security import estate as estates
from tests.security.crawl import entrances
from tests.security.routes import ADMIN, BY_NAME

VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""
# Refused on purpose, or not there: the browser itself notes the status in its console.
EXPECTED = ("Failed to load resource: the server responded with a status of 40",)


@pytest.fixture
def estate(page, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(estates.NOW, tick=True):
        yield estates.build()


ADMIN_PAGES = "director in the admin"
# A director opens all that a member and a manager do, and one page of each kind in the admin.
IN_THE_LONG_RUN = [pytest.param(role, marks=pytest.mark.soak) for role in ("member", "manager", ADMIN_PAGES)]


@pytest.mark.parametrize("role", ["nobody", *IN_THE_LONG_RUN, "director"])
def test_no_page_breaks_the_content_policy_or_writes_an_error(estate, page, signed_in_page, role, record_property):
    if role != "nobody":
        signed_in_page(estate.people[role.split()[0]])
    problems: list[str] = []
    page.on(
        "console", lambda message: problems.append(f"{page.url} {message.text}") if message.type == "error" else None
    )
    page.on("pageerror", lambda error: problems.append(f"{page.url} {error}"))
    page.add_init_script(VIOLATIONS)
    visited = 0
    for address in pages(estate, role):
        try:
            answer = page.goto(address, wait_until="load")
        except Error as error:
            if "Download is starting" not in str(error):  # a file
                raise
            continue
        visited += answer is not None and answer.ok
    record_property("pages opened", visited)
    assert [text for text in problems if not any(one in text for one in EXPECTED)] == []
    assert visited >= {"nobody": 6, "member": 6, "manager": 35, "director": 60, ADMIN_PAGES: 40}[role]


def pages(estate: estates.Estate, role: str) -> list[str]:
    """What opens as a page: no file, which the browser would take for a download, and no way out."""
    if role == ADMIN_PAGES:
        return [*admin_pages()]
    mine = {
        estate.address(route.name, route.of, role)
        for route in BY_NAME.values()
        if is_a_page(route.name, route.get, route.who, role)
    }
    seen = [address for address in dict.fromkeys(entrances(estate, role)) if address in mine]
    return seen + (["/admin/", "/admin/campaigns/lead/", "/admin/campaigns/lead/add/"] if role == "director" else [])


def is_a_page(name: str, status: int, who: tuple[str, ...], role: str) -> bool:
    is_file = name.endswith(("_csv", "_xlsx", "_export", "errors", "metrics", "logout"))
    return status != 405 and role in who and not is_file


def admin_pages() -> list[str]:
    lists = [f"/admin/{name.replace('_', '/')}/" for name in ADMIN]
    forms = [f"/admin/{name.replace('_', '/')}/add/" for name, may in ADMIN.items() if "add" in may]
    return [*lists, *forms]
