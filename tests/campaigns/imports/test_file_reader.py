import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.imports.files.file_reader import FileError, FileRow, FileTable, open_table
from core.numbers import parse_number
from tests.waiting import can_be_done_within

FILES = Path(__file__).parent / "files"

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(content: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return to_file


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    def of_rows(*rows: list[object]) -> Path:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        path = tmp_path / "book.xlsx"
        book.save(path)
        return path

    return of_rows


def lines_and_cells(table: FileTable) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.line, row.cells) for row in table.rows()]


def refusal_of(path: Path) -> FileError:
    with pytest.raises(FileError) as refusal:
        for _ in open_table(path).rows():
            pass
    return refusal.value


@pytest.mark.parametrize(
    ("name", "delimiter", "encoding"),
    [
        ("toggl.csv", ",", "utf-8-sig"),
        ("clockify_short_rows.csv", ",", "utf-8"),
        ("harvest_2015_german.csv", ";", "cp1252"),
        ("kimai_german.csv", ";", "utf-8"),
        ("salesforce_leads.csv", ",", "cp1252"),
        ("meta_spend_french.csv", ";", "utf-8"),
        ("separator_line.csv", ";", "utf-8"),
        ("tabs_utf16.csv", "\t", "utf-16"),
    ],
)
def test_encoding_and_separator_are_found_out(name: str, delimiter: str, encoding: str) -> None:
    table = open_table(FILES / name)
    assert (table.delimiter, table.encoding) == (delimiter, encoding)
    assert not any("\ufeff" in cell or "�" in cell for cell in table.header)


def test_accents_survive_every_encoding() -> None:
    assert "Zoë" in next(open_table(FILES / "salesforce_leads.csv").rows()).cells
    assert "Jürgen" in next(open_table(FILES / "harvest_2015_german.csv").rows()).cells
    assert "Été" in next(open_table(FILES / "tabs_utf16.csv").rows()).cells
    assert "Chloé Martin" in next(open_table(FILES / "toggl.csv").rows()).cells


def test_a_row_keeps_the_line_on_which_it_starts_across_multi_line_cells(write: Write) -> None:
    table = open_table(write(b'a,b\r\n1,"x\r\ny"\r\n\r\n2,z\r\n'))
    assert lines_and_cells(table) == [(2, ("1", "x\r\ny")), (5, ("2", "z"))]


def test_blank_rows_are_skipped_short_ones_padded_and_surplus_cells_counted() -> None:
    table = open_table(FILES / "separator_line.csv")
    assert (table.header_line, table.header) == (3, ("date", "email", "platform", "campaign", "hours"))
    assert list(table.rows()) == [
        FileRow(4, ("2026-03-02", "ada@agence.example", "Facebook", "Spring, 2026", "1,5")),
        FileRow(6, ("2026-03-03", "ada@agence.example", "Facebook", "", "")),
        FileRow(7, ("2026-03-04", "ada@agence.example", "Facebook", "Spring", "1"), surplus=2),
    ]


def test_a_table_can_be_read_again_from_the_start() -> None:
    table = open_table(FILES / "toggl.csv")
    assert list(table.rows()) == list(table.rows())


@pytest.mark.parametrize(
    ("content", "header"),
    [
        pytest.param(b'"a;b;c;d",e,f\n', ("a;b;c;d", "e", "f"), id="quoted separators do not count"),
        pytest.param(b'\n\n"a\nb";c\n', ("a\nb", "c"), id="a header over two lines"),
        pytest.param(b" a , b \n", ("a", "b"), id="spaces around headers"),
        pytest.param(b"a,b,,,\n", ("a", "b"), id="empty headers at the end"),
        pytest.param(b"email\n", ("email",), id="one column"),
        pytest.param(b"a,b\rc,d\r", ("a", "b"), id="old line ends"),
    ],
)
def test_the_header_is_read(write: Write, content: bytes, header: tuple[str, ...]) -> None:
    assert open_table(write(content)).header == header


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        pytest.param(b"", "empty", None, id="nothing"),
        pytest.param(b"\n;;\n ; \n", "empty", None, id="blank lines"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not_text", None, id="a picture"),
        pytest.param(b"a,b\n\xe9,\x81\n", "not_text", None, id="bytes of no encoding"),
        pytest.param(b"\xff\xfea\x00,\x00b\x00\n\x00\x00\xd8", "not_text", 2, id="broken UTF-16"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_excel", None, id="an old workbook"),
        pytest.param(b"PK\x03\x04" + b"\0" * 600, "damaged_workbook", None, id="a broken archive"),
        pytest.param(b'a,b\n1,2\n3,"4\n5,6\n7,8\n', "broken_quotes", 3, id="a quote never closed"),
        pytest.param(b'a,b\n1,2\n3,"4"5\n', "broken_quotes", 3, id="text after a quote"),
        pytest.param(b"a,b\n1," + b"x" * 2_000_000, "line_too_long", 2, id="one endless line"),
        pytest.param(b"," .join([b"a"] * 600), "too_many_columns", 1, id="too many columns"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(write: Write, content: bytes, code: str, line: int | None) -> None:
    error = refusal_of(write(content))
    assert (error.code, error.line) == (code, line)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    try:
        table = open_table(path)
        assert all(len(row.cells) == len(table.header) for row in table.rows())
    except FileError:
        return


def test_a_large_file_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    line = '2026-03-02,ada@agence.example,Facebook,"Spring, 2026",1.5,a note of some length\n'
    path.write_text("date,email,platform,campaign,hours,note\n" + line * 100_000, encoding="utf-8")
    tracemalloc.start()
    count = sum(1 for _ in open_table(path).rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 100_000
    assert peak < 8 * 1024 * 1024


# Workbooks


def test_typed_cells_of_a_workbook_become_plain_text(workbook: Callable[..., Path]) -> None:
    path = workbook(
        ["kind", "value"],
        ["day", date(2026, 3, 2)],
        ["instant", datetime(2026, 3, 2, 9, 14)],
        ["clock", time(1, 30)],
        ["elapsed", timedelta(hours=30, minutes=5)],
        ["whole", 1234],
        ["sum of floats", 0.1 + 0.2],
        ["large", 1e20],
        ["small", 0.0000001],
        ["round", 12.0],
        ["truth", True],
        ["text", "  =not a formula "],
        [],
        ["after a gap", None],
    )
    table = open_table(path)
    assert table.is_workbook
    assert lines_and_cells(table) == [
        (2, ("day", "2026-03-02")),
        (3, ("instant", "2026-03-02 09:14:00")),
        (4, ("clock", "01:30:00")),
        (5, ("elapsed", "30:05:00")),
        (6, ("whole", "1234")),
        (7, ("sum of floats", "0.3")),
        (8, ("large", "100000000000000000000")),
        (9, ("small", "0.0000001")),
        (10, ("round", "12")),
        (11, ("truth", "true")),
        (12, ("text", "=not a formula")),
        (14, ("after a gap", "")),
    ]


def test_a_number_typed_in_a_workbook_is_never_ambiguous(workbook: Callable[..., Path]) -> None:
    rows = open_table(workbook(["hours"], [1.125], [1234], [-2.5])).rows()
    assert [str(parse_number(row.cells[0])) for row in rows] == ["1.1250", "1234.0", "-2.5"]


def test_a_formula_counts_with_the_value_it_had(tmp_path: Path) -> None:
    path = tmp_path / "formula.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["hours"])
    book.active.append(["=1+1"])
    book.save(path)
    with_value = replaced(path, "xl/worksheets/sheet1.xml", b"<v></v>", b"<v>2</v>", b"<v />", b"<v>2</v>")
    assert [row.cells for row in open_table(with_value).rows()] == [("2",)]


def test_a_workbook_is_unpacked_once_for_its_sheets_and_once_for_its_rows(
    workbook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    real = openpyxl.load_workbook
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *args, **options: opened.append(1) or real(*args, **options))
    table = open_table(workbook(["a", "b"], [1, "x\ny"], [None, "é\u2028;x"]))
    assert next(table.rows()).cells == ("1", "x\ny")  # who stops halfway leaves nothing
    before = len(opened)
    first = list(table.rows())
    assert [row.cells for row in first] == [("1", "x\ny"), ("", "é\u2028;x")]
    again = table.with_header(1)
    assert [list(again.rows()), list(again.rows())] == [first, first]
    assert len(opened) - before == 1


def test_long_ids_and_errors_of_a_workbook_are_read_as_they_stand(workbook: Callable[..., Path]) -> None:
    path = workbook(["campaign id", "amount"], [111, "#N/A"])
    as_programs_write = replaced(path, "xl/worksheets/sheet1.xml", b"<v>111</v>", b"<v>120210987654321987</v>")
    assert next(open_table(as_programs_write).rows()).cells == ("120210987654321987", "#N/A")


def test_a_wrong_extent_of_the_sheet_hides_no_rows(workbook: Callable[..., Path]) -> None:
    path = workbook(["a", "b"], [1, 2], [3, 4])
    wrong = replaced(path, "xl/worksheets/sheet1.xml", b'ref="A1:B3"', b'ref="A1"')
    assert [row.cells for row in open_table(wrong).rows()] == [("1", "2"), ("3", "4")]


def test_a_row_number_beyond_any_sheet_does_not_keep_the_reader_busy(workbook: Callable[..., Path]) -> None:
    path = workbook(["a"], [1])
    forged = replaced(path, "xl/worksheets/sheet1.xml", b'<row r="2"', b'<row r="99999999999999"', b'r="A2"', b"")
    assert refusal_of(forged).code == "damaged_workbook"


def test_a_workbook_cut_off_in_the_middle_is_refused(workbook: Callable[..., Path], write: Write) -> None:
    assert refusal_of(write(workbook(["a"], [1]).read_bytes()[:-200])).code == "damaged_workbook"


def test_a_damaged_part_of_a_workbook_is_refused(workbook: Callable[..., Path]) -> None:
    broken = replaced(workbook(["a"], [1]), "xl/worksheets/sheet1.xml", b"</sheetData>", b"<<")
    assert refusal_of(broken).code == "damaged_workbook"


def test_an_archive_that_is_no_workbook_is_refused(write: Write) -> None:
    assert refusal_of(write(archive({"readme.txt": b"hello"}))).code == "not_a_workbook"


@pytest.mark.parametrize(
    ("size", "code"),
    [
        pytest.param(200 * 1024 * 1024, "unpacks_too_big", id="200 MiB"),
        pytest.param(50 * 1024 * 1024, "expands_too_much", id="50 MiB of zeros"),
    ],
)
def test_a_bomb_is_refused_in_under_a_second_before_it_is_unpacked(write: Write, size: int, code: str) -> None:
    path = write(archive({"xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": bytes(size)}))
    assert refusal_of(path).code == code
    assert can_be_done_within(1, lambda: refusal_of(path))


def test_a_bomb_that_lies_about_its_size_is_refused_without_being_unpacked(
    workbook: Callable[..., Path], write: Write
) -> None:
    size = 120 * 1024 * 1024  # more than a workbook may hold
    honest = replaced(workbook(["a"], [1]), "xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData>" + b" " * size)
    lying = honest.read_bytes().replace(struct.pack("<L", sheet_size(honest)), struct.pack("<L", 4096))
    path = write(lying)
    assert can_be_done_within(1, lambda: refusal_of(path))
    tracemalloc.start()
    assert refusal_of(path).code == "damaged_workbook"
    assert tracemalloc.get_traced_memory()[1] < 20 * 1024 * 1024
    tracemalloc.stop()


def archive(parts: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return packed.getvalue()


def replaced(path: Path, part: str, *pairs: bytes) -> Path:
    """Write the workbook again with texts of one of its parts replaced, given as old, new, old, new."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        parts[part] = parts[part].replace(old, new)
    changed = path.with_name(f"changed-{path.name}")
    changed.write_bytes(archive(parts))
    return changed


def sheet_size(path: Path) -> int:
    with zipfile.ZipFile(path) as file:
        return file.getinfo("xl/worksheets/sheet1.xml").file_size
