"""One of many, found by its name."""

import pytest

from core.lookups import NotOneName, find, matching, nearest

CAMPAIGNS = [
    (1, "General presence"),
    (2, "Spring · Acme"),
    (3, "Spring · Dupré"),
    (4, "Été 2026 · Acme"),
    (5, "2026 · Acme"),
    (6, "Offspring · Zoo"),
]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Spring · Acme", 2),
        ("spring · dupre", 3),
        ("  été   2026 ", 4),
        ("ETE 2026", 4),
        ("2026", 5),
        ("General presence", 1),
        ("offspring", 6),
    ],
)
def test_a_name_is_found_whatever_its_case_and_accents_and_without_what_tells_it_from_its_like(text, value):
    assert find(CAMPAIGNS, text) == value


@pytest.mark.parametrize("text", ["spring", "Spring"])
def test_a_name_that_several_have_is_said_with_all_of_them(text):
    with pytest.raises(NotOneName, match=f"“{text}” can be any of several: Spring · Acme, Spring · Dupré"):
        find(CAMPAIGNS, text)


def test_a_part_of_a_name_is_no_name_where_something_is_written_and_the_nearest_are_said():
    with pytest.raises(NotOneName, match="None is called “offs”. The nearest: Offspring · Zoo"):
        find(CAMPAIGNS, "offs")
    assert find(CAMPAIGNS, "offs", by_part=True) == 6


def test_of_two_names_that_differ_in_case_or_accents_alone_each_is_found_as_it_is_written():
    both = [(1, "Café"), (2, "cafe")]
    assert [find(both, name) for _value, name in both] == [1, 2]
    with pytest.raises(NotOneName, match="several"):
        find(both, "CAFE")


def test_what_is_written_almost_like_a_name_is_nearest_to_it():
    assert nearest(CAMPAIGNS, "Genral presense") == ["General presence"]
    assert nearest(CAMPAIGNS, "zzzzzz") == []
    with pytest.raises(NotOneName, match="Type a part of its name"):
        find(CAMPAIGNS, "zzzzzz")


def test_names_are_searched_by_any_words_and_those_that_begin_with_them_come_first():
    assert [value for value, _name in matching(CAMPAIGNS, "spr")] == [2, 3, 6]
    assert [value for value, _name in matching([*CAMPAIGNS[5:], *CAMPAIGNS[:5]], "spr")] == [2, 3, 6]
    assert [value for value, _name in matching(CAMPAIGNS, "acme 2026")] == [4, 5]


@pytest.mark.parametrize("text", ["\x00", "%", "a" * 100_000, "· ", "' OR 1=1"])
def test_nothing_that_is_typed_breaks_it(text):
    with pytest.raises(NotOneName):
        find(CAMPAIGNS, text)
