import json
import re
from typing import get_args

import pytest
from django.utils import translation

from campaigns.imports.errors import FILE_PROBLEMS, PROBLEMS, RowError, describe_file_error
from campaigns.imports.files.file_reader import FileCode, FileError
from core.dates import DateCode
from core.numbers import NumberCode
from timesheets.durations import Code as DurationCode


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def test_an_error_says_line_column_what_was_read_and_what_would_be_right() -> None:
    error = RowError.of_value(12, "Start Date", "02/03/26", "two_digit_year")
    assert str(error) == ("Line 12, column “Start Date”: “02/03/26” has a two-digit year. Write the day as 2026-03-02.")


def test_a_suggestion_takes_the_place_of_the_general_advice() -> None:
    error = RowError.of_value(3, "Hours", "90", "over_a_day", right="1:30")
    assert str(error) == "Line 3, column “Hours”: “90” is more than 24 hours. If you mean 1:30, write 1:30."


def test_an_error_of_the_whole_row_names_its_line_only() -> None:
    assert str(RowError(7, "", "surplus_cells")).startswith("Line 7: the row has more values")


def test_an_empty_cell_is_missing_whatever_it_should_have_been() -> None:
    assert RowError.of_value(7, "Date", "", "not_a_date").code == "missing_value"


def test_what_was_read_is_cut_and_freed_of_control_characters() -> None:
    sentence = str(RowError.of_value(1, "Hours", "\x00\n" + "9" * 10_000, "not_a_duration"))
    assert sentence.isprintable()
    assert len(sentence) < 200


def test_percent_signs_in_a_file_do_no_harm() -> None:
    assert "“100 %s %(line)d”" in str(RowError.of_value(1, "50 %", "100 %s %(line)d", "not_a_number"))


def test_errors_are_kept_as_json_and_come_back_equal() -> None:
    error = RowError.of_value(12, "Date", "x", "not_a_date", right="2026-03-02", person="Ada")
    assert RowError.from_json(json.loads(json.dumps(error.as_json()))) == error


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_code_has_a_whole_sentence_and_an_advice(code: str) -> None:
    asked_for = re.findall(r"%\((\w+)\)s", " ".join(map(str, PROBLEMS[code])))
    error = RowError(1, "Column", code, dict.fromkeys(asked_for, "X"))
    assert error.problem().endswith(".")
    assert error.advice().endswith(".")
    assert "%(" not in str(error)


def test_the_readers_have_a_sentence_for_each_of_their_codes() -> None:
    assert {*get_args(DateCode), *get_args(NumberCode), *get_args(DurationCode)} <= set(PROBLEMS)
    assert set(get_args(FileCode)) == set(FILE_PROBLEMS)


@pytest.mark.parametrize("code", FILE_PROBLEMS)
def test_a_file_that_cannot_be_read_is_explained(code: str) -> None:
    assert "%(" not in describe_file_error(FileError(code))
    assert describe_file_error(FileError(code, 7)).startswith("Line 7: ")
