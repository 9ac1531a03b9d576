from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts.xy import Plane, on_the_line, spread

# 100 by 100 pixels of plot.
PLANE = Plane(width=160, height=160, x_high=10, y_high=2, left=40, right_room=20, top=20, bottom_room=40)


@pytest.mark.parametrize(
    ("x", "y", "place"),
    [
        pytest.param(0, 0, ("40.0", "120.0"), id="the corner of the axes"),
        pytest.param(10, 2, ("140.0", "20.0"), id="the far corner"),
        pytest.param(5, 0.5, ("90.0", "95.0"), id="inside"),
        pytest.param(99, 9, ("140.0", "20.0"), id="beyond is drawn at the edge"),
        pytest.param(-1, -1, ("40.0", "120.0"), id="before is drawn at the edge"),
    ],
)
def test_points_stand_between_the_axes(x: float, y: float, place: tuple[str, str]) -> None:
    point = PLANE.point(x, y)
    assert (point.x, point.y) == place


def test_a_band_goes_there_along_the_top_and_back_along_the_bottom() -> None:
    assert PLANE.band([(0, 0), (10, 0)], [(0, 1), (10, 2)]) == "40.0,70.0 140.0,20.0 140.0,120.0 40.0,120.0"


def test_the_axes_have_round_values_or_those_that_are_wanted() -> None:
    assert [(stop.value, stop.at) for stop in PLANE.y_stops()] == [
        (0, "120.0"), (0.5, "95.0"), (1, "70.0"), (1.5, "45.0"), (2, "20.0"),
    ]  # fmt: skip
    assert [stop.at for stop in PLANE.x_stops([0, 3])] == ["40.0", "70.0"]


def test_an_axis_may_reach_below_zero() -> None:
    below = Plane(width=160, height=160, x_high=10, y_low=-1, y_high=1, top=20, bottom_room=40)
    assert [(stop.value, stop.at) for stop in below.y_stops()][::2] == [(-1, "120.0"), (0, "70.0"), (1, "20.0")]


def test_a_label_that_would_cover_another_is_left_out() -> None:
    labels = spread(PLANE, [("first", (5, 1)), ("covered", (5.2, 1)), ("apart", (5, 0.1))], most=5)
    assert [label.text for label in labels] == ["first", "apart"]
    assert spread(PLANE, [("break", (1, 1))], most=5, around=[on_the_line(PLANE, "break-even", 1)]) == []


def test_a_label_near_the_right_edge_ends_there() -> None:
    near, inside = spread(PLANE, [("15 Dec 25", (10, 2)), ("2 Feb", (3, 0))], most=2)
    assert (near.x, near.anchor) == ("160.0", "end")
    assert (inside.x, inside.anchor) == ("70.0", "middle")


def test_a_label_near_the_axis_begins_there_and_covers_none_of_its_figures() -> None:
    [label] = spread(PLANE, [("15 Dec 25", (0, 1))], most=1)
    assert (float(label.x), label.anchor) == (PLANE.left + 2, "start")


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 2)), max_size=40), st.integers(0, 8))
def test_labels_are_few_and_apart(points: list[tuple[float, float]], most: int) -> None:
    labels = spread(PLANE, (("1 Jan 26", point) for point in points), most=most)
    assert len(labels) == min(most, len(labels))
    for one, other in combinations(labels, 2):
        is_beside = abs(float(one.x) - float(other.x)) >= len(one.text) * PLANE.letter / 2 or one.anchor != other.anchor
        assert is_beside or abs(float(one.y) - float(other.y)) >= PLANE.letter
