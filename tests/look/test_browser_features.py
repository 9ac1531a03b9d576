"""What is used of CSS and JavaScript is known to the browsers of the last two years.

NEW says when the last of Chrome, Edge, Firefox and Safari came to know a feature that is younger than 2020 (MDN's
"Baseline", newly available; the dates are those of web-features, `baseline_low_date`). Whoever uses another one that is
new adds its line.
"""

import re
from datetime import date
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
RELEASED = date(2026, 11, 30)  # of the version that this list was last gone through for
OLDEST = RELEASED.replace(year=RELEASED.year - 2)

NEW: dict[str, tuple[str, date]] = {
    r":is\(": ("css", date(2021, 1, 21)),
    r":has\(": ("css", date(2023, 12, 19)),
    r"@layer": ("css", date(2022, 3, 14)),
    r"\(scripting:": ("css", date(2023, 12, 7)),
    r"@container": ("css", date(2023, 2, 14)),
    r"color-mix\(": ("css", date(2023, 5, 9)),
    r"light-dark\(": ("css", date(2024, 5, 13)),
    r"\binset:": ("css", date(2021, 4, 26)),
    r"\baccent-color:": ("css", date(2022, 3, 14)),
    r":focus-visible": ("css", date(2022, 3, 14)),
    r"\boverscroll-behavior": ("css", date(2022, 9, 12)),
    r"\d[dls]v[hw]\b": ("css", date(2022, 12, 5)),
    r"\bhyphens:": ("css", date(2023, 9, 18)),
    r"\btext-wrap: balance": ("css", date(2024, 5, 13)),
    r"\bscrollbar-width:": ("css", date(2024, 12, 11)),
    r":popover-open": ("js", date(2025, 1, 27)),
    r"showPopover\(": ("js", date(2025, 1, 27)),
    r"\.formatRange\(": ("js", date(2021, 8, 10)),
    r"\.replaceChildren\(": ("js", date(2020, 10, 13)),
    r"\.requestSubmit\(": ("js", date(2022, 3, 14)),
    r"\.showModal\(": ("js", date(2022, 3, 14)),
    r"\.at\(-": ("js", date(2022, 3, 14)),
    r"\.findLast\(": ("js", date(2022, 8, 23)),
    r"\.checkVisibility\(": ("js", date(2024, 3, 5)),
    r"structuredClone\(": ("js", date(2022, 3, 14)),
    r"\.randomUUID\(": ("js", date(2022, 3, 14)),
    r"parseCreationOptionsFromJSON|parseRequestOptionsFromJSON": ("js", date(2025, 3, 31)),
}
# Newly available for less than two years; what is lost without it, or how it is known for longer.
KNOWN_LONGER = {
    r"\bscrollbar-width:": "Safari 18.2 was the last; before it, it draws a thin bar that goes by itself",
    r":popover-open": "all four since April 2024; the date is that of iOS closing it by a touch outside",
    r"showPopover\(": "all four since April 2024; the date is that of iOS closing it by a touch outside",
    r"parseCreationOptionsFromJSON|parseRequestOptionsFromJSON": "looked for before it is used",
}
# Not known to all of them, or not two years ago: none may be used. Left out are those without which nothing is lost:
# `field-sizing` (a field as wide as its text) and `text-wrap: pretty` (no lone word in the last line).
TOO_NEW = [
    *(
        r"@scope",
        r"@starting-style",
        r"anchor-name",
        r"position-anchor",
        r"position-try",
    ),
    *(r"interpolate-size", r"animation-timeline", r"view-transition", r"@function", r"\bif\("),
    *(r"Temporal\.", r"startViewTransition", r"Promise\.try\(", r"Iterator\.", r"Math\.sumPrecise", r"\.closedBy\b"),
]
# The shorthand with a thickness is refused whole by WebKit; the longhands are not.
SHORTHAND = r"text-decoration:(?! *none)"


def source(kind: str) -> str:
    return "\n".join(path.read_text() for path in sorted(STATIC.glob(f"{kind}/*.{kind}")))


@pytest.mark.parametrize("feature", NEW)
def test_a_feature_that_is_used_has_been_known_for_two_years(feature: str) -> None:
    kind, since = NEW[feature]
    if re.search(feature, source(kind)):
        assert since <= OLDEST or feature in KNOWN_LONGER, f"{feature} is known to all only since {since}"


@pytest.mark.parametrize("feature", TOO_NEW)
def test_what_is_too_new_is_not_used(feature: str) -> None:
    text = source("css") if not re.search(r"[A-Z]|\\\.", feature) else source("js")
    assert not re.search(feature, text)


def test_a_decoration_is_written_so_that_webkit_knows_it() -> None:
    assert not re.search(SHORTHAND, source("css"))
