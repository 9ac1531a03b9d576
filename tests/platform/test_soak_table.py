"""The table at the end of a long campaign."""

from types import SimpleNamespace

from tests import soak


def report(name: str, *figures: tuple[str, object], **known: object) -> SimpleNamespace:
    facts = {"passed": True, "when": "call", "keywords": {}, **known}
    nodeid = f"tests/reports/test_monday.py::test_{name}"
    return SimpleNamespace(nodeid=nodeid, user_properties=[*figures], failed=not facts["passed"], **facts)


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


def test_a_claim_is_in_it_by_its_cases_and_a_text_below_it():
    lines = soak.table(
        [
            report("rates_stay_secret[manager]", keywords={"claim": 1}),
            report("few_are_wrong[no delay]", ("rates", "of 1.5\n.8 %")),
        ]
    )
    assert [" ".join(line.split()) for line in lines[1:]] == [
        "few are wrong 1",
        "rates stay secret 1",
        "",
        "rates, no delay:",
        "of 1.5",
        ".8 %",
    ]


def test_what_counts_nothing_is_not_in_it():
    assert soak.table([report("small"), report("big", ("kills", 1), when="setup")]) == []
