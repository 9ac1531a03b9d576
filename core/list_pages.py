"""Pages of a list, whose rows may have been counted only up to a number."""

from django.core.paginator import Page, Paginator


class ListPaginator(Paginator):
    """Where rows were counted up to `most`, one more than these stands for all the others."""

    most: int | None = None

    @property
    def is_cut(self) -> bool:
        return self.most is not None and self.count > self.most


class ListPage(Page):
    paginator: ListPaginator


def page_number(text: str) -> int:
    """The page asked for; 1 for whatever is not a number above 0."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1
