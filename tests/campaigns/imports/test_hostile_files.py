"""Files that are wrong in ways that people and programs find: each ends in sentences, with nothing written."""

import unicodedata
from datetime import date

import openpyxl
import pytest

from campaigns.imports.mapping.column_mapping import ColumnMapping, MapError, read_map
from campaigns.models import Client, Sale, Spend
from tests.campaigns.imports.importing import examined, imported, undone, written
from tests.factories import MemberFactory, PlatformFactory, SaleFactory
from timesheets.models import TimeEntry

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HOURS = "date,email,platform,campaign,hours,note\n"
LEADS = "external_id,received_at,platform,campaign\n"
SALES = "external_id,lead_external_id,sold_on,amount,description,refund_of\n"
SPEND = "external_id,platform,campaign,starts_on,ends_on,amount\n"
LONG = "A cell in this row is longer than 131,072 characters"


@pytest.fixture
def facebook():
    return PlatformFactory(name="Facebook")


@pytest.fixture
def jose():
    return MemberFactory(name="José García", email="jose@example.com", left_on=date(2026, 6, 30))


@pytest.fixture
def refunded():
    sale = SaleFactory(external_id="S1", amount_cents=10_000, sold_on=date(2026, 3, 5))
    SaleFactory(external_id="R1", amount_cents=-6_000, sold_on=date(2026, 3, 8), refund_of=sale)
    return sale


def problems(tmp_path, content, kind, **options):
    findings = examined(written(tmp_path, content), kind, **options)
    return [(error.line, error.column, error.code) for error in findings.errors]


# -- the file itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "starts"),
    [
        (LEADS, "There are no rows under the header."),
        (LEADS + ",,,\n\n", "There are no rows under the header."),
        ("a,b\n1,2\x00\n".encode("utf-16"), "Line 2: This is not a text file."),
        ("a,b\n1,2\n".encode("utf-32"), "Line 1: This is not a text file."),
        (b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\n", "This is not a text file."),
        (b"a,b\n\x01\x02\x9f\xff,2\n", "This is not a text file."),
        (LEADS + f'L1,2026-03-02,"{"x" * 140_000}",\n', "Line 2: " + LONG),
        ("x" * 140_000 + ",a\n1,2\n", "Line 1: " + LONG),
        (LEADS + 'L1,2026-03-02,"X" y,\n', "Line 2: A quotation mark in this row is never closed, or"),
    ],
    ids=["no rows", "blank rows", "nul", "UTF-32", "PDF", "controls", "long cell", "long header", "text after a quote"],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(tmp_path, content, starts):
    assert examined(written(tmp_path, content), "leads").trouble.startswith(starts)


def test_a_day_that_a_spreadsheet_wrote_as_a_number_is_named(tmp_path, jose, facebook):
    book = openpyxl.Workbook()
    for row in (HOURS.strip().split(","), [46092, "jose@example.com", "Facebook", "", 1.5, ""]):
        book.active.append(row)
    book.save(tmp_path / "file.xlsx")
    [error] = examined(tmp_path / "file.xlsx", "hours").errors
    assert str(error) == "Line 2, column “date”: “46092” is not a day. If you mean 2026-03-11, write 2026-03-11."


# -- hours ------------------------------------------------------------------------------------------------------------


def test_names_are_found_however_their_accents_are_encoded(tmp_path, jose, facebook):
    name = unicodedata.normalize("NFD", "José García")
    text = f"User,Client,Project,Start date,Duration,Tags\n{name},,,2026-03-11,1:00,Facebook\n"
    imported(written(tmp_path, text), "hours")
    assert TimeEntry.objects.get().member == jose


def test_hours_of_days_after_somebody_left_are_refused_and_those_before_they_joined_are_said(tmp_path, jose, facebook):
    text = f"{HOURS}2026-07-01,jose@example.com,Facebook,,2,\n"
    assert problems(tmp_path, text, "hours") == [(2, "date", "not_employed")]
    run = imported(written(tmp_path, text.replace("2026-07-01", "2019-12-31")), "hours")
    assert [one["code"] for one in run.remarks] == ["before_joining"]


def test_hours_that_are_there_already_may_come_again_and_shrink_after_somebody_left(tmp_path, jose, facebook):
    text = f"{HOURS}2026-03-11,jose@example.com,Facebook,,2,\n"
    imported(written(tmp_path, text), "hours")
    jose.left_on = date(2026, 1, 31)
    jose.save()
    assert problems(tmp_path, text, "hours") == []
    assert problems(tmp_path, text.replace(",2,", ",1,"), "hours") == []
    assert problems(tmp_path, text.replace(",2,", ",3,"), "hours") == [(2, "date", "not_employed")]


@pytest.mark.parametrize("email", ["a@b", "x@@y.example", "a b@c.example", "x" * 300 + "@c.example"])
def test_nobody_is_created_with_an_address_that_is_none(tmp_path, facebook, email):
    findings = examined(written(tmp_path, f"{HOURS}2026-03-11,{email},Facebook,,2,\n"), "hours", creating=True)
    assert [(one["sort"], one["reason"]) for one in findings.questions] == [("person", "no_email")]


def test_a_row_without_hours_is_an_error_and_not_said_to_be_passed_over_too(tmp_path, jose, facebook):
    findings = examined(written(tmp_path, f"{HOURS}2026-03-11,jose@example.com,Facebook,,,\n"), "hours")
    assert [error.code for error in findings.errors] == ["missing_value"]
    assert findings.remarks == []


# -- names ------------------------------------------------------------------------------------------------------------


def test_a_name_that_is_too_long_is_asked_and_never_cut(tmp_path):
    long = "p" * 100
    findings = examined(written(tmp_path, f"{LEADS}L1,2026-03-02,{long},\n"), "leads", creating=True)
    assert [(one["sort"], one["reason"]) for one in findings.questions] == [("platform", "too_long")]
    [sentence] = findings.sentences()
    assert "at most 80 characters" in sentence
    huge = examined(written(tmp_path, f"{LEADS}L1,2026-03-02,{'p' * 50_000},\n"), "leads")
    assert max(map(len, huge.sentences())) < 500


def test_undo_removes_the_client_that_a_campaign_brought_along(tmp_path, facebook):
    before = list(Client.objects.values())
    text = f"{LEADS}L1,2026-03-02,Facebook,Beta / Spring\nL2,2026-03-02,Facebook,Beta / Summer\n"
    undone(imported(written(tmp_path, text), "leads", creating=True))
    assert list(Client.objects.values()) == before


def test_undo_keeps_a_client_that_was_there(tmp_path, facebook):
    Client.objects.create(name="Beta")
    undone(imported(written(tmp_path, f"{LEADS}L1,2026-03-02,Facebook,Beta / Spring\n"), "leads", creating=True))
    assert Client.objects.filter(name="Beta").exists()


# -- touches, sales, spend --------------------------------------------------------------------------------------------


def test_touches_of_nobody_are_not_told_to_leave_the_cell_empty(tmp_path):
    [error] = examined(written(tmp_path, "lead_external_id,at\nZZ,2026-03-02\n"), "touches").errors
    assert error.advice() == "Import the leads first, or remove the row."


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("S1,,2026-03-05,59.99,,", [(2, "amount", "under_refunds")]),
        ("S1,,2026-03-09,100,,", [(2, "sold_on", "sale_after_refund")]),
        ("R1,,2026-03-09,100,,", [(2, "refund_of", "was_a_refund")]),
        ("S2,,2026-03-01,500,,\nS1,,2026-03-09,-100,,S2", [(3, "refund_of", "was_refunded")]),
        ("R2,,2026-03-09,-5,,R1", [(2, "refund_of", "refund_of_refund")]),
        ("S2,,2026-03-01,500,,\nR2,,2026-03-09,-5,,S2\nR3,,2026-03-09,-5,,R2", [(4, "refund_of", "refund_of_refund")]),
        ("S1,,2026-03-05,50,,\nR1,,2026-03-08,-50,,S1", []),
        ("S1,,2026-03-09,100,,\nR1,,2026-03-09,-60,,S1", []),
        ("S1,,2026-03-05,60,,\nR1,,2026-03-08,-60,,S1", []),
    ],
    ids=[
        "below its refunds",
        "after its refund",
        "a refund becomes a sale",
        "a refunded sale becomes a refund",
        "refund of a refund",
        "refund of a refund in the file",
        "both lowered",
        "both later",
        "all of it",
    ],
)
def test_sales_and_refunds_stay_in_step(tmp_path, refunded, rows, found):
    assert problems(tmp_path, f"{SALES}{rows}\n", "sales") == found
    if not found:
        before = list(Sale.objects.order_by("pk").values())
        run = imported(written(tmp_path, f"{SALES}{rows}\n"), "sales")
        assert undone(run).counts.get("kept", 0) == 0
        assert list(Sale.objects.order_by("pk").values()) == before


def test_undo_gives_a_refunded_sale_its_words_back(tmp_path, refunded):
    run = imported(written(tmp_path, f"{SALES}S1,,2026-03-05,120,New words,\n"), "sales")
    undone(run)
    refunded.refresh_from_db()
    assert (run.counts["kept"], refunded.amount_cents, refunded.description) == (0, 10_000, "")


def test_undo_keeps_an_amount_that_was_refunded_since(tmp_path, refunded):
    run = imported(written(tmp_path, f"{SALES}S1,,2026-03-05,200,,\n"), "sales")
    SaleFactory(amount_cents=-9_000, sold_on=date(2026, 3, 9), refund_of=refunded)
    undone(run)
    refunded.refresh_from_db()
    assert (run.counts["kept"], refunded.amount_cents) == (1, 20_000)


@pytest.mark.parametrize(
    ("amount", "code"), [("5 USD", "no_rate"), ("$5", "other_currency"), ("£5", "no_rate"), ("5 €", ""), ("EUR 5", "")]
)
def test_an_amount_in_another_currency_is_refused_without_a_rate(tmp_path, facebook, amount, code):
    found = problems(tmp_path, f"{SALES}S2,,2026-03-01,{amount},,\n", "sales")
    assert found == ([(2, "amount", code)] if code else [])
    found = problems(tmp_path, f"{SPEND}X,Facebook,,2026-03-01,2026-03-02,{amount}\n", "spend")
    assert found == ([(2, "amount", code)] if code else [])


def test_a_column_of_currencies_is_heeded(tmp_path, facebook):
    header = SALES.strip() + ",currency\n"
    assert problems(tmp_path, f"{header}S2,,2026-03-01,5,,,USD\n", "sales") == [(2, "amount", "no_rate")]
    header = SPEND.strip() + ",Currency\n"
    text = f"{header}X,Facebook,,2026-03-01,2026-03-02,5,CHF\n"
    assert problems(tmp_path, text, "spend") == [(2, "amount", "no_rate")]


def test_the_same_spend_twice_counts_once_and_with_other_values_is_an_error(tmp_path, facebook):
    row = "X,Facebook,,2026-03-01,2026-03-02,5\n"
    run = imported(written(tmp_path, SPEND + row + row), "spend")
    assert (Spend.objects.count(), run.counts["cents"]) == (1, 500)
    assert [one["code"] for one in run.remarks] == ["repeated"]
    assert problems(tmp_path, SPEND + row + row.replace(",5", ",6"), "spend") == [(3, "external_id", "repeated_id")]


# -- maps -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        ("platform,fb,Facebook\nplatform,FB,LinkedIn", "Line 3 of the map: “FB” is mapped twice; keep one."),
        ("constant,X,name\nconstant,Y,name", "Line 3 of the map: name has two values; keep one."),
        ("option,dmy,date_order\noption,mdy,date_order", "Line 3 of the map: date_order has two values; keep one."),
        ("campaign,Acme, Inc,Spring", "Line 2 of the map: it has more than three values; put one that holds the"),
    ],
    ids=["name", "constant", "option", "surplus"],
)
def test_a_map_that_says_two_things_is_refused(tmp_path, lines, mistake):
    with pytest.raises(MapError) as refused:
        read_map(written(tmp_path, f"what,from,to\n{lines}\n"), fields=["name", "platform"])
    assert refused.value.sentences[0].startswith(mistake)


def test_a_map_may_say_the_same_twice(tmp_path):
    text = "what,from,to\nplatform,fb,Facebook\nplatform,FB,Facebook\n"
    assert read_map(written(tmp_path, text), fields=[]) == ColumnMapping(names={"platform": {"fb": "Facebook"}})
