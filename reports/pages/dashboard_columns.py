"""The columns of the dashboard's table, one record each: the page, the exports and `manage.py figures` read this list.

Money in files is decimal with cents, hours and counts are decimal; a ratio that divides by nothing is None.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.attribution import MILLION
from core import money
from core.money import to_decimal
from reports.figures.formatting import back_per_unit, cash, hours, known_cost
from reports.pages.drawn_cells import action_drawn, range_drawn, return_drawn, spark_drawn
from reports.pages.platform_rows import PlatformRow

NOTHING: Mapping[str, str] = {}


class ColumnGroup(StrEnum):
    """What the figures of a column count: all that is to come in the end, or what came in the weeks shown."""

    IN_THE_END = "in_the_end"
    PERIOD = "period"


@dataclass(frozen=True, kw_only=True, eq=False)
class DashboardColumn:
    """One column; a column without `head` is only in files, one without `in_files` only on the page.

    `name` heads it in files, `head` on the page; an unseen head is for screen readers. `short_head`
    stands for a long head on a phone. `text` is the figure as the page
    writes it, and opens the explanation of `figure`; `template` draws a cell instead: it writes the values of `drawn`
    and may ask which of them it `has`, the others being empty. `is_blank` tells where a dash
    says more than a zero, `compares` that the figure needs the period before. `css` is the class of the cells,
    `head_css` that of the head.
    """

    name: str
    group: ColumnGroup = ColumnGroup.PERIOD
    in_files: Callable[[PlatformRow], Decimal | None] | None = None
    head: Callable[[], str] | None = None
    head_is_unseen: bool = False
    short_head: Callable[[], str] | None = None
    text: Callable[[PlatformRow], str] | None = None
    figure: str = ""
    is_blank: Callable[[PlatformRow], bool] = lambda row: False
    template: str = ""
    drawn: Callable[[PlatformRow], Mapping[str, str]] = lambda row: NOTHING
    compares: bool = False
    css: str = ""
    head_css: str = ""

    @property
    def phone_head(self) -> str:
        head = self.short_head or self.head
        return head() if head else ""

    def cell(self, row: PlatformRow) -> "DashboardCell":
        """The figure of one row, with the explanation that it opens."""
        if self.template:
            return DashboardCell(self, "", {name: value for name, value in self.drawn(row).items() if value})
        text = self.text(row) if self.text and not self.is_blank(row) else money.NO_FIGURE
        return DashboardCell(self, "" if text == money.NO_FIGURE else self.figure, {"text": text})


@dataclass(frozen=True, slots=True)
class DashboardCell:
    """What stands in a column for one row, by name; `figure` is empty where there is nothing to open."""

    column: DashboardColumn
    figure: str
    values: Mapping[str, str]


def _money(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents).scaleb(-2)


def _count(millionths: int) -> Decimal:
    return to_decimal(Fraction(millionths, MILLION), 6)


def _estimate(value: float | None) -> Decimal | None:
    return None if value is None else to_decimal(Fraction(value), 4)


def _ratio(value: Fraction | None) -> Decimal | None:
    return None if value is None else to_decimal(value, 4)


# In the order of the files.
_COLUMNS = (
    DashboardColumn(
        name="hours",
        in_files=lambda row: to_decimal(row.figures.hours, 2),
        head=lambda: _("Hours a week"),
        short_head=lambda: pgettext("short", "Hours a week"),
        text=lambda row: hours(row.minutes_a_week),
        figure="hours",
        is_blank=lambda row: not row.figures.minutes,
    ),
    DashboardColumn(
        name="hours_without_rate",
        in_files=lambda row: to_decimal(Fraction(row.figures.unrated_minutes, 60), 2),
    ),
    DashboardColumn(name="labour_cost", in_files=lambda row: _money(row.figures.known_labour_cents)),
    DashboardColumn(name="spend", in_files=lambda row: _money(row.figures.spend_cents)),
    DashboardColumn(
        name="cost",
        in_files=lambda row: _money(row.figures.known_cost_cents),
        head=lambda: _("Cost"),
        text=lambda row: known_cost(row.figures),
        figure="cost",
        is_blank=lambda row: not row.figures.cost_cent_minutes,
    ),
    DashboardColumn(name="leads", in_files=lambda row: _count(row.figures.leads_millionths)),
    DashboardColumn(name="qualified_leads", in_files=lambda row: _count(row.figures.qualified_millionths)),
    DashboardColumn(name="cost_per_lead", in_files=lambda row: _money(row.figures.cost_per_lead_cents)),
    DashboardColumn(
        name="cost_per_qualified_lead",
        in_files=lambda row: _money(row.figures.cost_per_qualified_cents),
        head=lambda: _("Per good lead"),
        short_head=lambda: pgettext("short", "Per good lead"),
        text=lambda row: cash(row.figures.cost_per_qualified_cents),
        figure="cost_per_qualified",
    ),
    DashboardColumn(name="sales", in_files=lambda row: _count(row.figures.sales_millionths)),
    DashboardColumn(
        name="revenue",
        in_files=lambda row: _money(row.figures.revenue_cents),
        head=lambda: _("Came back"),
        text=lambda row: cash(row.figures.revenue_cents),
        figure="revenue",
        is_blank=lambda row: not row.figures.revenue_cents and not row.figures.cost_cent_minutes,
    ),
    DashboardColumn(name="return_per_1", in_files=lambda row: _ratio(row.returned)),
    DashboardColumn(name="roi", in_files=lambda row: _ratio(row.figures.roi(row.margin))),
    DashboardColumn(name="change_of_return", in_files=lambda row: _ratio(row.change), compares=True),
    DashboardColumn(
        name="return_in_the_end",
        group=ColumnGroup.IN_THE_END,
        in_files=lambda row: _estimate(row.in_the_end.value if row.in_the_end else None),
        head=back_per_unit,
        template="reports/_return_cell.html",
        drawn=return_drawn,
        css="back-per-euro",
    ),
    DashboardColumn(
        name="return_in_the_end_low",
        group=ColumnGroup.IN_THE_END,
        in_files=lambda row: _estimate(row.in_the_end.low if row.in_the_end else None),
    ),
    DashboardColumn(
        name="return_in_the_end_high",
        group=ColumnGroup.IN_THE_END,
        in_files=lambda row: _estimate(row.in_the_end.high if row.in_the_end else None),
    ),
    DashboardColumn(
        name="return_bar",
        group=ColumnGroup.IN_THE_END,
        head=lambda: _("break-even, likely range"),
        template="reports/_range_cell.html",
        drawn=range_drawn,
        css="bar",
        head_css="even",
    ),
    DashboardColumn(
        name="action",
        group=ColumnGroup.IN_THE_END,
        head=lambda: _("What to do, how sure"),
        template="reports/_action_cell.html",
        drawn=action_drawn,
        css="action",
        head_css="action",
    ),
    DashboardColumn(
        name="hours_by_week",
        head=lambda: _("Week by week"),
        head_is_unseen=True,
        template="reports/_spark_cell.html",
        drawn=spark_drawn,
        css="spark-cell",
    ),
)
COLUMNS: Mapping[str, DashboardColumn] = {column.name: column for column in _COLUMNS}
FILE_COLUMNS = tuple(column for column in _COLUMNS if column.in_files)
# Those that a period has by itself.
PERIOD_COLUMNS = tuple(column for column in FILE_COLUMNS if column.group is ColumnGroup.PERIOD and not column.compares)

# From left to right on the page, after the platform.
PAGE_COLUMNS = tuple(
    COLUMNS[name]
    for name in (
        "return_in_the_end",
        "return_bar",
        "action",
        "hours",
        "hours_by_week",
        "cost",
        "revenue",
        "cost_per_qualified_lead",
    )
)


def file_values(row: PlatformRow, columns: Iterable[DashboardColumn] = FILE_COLUMNS) -> dict[str, Decimal | None]:
    """The figures of one row by the names of their columns."""
    return {column.name: column.in_files(row) for column in columns if column.in_files}
