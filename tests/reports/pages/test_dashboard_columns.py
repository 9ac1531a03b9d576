"""One list of columns: the page, the files, the explanations and the style sheet agree with it."""

import re
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser

from reports.drilldown.figures import EXPLAINED
from reports.pages.dashboard_columns import COLUMNS, FILE_COLUMNS, PAGE_COLUMNS
from tests.reports.world import NOW, build

CSS = "".join((Path(settings.BASE_DIR) / "static/css" / name).read_text() for name in ("dashboard.css", "tables.css"))


def test_every_column_with_a_head_stands_on_the_page_and_the_others_in_files():
    with_head = {column.name for column in COLUMNS.values() if column.head}
    assert {column.name for column in PAGE_COLUMNS} == with_head
    assert {column.name for column in FILE_COLUMNS} | with_head == set(COLUMNS)


@pytest.mark.parametrize("column", PAGE_COLUMNS, ids=lambda column: column.name)
def test_a_column_on_the_page_has_a_text_or_a_drawing_and_opens_a_figure_that_there_is(column):
    assert bool(column.text) != bool(column.template)
    assert column.figure in {"", *EXPLAINED}


@pytest.mark.parametrize("css", [css for column in PAGE_COLUMNS for css in (column.css, column.head_css) if css])
def test_the_class_of_a_column_has_a_rule(css):
    assert re.search(rf"\.{css}\b[^{{}}]*{{", CSS)


@pytest.mark.django_db
def test_every_row_has_a_cell_for_each_column(director):
    with time_machine.travel(NOW, tick=False):
        build()
        director.logs_hours = False
        director.save()
        web = Browser()
        web.force_login(director)
        page = web.get("/").content.decode()
    table = re.search(r'<table class="platforms.*?</table>', page, re.DOTALL)
    assert table
    width = 1 + len(PAGE_COLUMNS)
    for row in re.findall(r"<tr.*?</tr>", table[0], re.DOTALL):
        spans = re.findall(r"<t[hd]\b(?:[^>]*colspan=\"(\d+)\")?", row)
        assert sum(int(span or 1) for span in spans) == width
