"""What the content policy and screen readers need of every template."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.html") if "emails" not in path.relative_to(ROOT / "templates").parts
)
LONGEST_LINE = 120
STYLES = (ROOT / "templates" / "_styles.html").read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_needs_what_the_content_policy_forbids(path: Path) -> None:
    html = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(
        r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:|https?://(?!www\.w3\.org/)", html
    )


@pytest.mark.parametrize("suffix", ["html", "txt"])
def test_no_line_of_a_template_is_long(suffix: str) -> None:
    """docs/contributing.md says where a line breaks without a change on the page."""
    long = [
        f"{path.relative_to(ROOT)}:{number} has {len(line)} characters"
        for path in sorted((ROOT / "templates").rglob(f"*.{suffix}"))
        for number, line in enumerate(path.read_text().split("\n"), start=1)
        if len(line) > LONGEST_LINE
    ]
    assert long == []


def test_every_stylesheet_is_on_the_page() -> None:
    listed = set(re.findall(r"css/([\w-]+)\.css", STYLES))
    assert listed == {path.stem for path in (ROOT / "static" / "css").glob("*.css")}


@pytest.mark.parametrize("path", sorted((ROOT / "static" / "js").glob("*.js")), ids=lambda path: path.stem)
def test_scripts_stand_alone(path: Path) -> None:
    assert not re.search(r"^\s*import\b|\beval\(|innerHTML", path.read_text(), flags=re.MULTILINE)
