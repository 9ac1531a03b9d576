"""Anything at all, thrown at every form and every address: no failure, nothing half-written, and an answer in words.

What a refused form says, and that it keeps what was typed, is in test_refused_forms.py; files that people bring are in
tests/campaigns/imports/test_hostile_files.py.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.apps import apps
from django.core.signals import request_started
from django.db import close_old_connections, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.wsgi import application
from tests.security import corpus
from tests.security.crawl import TAG, read
from tests.security.estate import Estate, undone
from tests.security.forms import forms_of
from tests.security.routes import ROUTES, Route

pytestmark = [pytest.mark.django_db, pytest.mark.once]
# The session, the count of attempts, the note of an address and that somebody was refused go on whatever is sent.
UNCOUNTED = {
    "session",
    "emailaddress",
    "accessattempt",
    "accesslog",
    "accessfailurelog",
    "contenttype",
    "securityevent",
}
MODELS = [model for model in apps.get_models() if model._meta.model_name not in UNCOUNTED]
OURS = [route for route in ROUTES if not route.name.startswith("admin:")]
READ = [route for route in OURS if route.get != 405]
WRITTEN = [route for route in OURS if route.post != 405]
# A sweep of them all is slow on a page of a hundred queries; each text meets each page in a soak.
EVERY = 12
thorough = settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def by_name(routes: list[Route]) -> Any:
    return pytest.mark.parametrize("route", routes, ids=lambda route: route.name)


def role_for(route: Route) -> str:
    return "nobody" if "nobody" in route.who else "director"


def rows() -> dict[str, int]:
    """How many there are of each model, in one statement."""
    quote = connection.ops.quote_name
    counts = ", ".join(f"(SELECT COUNT(*) FROM {quote(model._meta.db_table)})" for model in MODELS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return dict(zip([model._meta.label for model in MODELS], cursor.fetchone(), strict=True))


class Answers(Counter[str]):
    """What was answered in a test, and how many rows there are before each question: all that is written is undone."""

    @cached_property
    def rows_before(self) -> dict[str, int]:
        return rows()


@contextmanager
def counted(record_property: Any) -> Iterator[Answers]:
    """What was answered, for the table of figures."""
    answers = Answers({"2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0, "half-written": 0})
    try:
        yield answers
    finally:
        half = answers.pop("half-written")
        for name, count in {"requests": answers.total(), **answers, "half-written": half}.items():
            record_property(name, count)


# -- addresses --------------------------------------------------------------------------------------------------------


def opened(estate: Estate, route: Route, query: Any, answers: Counter[str]) -> None:
    address = estate.address(route.name, route.of, role_for(route))
    with undone():
        page = read(address, estate.client(role_for(route)).get(address, query))
    answers[f"{page.status // 100}xx"] += 1
    assert page.status in {200, 302, 400, 403, 404}, f"{page.status} {address} {str(query)[:300]}"
    if page.status == 400:
        assert words(page.text)


def everywhere(names: list[str], text: str) -> dict[str, str]:
    """The text under every name; a very long one under the first few, which is long enough."""
    return dict.fromkeys(names if len(text) < 1000 else names[:3], text)


def words(text: str) -> str:
    return " ".join(re.sub(r"<head>.*?</head>", "", TAG.sub(" ", text), flags=re.S).split())


@by_name(READ)
def test_no_address_fails_whatever_its_query_holds(estate, route, record_property):
    """Each text under every name at once: what reads one of them meets it."""
    turn = READ.index(route) % EVERY
    with counted(record_property) as answers:
        for text in corpus.TEXTS[turn::EVERY]:
            opened(estate, route, everywhere(corpus.QUERY_NAMES, text), answers)


@pytest.mark.parametrize(
    "path", ["/leads/%00/", "/leads/٣/", "/hours/2026-W٤٧/", "/%ff%fe", "/" + "a" * 100_000, "/admin/%00"]
)
def test_no_path_fails(estate, path):
    for role in ("nobody", "member", "director"):
        assert estate.client(role).get(path).status_code in {302, 403, 404}, role


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "\x00;q=🦊"},
        {"Cookie": "sessionid=\x00; csrftoken=" + "x" * 9000 + "; messages=nonsense"},
        {"HX-Request": "true", "HX-Target": "panel-body", "HX-Current-URL": "%%%"},
        {"Referer": "javascript:alert(1)", "X-Forwarded-For": "nowhere, 999.999.999.999"},
        {"Content-Type": "multipart/form-data; boundary=", "Range": "bytes=9999999999999999999-"},
    ],
    ids=["language", "cookies", "htmx", "referer", "type"],
)
def test_no_header_fails(estate, headers):
    for address in ("/", "/leads/", "/explain/", "/hours/2026-W47/"):
        assert estate.client("director").get(address, headers=headers).status_code in {200, 302}, address


# -- forms ------------------------------------------------------------------------------------------------------------


# What those addresses read that have no form of their own: parts of the week, of a list, of a flag.
SENT = {
    "d0": "1:30",
    "platform": "1",
    "campaign": "1",
    "seen": "",
    "edit": "x",
    "note": "",
    "timer": "1",
    "choice": "hours",
    "hours": "1",
    "removed": "",
    "through": "2026-11-18",
    "reason": "why",
    "approve": "chosen",
    "chosen": "1",
    "then": "1",
    "member": "4",
    "weeks": "2",
    "back": "dashboard",
    "status-status": "new",
    "header": "date",
    "email": "a@b.fr",
    "name": "A",
    "language": "en",
    "confirmed": "1",
    "invite": "1",
}


@pytest.fixture
def fields(estate, route) -> dict[str, str]:
    """What the forms of its page would send, so that one field at a time can be wrong."""
    address = estate.address(route.name, route.of, role_for(route))
    page = read(address, estate.client(role_for(route)).get(address)) if route.get == 200 else None
    forms = forms_of(page.text) if page and page.is_html else []
    return {name: value for form in forms for name, value in form.values.items()} or SENT


def posted(estate: Estate, route: Route, answers: Answers, **how: Any) -> None:
    """Send it: the answer is no failure, and one that refuses has written nothing and says why."""
    address = estate.address(route.name, route.of, role_for(route))
    with undone():
        before = answers.rows_before
        client = estate.client(role_for(route))
        page = read(
            address, client.generic("POST", address, **how) if "content_type" in how else client.post(address, **how)
        )
        answers[f"{page.status // 100}xx"] += 1
        assert page.status in {200, 302, 400, 403, 404, 409, 413, 415, 422, 423, 429}, (
            f"{page.status} {address} {str(how)[:300]}"
        )
        if page.status >= 400:
            answers["half-written"] += rows() != before
            assert not answers["half-written"], f"half-written: {address} {str(how)[:300]}"
            assert words(page.text), f"nothing is said: {page.status} {address} {str(how)[:300]}"


@by_name(WRITTEN)
def test_no_form_fails_whatever_one_of_its_fields_holds(estate, route, fields, record_property):
    with counted(record_property) as answers:
        thrown_at(estate, route, fields, corpus.TEXTS[WRITTEN.index(route) % EVERY :: EVERY], answers)


def thrown_at(estate: Estate, route: Route, fields: dict[str, str], texts: list[str], answers: Answers) -> None:
    """Each text in one of the fields, the next text in the next one; every second one in all of them too."""
    names = list(fields)
    for number, text in enumerate(texts):
        posted(estate, route, answers, data={**fields, names[number % len(names)]: text})
        if number % 2 == 0:
            posted(estate, route, answers, data=everywhere(names, text))


BODIES = {
    "json": ("application/json", b'{"name": ["x"], "d0": {"a": 1}}'),
    "no json": ("application/json", b'{"\xff'),
    "text": ("text/plain", b"name=x"),
    "not UTF-8": ("application/x-www-form-urlencoded", b"name=%ff%fe&email=%ed%a0%80&d0=\xff"),
    "cut off": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nhalf'),
    "no boundary": ("multipart/form-data", b"--x--"),
    "a name of nothing": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
    ),
    "another charset": ("application/x-www-form-urlencoded; charset=nonsense", b"name=x"),
    "a thousand fields too many": ("application/x-www-form-urlencoded", b"&".join(b"a%d=" % n for n in range(2000))),
}
HALF = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\\ud800 +2AA-\xff\r\n--x--\r\n'


@by_name(WRITTEN)
def test_no_form_fails_whatever_kind_of_body_comes(estate, route, record_property):
    with counted(record_property) as answers:
        for kind, body in BODIES.values():
            posted(estate, route, answers, data=body, content_type=kind)


@pytest.mark.parametrize("charset", corpus.CHARSETS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_written_in_utf8_is_not_read(estate, method, charset):
    """Asked as a server asks, because Django decodes the address before anything of ours sees the request."""
    body = HALF if method == "POST" else b""
    status, said = asked_by_a_server(method, f"multipart/form-data; boundary=x; charset={charset}", body)
    assert (status, "This could not be read" in said) == (400, True)


@pytest.mark.parametrize("written", ["utf-8", "UTF8", '"utf-8"', "utf-8; boundary=x"])
def test_utf8_is_read_however_it_is_called(estate, written):
    assert asked_by_a_server("GET", f"text/html; charset={written}")[0] == 200


def asked_by_a_server(method: str, kind: str, body: bytes = b"") -> tuple[int, str]:
    """The status and the text of the sign-in page, for a request with this type of content."""
    environ: dict[str, Any] = {"HTTP_HOST": "testserver", "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))}
    environ |= {"REQUEST_METHOD": method, "PATH_INFO": "/accounts/login/", "QUERY_STRING": "next=%5Cud800&a=%ff"}
    environ["wsgi.input"] = io.BytesIO(body)
    setup_testing_defaults(environ)
    statuses: list[str] = []
    request_started.disconnect(close_old_connections)  # the one of this test is in a transaction
    try:
        parts = application(environ, lambda status, _headers: statuses.append(status))
        return int(statuses[0].split()[0]), b"".join(parts).decode()
    finally:
        request_started.connect(close_old_connections)


# -- the long form ----------------------------------------------------------------------------------------------------


@pytest.mark.soak
@by_name(READ)
def test_every_text_in_every_query_is_answered(estate, route, record_property):
    with counted(record_property) as answers:
        for text in corpus.TEXTS:
            opened(estate, route, everywhere(corpus.QUERY_NAMES, text), answers)

        @thorough
        @given(corpus.queries)
        def run(query):
            opened(estate, route, query, answers)

        run()


@pytest.mark.soak
@by_name(WRITTEN)
def test_every_text_in_every_form_is_answered_and_nothing_is_half_written(estate, route, fields, record_property):
    with counted(record_property) as answers:
        thrown_at(estate, route, fields, corpus.TEXTS, answers)

        @thorough
        @given(st.dictionaries(st.sampled_from(sorted(fields)), st.lists(corpus.texts, max_size=3), min_size=1))
        def run(wrong):
            posted(estate, route, answers, data={**fields, **wrong})

        run()
