from dataclasses import astuple
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.weeks import Week
from reports.charts.time_series import ChartSeries, lines, return_bar, round_ticks, sparkline, stacked_bars

FIRST = Week.parse("2026-W34")
THIRTEEN = [FIRST.plus(number) for number in range(13)]

amounts = st.one_of(
    st.integers(-(10**15), 10**15),
    st.floats(-1e15, 1e15, allow_nan=False),
    st.fractions(-(10**6), 10**6, max_denominator=1000),
)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        pytest.param(0, 222, [0, 50, 100, 150, 200], id="hours of a team"),
        pytest.param(0, 250, [0, 50, 100, 150, 200, 250], id="five whole steps"),
        pytest.param(0, 251, [0, 100, 200], id="one more"),
        pytest.param(0, 12_500, [0, 5_000, 10_000], id="money"),
        pytest.param(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1], id="one"),
        pytest.param(0, 0, [0], id="zeros only"),
        pytest.param(-300, 900, [0, 500], id="more gain than loss"),
        pytest.param(-2_500, 1_000, [-2_000, -1_000, 0, 1_000], id="refunds outweigh"),
        pytest.param(-7, -1, [-6, -4, -2, 0], id="all below zero"),
        pytest.param(5, 9, [0, 2, 4, 6, 8], id="zero belongs to it"),
        pytest.param(0, 10**15, [2 * 10**14 * step for step in range(6)], id="huge"),
        pytest.param(0, Fraction(1, 300), [0, 0.001, 0.002, 0.003], id="tiny"),
    ],
)
def test_ticks_stand_at_round_values(low: int, high: int, ticks: list[float]) -> None:
    assert round_ticks(low, high) == ticks


@given(amounts, amounts)
def test_there_are_few_ticks_and_they_stay_inside(one: float, other: float) -> None:
    low, high = sorted((one, other))
    ticks = round_ticks(low, high)
    assert 0 in ticks
    assert len(ticks) <= 7
    assert min(low, 0) <= ticks[0]
    assert ticks[-1] <= max(high, 0)


def test_bars_stack_their_layers_from_the_bottom_with_a_line_between() -> None:
    chart = stacked_bars([FIRST], [ChartSeries("fb", [100]), ChartSeries("li", [50]), ChartSeries("x", [50])], 150, 134)
    facebook, linkedin, x = chart.segments
    assert (facebook.y, facebook.height) == ("60.0", "50.0")
    assert (linkedin.y, linkedin.height) == ("35.0", "24.0")
    assert (x.y, x.height) == ("10.0", "24.0")
    assert {(segment.x, segment.width) for segment in chart.segments} == {("66.0", "56.0")}
    assert (chart.frame.zero, chart.frame.bottom, chart.frame.top) == ("110.0", "110.0", "10.0")
    assert [(tick.value, tick.y) for tick in chart.frame.ticks] == [
        (0, "110.0"), (50, "85.0"), (100, "60.0"), (150, "35.0"), (200, "10.0"),
    ]  # fmt: skip


def test_what_is_nothing_takes_no_room_in_a_bar() -> None:
    chart = stacked_bars(
        [FIRST],
        [ChartSeries("a", [0]), ChartSeries("b", [None]), ChartSeries("c", [-5]), ChartSeries("d", [5])],
        150,
        134,
    )
    assert [(segment.key, segment.height) for segment in chart.segments] == [("d", "100.0")]
    assert chart.frame.columns[0].values == (0, None, -5, 5)


def test_a_chart_of_zeros_has_a_base_line_and_no_bars() -> None:
    chart = stacked_bars(THIRTEEN, [ChartSeries("a", [0] * 13)], 540, 222)
    assert chart.segments == ()
    assert [(tick.value, tick.y) for tick in chart.frame.ticks] == [(0, "198.0")]


def test_a_chart_without_weeks_or_series_is_empty() -> None:
    assert stacked_bars([], [], 540, 222).segments == ()
    assert stacked_bars([], [ChartSeries("a", [])], 540, 222).frame.labels == ()
    assert lines([], [ChartSeries("a", [])], 540, 222).lines[0].polylines == ()
    assert lines(THIRTEEN, [], 540, 222).lines == ()


@pytest.mark.parametrize(("count", "width"), [(1, 540), (13, 540), (13, 320), (60, 540), (530, 540)])
def test_weeks_are_named_as_room_allows_and_the_last_one_always(count: int, width: int) -> None:
    weeks = [FIRST.plus(number) for number in range(count)]
    labels = stacked_bars(weeks, [ChartSeries("a", [1] * count)], width, 222).frame.labels
    assert labels[-1].week == weeks[-1]
    places = [float(label.x) for label in labels]
    assert all(after - before >= 40 for before, after in zip(places[:-1], places[1:-1], strict=False))
    assert places[-1] + (22 if labels[-1].anchor == "middle" else 0) <= width


def test_lines_go_below_zero_when_refunds_outweigh() -> None:
    chart = lines(THIRTEEN[:3], [ChartSeries("revenue", [100, -100, 0])], 150, 134)
    assert [dot.y for dot in chart.lines[0].dots] == ["10.0", "110.0", "60.0"]
    assert chart.frame.zero == "60.0"
    assert chart.lines[0].polylines == ("60.7,10.0 94.0,110.0 127.3,60.0",)


def test_a_line_breaks_where_there_is_no_figure() -> None:
    chart = lines(THIRTEEN[:6], [ChartSeries("return", [1, 2, None, 3, None, 4])], 644, 134)
    line = chart.lines[0]
    assert [polyline.count(",") for polyline in line.polylines] == [2]
    assert [dot.value for dot in line.dots] == [1, 2, 3, 4]


def test_equal_values_make_a_level_line() -> None:
    chart = lines(THIRTEEN, [ChartSeries("cost", [7] * 13)], 540, 222)
    assert {dot.y for dot in chart.lines[0].dots} == {"10.0"}


@pytest.mark.parametrize(
    ("values", "points"),
    [
        pytest.param([], "", id="nothing"),
        pytest.param([5], "2.0,2.0 70.0,2.0", id="a single week"),
        pytest.param([0, 0, 0], "2.0,20.0 36.0,20.0 70.0,20.0", id="zeros"),
        pytest.param([0, 10, 5], "2.0,20.0 36.0,2.0 70.0,11.0", id="up and down"),
        pytest.param([-10, 10], "2.0,20.0 70.0,2.0", id="below zero"),
    ],
)
def test_a_sparkline_runs_from_zero_to_its_highest_value(values: list[int], points: str) -> None:
    line = sparkline(values, 72, 22)
    assert line.points == points
    assert points.endswith(f"{line.last_x},{line.last_y}".strip(","))


@pytest.mark.parametrize(
    ("value", "side", "x", "width", "has_arrow"),
    [
        pytest.param(None, "none", "60.0", "0.0", False, id="no figure"),
        pytest.param(Fraction(1), "even", "60.0", "0.0", False, id="break-even"),
        pytest.param(Fraction(29, 100), "loss", "17.4", "42.6", False, id="loss"),
        pytest.param(0, "loss", "0.0", "60.0", False, id="nothing back"),
        pytest.param(Fraction(188, 100), "gain", "60.0", "52.8", False, id="gain"),
        pytest.param(Fraction(5, 2), "gain", "60.0", "90.0", False, id="the right end"),
        pytest.param(Fraction(477, 100), "gain", "60.0", "83.4", True, id="beyond the right end"),
        pytest.param(-2, "loss", "6.6", "53.4", True, id="refunds outweigh"),
        pytest.param(Fraction(1001, 1000), "gain", "60.0", "1.0", False, id="a gain too small to see"),
        pytest.param(Fraction(999, 1000), "loss", "59.0", "1.0", False, id="a loss too small to see"),
        pytest.param(10**400, "gain", "60.0", "83.4", True, id="beyond any number"),
    ],
)
def test_a_return_grows_from_the_break_even_line(
    value: Fraction | int | None, side: str, x: str, width: str, has_arrow: bool
) -> None:
    bar = return_bar(value, 150)
    assert (bar.side, bar.x, bar.bar_width, bool(bar.arrow)) == (side, x, width, has_arrow)
    assert bar.even == "60.0"


def test_the_mark_of_a_cut_bar_points_outwards() -> None:
    assert return_bar(9, 150).arrow == "144.9,5.9 150.0,11.0 144.9,16.1"
    assert return_bar(-9, 150).arrow == "5.1,5.9 0.0,11.0 5.1,16.1"


@given(st.lists(st.tuples(amounts, st.none() | amounts), min_size=1, max_size=60), st.integers(200, 1200))
def test_every_mark_stays_inside_the_drawing(pairs: list[tuple[float, float | None]], width: int) -> None:
    weeks = [FIRST.plus(number) for number in range(len(pairs))]
    series = [ChartSeries("a", [one for one, _ in pairs]), ChartSeries("b", [other for _, other in pairs])]
    bars, drawn = stacked_bars(weeks, series, width, 222), lines(weeks, series, width, 222)
    for segment in bars.segments:
        assert 0 <= float(segment.x) <= float(segment.x) + float(segment.width) <= width
        assert 0 <= float(segment.y) <= float(segment.y) + float(segment.height) <= 222
    for dot in (dot for line in drawn.lines for dot in line.dots):
        assert 0 <= float(dot.x) <= width
        assert 0 <= float(dot.y) <= 222


def test_no_coordinate_is_a_number_that_a_template_could_write_with_a_comma() -> None:
    chart = stacked_bars(THIRTEEN, [ChartSeries("a", range(13))], 540, 222)
    numbers = [value for segment in chart.segments for value in astuple(segment) if isinstance(value, float)]
    assert numbers == []
