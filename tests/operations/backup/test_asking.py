"""`manage.py restore` at a terminal: what time had erased is erased again only after a yes."""

import pytest

from operations.management.commands import restore


@pytest.mark.parametrize(("answer", "replays"), [("y", True), (" YES ", True), ("", False), ("n", False), ("x", False)])
def test_only_a_yes_erases_again(monkeypatch, answer, replays):
    asked = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    decide = restore._time_replay(replay=False, keep=False)
    assert decide(1165) is replays
    assert "1165 leads" in asked[0]


@pytest.mark.parametrize(
    ("options", "is_terminal", "replays"),
    [
        ({"replay": True, "keep": False}, False, True),
        ({"replay": False, "keep": True}, True, False),
        ({"replay": False, "keep": False}, False, False),
    ],
)
def test_an_option_is_the_answer_and_where_nobody_can_be_asked_it_is_no(monkeypatch, options, is_terminal, replays):
    monkeypatch.setattr("sys.stdin.isatty", lambda: is_terminal, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: pytest.fail("nobody is asked"))
    assert restore._time_replay(**options)(1165) is replays
