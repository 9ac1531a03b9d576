"""Exchange rates as people type them, paste them or bring them in a file."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import money
from core.dates import DateError, parse_date
from core.form_fields import lone_separator
from core.numbers import NumberError, parse_number

MOST_LINES = 5_000
MOST_BYTES = 500_000
DIGITS = 10  # decimals that are kept
DAYS = (date(2000, 1, 1), date(2099, 12, 31))
MOST = Decimal(10) ** 9


class RateLineError(ValueError):
    """A line that is no rate, with what is wrong with it."""


class ExchangeRatesForm(forms.Form):
    """Rates, one a line: day, currency, rate. `changes` holds them by currency and day once the form is valid."""

    lines = forms.CharField(
        label=gettext_lazy("Rates, one a line"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    file = forms.FileField(label=gettext_lazy("or a CSV file of them"), required=False)
    direction = forms.ChoiceField(label=gettext_lazy("What a rate says"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes: dict[tuple[str, date], Decimal] = {}
        own = money.currency()
        self.fields["direction"].choices = [  # type: ignore[attr-defined]
            ("own", _("what one of the other currency is worth, in %(currency)s") % {"currency": own}),
            ("other", _("what one %(currency)s is worth, in the other currency") % {"currency": own}),
        ]
        self.initial.setdefault("direction", "own")
        self.fields["lines"].help_text = _("Day, currency, rate: 2026-03-02 %(currency)s 0.9215") % {
            "currency": "USD" if own != "USD" else "EUR"
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        text = "\n".join(filter(None, (cleaned.get("lines"), self._text_of(cleaned.get("file")))))
        is_inverse = cleaned.get("direction") == "other"
        try:
            self.changes = {(currency, day): rate for currency, day, rate in _rates(text, is_inverse=is_inverse)}
        except RateLineError as error:
            self.add_error("lines", str(error))
        else:
            if not self.changes:
                self.add_error("lines", _("Write at least one rate."))
        return cleaned

    def _text_of(self, file: Any) -> str:
        if not file:
            return ""
        if file.size > MOST_BYTES:
            raise ValidationError({"file": _("This file is too large for a table of rates.")})
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ValidationError({"file": _("This is not a text file. Save the rates as CSV (UTF-8).")}) from error

    def normalised(self) -> str:
        """The rates as lines that are read back the same."""
        return "\n".join(f"{day} {currency} {rate:f}" for (currency, day), rate in self.changes.items())


def _rates(text: str, *, is_inverse: bool) -> Iterator[tuple[str, date, Decimal]]:
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise RateLineError(_("At most %(most)s rates at a time.") % {"most": MOST_LINES})
    seen: dict[tuple[str, date], Decimal] = {}
    for number, line in enumerate(lines, start=1):
        if not any(character.isdigit() for character in line):
            continue  # an empty line, or the names of columns
        try:
            day, currency, rate = _parsed(line)
        except (DateError, NumberError, RateLineError) as error:
            what = str(error) if isinstance(error, RateLineError) else _("write it as 2026-03-02 USD 0.9215.")
            raise RateLineError(
                _("Line %(line)s, “%(text)s”: %(what)s") % {"line": number, "text": line.strip()[:60], "what": what}
            ) from error
        rate = round(1 / rate, DIGITS) if is_inverse else rate
        if seen.setdefault((currency, day), rate) != rate:
            raise RateLineError(
                _("Line %(line)s: %(currency)s has two rates for %(day)s.")
                % {"line": number, "currency": currency, "day": day}
            )
        yield currency, day, rate


def _parsed(line: str) -> tuple[date, str, Decimal]:
    """The day, the currency and the rate of a line, in whatever order and with whatever between them."""
    separator = next((mark for mark in ";\t" if mark in line), "," if line.count(",") == 2 else None)
    parts = [part.strip(' "') for part in line.split(separator) if part.strip(' "')]
    codes = [part.upper() for part in parts if len(part) == 3 and part.isascii() and part.isalpha()]
    others = [part for part in parts if part.upper() not in codes]
    if len(codes) != 1 or len(others) != 2:
        raise RateLineError(_("write it as 2026-03-02 USD 0.9215."))
    if codes[0] == money.currency():
        raise RateLineError(_("%(currency)s is the agency's own currency.") % {"currency": codes[0]})
    days = [part for part in others if any(part.count(mark) == 2 for mark in "-/.")]
    if len(days) != 1:
        raise RateLineError(_("write it as 2026-03-02 USD 0.9215."))
    rate_text = next(part for part in others if part != days[0])
    day, rate = parse_date(days[0]), parse_number(rate_text, lone_separator(rate_text))
    if not DAYS[0] <= day <= DAYS[1] or not 0 < round(rate, DIGITS) < MOST or rate != round(rate, DIGITS):
        raise RateLineError(_("a rate is above 0, with at most ten decimals."))
    return day, codes[0], rate
