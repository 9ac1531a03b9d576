"""The memory for the frames of a request (docs/adr/0052)."""

import resource
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from config.middleware import in_one_stack

DEPTHS, CALLS = 300, 200


def called() -> None:
    pass


# A frame of 2 kB, so that at one depth or another the end of a piece lies within it.
called.__code__ = called.__code__.replace(co_stacksize=250)


def faults_of_a_loop(depth: int) -> int:
    """How often calls in a loop at this depth had to be given memory by the system."""
    if depth:
        return faults_of_a_loop(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _turn in range(CALLS):
        called()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def most_faults() -> int:
    return max(map(faults_of_a_loop, range(DEPTHS)))


def answered_by(view: Callable[[], Any]) -> list[Any]:
    seen = []

    def answer(_request: object) -> HttpResponse:
        seen.append(view())
        return HttpResponse()

    in_one_stack(answer)(RequestFactory().get("/"))
    return seen


@pytest.mark.skipif(sys.platform != "linux", reason="counts what Linux counts")
def test_at_no_depth_of_a_request_a_call_asks_the_system_for_memory() -> None:
    (most,) = answered_by(most_faults)

    assert most < CALLS // 2


def test_all_middleware_of_ours_stands_in_it() -> None:
    ours = [name for name in settings.MIDDLEWARE if name.startswith("config.")]

    assert ours[0] == "config.middleware.in_one_stack"
