"""Hours as the reader writes them."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, lru_cache
from html import escape
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core import money
from core.patterns import Pattern, places
from timesheets.expected_hours import ExpectedHours, expected_words
from timesheets.grid import Grid, GridCell, GridColumn, GridRow
from timesheets.hours import format_minutes
from timesheets.models import User

register = template.Library()

SUGGESTED = ("key", "platform_id", "campaign_id", "platform", "colour", "campaign")
PLACES = (*SUGGESTED, "total", "cells")
PARTS_REMEMBERED = 200


@register.filter
def written_for(minutes: int, reader: User) -> str:
    """Minutes in the reader's notation; a dash for none."""
    return format_minutes(minutes, reader) if minutes else money.NO_FIGURE


@register.filter
def cells_for(minutes: Iterable[int], reader: User) -> SafeString:
    """Minutes in the reader's notation as cells of a table, made at once: a team's week has hundreds."""
    return SafeString("".join([f'<td class="num">{written_for(each, reader)}</td>' for each in minutes]))


@register.filter
def expected_for(expected: ExpectedHours, reader: User) -> str:
    """What a person's hours of a week are measured against, in the reader's notation."""
    return expected_words(expected, reader)


@register.simple_tag
def grid_rows(grid: Grid, rows: Iterable[GridRow]) -> SafeString:
    """The rows of a grid, each as `_row.html` has it: a template takes ten times what the queries take for fourteen."""
    locked, takes_timer, language = grid.is_locked, grid.takes_timer, get_language()
    patterns = {pinned: _pattern(language, locked, takes_timer, pinned) for pinned in (False, True)}
    return SafeString("".join([patterns[row.is_pinned].fill(_values(row, locked)) for row in rows]))


@register.simple_tag
def day_totals(grid: Grid, template_name: str) -> SafeString:
    """A part of the page that shows the total of each day."""
    pattern = _totals_pattern(get_language(), template_name, grid.headings, grid.shown)
    totals = {f"total-{column.key}": column.total for column in grid.columns}
    return pattern.fill({**totals, "total": grid.total})


@lru_cache(maxsize=PARTS_REMEMBERED)
def _totals_pattern(_language: str | None, template_name: str, headings: tuple[GridColumn, ...], shown: int) -> Pattern:
    totals = places([f"total-{column.key}" for column in headings])
    columns = [replace(column, total=totals[f"total-{column.key}"]) for column in headings]
    return Pattern(render_to_string(template_name, {"columns": columns, "shown": shown, **places(["total"])}))


@register.simple_tag
def suggested_rows(rows: Iterable[GridRow]) -> SafeString:
    """The rows that a week offers, each as `_suggested_row.html` has it."""
    pattern = _suggestion()
    return SafeString("".join([pattern.fill({name: getattr(row, name) for name in SUGGESTED}) for row in rows]))


@cache
def _suggestion() -> Pattern:
    return Pattern(render_to_string("timesheets/_suggested_row.html", {"row": places(SUGGESTED)}))


@cache
def _pattern(_language: str | None, is_locked: bool, takes_timer: bool, is_pinned: bool) -> Pattern:
    row = {**places(PLACES), "is_pinned": is_pinned}
    context = {"row": row, "is_locked": is_locked, "takes_timer": takes_timer}
    return Pattern(render_to_string("timesheets/_row.html", context))


def _values(row: GridRow, locked: bool) -> dict[str, Any]:
    cells = SafeString("".join([_day_cell(row, cell, locked) for cell in row.cells]))
    return {name: getattr(row, name) for name in PLACES} | {"cells": cells}


def _day_cell(row: GridRow, cell: GridCell, locked: bool) -> str:
    state = " disabled" if cell.is_closed else " readonly" if locked or cell.is_locked else ""
    title = f' title="{escape(cell.note)}"' if cell.note else ""
    return (
        f'<td class="{cell.classes}"><input id="c{row.key}-d{cell.key}" name="d{cell.key}" hx-post="cell" '
        f'inputmode="decimal" autocomplete="off" enterkeyhint="next" aria-label="{escape(cell.label)}" '
        f'value="{cell.text}" data-tag="{cell.etag}"{title}{state}></td>'
    )
