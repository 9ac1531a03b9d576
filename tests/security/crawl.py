"""Everything that somebody can reach: the declared addresses, and whatever the pages lead to from there.

Pages are followed by their links; then each is asked otherwise, by every parameter that some view reads and by the
headers of scripts and programs; then each form on them is filled in and sent.
"""

import csv
import html
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection

from tests.security import corpus
from tests.security.estate import Estate, undone
from tests.security.forms import Form, forms_of
from tests.security.routes import ADMIN, ROUTES

LINK = re.compile(r'\s(?:href|src|action|hx-get)="([^"#]*)')
TAG = re.compile(r"<[^>]*>")
# What differs from one answer to the next though nothing has changed: the token against forged forms, and what is made
# by chance: the end of a link, the key of a form, a secret that is shown once.
PASSING = re.compile(
    r"[A-Za-z0-9]{64}|retour_[\w-]{43}|whsec_[\w+/=]{44}"
    r"|(?<=/go/)[a-z0-9]{8}\b|(?<=/capture/)[\w-]{24}|(?:(?<=<code>)|(?<=copy=\"))[\w-]{43}(?=</code>|\")"
)
PASSING_HEADERS = {"X-Request-ID"}
NUMBER = re.compile(r"\d+(?:[ \u00a0\u202f.,'’]\d+)*")
MOST_GROUPS = 4  # of digits in one number: 1 234 567.89
# So many addresses are looked at that differ only in their numbers; and in these and their parameters.
ALIKE = 3
MOST_OF_A_PATH = 5
# Values that mean something, where a page has no field to take them from.
ASKED = {
    "asked": ["differs"],
    "when": ["month"],
    "about": ["platform:1", "limit:1", "trial:1"],
    "basis": ["cohort"],
    "by": ["platform", "campaign", "member", "cost"],
    "client": ["own"],
    "currency": ["USD"],
    "due": ["soon"],
    "fewer": ["3"],
    "figure": ["cost", "verdict"],
    "first": ["2026-W40"],
    "format": ["csv", "json", "xlsx", "reader-csv", "reader-xlsx"],
    "from": ["2026-W40"],
    "kind": ["hours", "rates"],
    "language": ["fr"],
    "limit": ["20"],
    "last": ["2026-W46"],
    "measure": ["Followers gained"],
    "model": ["first"],
    "page": ["1", "2"],
    "period": ["year"],
    "q": ["e"],
    "rate": ["none"],
    "rates": ["yes"],
    "role": ["member"],
    "sort": ["cost", "-cost", "hourly_cents"],
    "to": ["2026-W45"],
    "week": ["2026-W46"],
    "weeks": ["4"],
}
ASKABLE = sorted({*corpus.QUERY_NAMES, *ASKED})
AS_A_SCRIPT = {"HX-Request": "true", "HX-Target": "panel-body", "Accept": "application/json"}


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
    def content(self) -> tuple[int, dict[str, str], str]:
        """Status, headers and text, without what is another for each answer."""
        headers = {name: value for name, value in self.headers.items() if name not in PASSING_HEADERS}
        return self.status, headers, PASSING.sub("", self.text)

    def links(self) -> Iterator[str]:
        for found in LINK.findall(self.text) if self.is_html else ():
            link = urljoin(self.address, html.unescape(found))
            if link.startswith("/") and not link.startswith(("/static/", "//")):
                yield link


def reach(estate: Estate, role: str, *, thorough: bool = False) -> dict[str, Page]:
    """All that this role can read, by what was asked; `thorough` leaves no choice of any field out."""
    pages = crawl(estate, role)
    return (
        pages
        | asked_otherwise(estate, role, pages, thorough=thorough)
        | answers_to_posts(estate, role)
        | answers_to_forms(estate, role, pages)
    )


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
    """Of a workbook all its parts: hidden sheets, comments and properties too."""
    if "spreadsheetml" in kind:
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            body = b"\n".join(parts.read(name) for name in parts.namelist())
    return body.decode(errors="replace")


def asked_otherwise(estate: Estate, role: str, pages: Mapping[str, Page], *, thorough: bool = False) -> dict[str, Page]:
    """Each page without parameters again: with those of its fields and of all views, and as scripts ask for it."""
    client = estate.client(role)
    seen = {}
    shapes = set[str]()
    for address, page in pages.items():
        shape = re.sub(r"\d+", "0", address)
        if page.status != 200 or "?" in address or shape in shapes:
            continue
        shapes.add(shape)
        with undone():
            for query in queries(page, thorough=thorough):
                asked = f"{address}?{urlencode(query)}"
                seen[asked] = read(asked, client.get(asked))
            seen[f"{address} AS A SCRIPT"] = read(address, client.get(address, headers=AS_A_SCRIPT))
    return seen


def queries(page: Page, *, thorough: bool) -> Iterator[dict[str, str]]:
    """Each choice of the page's filters alone, or the last of each; and what only other pages offer, all at once."""
    offered = {
        name: one.options
        for form in (forms_of(page.text) if page.is_html else ())
        for name, one in form.fields.items()
        if form.method == "get" and one.options
    }
    for name, options in offered.items():
        yield from ({name: one} for one in (options if thorough else options[-1:]))
    if thorough:
        yield from ({name: one} for name, values in ASKED.items() for one in values)
    yield {name: ASKED.get(name, ["1"])[0] for name in ASKABLE if name not in offered}


def answers_to_posts(estate: Estate, role: str) -> dict[str, Page]:
    """What each address answers to an empty POST."""
    seen = {}
    for route in ROUTES:
        if route.post != 405 and role in route.who:
            address = estate.address(route.name, route.of, role)
            with undone():
                seen[f"POST {address}"] = read(address, estate.client(role).post(address))
    return seen


def answers_to_forms(estate: Estate, role: str, pages: Mapping[str, Page]) -> dict[str, Page]:
    """What each form on these pages answers when it is filled in and sent, and the page that it leads to."""
    seen = {}
    for address, form in different_forms(pages.values()):
        asked = f"FORM {address} {' '.join(sorted(form.fields))}"
        client = estate.client(role)
        with undone():
            numbers_go_on()
            seen[asked] = page = read(address, client.post(address, form.filled()))
            if then := page.headers.get("Location", ""):
                seen[f"{asked} THEN"] = read(then, client.get(then))
    return seen


def numbers_go_on() -> None:
    """A new row gets the number after the last: PostgreSQL also counts those that were taken back."""
    if statements := connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
        with connection.cursor() as cursor:
            cursor.execute(" ".join(statements))


def different_forms(pages: Iterable[Page]) -> Iterator[tuple[str, Form]]:
    """Each form once, with the address that it is sent to, however many rows have one like it.

    Those of the sign-in are left out: they count attempts, and end the session.
    """
    shapes = set()
    for page in pages:
        for form in forms_of(page.text) if page.is_html else ():
            address = urljoin(page.address, form.action)
            shape = re.sub(r"\d+", "0", address), frozenset(re.sub(r"\d+", "0", name) for name in form.fields)
            if form.method == "post" and shape not in shapes and not address.startswith("/accounts/"):
                shapes.add(shape)
                yield address, form


# -- numbers ----------------------------------------------------------------------------------------------------------


def numbers(text: str) -> set[str]:
    """The digits of each number, however it is grouped, in whatever language: `73,193.77` and `73 193,77` alike.

    Numbers that only stand beside each other look like one, so each is also read in parts.
    """
    found = set[str]()
    for run in NUMBER.findall(html.unescape(text)):
        groups = re.split(r"\D", run)
        for start in range(len(groups)):
            found.update("".join(groups[start:end]) for end in range(start + 1, start + 1 + MOST_GROUPS))
    return found


def numbers_of(page: Page) -> set[str]:
    """Those of the page with its attributes, or of each cell of a file, and of the headers."""
    _status, headers, text = page.content
    told = "|".join(f"{name}|{value}" for name, value in headers.items())
    if page.headers.get("Content-Type", "").startswith("text/csv"):
        return {one for row in csv.reader(io.StringIO(text)) for cell in row for one in numbers(cell)} | numbers(told)
    return numbers(text) | numbers(told)


def ways_to_write(cents: int) -> set[str]:
    """The digits of an amount: in cents or with its decimals, with one decimal, in whole units either way."""
    return {str(cents), str(round(cents / 10)), str(cents // 100), str(round(cents / 100))}
