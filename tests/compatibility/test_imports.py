"""What Retour 0.1 kept of files that people brought means the same today."""

import html

import pytest
from django.core.files.base import ContentFile

from campaigns.imports import runner
from campaigns.models import ImportRun
from tests.compatibility.conftest import NOW
from tests.security.forms import forms_of

pytestmark = pytest.mark.django_db


def shown(browser, pk: int) -> str:
    return html.unescape(browser.get(f"/imports/{pk}/").content.decode())


def bring(browser, kind: str, text: str) -> ImportRun:
    """Upload a file and have it checked."""
    form = {"kind": kind, "source": "auto", "file": ContentFile(text.encode(), name="again.csv")}
    assert browser.post("/imports/add/", form).status_code == 302
    run = ImportRun.objects.order_by("-pk")[0]
    runner.check(run, now=lambda: NOW)
    return run


def test_what_was_answered_stands_in_the_form_and_what_is_asked_is_still_asked(browser_of, before):
    browser, pk = browser_of("manager"), before["imports"]["asked"]
    (form,) = (one for one in forms_of(shown(browser, pk)) if one.action.endswith("/answers/"))
    columns = {name.removeprefix("column-"): value for name, value in form.values.items() if name.startswith("column-")}
    stored = ImportRun.objects.get(pk=pk)
    assert stored.mapping["columns"].items() <= columns.items()
    assert form.values["text-0"] == "Autumn sale"


def test_an_answer_to_a_form_that_was_open_is_taken(browser_of, before):
    browser, pk = browser_of("manager"), before["imports"]["asked"]
    answers = {"column-platform": "Netz", "name-0": "-", "text-0": "Autumn sale"}
    assert browser.post(f"/imports/{pk}/answers/", answers).status_code == 302
    runner.check(ImportRun.objects.get(pk=pk), now=lambda: NOW)
    run = ImportRun.objects.get(pk=pk)
    assert not run.questions
    assert (run.status, run.counts["cents"]) == ("ready", 12_050)


def test_an_answer_about_a_column_is_taken(browser_of, before):
    browser, pk = browser_of("manager"), before["imports"]["asked"]
    assert browser.post(f"/imports/{pk}/answers/", {"column-campaign": "", "constant-note": "Ads"}).status_code == 302
    runner.check(ImportRun.objects.get(pk=pk), now=lambda: NOW)
    run = ImportRun.objects.get(pk=pk)
    assert (run.status, run.counts["cents"]) == ("ready", 12_050), run.questions


def test_a_file_with_a_known_header_is_asked_nothing(browser_of, before):
    run = bring(browser_of("manager"), "spend", before["file with a known header"])
    assert run.status == "ready", run.questions
    assert run.counts["cents"] == 750


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        pytest.param("leads", "file done before", id="told apart by their ids"),
        pytest.param("spend", "file done with a known header", id="told apart by what they say"),
    ],
)
def test_a_row_that_was_imported_counts_no_second_time(browser_of, before, kind, file):
    run = bring(browser_of("manager"), kind, before[file])
    assert (run.status, run.errors) == ("ready", [])
    assert "create" not in run.counts


def test_what_was_wrong_with_a_file_is_still_said(browser_of, before):
    page = shown(browser_of("manager"), before["imports"]["failed"])
    assert "2026-11-99" in page


@pytest.mark.parametrize("name", ["done", "asked", "waiting", "failed", "checking"])
def test_every_page_of_an_import_opens(browser_of, before, name):
    assert f"{name.replace('done', 'leads-done')}.csv" in shown(browser_of("manager"), before["imports"][name])
