"""Tables on their way out."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import spreadsheets
from core.money import localised
from core.spreadsheets import TableFormat, csv_response, escape_cell, table_response, unescape_cell, xlsx_response


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("=1+1", "'=1+1"),
        ("+33 6 12 34 56 78", "'+33 6 12 34 56 78"),
        ("-dash", "'-dash"),
        ("@name", "'@name"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("'=already", "''=already"),
        ("-12.50", "-12.50"),
        ("-12,50", "-12,50"),
        ("+5", "+5"),
        ("plain", "plain"),
        ("'quoted'", "'quoted'"),
        ("", ""),
    ],
)
def test_a_text_that_starts_like_a_formula_is_escaped_and_a_number_is_not(text, escaped):
    assert escape_cell(text) == escaped


@given(st.text())
def test_what_is_escaped_comes_back_unchanged(text):
    assert unescape_cell(escape_cell(text)) == text


def sent(response):
    return b"".join(response.streaming_content)


def test_a_csv_is_read_back_as_it_was_written():
    rows = [("=cmd", 12, Decimal("-3.50"), date(2026, 3, 2), None), ('é;,"\n', 0, True, "x", "")]
    response = csv_response("hours 2026/W47.csv", ["a", "b", "c", "d", "e"], rows)
    assert response["Content-Disposition"] == 'attachment; filename="hours-2026-W47.csv"'
    text = sent(response).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["a", "b", "c", "d", "e"],
        ["'=cmd", "12", "-3.50", "2026-03-02", ""],
        ['é;,"\n', "0", "true", "x", ""],
    ]


def test_a_workbook_holds_texts_numbers_and_days_and_no_formula():
    rows = [("=1+1", 12, date(2026, 3, 2), datetime(2026, 3, 2, 9, tzinfo=UTC), Decimal("1.50"), "bell\x07")]
    book = openpyxl.load_workbook(io.BytesIO(sent(xlsx_response("x.xlsx", list("abcdef"), rows))))
    cells = list(book.active.iter_rows(min_row=2))[0]
    assert [cell.value for cell in cells] == [
        "'=1+1",
        12,
        datetime(2026, 3, 2),
        "2026-03-02 09:00:00+00:00",
        1.5,
        "bell",
    ]
    assert cells[0].data_type == "s"


def test_a_workbook_leaves_out_what_is_empty():
    file = io.BytesIO(sent(xlsx_response("x.xlsx", ["a", "b", "c"], [("", "x", None), ("y", "", "\x07")])))
    with zipfile.ZipFile(file) as parts:
        assert parts.read("xl/worksheets/sheet1.xml").count(b"<c ") == 3 + 2
    rows = list(openpyxl.load_workbook(file).active.iter_rows(min_row=2, values_only=True))
    assert rows == [(None, "x", None), ("y", None, None)]


def test_a_workbook_goes_on_in_a_further_sheet_where_one_is_full(monkeypatch):
    monkeypatch.setattr(spreadsheets, "ROWS_A_SHEET", 3)
    for rows, sheets in ((0, [1]), (2, [3]), (3, [3, 2]), (5, [3, 3, 2])):
        response = xlsx_response("x.xlsx", ["number"], [(number,) for number in range(rows)])
        book = openpyxl.load_workbook(io.BytesIO(sent(response)))
        assert [sheet.max_row for sheet in book] == sheets
        assert {sheet["A1"].value for sheet in book} == {"number"}


@pytest.mark.parametrize(
    ("language", "line"), [("fr", "-3,50;1,5;a,b;2026-03-02\r\n"), ("en", '-3.50,1.5,"a,b",2026-03-02\r\n')]
)
def test_a_csv_is_written_as_spreadsheets_of_the_reader_s_language_write_it(language, line):
    row = (Decimal("-3.50"), 1.5, "a,b", date(2026, 3, 2))
    with localised(language=language, country="FR", currency="EUR"):
        text = sent(table_response(TableFormat.READER_CSV, "x", list("abcd"), [row])).decode("utf-8-sig")
    assert text.endswith(line)
