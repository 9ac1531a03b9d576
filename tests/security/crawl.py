"""Everything that somebody can reach: the declared addresses, and whatever the pages lead to from there."""

import csv
import html
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import openpyxl

from tests.security.estate import Estate, undone
from tests.security.routes import ADMIN, ROUTES

LINK = re.compile(r'\s(?:href|src|action|hx-get)="([^"#]*)')
TAG = re.compile(r"<[^>]*>")
# What differs from one answer to the next though nothing has changed: the token against forged forms.
PASSING = re.compile(r"[A-Za-z0-9]{64}")
NUMBER = re.compile(r"\d+(?:[ \u00a0\u202f.,'’]\d+)*")
# So many addresses are looked at that differ only in their numbers; and in these and their parameters.
ALIKE = 3
MOST_OF_A_PATH = 5


@dataclass(frozen=True)
class Page:
    """An answer as a person, or their spreadsheet, reads it."""

    address: str
    status: int
    headers: dict[str, str]
    text: str

    @property
    def is_html(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("text/html")

    @property
    def content(self) -> str:
        """The text without what is another for each answer."""
        return PASSING.sub("", self.text)

    def links(self) -> Iterator[str]:
        for found in LINK.findall(self.text) if self.is_html else ():
            link = urljoin(self.address, html.unescape(found))
            if link.startswith("/") and not link.startswith(("/static/", "//")):
                yield link


def crawl(estate: Estate, role: str, *, with_admin: bool = False) -> dict[str, Page]:
    """Each page that this role can reach, by its address."""
    client = estate.client(role)
    waiting, seen = list(entrances(estate, role)), dict[str, Page]()
    if with_admin:
        waiting += [f"/admin/{name.replace('_', '/')}/" for name in ADMIN]
    alike: Counter[Any] = Counter()
    while waiting:
        address = waiting.pop(0)
        if address in seen or is_one_too_many(address, alike) or (address.startswith("/admin/") and not with_admin):
            continue
        with undone():
            seen[address] = page = read(address, client.get(address))
        waiting += page.links()
    return seen


def entrances(estate: Estate, role: str) -> Iterator[str]:
    """Every declared address, of one's own objects and of those of others, whether this role may or not."""
    for route in ROUTES:
        if role != "nobody" and route.of.endswith("link"):
            continue  # the secret link in an e-mail to somebody else
        yield estate.address(route.name, route.of, role)
        if route.theirs:
            yield estate.address(route.name, route.of, role, whose="theirs")


def is_one_too_many(address: str, alike: Counter[Any]) -> bool:
    """Each week leads to the one before, for ever; each filter of a page to every other."""
    path, query = urlsplit(address).path, urlsplit(address).query
    shape = re.sub(r"\d+", "0", path), tuple(sorted(name for name, _value in parse_qsl(query)))
    alike[shape] += 1
    alike[shape[0]] += 1
    return alike[shape] > ALIKE or alike[shape[0]] > MOST_OF_A_PATH


def read(address: str, answer: Any) -> Page:
    body = b"".join(answer) if answer.streaming else answer.content
    kind = answer.headers.get("Content-Type", "")
    return Page(address, answer.status_code, dict(answer.headers), as_text(kind, body))


def as_text(kind: str, body: bytes) -> str:
    if "spreadsheetml" in kind:
        sheets = openpyxl.load_workbook(io.BytesIO(body)).worksheets
        return "\n".join(str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row)
    return body.decode(errors="replace")


def answers_to_posts(estate: Estate, role: str) -> dict[str, Page]:
    """What each address answers to an empty POST."""
    client = estate.client(role)
    seen = {}
    for route in ROUTES:
        if route.post != 405 and role in route.who:
            address = estate.address(route.name, route.of, role)
            with undone():
                seen[f"POST {address}"] = read(address, client.post(address))
    return seen


# -- numbers ----------------------------------------------------------------------------------------------------------


def numbers(text: str) -> set[str]:
    """The digits of each number, however it is grouped, in whatever language: `73,193.77` and `73 193,77` alike."""
    return {re.sub(r"\D", "", found) for found in NUMBER.findall(TAG.sub("|", html.unescape(text)))}


def numbers_of(page: Page) -> set[str]:
    if page.headers.get("Content-Type", "").startswith("text/csv"):
        return {one for row in csv.reader(io.StringIO(page.text)) for cell in row for one in numbers(cell)}
    return numbers(page.text) | numbers("|".join(f"{name}|{value}" for name, value in page.headers.items()))


def ways_to_write(cents: int) -> set[str]:
    """The digits of an amount: in cents or with its decimals, with one decimal, in whole units either way."""
    return {str(cents), str(round(cents / 10)), str(cents // 100), str(round(cents / 100))}
