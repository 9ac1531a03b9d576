"""The documentation names only what is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "config|operations|reports|timesheets|campaigns|core|tests|templates|static|tools|docs|requirements|locale|deploy"
)
PATH = re.compile(rf"`((?:{APPS})/[\w./-]*)(?:::\w+)?`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)(#[\w-]+)?\)")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_path_and_each_link_leads_somewhere(page):
    text = page.read_text()
    missing = [path for path in PATH.findall(text) if not (ROOT / path).exists()]
    missing += [link for link, _place in LINK.findall(text) if not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_into_a_page_finds_its_heading(page):
    headings = {
        target: {re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in lines}
        for target in PAGES
        if (lines := [line for line in target.read_text().splitlines() if line.startswith("#")])
    }
    for link, place in LINK.findall(page.read_text()):
        if place:
            assert place[1:] in headings[(page.parent / link).resolve()]
