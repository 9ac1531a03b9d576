"""Filters of the pages that show figures."""

from collections.abc import Collection, Sequence
from fractions import Fraction
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from campaigns.attribution import MILLION
from core import money
from core.patterns import Pattern, places
from core.week_names import week_name
from core.weeks import Week
from reports.charts.axis import Spot
from reports.charts.time_series import Segment, StackedBars
from reports.figures import formatting
from reports.figures.filters import NO_PLATFORM, ReportForm
from reports.figures.query import UNATTRIBUTED
from reports.figures.totals import Figures

if TYPE_CHECKING:
    from reports.pages.dashboard_charts import DashboardChart
    from reports.pages.dashboard_columns import DashboardColumn
    from reports.pages.platform_rows import PlatformRow

register = template.Library()
register.filter(formatting.count)
register.filter(formatting.known_cost)
register.filter(formatting.signed)
register.simple_tag(formatting.back_per_unit)


@register.filter
def narrowed(form: ReportForm, platform: "int | None") -> SafeString:
    """The rest of an address, `&platform=3&weeks=26`: this page's look narrowed to a platform; None changes nothing."""
    changes = {} if platform is None else {"platform": NO_PLATFORM if platform == UNATTRIBUTED else platform}
    rest = form.query(**changes).removeprefix("?")
    return SafeString(f"&{rest}" if rest else "")


@register.filter
def exact_count(millionths: "int | None") -> str:
    """A share of leads or sales to the last decimal that is kept: `0.333333`."""
    if millionths is None:
        return money.NO_FIGURE
    digits = next(kept for kept in range(7) if millionths * 10**kept % MILLION == 0)
    return money.format_number(Fraction(millionths, MILLION), digits=digits)


@register.simple_tag(takes_context=True)
def parts(context: Context, millionths: "int | None") -> SafeString:
    """Beside the first part of a lead or sale that a page shows: a mark that leads to what parts are.

    Give it what the filter `count` was given. The request remembers that its page has the mark.
    """
    request = context["request"]
    if not formatting.shows_a_part(millionths) or getattr(request, "explains_parts", False):
        return SafeString("")
    request.explains_parts = True
    words = _("shared between platforms or campaigns: parts of one")
    address = f"{reverse('reports:glossary')}#credit"
    link = '<a class="term" href="{}" title="{}" hx-boost="false"><span class="unseen">{}</span></a>'
    return format_html(link, address, words, words)


@register.filter
def hours_exact(minutes: "int | None") -> str:
    """Minutes as hours and minutes, so that rows add up before the eye: `96:15`."""
    if minutes is None:
        return money.NO_FIGURE
    return f"{money.format_number(minutes // 60)}:{minutes % 60:02d}"


@register.filter
def returned(figures: Figures, margin: Fraction) -> "Fraction | None":
    """Return per 1 of cost."""
    return figures.return_per_unit(margin)


@register.simple_tag
def look(form: ReportForm, **changes: object) -> SafeString:
    """The rest of an address, `&purpose=keep&weeks=26`: this page's look with some of its filters changed."""
    rest = form.query(**changes).removeprefix("?")
    return SafeString(f"&{rest}" if rest else "")


@register.simple_tag
def query_of(form: ReportForm, **changes: object) -> str:
    """The address of this page's look with some of its filters changed: `?platform=3&weeks=26`."""
    return form.query(**changes)


@register.filter
def beside_words(row: "PlatformRow") -> str:
    """What the platform's other work took: `Keeping, serving: 17 h a week, 12,573 €`."""
    figures = row.beside
    spent = formatting.hours(Fraction(figures.minutes, row.weeks)) if figures.minutes else ""
    parts = [
        part
        for part in (spent and pgettext("short", "%(hours)s a week") % {"hours": spent}, _cost_and_revenue(figures))
        if part
    ]
    return _("Keeping, serving: %(what)s") % {"what": ", ".join(parts)}


def _cost_and_revenue(figures: Figures) -> str:
    said = {"cost": formatting.cash(figures.cost_cents), "revenue": formatting.cash(figures.revenue_cents)}
    if not figures.revenue_cents:
        return said["cost"] if figures.cost else ""
    return _("%(cost)s cost, %(revenue)s came back") % said


@register.filter
def beside(cells: Sequence[object], columns: Sequence[object]) -> "zip[tuple[object, object]]":
    """Cells with their columns."""
    return zip(columns, cells, strict=True)


@register.simple_tag(takes_context=True)
def figure_cells(context: Context, line: "PlatformRow", columns: "Sequence[DashboardColumn]") -> SafeString:
    """The figures of one line of the dashboard, as cells of the table, each as `_cell.html` has it."""
    language, explain, rest = get_language(), context["explain"], context["rest"]
    return SafeString(
        "".join(
            [
                _cell_pattern(language, cell.column, explain and cell.figure, explain, tuple(cell.values)).fill(
                    {**cell.values, "rest": rest}
                )
                for cell in [column.cell(line) for column in columns]
            ]
        )
    )


@cache
def _cell_pattern(
    _language: str | None, column: "DashboardColumn", figure: str, explain: str, has: tuple[str, ...]
) -> Pattern:
    context = {"column": column, "figure": figure, "explain": explain, "has": has, **places((*has, "rest"))}
    return Pattern(render_to_string("reports/_cell.html", context))


@register.filter
def as_table_rows(picture: "DashboardChart") -> SafeString:
    """The figures of a chart as rows of a table, a week each, made at once."""
    return SafeString("\n".join([_table_row(week_name(week), cells) for week, cells in picture.rows]))


def _table_row(title: str, texts: Sequence[str]) -> str:
    cells = "".join([f'<td class="num">{escape(text)}</td>' for text in texts])
    return f'<tr><th scope="row">{escape(title)}</th>{cells}</tr>'


@register.filter
def axes(picture: "DashboardChart") -> SafeString:
    """The lines across a chart, their figures, and the weeks under it, made at once."""
    frame = picture.frame
    across = [
        f'<line class="gridline" x1="{frame.left}" x2="{frame.right}" y1="{tick.y}" y2="{tick.y}" />'
        f'<text class="end" x="38" y="{tick.y}" dy="4">{escape(tick.text)}</text>'
        for tick in picture.ticks
    ]
    under = [
        f'<text class="{label.anchor}" x="{label.x}" y="{frame.height}" dy="-6">{escape(label.text)}</text>'
        for label in picture.labels
    ]
    return SafeString("\n".join([*across, *under]))


@register.filter
def stacked_segments(picture: "DashboardChart") -> SafeString:
    """The segments of a chart's bars, made at once: one for each platform and week."""
    assert isinstance(picture.chart, StackedBars)
    return SafeString("\n".join(_rectangle(segment, picture.unfinished) for segment in picture.chart.segments))


@register.filter
def week_spots(picture: "DashboardChart") -> SafeString:
    """Where the pointer and the keyboard find the weeks of a chart, with what is said of each."""
    ends = f'y="{picture.frame.top}" height="{picture.frame.height}"'
    return SafeString("\n".join([_spot(spot, ends, is_stop=picture.has_stops) for spot in picture.spots]))


def _spot(spot: Spot, ends: str, *, is_stop: bool) -> str:
    column, tip = spot.column, escape(spot.tip)
    stop = f' tabindex="0" role="img" aria-label="{tip}"' if is_stop else ""
    return f'<rect class="hit" x="{column.x}" width="{column.width}" {ends} data-tip="{tip}"{stop} />'


def _rectangle(segment: Segment, unfinished: Collection[Week]) -> str:
    """Nothing in it was typed by anybody: the number of a colour, and coordinates."""
    css = f"platform-{segment.key}{' unfinished' if segment.week in unfinished else ''}"
    return f'<rect class="{css}" x="{segment.x}" y="{segment.y}" width="{segment.width}" height="{segment.height}" />'
