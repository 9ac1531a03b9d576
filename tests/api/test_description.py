"""What the API says of itself: its shape is a promise, and its page keeps to the content security policy."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from config.api import api

STORED = Path(__file__).parent / "v1.json"
HOW = (
    "The shape of version 1 has changed. Nothing that is promised may go or change its type: that needs a version 2 "
    "beside it (docs/adr/0038). What is only added is written into tests/api/v1.json by "
    "`manage.py shell -c 'from tests.api import test_description as shape; shape.store()'`."
)
# What people read, and what may be said better at any time.
WORDS = {"title", "summary", "description", "tags"}


def shape() -> dict[str, Any]:
    """Addresses, fields and types, without words."""
    with translation.override("en"):
        schema = json.loads(json.dumps(api.get_openapi_schema()))
    return {"paths": bare(schema["paths"]), "schemas": bare(schema["components"]["schemas"])}


def bare(value: Any, *, are_names: bool = True) -> Any:
    """A value without words; a field may be called `title`, too."""
    if isinstance(value, list):
        return [bare(each, are_names=False) for each in value]
    if not isinstance(value, dict):
        return value
    kept = value if are_names else {name: each for name, each in value.items() if name not in WORDS}
    return {name: bare(kept[name], are_names=name in ("properties", "responses", "$defs")) for name in sorted(kept)}


def store() -> None:
    """Write it with one address or schema a line, so that a difference shows which."""
    between = ",\n"
    parts = [f'"{name}": {{\n{between.join(lines_of(known))}\n}}' for name, known in sorted(shape().items())]
    STORED.write_text("{\n" + between.join(parts) + "\n}\n")


def lines_of(known: dict[str, Any]) -> list[str]:
    return [f"{json.dumps(name)}: {json.dumps(each, sort_keys=True)}" for name, each in known.items()]


def test_the_shape_is_the_one_that_is_promised():
    assert shape() == json.loads(STORED.read_text()), HOW


def test_words_are_no_part_of_the_shape_and_fields_are():
    before = shape()
    lead = before["schemas"]["LeadOut"]["properties"]
    assert "description" in before["schemas"]["SaleOut"]["properties"]
    assert lead["received_at"] == {"format": "date-time", "type": "string"}


@pytest.mark.django_db
def test_the_description_and_its_page_are_open_and_name_nobody():
    answer = Client().get("/api/v1/openapi.json")
    assert (answer.status_code, answer.json()["openapi"][:3]) == (200, "3.1")
    page = Client().get("/api/v1/docs")
    assert page.status_code == 200
    assert "cdn" not in page.content.decode()
    assert "unsafe" not in page["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_description_says_nothing_twice():
    """A reader of JSON takes the last of two parts with one name; one of YAML, as the page is, takes none."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _value in pairs]
        assert len(names) == len(set(names)), names
        return dict(pairs)

    json.loads(Client().get("/api/v1/openapi.json").content, object_pairs_hook=once)


def test_each_operation_says_what_it_does_in_a_phrase_of_ours():
    """Django Ninja writes `Add Touchpoint` where nothing is said."""
    paths = api.get_openapi_schema()["paths"].values()
    summaries = [operation["summary"] for path in paths for operation in path.values()]
    assert {"Platforms", "Add a platform", "A platform", "Change an outcome", "Add many spend items"} <= set(summaries)
    assert not [words for words in summaries if words.replace("QR", "")[1:].lower() != words.replace("QR", "")[1:]]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_works_under_the_content_security_policy(page, live_server):
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{live_server.url}/api/v1/docs")
    page.get_by_text("/api/v1/leads/bulk").wait_for()
    assert problems == []
