"""The first rows of a file on the page of its import: what people expect to see there."""

import re
from datetime import date, datetime
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from campaigns import tasks
from campaigns.models import ImportRun
from tests.factories import ManagerFactory

SALES = ("external_id", "sold_on", "amount")
UNKNOWN = ("nummer", "wann", "wieviel")
WORDS = {
    "en": {"day": "2 Mar 2026", "moment": "2 Mar 2026, 09:14", "amount": "1250.5"},
    "fr": {"day": "2 mars 2026", "moment": "2 mars 2026, 09:14", "amount": "1250,5"},
}


def workbook(*rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(file := BytesIO())
    return file.getvalue()


def csv(*rows) -> bytes:
    return "".join(f"{','.join(map(str, row))}\n" for row in rows).encode()


@pytest.fixture(params=["en", "fr"])
def language(request) -> str:
    return request.param


@pytest.fixture
def first_row(client, db, language):
    """Upload a file and give back the cells of the first of its first rows."""

    def read(name: str, content: bytes, kind: str = "sales") -> list[str]:
        client.force_login(ManagerFactory(language=language))
        file = SimpleUploadedFile(name, content)
        client.post(reverse("campaigns:import_add"), {"kind": kind, "source": "auto", "file": file})
        run = ImportRun.objects.get()
        tasks.check_import(run_id=run.pk)
        page = client.get(reverse("campaigns:import_run", args=[run.pk])).content.decode()
        row = re.search(r'<tr><td class="line quiet">2</td>(.*?)</tr>', page)
        return [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in re.findall("<td>(.*?)</td>", row[1])]

    return read


def test_a_workbooks_days_and_amounts_are_written_as_the_reader_writes_them(first_row, language):
    words = WORDS[language]
    cells = first_row("sales.xlsx", workbook(SALES, ("2026-03-02", date(2026, 3, 2), 1250.5)))
    assert sorted(cells) == sorted(["2026-03-02", words["day"], words["amount"]])


def test_a_workbooks_instants_are_written_as_the_reader_writes_them(first_row, language):
    content = workbook(("external_id", "received_at"), ("L1", datetime(2026, 3, 2, 9, 14)))  # noqa: DTZ001
    assert WORDS[language]["moment"] in first_row("leads.xlsx", content, "leads")


def test_so_are_days_in_columns_of_which_nobody_knows_what_they_hold(first_row, language):
    content = workbook(UNKNOWN, ("A1.5", date(2026, 3, 2), 1250.5))
    assert first_row("sales.xlsx", content) == ["A1.5", WORDS[language]["day"], "1250.5"]


@pytest.mark.parametrize("day", ["2026-03-02", "02/03/2026", "2026-02-31"])
def test_a_text_is_shown_as_it_stands_in_the_file(first_row, day):
    assert first_row("sales.csv", csv(UNKNOWN, ("A1", day, "1250.5"))) == ["A1", day, "1250.5"]


def test_a_text_of_a_workbook_that_is_no_day_is_shown_as_it_stands(first_row):
    assert first_row("sales.xlsx", workbook(UNKNOWN, ("A1", "2026-02-31", "2026"))) == ["A1", "2026-02-31", "2026"]
