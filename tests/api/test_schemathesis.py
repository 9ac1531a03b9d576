"""Whatever the API's own description allows, and much that it does not, sent to each address by schemathesis.

No answer is a failure of ours or a page; each has a status, a type and a body that the description names; and what the
description forbids is refused. The long form asks far more, with seeds of its own;
TEST_EXAMPLES says how many of each kind.
"""

import json
import os
from collections import Counter
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode

from config.api import api
from config.wsgi import application
from tests.api.asking import token_for
from tests.security.conftest import estate as estate  # noqa: PLC0414  (a fixture)
from tests.security.estate import NOW, Estate, undone

pytestmark = [pytest.mark.django_db, pytest.mark.once]

FEW, MANY = 4, int(os.environ.get("TEST_EXAMPLES", "60"))
DESCRIPTION = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))
DESCRIPTION.app = application
OPERATIONS = [found.ok() for found in DESCRIPTION.get_all_operations()]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
# What holds for each answer, by the names that schemathesis has for it.
HOLDS = ["not_a_server_error", "content_type_conformance", "response_schema_conformance", "status_code_conformance"]


def by_name(operations: list[Any]) -> Any:
    return pytest.mark.parametrize("operation", operations, ids=lambda each: each.label)


@pytest.fixture
def in_this_transaction():
    """A request closes no connection: the one of this test is in a transaction."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


@pytest.fixture(scope="module")
def tokens(estate: Estate) -> list[str]:
    """Of a director and of a manager."""
    people = [estate.people[role] for role in ("director", "manager")]
    return [token_for(person, made_at=NOW) for person in people]


def thrown_at(operation: Any, tokens: list[str], *, examples: int, number: int, answers: Counter[str]) -> None:
    """Send `examples` of each kind to one address; what was written is taken back."""
    for mode in MODES:

        @seed(number)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Any) -> None:
            for token in tokens:
                with undone():
                    answer = case.call(headers={"Authorization": f"Bearer {token}"})
                answers[f"{answer.status_code // 100}xx"] += 1
                case.validate_response(answer, checks=CHECKS.get_by_names(HOLDS))

        run()


@by_name(OPERATIONS)
def test_no_address_answers_what_it_does_not_describe(operation, tokens, in_this_transaction):
    answers: Counter[str] = Counter()
    thrown_at(operation, tokens, examples=FEW, number=1, answers=answers)
    assert answers.total() >= FEW


@pytest.mark.soak
@pytest.mark.parametrize("number", [2, 3, 5, 7])
@by_name(OPERATIONS)
def test_soak_no_address_answers_what_it_does_not_describe(
    operation, tokens, in_this_transaction, number, record_property
):
    answers: Counter[str] = Counter({"2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0})
    try:
        thrown_at(operation, tokens, examples=MANY, number=number, answers=answers)
    finally:
        for name, count in {"requests": answers.total(), **answers}.items():
            record_property(name, count)
