"""The addresses of how figures came about, in one period under one look: for pages, and whole ones for e-mails."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from reports.figures.query import Period


@dataclass(frozen=True)
class FigureLinks:
    """`parameters` name the look; `site` stands before each address where it is read elsewhere."""

    parameters: Mapping[str, str]
    site: str = ""

    @classmethod
    def of_period(cls, period: Period, *, site: str) -> "FigureLinks":
        """The usual look at these very weeks, whenever it is opened."""
        return cls({"from": str(period.first), "to": str(period.last)}, site)

    def to(self, figure: str, **narrowed: object) -> str:
        """The address of one figure, narrowed further: `/explain/?figure=cost&platform=3`."""
        chosen = {"figure": figure, **self.parameters, **{name: str(value) for name, value in narrowed.items()}}
        return f"{self.site}{reverse('reports:explain')}?{urlencode(chosen)}"

    def linked(self, figure: str, text: str, css: str = "figure", **narrowed: object) -> SafeString:
        """The figure as a link."""
        return format_html('<a class="{}" href="{}">{}</a>', css, self.to(figure, **narrowed), text)
