"""A page at a desk and on a phone, light and dark, in one browser: to open another takes longer than to look again."""

from collections.abc import Iterator
from itertools import product

from playwright.sync_api import Page

SIZES = [{"width": 1280, "height": 900}, {"width": 390, "height": 844}]
SCHEMES = ["light", "dark"]


def shapes(page: Page) -> Iterator[tuple[int, str]]:
    """Bring the page into each shape, one after the other; give its width and its colours."""
    for size, scheme in product(SIZES, SCHEMES):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        yield size["width"], scheme
