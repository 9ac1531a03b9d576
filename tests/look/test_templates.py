"""What the content policy and screen readers need of every template."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.html") if "emails" not in path.relative_to(ROOT / "templates").parts
)
STYLES = (ROOT / "templates" / "_styles.html").read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_needs_what_the_content_policy_forbids(path: Path) -> None:
    html = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(
        r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:|https?://(?!www\.w3\.org/)", html
    )


def test_every_stylesheet_is_on_the_page() -> None:
    listed = set(re.findall(r"css/([\w-]+)\.css", STYLES))
    assert listed == {path.stem for path in (ROOT / "static" / "css").glob("*.css")}


@pytest.mark.parametrize("path", sorted((ROOT / "static" / "js").glob("*.js")), ids=lambda path: path.stem)
def test_scripts_stand_alone(path: Path) -> None:
    assert not re.search(r"^\s*import\b|\beval\(|innerHTML", path.read_text(), flags=re.MULTILINE)
