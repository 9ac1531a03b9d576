"""`manage.py simulate`: the error rates with any seed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def simulate(*arguments: str) -> str:
    out = StringIO()
    call_command("simulate", *arguments, stdout=out)
    return out.getvalue()


def test_the_same_seed_prints_the_same_rates_and_another_does_not() -> None:
    few = ("--runs=20", "--condition=no-delay", "--sales=5")
    assert simulate(*few, "--seed=3") == simulate(*few, "--seed=3")
    assert simulate(*few, "--seed=3").splitlines()[2:] != simulate(*few, "--seed=4").splitlines()[2:]


def test_each_condition_is_a_table_of_its_own() -> None:
    printed = simulate("--runs=2", "--sales=5")
    assert printed.count("flips") == 8  # twice in each of four headings


@pytest.mark.parametrize("argument", ["--runs=0", "--seed=-1", "--sales=0"])
def test_what_cannot_be_simulated_is_refused_in_a_sentence(argument: str) -> None:
    with pytest.raises(CommandError, match="more than 0"):
        simulate(argument)
