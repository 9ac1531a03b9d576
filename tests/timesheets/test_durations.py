import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timesheets.durations import DurationError, format_clock, format_decimal, parse, parse_exact

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "duration_cases.json").read_text(encoding="utf-8"))
READ = [pytest.param(case["text"], case["minutes"], id=repr(case["text"])) for case in CASES if "minutes" in case]
REFUSED = [
    pytest.param(case["text"], case["error"], case["suggestion"], id=repr(case["text"]))
    for case in CASES
    if "error" in case
]

day_minutes = st.integers(0, 1440)


@pytest.mark.parametrize(("text", "minutes"), READ)
def test_a_duration_is_read_as_people_write_it(text: str, minutes: int) -> None:
    assert parse(text) == minutes


@pytest.mark.parametrize(("text", "code", "suggestion"), REFUSED)
def test_an_impossible_duration_is_refused_with_a_suggestion(text: str, code: str, suggestion: int | None) -> None:
    with pytest.raises(DurationError) as refusal:
        parse(text)
    assert (refusal.value.code, refusal.value.suggestion) == (code, suggestion)


@pytest.mark.parametrize(
    ("minutes", "clock", "decimal"),
    [
        (0, "0:00", "0"),
        (5, "0:05", "0.08"),
        (50, "0:50", "0.83"),
        (90, "1:30", "1.5"),
        (600, "10:00", "10"),
        (1440, "24:00", "24"),
        (13_200, "220:00", "220"),
        (-90, "-1:30", "-1.5"),
    ],
)
def test_minutes_are_written_as_a_clock_and_as_decimal_hours(minutes: int, clock: str, decimal: str) -> None:
    assert format_clock(minutes) == clock
    assert format_decimal(minutes) == decimal


@pytest.mark.parametrize("write", [format_clock, format_decimal])
def test_every_duration_of_a_day_is_written_and_read_back_unchanged(write: Any) -> None:
    assert [parse(write(minutes)) for minutes in range(1441)] == list(range(1441))


@given(
    day_minutes, st.sampled_from(["{0}m", "{0} min", "{1}h{2:02d}", "{1}h {2}m", "{1}:{2:02d}", "{1:02d}:{2:02d}:00"])
)
def test_each_notation_says_the_same_minutes(minutes: int, notation: str) -> None:
    assert parse(notation.format(minutes, *divmod(minutes, 60))) == minutes


@given(st.text() | st.text(alphabet="0123456789:.,hm -", max_size=12))
def test_any_text_is_a_duration_of_a_day_or_refused(text: str) -> None:
    try:
        outcome = parse(text)
    except DurationError as refusal:
        outcome = refusal.suggestion or 0
    assert 0 <= outcome <= 1440


def test_several_durations_can_be_added_before_rounding_once() -> None:
    assert [parse("00:00:20")] * 3 == [0, 0, 0]
    assert sum(parse_exact("00:00:20") for _ in range(3)) == 1
