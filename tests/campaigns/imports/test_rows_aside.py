"""Rows that are no rows: lines above the header, totals, groups, a header in the middle, lines left out by number."""

import hashlib
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from campaigns import tasks
from campaigns.imports import validation
from campaigns.imports.files.header_search import find_header
from campaigns.imports.mapping.column_mapping import ColumnMapping, lines_written, parse_lines
from campaigns.imports.warnings import sentences
from campaigns.models import ImportRun, RememberedMapping, Spend
from tests.campaigns.imports.importing import examined, imported, written
from tests.factories import CampaignFactory, MemberFactory, PlatformFactory
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db

ADS = ColumnMapping(
    columns={"starts_on": "Day", "amount": "Cost", "campaign": "Campaign"}, constants={"platform": "Search"}
)
TOGGL = "User,Email,Client,Project,Start date,Start time,Duration,Tags\n"


@pytest.fixture(autouse=True)
def here():
    MemberFactory(name="Noa Brandt", email="noa@example.com")
    PlatformFactory(name="Search")
    PlatformFactory(name="Facebook")
    CampaignFactory(name="Brand")


def said(findings_or_run):
    return " ".join(sentences(findings_or_run.remarks))


def cents():
    return sum(Spend.objects.values_list("amount_cents", flat=True))


# -- lines above the header -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("above", "encoding"),
    [
        ('Campaign report\n"March 1, 2026 - March 31, 2026"\n', "utf-8"),
        (
            "Campaign Performance Report (in UTC)\nReport Start: March 1, 2026, 12:00 AM\n\nDate generated: today\n",
            "utf-16",
        ),
        ("Account,Lab\nCurrency,EUR\n\n", "utf-8"),
        ("# ----\n# Traffic acquisition\n# Start date: 20260301\n\n", "utf-8"),
        ("", "utf-8"),
    ],
    ids=["a title and a period", "UTF-16 with commas", "an account", "comments", "nothing"],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_header_is_found_below_what_a_program_writes_above_it(tmp_path, above, encoding, separator):
    rows = "Campaign,Day,Currency code,Cost\nBrand,2026-03-02,EUR,10.50\nBrand,2026-03-13,EUR,2\n"
    path = written(tmp_path, (above + rows.replace(",", separator)).encode(encoding))
    run = imported(path, "spend", mapping=ADS)
    assert cents() == 1250
    assert ("The columns are named in line" in said(run)) == bool(above)


def test_a_wrong_header_is_corrected_by_a_map_for_this_file_alone(tmp_path):
    text = "date,platform,amount\nday,where,cost\n2026-03-02,Search,5\n"
    path = written(tmp_path, text)
    mapping = ColumnMapping(
        columns={"starts_on": "day", "platform": "where", "amount": "cost"}, options={"header_line": "2"}
    )
    imported(path, "spend", mapping=mapping)
    assert cents() == 500
    assert RememberedMapping.objects.get().mapping["options"] == {}


@pytest.mark.parametrize(
    ("records", "place"),
    [
        ([["date", "email"], ["2026-03-02", "x"]], 0),
        ([["nummer", "wann", "kosten"], ["A1", "2026-03-02", "4"]], 0),
        ([["Report"], ["nummer", "wann", "kosten"], ["A1", "2026-03-02", "4"], ["A2", "2026-03-02", "4"]], 1),
        ([["Report"], ["5", "2026-03-02", "4"], ["6", "2026-03-02", "4"], ["7", "2026-03-02", "4"]], 0),
        ([["Report", "of", "x"], ["date", "email", "x"]], 1),
        ([], 0),
    ],
)
def test_the_first_line_is_the_header_unless_another_is_more_like_one(records, place):
    assert find_header(records, {"date", "email"}) == place


# -- totals, groups, headers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "total",
    [
        "Total: Campaigns,,15",
        "Total,,15",
        "Gesamt,--,15",
        "Sous-total,,15",
        "Totaux :,,15",
        "TOTAL GENERAL,,15",
        ",,15",
    ],
)
def test_totals_are_left_out_listed_and_never_a_new_campaign(tmp_path, total):
    text = f"Campaign,Day,Cost\nBrand,2026-03-02,10\n{total}\nBrand,2026-03-13,5\n"
    run = imported(written(tmp_path, text), "spend", mapping=ADS, creating=True)
    assert cents() == 1500
    assert run.counts["make"] == {}
    assert "1 row is a total and is skipped: line 3." in said(run)


def test_a_campaign_whose_name_begins_like_a_total_is_none(tmp_path):
    text = "Campaign,Day,Cost\nTotal Recall,2026-03-02,10\nSummer,2026-03-13,5\n"
    imported(written(tmp_path, text), "spend", mapping=ADS, creating=True)
    assert cents() == 1500


def test_a_header_in_the_middle_and_groups_are_left_out_and_listed(tmp_path):
    row = "Noa Brandt,noa@example.com,Acme,,2026-03-0{},09:00:00,01:00:00,Facebook\n"
    text = f"{TOGGL}Client: Acme,,,,,,,\n{row.format(2)}{TOGGL}{row.format(3)}Generated by a program,,,,,,,\n"
    run = imported(written(tmp_path, text), "hours")
    assert TimeEntry.objects.count() == 2
    assert "2 rows name groups or are footnotes, and are skipped: lines 2, 6." in said(run)
    assert "1 row repeats the names of the columns and is skipped: line 4." in said(run)


def test_a_row_that_lacks_its_day_is_an_error_and_no_total(tmp_path):
    text = "Campaign,Day,Cost\nBrand,2026-03-02,10\nBrand,,5\n"
    [error] = examined(written(tmp_path, text), "spend", mapping=ADS).errors
    assert (error.line, error.code) == (3, "missing_value")


# -- lines left out by number -----------------------------------------------------------------------------------------

BAD = "external_id,platform,starts_on,ends_on,amount\na,Search,2026-03-02,2026-03-02,7.50\nb,Search,never,,12\n"


def test_a_line_is_left_out_by_its_number_with_what_it_comes_to(tmp_path):
    path = written(tmp_path, BAD)
    mapping = ColumnMapping(left_out={hashlib.sha256(BAD.encode()).hexdigest(): [3]})
    run = imported(path, "spend", mapping=mapping)
    assert cents() == 750
    assert said(run) == "1 row is left out, as you said: line 3 (12.00\u00a0€)."
    assert "left_out" not in RememberedMapping.objects.get().mapping


def test_the_command_says_how_to_leave_bad_rows_out_and_takes_it(tmp_path, capsys):
    path = written(tmp_path, BAD)
    with pytest.raises(CommandError) as refused:
        call_command("import_data", "spend", path)
    hint = str(refused.value).rpartition(": ")[2]
    assert hint == f"leave_out,3,{hashlib.sha256(BAD.encode()).hexdigest()[:12]}"
    call_command("import_data", "spend", path, map=written(tmp_path, f"what,from,to\n{hint}\n", "map.csv"))
    assert cents() == 750
    assert "line 3 (12.00\u00a0€)" in capsys.readouterr().out


def test_what_a_map_leaves_out_of_another_file_is_refused(tmp_path):
    chart = written(tmp_path, "what,from,to\nleave_out,3,0123456789ab\n", "map.csv")
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("import_data", "spend", written(tmp_path, BAD), map=chart)
    findings = examined(written(tmp_path, BAD), "spend", mapping=ColumnMapping(left_out={"0123456789ab": [3]}))
    assert "lines of another file" in findings.trouble


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("4", [4]),
        ("4 7-9, 12", [4, 7, 8, 9, 12]),
        ("2:15", [2_097_152 + 15]),
        ("2:15-16", [2_097_152 + 15, 2_097_152 + 16]),
        ("9-7", None),
        ("x", None),
        ("0", None),
        ("1-9999999", None),
    ],
)
def test_lines_are_written_as_people_write_them(text, lines):
    assert parse_lines(text) == lines
    assert lines is None or parse_lines(lines_written(lines)) == lines


# -- sheets -----------------------------------------------------------------------------------------------------------


def book_of(tmp_path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path := tmp_path / "file.xlsx")
    return path


HEADER = ["external_id", "platform", "starts_on", "ends_on", "amount"]
MARCH = [["Spend of March"], HEADER, ["a", "Search", "2026-03-02", "2026-03-02", 10]]
APRIL = [HEADER, ["b", "Search", "2026-04-02", "2026-04-02", 5], ["c", "Search", "never", "2026-04-02", 5]]


def test_a_sheet_for_each_month_is_asked_about(tmp_path):
    path = book_of(tmp_path, March=MARCH, April=APRIL[:2], Notes=[["By", "Noa"]])
    findings = examined(path, "spend")
    assert [question["ask"] for question in findings.questions] == ["sheets"]
    assert "“March”, “April”" in next(findings.sentences())
    run = imported(path, "spend", mapping=ColumnMapping(options={"sheets": "all"}))
    assert cents() == 1500
    assert "the sheet “Notes”" in said(run)


def test_one_sheet_of_several_is_read_when_it_is_named(tmp_path):
    imported(
        book_of(tmp_path, March=MARCH, April=APRIL[:2]), "spend", mapping=ColumnMapping(options={"sheets": "april"})
    )
    assert cents() == 500


def test_a_line_of_a_second_sheet_is_named_with_it(tmp_path):
    path = book_of(tmp_path, March=MARCH, April=APRIL)
    [error] = examined(path, "spend", mapping=ColumnMapping(options={"sheets": "all"})).errors
    assert str(error).startswith("Line 2:3, column “starts_on”")


def test_a_cover_sheet_is_passed_over_and_said(tmp_path):
    path = book_of(tmp_path, Cover=[["Spend"], ["of March"]], March=MARCH)
    run = imported(path, "spend")
    assert cents() == 1000
    assert "Nothing looks at the sheet “Cover”." in said(run)


# -- on the screen ----------------------------------------------------------------------------------------------------


@pytest.fixture
def as_director(client, director):
    client.force_login(director)
    return client


def uploaded(client, content: bytes, name="file.csv") -> ImportRun:
    file = SimpleUploadedFile(name, content)
    client.post(reverse("campaigns:import_add"), {"kind": "spend", "source": "auto", "file": file})
    run = ImportRun.objects.latest("pk")
    return checked(run)


def checked(run):
    tasks.check_import(run_id=run.pk)
    run.refresh_from_db()
    return run


def answer(client, run, **answers):
    client.post(reverse("campaigns:import_answers", args=[run.pk]), answers)
    return checked(run)


def page(client, run):
    return client.get(reverse("campaigns:import_run", args=[run.pk])).content.decode()


def test_bad_rows_are_left_out_with_one_tick_and_taken_in_again(as_director):
    run = uploaded(as_director, BAD.encode())
    assert run.status == "failed"
    assert "Leave the row with a wrong value out" in page(as_director, run)
    run = answer(as_director, run, left_out="", leave_out_bad="on")
    assert run.status == "ready"
    assert "1 row is left out, as you said: line 3 (12.00\u00a0€)." in page(as_director, run)
    assert 'name="left_out" value="3"' in page(as_director, run)
    assert answer(as_director, run, left_out="").status == "failed"


def test_more_bad_rows_than_a_page_shows_are_left_out_too(as_director, monkeypatch):
    monkeypatch.setattr(validation, "MOST_ERRORS_KEPT", 2)
    rows = "".join(f"b{number},Search,never,,12\n" for number in range(5))
    run = uploaded(as_director, (BAD + rows).encode())
    assert "Leave the 6 rows with wrong values out" in page(as_director, run)
    assert answer(as_director, run, left_out="", leave_out_bad="on").status == "ready"


def test_the_line_of_the_header_is_corrected_on_the_screen(as_director):
    run = uploaded(as_director, b"date,platform,amount\nstarts_on,platform,amount\n2026-03-02,Search,5\n")
    assert run.status == "needs_answers"
    assert '<option value="2"' in page(as_director, run)
    run = answer(as_director, run, header_line="2")
    assert run.counts["header"] == ["starts_on", "platform", "amount"]
    assert run.status == "ready"


def test_the_sheets_are_chosen_on_the_screen(as_director, tmp_path):
    book_of(tmp_path, March=MARCH, April=APRIL[:2])
    run = uploaded(as_director, BytesIO((tmp_path / "file.xlsx").read_bytes()).getvalue(), "file.xlsx")
    assert run.status == "needs_answers"
    assert "all of them" in page(as_director, run)
    assert answer(as_director, run, sheets="all").status == "ready"


# -- what nobody sees -------------------------------------------------------------------------------------------------


def test_rows_that_a_filter_hides_are_read_and_said(tmp_path):
    book = openpyxl.Workbook()
    for row in (HEADER, *([f"s{number}", "Search", "2026-03-02", "2026-03-02", 1] for number in range(3))):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.save(path := tmp_path / "file.xlsx")
    run = imported(path, "spend")
    assert cents() == 300
    assert "1 row is hidden in the sheet" in said(run)


def test_formulas_without_a_stored_value_are_said(tmp_path):
    path = book_of(tmp_path, March=[HEADER, ["a", "Search", "2026-03-02", "2026-03-02", "=5+5"]])
    findings = examined(path, "spend")
    assert [(error.line, error.code) for error in findings.errors] == [(2, "missing_value")]
    assert "1 cell holds a formula without its value" in said(findings)


@pytest.mark.parametrize(
    ("name", "encoding", "is_doubtful"),
    [
        ("Реклама", "cp1251", True),
        ("Société à Paris", "mac_roman", True),
        ("Société à Paris", "cp850", True),
        ("Été à Genève, cœur “brisé”, Müller & Öz – 50 €", "cp1252", False),
        ("Señor Ñandú, São João, Åse Ødegård", "cp1252", False),
        ("Реклама", "utf-8", False),
    ],
)
def test_a_text_that_was_decoded_wrongly_is_doubted(tmp_path, name, encoding, is_doubtful):
    text = f'{",".join(HEADER)},description\na,Search,2026-03-02,2026-03-02,5,"{name}"\n'
    findings = examined(written(tmp_path, text.encode(encoding)), "spend")
    assert ("look wrong" in said(findings)) == is_doubtful
