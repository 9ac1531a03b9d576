"""What the log says while everything is looked at, tried and refused: numbers and places, nobody's data."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from campaigns.models import ImportRun, Lead, Sale
from core import logs
from operations import jobs
from reports.models import Subscriber
from tests.security.crawl import answers_to_posts, crawl, entrances
from tests.security.estate import NOTES, NOW, ROLES, Estate, undone
from timesheets.models import PersonAlias, User

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.claim]
OURS = ("campaigns", "timesheets", "reports", "config", "retour", "retour.requests")
OF_OTHERS = ("django.request", "django.security", "axes", "allauth", "celery")
TYPED = "zelda@quokka.example"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All that these loggers say from DEBUG on, as production writes it."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logs.JsonLines())
    loggers = [logging.getLogger(name) for name in (*OURS, *OF_OTHERS)]
    before = [one.level for one in loggers]
    root = logging.getLogger()
    root.addHandler(handler)
    for one in loggers:
        one.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    for one, level in zip(loggers, before, strict=True):
        one.setLevel(level)


def personal() -> set[str]:
    """What the agency holds of persons, and what somebody typed."""
    people = User.objects.values_list("name", "email")
    leads = Lead.objects.values_list("name", "email", "phone", "company", "note")
    texts = {text for row in (*people, *leads) for text in row}
    for rows in (
        Sale.objects.values_list("description", flat=True),
        Subscriber.objects.values_list("email", flat=True),
        PersonAlias.objects.values_list("text", flat=True),
        ImportRun.objects.values_list("file_name", flat=True),
    ):
        texts |= set(rows)
    return {text for text in {*texts, *NOTES.values(), TYPED, "quokka", "192.0.2.77"} if text}


def test_the_log_names_nobody_whichever_address_is_asked(estate: Estate, written, record_property):
    """The short form: each declared address once, as a director."""
    client = estate.client("director")
    for address in sorted(set(entrances(estate, "director"))):
        with undone():
            client.get(address)
    answers_to_posts(estate, "director")
    _try_the_door(estate)
    record_property("lines of the log", assert_nobody_is_named(written, views=50))


@pytest.mark.soak
def test_the_log_names_nobody_whoever_looks_at_everything(estate: Estate, written, record_property):
    for role in ROLES:
        crawl(estate, role)
        answers_to_posts(estate, role)
    _try_the_door(estate)
    with undone():
        jobs.sweep(at=NOW + timedelta(days=5))
    record_property("lines of the log", assert_nobody_is_named(written, views=100))


def assert_nobody_is_named(written: io.StringIO, *, views: int) -> int:
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert not [(text, line) for text in personal() for line in lines if text in json.dumps(line, ensure_ascii=False)]
    assert {"campaigns", "axes", "retour"} <= {line["logger"].split(".")[0] for line in lines}
    seen = [line for line in lines if line["logger"] == "retour.requests"]
    assert len({line["view"] for line in seen if line.get("view")}) >= views
    return len(seen)


def _try_the_door(estate: Estate) -> None:
    """Wrong passwords until it is shut, addresses in paths and in query strings, a form that is forged."""
    visitor, person = estate.client("nobody", checks_csrf=True), estate.client("nobody")
    with undone():
        for email in [TYPED] * 6 + [estate.people["Anna"].email] * 6:
            person.post("/accounts/login/", {"login": email, "password": "quokka"}, REMOTE_ADDR="192.0.2.77")
        person.post("/accounts/password/reset/", {"email": TYPED})
        visitor.post("/accounts/login/", {"login": TYPED})
        director = estate.client("director")
        for address in (f"/leads/?q={TYPED}", f"/leads/{TYPED}/", f"/people/{TYPED}", "/team/people/999/erase/"):
            director.get(address)
        director.post("/leads/add/", {"name": "Zelda quokka", "email": TYPED, "received_at": "never"})
