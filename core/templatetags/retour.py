"""Filters every template has."""

import html
import secrets
from collections.abc import Container, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_date, format_time
from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape as html_escape
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import money
from core.lookups import LookupInput
from core.week_names import week_name
from core.weeks import Week

register = template.Library()


@register.filter
def cash(cents: "int | Fraction | None") -> str:
    """Cents as money without the cents: `53,410 €`."""
    return money.format_money(cents, digits=0)


@register.filter
def cash_exact(cents: "int | Fraction | None") -> str:
    """Cents as money with the cents: `53,410.25 €`."""
    return money.format_money(cents)


@register.filter
def signed_cash(cents: "int | Fraction") -> str:
    """A difference, with its cents so that parts and sum agree: `+1,120.50 €`, or with a minus sign."""
    return f"{'+' if cents > 0 else ''}{money.format_money(cents)}"


@register.filter
def in_currency(cents: int, code: str) -> str:
    """An amount in another currency: `100.00 USD`."""
    return money.format_in(cents, code)


@register.filter
def exchange_rate(rate: Decimal) -> str:
    """A rate with the decimals that it needs, at least four: `0.9215`."""
    digits = max(4, -int(rate.normalize().as_tuple().exponent))
    return money.format_number(rate, digits=digits)


@register.filter
def per_unit(ratio: "Fraction | None") -> str:
    """A ratio as money per 1: `0.29 €`."""
    return money.format_money(None if ratio is None else ratio * 100, digits=2)


@register.filter
def number(value: "int | Fraction | None", digits: int = 0) -> str:
    return money.format_number(value, digits=digits)


@register.filter
def hours(minutes: "int | Fraction | None") -> str:
    """Minutes as whole hours: `96 h`."""
    return money.NO_FIGURE if minutes is None else money.format_whole_hours(minutes)


@register.filter
def limit(minutes: "int | None") -> str:
    """Minutes that somebody set as hours, with the decimals they have: `10.5 h`."""
    return money.NO_FIGURE if minutes is None else money.format_hours(minutes)


@register.filter
def share(millionths: "int | None", digits: int = 0) -> str:
    """Millionths of leads or sales as a number."""
    return money.format_number(None if millionths is None else Fraction(millionths, 1_000_000), digits=digits)


@register.filter
def percent(ratio: "Fraction | None", digits: int = 0) -> str:
    return (
        money.NO_FIGURE
        if ratio is None
        else _("%(number)s %%") % {"number": money.format_number(ratio * 100, digits=digits)}
    )


@register.filter(expects_localtime=True)
def day(value: "date | None") -> str:
    """A day in words, of an instant the agency's day: `15 November 2026`."""
    return "" if value is None else str(format_date(value, "long", locale=money.current_locale()))


@register.filter(expects_localtime=True)
def short_day(value: "date | None") -> str:
    return "" if value is None else _short_day(_date_of(value), money.current_locale())


@register.filter
def named_day(value: date) -> str:
    """A day with its weekday cut short, as the reader's language cuts it: `Fri 25 December 2026`."""
    return str(format_date(value, "EEE d MMMM y", locale=money.current_locale()))


def _date_of(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


# Rows of a list and lists of a day hold the same days again and again.
@lru_cache(maxsize=money.REMEMBERED_TEXTS)
def _short_day(value: date, locale: Locale) -> str:
    return str(format_date(value, "d MMM y", locale=locale))


@lru_cache(maxsize=1440)
def _short_time(value: time, locale: Locale) -> str:
    return str(format_time(value, "short", locale=locale))


@register.filter(expects_localtime=True)
def moment(value: "datetime | None") -> str:
    """An instant on the agency's clock: `18 Nov 2026, 09:30`."""
    if value is None:
        return ""
    locale = money.current_locale()
    return f"{_short_day(value.date(), locale)}, {_short_time(value.time().replace(second=0, microsecond=0), locale)}"


@register.simple_tag
def today() -> str:
    """The agency's day, as scripts read it: `2026-11-15`."""
    return timezone.localdate().isoformat()


@register.filter
def week(value: "date | Week | str | None") -> str:
    """A Monday, or a week by its ISO name, as the reader's language calls it: `2026-W47`."""
    return week_name(value) if value else ""


@register.simple_tag
def colon() -> str:
    """The colon after a word that introduces something: French puts a space before it."""
    return pgettext("after a word", ":")


@register.simple_tag
def one_unit() -> str:
    return money.one_unit()


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> SafeString:
    """The page's query string with some of its parameters changed; None or '' takes one out."""
    return SafeString(_changed(context, changes))


def _changed(context: template.Context, changes: Mapping[str, object]) -> str:
    changed = [(name, str(value)) for name, value in changes.items() if value not in (None, "")]
    return f"?{urlencode([*_kept(context, changes), *changed])}"


def _kept(context: template.Context, names: Container[str]) -> list[tuple[str, str]]:
    """The parameters of the page's address but these."""
    return [(name, value) for name, values in context["request"].GET.lists() if name not in names for value in values]


@register.simple_tag(takes_context=True)
def sort_address(context: template.Context, key: str, sort: str) -> str:
    """The list in the order of this column, or, where it stands in that, in the opposite one; from its first page."""
    return _changed(context, {"sort": f"-{key}" if sort == key else key, "page": None})


@register.simple_tag(takes_context=True)
def query_before(context: template.Context, name: str) -> str:
    """The page's query string, without its page, to which a value of this parameter is put at the end."""
    kept = urlencode(_kept(context, ("page", name)))
    return f"?{kept}{'&' if kept else ''}{name}="


@register.simple_tag(takes_context=True)
def page_address(context: template.Context, number: int, parameter: str = "") -> SafeString:
    """Another page of a list; of several lists on a page, of the one whose parameter this is, and down to it."""
    address = query(context, **{parameter or "page": None if number == 1 else number})
    return html_escape(address) + SafeString(f"#{parameter}" if parameter else "")


@register.simple_tag
def term(slug: str, text: str) -> SafeString:
    """A word that leads to its meaning in the glossary: `{% term "cohort" _("Cohort") %}`."""
    return format_html('<a class="term" href="{}#{}" hx-boost="false">{}</a>', reverse("reports:glossary"), slug, text)


@register.simple_tag
def select_or_lookup(name: str, empty: str, options: SafeString, drawn: LookupInput | None) -> SafeString:
    """A list of these options with the empty one, or the text in which one of many is looked up."""
    if drawn:
        return render_to_string("_lookup_input.html", {"input": drawn, "id": f"id_{name}"})
    with_empty = '<select name="{}" required id="id_{}"><option value="" selected>{}</option>{}</select>'
    return format_html(with_empty, name, name, empty, options)


@register.simple_tag
def filter_field(chosen: Any) -> SafeString:
    """One choice over a list, with hundreds of <option>s perhaps: its name, label, choices and value."""
    options = [_option(str(value), str(words), is_chosen=str(value) == chosen.value) for value, words in chosen.choices]
    label, name = html.escape(str(chosen.label)), html.escape(chosen.name)
    return SafeString(f'<label>{label}\n<select name="{name}">{"".join(options)}</select></label>\n')


def _option(value: str, label: str, *, is_chosen: bool) -> str:
    return f'<option value="{html.escape(value)}"{" selected" if is_chosen else ""}>{html.escape(label)}</option>'


@register.simple_tag
def options(choices: Iterable[tuple[object, str]], chosen: str = "") -> SafeString:
    """The <option>s of a list: (value, label); `chosen` is a value of an address."""
    listed = tuple(choices)
    return _options(listed, chosen if chosen and any(str(value) == chosen for value, _label in listed) else "")


# The same list is shown to everybody until it changes.
@lru_cache(maxsize=100)
def _options(choices: tuple[tuple[object, str], ...], chosen: str) -> SafeString:
    return SafeString(
        "\n".join([_option(str(value), label, is_chosen=str(value) == chosen) for value, label in choices])
    )


@register.simple_tag
def name_options(names: Iterable[str]) -> SafeString:
    """The names that are offered under a text, as the <option>s of its list."""
    return SafeString("".join([f'<option value="{html.escape(str(name))}"></option>' for name in names]))


@register.simple_tag
def once() -> SafeString:
    """The number of this loading of a form, so that it is saved once (campaigns/views/idempotency.py)."""
    return format_html('<input type="hidden" name="once" value="{}">', secrets.token_hex(32))
