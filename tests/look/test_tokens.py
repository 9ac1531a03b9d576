"""The colours can be read by everybody, in both themes."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
TOKEN = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
TOKENS = {name: colours for name, *colours in TOKEN.findall((CSS / "tokens.css").read_text())}
THEMES = pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])

TEXT_ON_GROUND = [
    *[(text, ground) for text in ("ink", "quiet") for ground in ("paper", "card", "sunken")],
    *[(text, "paper") for text in ("accent", "gain", "loss", "wait", "wrong", "right")],
    *[(state, f"{state}-soft") for state in ("gain", "loss", "wait")],
    *[("ink", f"{ground}-soft") for ground in ("wrong", "right", "accent", "gain", "loss", "wait")],
    *[("quiet", f"{ground}-soft") for ground in ("wrong", "right", "accent")],
    ("wrong", "card"),
    ("right", "card"),
    ("paper", "ink"),
]


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, 0 to 1, as WCAG 2.2 defines it."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_ratio_is_the_one_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@THEMES
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_reads_on_its_ground(text: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@THEMES
@pytest.mark.parametrize("shape", ["edge", *[f"platform-{n}" for n in range(1, 13)], "platform-none"])
def test_shapes_stand_out_from_the_paper(shape: str, theme: int) -> None:
    assert contrast(TOKENS[shape][theme], TOKENS["paper"][theme]) >= 3


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.stem)
def test_colours_are_tokens_and_rules_are_in_a_layer(path: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    used = set(re.findall(r"var\(--([\w-]+)", css)) - {"platform"}
    defined = set(re.findall(r"--([\w-]+):", (CSS / "tokens.css").read_text()))
    assert used <= defined
    assert re.match(r"\s*@layer ", css)
    if path.stem not in ("tokens", "print"):
        assert not re.search(r"#[0-9a-f]{3,8}\b", css)
