"""Every address of the API, with the token of each role: who gets what, and that nobody but a director reads a cost."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from config.api import api
from core.api.access import SCOPES
from reports.models import Verdict
from tests.api.addresses import ADDRESSES, ANY, Address
from tests.api.asking import Asker, is_problem, token_for
from tests.security import estate as estates
from tests.security.crawl import numbers, ways_to_write
from tests.security.estate import NOTES, NOW, OLD_RATES, RATES, WEEK, Estate, undone

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.claim]
TOKENS = ("member", "manager", "director", "service")
BLIND = ("member", "manager", "service")
HOW = "say in tests/api/addresses.py which scope it needs and who may: one line, explained at its head"
# Of every list: all rows on one page, voided ones too where there are some.
WIDEST = "?limit=200"


@pytest.fixture(scope="module")
def programs(estate) -> dict[str, Asker]:
    """A program of each role with all scopes."""
    people = {role: estate.people[role] for role in ("member", "manager", "director")}
    return {role: Asker(token_for(people.get(role), made_at=NOW)) for role in TOKENS}


# The kind of place in estate.py that the number in an address names, by its noun.
PLACES = {
    "platforms": "platform",
    "clients": "client",
    "campaigns": "campaign",
    "links": "link",
    "leads": "lead",
    "sales": "sale",
    "touchpoints": "touch",
    "spend": "spend",
    "outcomes": "outcome",
    "outcome-values": "outcome value",
    "exchange-rates": "exchange rate",
    "flags": "flag",
    "decisions": "decision",
    "trials": "trial",
    "summaries": "letter",
    "people": "person",
    "imports": "import",
    "absences": "absence",
    "saved-views": "saved view",
    "lead-moves": "bulk change",
    "quarantine": "spam",
}
# What an address cannot be asked without.
QUERIES = {"/exchange-rates/effect": "?currency=USD&day=2026-11-02&rate=1.5", "/figures/rows": "?figure=return"}
# A service is nobody, and so has none of its own.
OWN = ("{day}", "/weeks/{week}", "/my-campaigns", "/timer", "/saved-views/{pk}", "/lead-moves/{pk}")


def path_of(estate: Estate, address: Address, role: str) -> str:
    """The path with the number of a row that is there, of somebody with this role where it is one of their own."""
    noun = address.path.split("/")[1]
    role = "nobody" if role == "service" else role
    names: dict[str, Any] = {name: estate.places["nobody"][name]["pk"] for name in ("platform", "campaign")}
    if "{pk}" in address.path and noun == "verdicts":
        names["pk"] = Verdict.objects.order_by("pk").values_list("pk", flat=True)[0]
    elif "{pk}" in address.path:
        names["pk"] = estate.arguments(PLACES[noun], role)["pk"]
    return address.path.format(day=WEEK.days[1], week=WEEK, name="quality", **names) + QUERIES.get(address.path, "")


def is_of_ones_own(address: Address) -> bool:
    is_of_others = address.path.startswith("/people") or address.path.endswith("/team")
    return not is_of_others and any(part in address.path for part in OWN)


def by_name(addresses: list[Address]) -> Any:
    return pytest.mark.parametrize("address", addresses, ids=str)


def ask(estate: Estate, program: Asker, address: Address, role: str) -> Any:
    with undone():
        body = None if address.method in ("GET", "DELETE") else {}
        return program.ask(address.method, path_of(estate, address, role), body)


def test_every_address_of_the_api_is_declared():
    paths = api.get_openapi_schema()["paths"]
    there = {f"{method.upper()} {path.removeprefix('/api/v1')}" for path, known in paths.items() for method in known}
    assert there == {str(address) for address in ADDRESSES}, HOW


@by_name(ADDRESSES)
def test_each_token_gets_what_its_role_may(estate, programs, address):
    for role, program in programs.items():
        answer = ask(estate, program, address, role)
        if role not in address.who:
            assert is_problem(answer, 403), role
        elif address.method == "GET" and not (role == "service" and is_of_ones_own(address)):
            assert answer.status_code == 200, (role, answer.content[:300])
        else:
            assert answer.status_code in (200, 201, 403, 409, 422, 428), (role, answer.content[:300])


@by_name(ADDRESSES)
def test_without_its_scope_a_token_gets_nothing(estate, address):
    others = [scope for scope in SCOPES if scope != address.scope]
    program = Asker(token_for(estate.people["director"], scopes=others, made_at=NOW))
    answer = ask(estate, program, address, "director")
    assert is_problem(answer, 403) if address.scope != ANY else answer.status_code == 200


@by_name([address for address in ADDRESSES if address.scope.endswith(":write") and "/imports/" not in address.path])
def test_a_token_that_may_only_write_reads_nothing_by_it(estate, address):
    """Nor by sending what is there already; what it adds it is told as it sent it."""
    scopes = [scope for scope in SCOPES if scope.endswith(":write")]
    program = Asker(token_for(estate.people["director"], scopes=scopes, made_at=NOW))
    answer = ask(estate, program, address, "director")
    assert answer.status_code in (204, 409, 422, 428)
    assert (answer.status_code == 204) == (answer.content == b"")


@by_name(ADDRESSES)
def test_nobody_gets_nothing_and_a_session_is_nobody(estate, address):
    assert is_problem(ask(estate, Asker(""), address, "director"), 401)
    signed_in = Asker("")
    signed_in.client.cookies = estate.client("director").cookies
    assert is_problem(ask(estate, signed_in, address, "director"), 401)


# -- the canary -------------------------------------------------------------------------------------------------------


def reach(estate: Estate, programs: dict[str, Asker]) -> dict[tuple[str, str], tuple[int, Any, str]]:
    """All that the tokens of those who may see no cost read, with what tells one answer from another."""
    return {
        (role, path): (answer.status_code, answer.get("ETag"), answer.content.decode())
        for role in BLIND
        for path in paths_to_read(estate, role)
        if (answer := programs[role].get(path))
    }


@pytest.fixture(scope="module")
def read(estate, programs) -> dict[tuple[str, str], tuple[int, Any, str]]:
    """What they read as it stands: asked once for all that is looked for in it."""
    return reach(estate, programs)


def paths_to_read(estate: Estate, role: str) -> Iterator[str]:
    for address in ADDRESSES:
        if address.method == "GET":
            path = path_of(estate, address, role)
            yield path
            if address.path in ("/leads", "/touchpoints", "/sales", "/spend", "/outcomes", "/outcome-values"):
                yield f"{path}{WIDEST}&show=all"
            if address.path in ("/hours", "/weeks", "/absences", "/imports", "/changes"):
                yield f"{path}{WIDEST}"
            if address.path.endswith("/figures") and "{pk}" in address.path:
                yield from (f"{path}?model={model}&basis={basis}" for model in ("linear", "last") for basis in BASES)


BASES = ("cash", "cohort")


@pytest.fixture(scope="module")
def needles(estate) -> set[str]:
    rates = {text for cents in [*RATES.values(), *OLD_RATES.values()] for text in ways_to_write(cents)}
    return rates | {text for cents in estates.costs_of_single_people() for text in ways_to_write(cents)}


def test_no_token_but_a_directors_reads_a_rate_or_what_hours_cost(read, needles):
    found = {asked: hits for asked, (_status, _etag, text) in read.items() if (hits := numbers(text) & needles)}
    assert not found
    assert len([status for status, _etag, _text in read.values() if status == 200]) > 60


def test_a_directors_token_finds_what_is_looked_for(estate, programs, needles):
    """Else the search above could be blind itself."""
    answer = programs["director"].get("/figures?by=member&weeks=26")
    assert numbers(answer.content.decode()) & needles


def test_whatever_the_rates_are_every_other_token_reads_the_same(estate, programs, read):
    """Statuses, versions, orders, cursors and bodies."""
    seen = programs["director"].get("/figures").content
    with undone():
        with time_machine.travel(NOW + timedelta(hours=1), tick=False):
            estates.change_rates(at=NOW + timedelta(hours=1))
        assert reach(estate, programs) == read
        assert programs["director"].get("/figures").content != seen, "else this could not fail"


def test_a_members_token_reads_nothing_of_others(estate, programs, read):
    text = "".join(answer for (role, _path), (_s, _e, answer) in read.items() if role == "member")
    assert NOTES["Camille"] in text
    assert [note for name, note in NOTES.items() if note in text and name != "Camille"] == []
    assert str(estate.people["Dora"].pk) not in {str(item["person"]) for item in items(programs["member"])}


def items(program: Asker) -> list[dict[str, Any]]:
    return list(json.loads(program.get(f"/hours{WIDEST}").content)["items"])
