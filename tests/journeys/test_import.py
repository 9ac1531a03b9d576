"""A manager brings in a file, sees what would happen, imports it and takes it back."""

import re
from datetime import date

import openpyxl
import pytest
from playwright.sync_api import expect

from campaigns import tasks
from campaigns.imports import runner
from campaigns.models import ImportRun, Lead
from tests.factories import ManagerFactory, MemberFactory, PlatformFactory
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db(transaction=True)

LEADS = "external_id,received_at,platform\nA1,03/04/2026,fb\nA2,05/04/2026,Une plateforme au nom très long\n"


def test_a_file_goes_in_and_out_again(signed_in_page, tmp_path, settings, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    monkeypatch.setattr(runner, "THROTTLE_RATIO", 0)
    PlatformFactory(name="Facebook")
    (tmp_path / "leads.csv").write_text(LEADS)
    page = signed_in_page(ManagerFactory())
    page.goto("/imports/")
    page.get_by_role("link", name="Import a file").first.click()
    page.get_by_label("What it holds").select_option("leads")
    page.get_by_label("File", exact=True).set_input_files(tmp_path / "leads.csv")
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_text("Checking every row").first).to_be_visible()
    run = ImportRun.objects.get()

    # The page follows by itself what the worker does.
    tasks.check_import(run_id=run.pk)
    expect(page.get_by_text("In dates such as 03/04/2026")).to_be_visible()
    page.get_by_label("the day first").check()
    page.get_by_label("What “fb” stands for").select_option("Facebook")
    page.get_by_label("What “Une plateforme").select_option("+")
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("Checking every row").first).to_be_visible()
    tasks.check_import(run_id=run.pk)
    expect(page.get_by_text("2 new, 0 changed, 0 already there.")).to_be_visible()
    expect(page.get_by_text("A new platform: Une plateforme au nom très long.")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Importing").first).to_be_visible()
    tasks.run_import(run_id=run.pk)
    expect(page.get_by_role("link", name="Undo")).to_be_visible()
    assert Lead.objects.count() == 2

    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo the whole import").click()
    tasks.undo_import(run_id=run.pk)
    expect(page.get_by_text("Everything was taken back.")).to_be_visible()
    assert not Lead.objects.exists()
    page.goto("/imports/")
    expect(page.get_by_role("row", name=re.compile("leads.csv"))).to_contain_text("Undone")


def test_a_file_that_needs_every_question_is_answered_on_a_phone(signed_in_page, tmp_path, settings, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    monkeypatch.setattr(runner, "THROTTLE_RATIO", 0)
    MemberFactory(name="Noa Brandt")
    for name in ("Facebook", "LinkedIn"):
        PlatformFactory(name=name)
    page = signed_in_page(ManagerFactory())
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/imports/add/")
    page.get_by_label("What it holds").select_option("hours")
    page.get_by_label("File", exact=True).set_input_files(every_question(tmp_path / "hours.xlsx"))
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_text("Checking every row").first).to_be_visible()
    run = ImportRun.objects.get()

    def checked_again():
        page.get_by_role("button", name="Check again").click()
        expect(page.get_by_text("Checking every row").first).to_be_visible()
        tasks.check_import(run_id=run.pk)
        expect(page.get_by_role("heading", name="The first rows")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390

    tasks.check_import(run_id=run.pk)
    page.get_by_label("all of them").check()
    columns = {"the person's name": "Who", "the day": "When", "the duration": "Time", "the platform": "Where"}
    for label, column in columns.items():
        page.get_by_label(label, exact=True).select_option(column)
    checked_again()
    page.get_by_label("the day first").check()
    page.get_by_label("minutes", exact=True).check()
    page.get_by_label("What “Facebook, LinkedIn” stands for").select_option("LinkedIn")
    checked_again()
    expect(page.get_by_text("“never” is not a day.").first).to_be_visible()
    page.get_by_label("Leave the 2 rows with wrong values out").check()
    checked_again()
    expect(page.get_by_text("2 rows are left out, as you said: lines 5, 2:5")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Importing").first).to_be_visible()
    tasks.run_import(run_id=run.pk)
    assert sorted(TimeEntry.objects.values_list("day", "minutes")) == [(date(2026, 3, 2), 45), (date(2026, 4, 2), 45)]


def every_question(path):
    """A workbook with a sheet for each month, and something to ask about in each part of it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, month in ((3, "March"), (4, "April")):
        rows = [
            ["Hours of a month"],
            ["Who", "When", "Time", "Where", "Hourly rate"],
            ["Noa Brandt", f"02/0{number}/26", 45, "Facebook, LinkedIn", 34],
            ["Total", None, 45],
            ["Noa Brandt", "never", 20, "Facebook", 34],
        ]
        sheet = book.create_sheet(month)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path
