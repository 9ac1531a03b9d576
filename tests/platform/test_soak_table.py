"""The table at the end of a long campaign."""

from types import SimpleNamespace

from tests import soak


def report(name: str, *figures: tuple[str, object], passed: bool = True, when: str = "call") -> SimpleNamespace:
    nodeid = f"tests/reports/test_monday.py::test_{name}"
    return SimpleNamespace(nodeid=nodeid, user_properties=[*figures], passed=passed, failed=not passed, when=when)


def test_cases_of_one_test_are_added_up_and_a_failure_shows():
    lines = soak.table(
        [
            report("nobody_gets_two[paris]", ("kills", 1), ("kills", 1)),
            report("nobody_gets_two[utc]", ("kills", 1_998)),
            report("nothing_is_lost", ("runs", 3), passed=False),
        ]
    )
    assert [" ".join(line.split()) for line in lines[1:]] == [
        "nobody gets two 2 kills 2,000",
        "nothing is lost 1 FAILED of 1 runs 3",
    ]


def test_what_counts_nothing_is_not_in_it():
    assert soak.table([report("small"), report("big", ("kills", 1), when="setup")]) == []
