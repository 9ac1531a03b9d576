from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.weeks import Week

some_days = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        pytest.param("2026-W47", date(2026, 11, 16), id="an ordinary week"),
        pytest.param("2026-W53", date(2026, 12, 28), id="the 53rd week of a long year"),
        pytest.param("2026-W01", date(2025, 12, 29), id="a first week that starts in December"),
        pytest.param("0001-W01", date(1, 1, 1), id="the first week there is"),
    ],
)
def test_a_written_week_is_read_as_its_monday(text: str, monday: date) -> None:
    assert Week.parse(text).monday == monday
    assert str(Week.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["2025-W53", "2026-W00", "2026-W54", "0000-W01", "9999-W53"],
)
def test_a_week_that_does_not_exist_is_refused_by_its_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"there is no week \d+ in \d+"):
        Week.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "junk",
        "2026-47",
        "2026-W7",
        "2026-w47",
        " 2026-W47",
        "2026-W47\n",
        "2026-W47\x00",
        "\x00",
        "-026-W47",
        "２０２６-W47",
        "9" * 1_000_000,
        "2026-W" + "4" * 10_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_not_a_week_is_refused_with_a_short_message(text: str) -> None:
    with pytest.raises(ValueError, match="is not a week like 2026-W47") as refusal:
        Week.parse(text)
    assert len(str(refusal.value)) < 150
    assert "\x00" not in str(refusal.value)


def test_a_week_starts_on_monday_only() -> None:
    with pytest.raises(ValueError, match="2026-11-17 is not a Monday"):
        Week(date(2026, 11, 17))


def test_the_long_year_2026_ends_on_the_third_of_january() -> None:
    week = Week.parse("2026-W53")
    assert (week.monday, week.sunday) == (date(2026, 12, 28), date(2027, 1, 3))
    assert str(week.next) == "2027-W01"
    assert str(week.previous) == "2026-W52"


def test_a_range_holds_both_ends_and_crosses_years() -> None:
    weeks = Week.range(Week.parse("2026-W52"), Week.parse("2027-W02"))
    assert [str(week) for week in weeks] == ["2026-W52", "2026-W53", "2027-W01", "2027-W02"]


def test_a_reversed_range_is_empty() -> None:
    assert list(Week.range(Week.parse("2026-W02"), Week.parse("2026-W01"))) == []


def test_an_instant_belongs_to_the_week_of_its_own_date() -> None:
    assert Week.containing(datetime(2026, 11, 22, 23, 59)) == Week.parse("2026-W47")


@given(some_days)
def test_each_day_is_in_the_week_that_contains_it(day: date) -> None:
    week = Week.containing(day)
    assert day in week.days
    assert len(week.days) == 7
    assert week.days[-1] == week.sunday


@given(some_days)
def test_writing_then_reading_a_week_changes_nothing(day: date) -> None:
    week = Week.containing(day)
    assert Week.parse(str(week)) == week


@given(some_days, st.integers(-500, 500))
def test_moving_and_counting_weeks_agree(day: date, weeks: int) -> None:
    start = Week.containing(day)
    moved = start.plus(weeks)
    assert start.weeks_until(moved) == weeks
    assert moved.monday - start.monday == timedelta(weeks=weeks)
    assert (start < moved) == (weeks > 0)


@given(st.text())
def test_reading_any_text_gives_a_week_or_a_value_error(text: str) -> None:
    try:
        week = Week.parse(text)
    except ValueError:
        return
    assert str(week) == text
