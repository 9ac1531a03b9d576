"""Form fields for what people type here: money, hours, shares, weeks, days, moments."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from core import money
from core.dates import DateError
from core.numbers import MAX_CENTS, DecimalSign, NumberError, parse_cents, parse_number
from core.typed_weeks import NoSuchWeek, read_week
from core.week_names import week_name
from core.weeks import Week

# A year typed with two digits arrives as 0026: no work of the agency is that old, nor planned that far ahead.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
EXAMPLE_WEEK = lazy(week_name, str)("2026-W47")


def lone_separator(text: str) -> DecimalSign | None:
    """The separator of a number that has only one: `1,234`."""
    if ("." in text) == ("," in text):
        return None
    return "." if "." in text else ","


class TypedField(forms.CharField):
    """A number as people type it; text in, a number out, and the text is kept when it is refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("inputmode", "decimal")
        self.widget.attrs.setdefault("autocomplete", "off")
        self.widget.attrs.pop("maxlength", None)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        if not text:
            return None
        try:
            return self.read(text)
        except NumberError as error:
            raise ValidationError(self.sentence(error.code), code=error.code) from error

    def run_validators(self, value: Any) -> None:
        """Those of a text do not fit a number; `read` has said all there is to say."""

    def read(self, text: str) -> Any:
        raise NotImplementedError

    def sentence(self, code: str) -> Any:
        raise NotImplementedError


class MoneyField(TypedField):
    """An amount, in cents: `1 234,50` or `1,234.50` gives 123450."""

    def __init__(self, *, least_cents: int = 1, **kwargs: Any) -> None:
        self.least_cents = least_cents
        super().__init__(**kwargs)

    def read(self, text: str) -> int:
        # Money has at most two decimals, so that three digits after a lone separator can only be thousands.
        sign = lone_separator(text)
        cents = parse_cents(text, {",": ".", ".": ","}.get(sign or ""))  # type: ignore[arg-type]
        if cents < self.least_cents:
            raise ValidationError(
                _("Write an amount above 0.") if self.least_cents else _("Write an amount that is not negative."),
                code="too_small",
            )
        return cents

    def sentence(self, code: str) -> Any:
        if code == "too_precise":
            return _("An amount has at most two decimals, like %(example)s.") % {"example": written(123450)}
        if code == "too_large":
            return _("This amount is too large: at most %(most)s.") % {"most": money.format_money(MAX_CENTS)}
        return _("Write an amount in digits, like %(example)s.") % {"example": written(123450)}

    def prepare_value(self, value: Any) -> Any:
        return written(value) if isinstance(value, int) else value


def written(cents: int) -> str:
    """Cents as a person would type them, in the reader's way of writing: `1 234,50`."""
    return money.format_number(Decimal(cents) / 100, digits=2)


class NumberField(TypedField):
    """A small number with decimals, `1,25` or `1.25`, as a Decimal between two bounds, both allowed."""

    example = Decimal("1.25")

    def __init__(self, *, least: Decimal, most: Decimal, digits: int = 2, **kwargs: Any) -> None:
        self.least, self.most, self.digits = least, most, digits
        super().__init__(**kwargs)

    def read(self, text: str) -> Decimal:
        number = parse_number(text.removesuffix("%").removesuffix("h").strip(), lone_separator(text))
        if not self.least <= number <= self.most:
            raise NumberError("too_large")
        if number != round(number, self.digits):  # after the bounds: a number of 30 digits cannot be rounded
            raise NumberError("too_precise")
        return number

    def sentence(self, code: str) -> Any:
        if code == "too_precise":
            return _("At most %(digits)s decimals.") % {"digits": self.digits}
        if code == "too_large":
            return _("Write a number from %(least)s to %(most)s.") % {
                "least": self.plain(self.least),
                "most": self.plain(self.most),
            }
        return _("Write a number, like %(example)s.") % {"example": self.plain(self.example)}

    def plain(self, number: Decimal) -> str:
        """As many decimals as are needed."""
        shown = number.normalize()
        return money.format_number(number, digits=max(0, -int(shown.as_tuple().exponent)))

    def prepare_value(self, value: Any) -> Any:
        return self.plain(value) if isinstance(value, Decimal) else value


class PercentField(NumberField):
    """A share typed in percent, `60` or `60 %`, as a Decimal from 0.01 to 1."""

    example = Decimal(60)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(least=Decimal(1), most=Decimal(100), **kwargs)

    def read(self, text: str) -> Decimal:
        return super().read(text) / 100

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(value * 100) if isinstance(value, Decimal) else value


class HoursField(NumberField):
    """Hours typed as `7,5` or `7:30`, as whole minutes."""

    example = Decimal("7.5")

    def __init__(self, *, most: Decimal = Decimal(10_000), **kwargs: Any) -> None:
        super().__init__(least=Decimal("0.25"), most=most, **kwargs)

    def read(self, text: str) -> int:  # type: ignore[override]
        if clock := re.fullmatch(r"([0-9]{1,7})[:h]([0-5][0-9])", text.replace(" ", "")):
            minutes = int(clock[1]) * 60 + int(clock[2])
            if not self.least * 60 <= minutes <= self.most * 60:
                raise NumberError("too_large")
            return minutes
        return int(money.to_decimal(super().read(text) * 60, 0))

    def prepare_value(self, value: Any) -> Any:
        hours = money.to_decimal(Decimal(value) / 60, 2) if isinstance(value, int) else value
        return super().prepare_value(hours)


class WeekInput(forms.TextInput):
    """A text that static/js/week-picker.js gives a calendar of weeks; it is whole without one."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        usual = {"data-week": True, "placeholder": EXAMPLE_WEEK, "autocomplete": "off", "spellcheck": "false"}
        super().__init__({**usual, **(attrs or {})})


class WeekField(forms.CharField):
    """A week, as its Monday: `2026-W47`, `W47`, `47`, or any day of it. Without a year, the one nearest to today."""

    widget = WeekInput

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        if not text:
            return None
        try:
            monday = read_week(text, near=timezone.localdate()).monday
        except ValueError as error:
            raise ValidationError(no_week(error), code="invalid") from error
        if not FIRST_DAY <= monday <= LAST_DAY:
            raise ValidationError(_("This week is too far away: check the year."), code="invalid")
        return monday

    def run_validators(self, value: Any) -> None:
        """Those of a text do not fit a date."""

    def prepare_value(self, value: Any) -> Any:
        return week_name(Week.containing(value)) if isinstance(value, date) else value


def no_week(error: ValueError) -> Any:
    """What is wrong with a text that `read_week` refused."""
    if isinstance(error, DateError):
        return _(
            "This can be read as two different days. Write the year first, like 2026-11-18, or a week like 2026-W47."
        )
    if isinstance(error, NoSuchWeek) and error.year:
        return _("There is no week %(number)s in %(year)s.") % {"number": error.number, "year": error.year}
    if isinstance(error, NoSuchWeek):
        return _("No year has a week %(number)s.") % {"number": error.number}
    return _("Write the week like 2026-W47, W47 or 47, or a day of it like 2026-11-18.")


class DayField(forms.DateField):
    """A day, from the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)
        self.error_messages["invalid"] = _("Write the day as year-month-day, like 2026-11-18.")

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(value)
        except ValidationError as error:
            if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
                raise ValidationError(_("There is no such day in the calendar."), code="invalid") from error
            raise

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not FIRST_DAY <= value <= LAST_DAY:
            raise ValidationError(_("This day is too far away: check the year."), code="invalid")


class MomentField(forms.DateTimeField):
    """A day and time in the agency's time zone, as an instant."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"], **kwargs)
        self.error_messages["invalid"] = _("Write the day and time like 2026-11-18 09:30.")

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            return self._on_a_clock_change(parse_datetime(value.strip()) or datetime.min)  # noqa: DTZ901

    def _on_a_clock_change(self, typed: datetime) -> datetime:
        """The hour that comes twice is the first of the two; the one that does not come is refused."""
        zone = timezone.get_current_timezone()
        first = typed.replace(tzinfo=zone)
        if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != typed:
            raise ValidationError(_("That hour did not exist: clocks were put forward."), code="invalid")
        return first.astimezone(UTC)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not FIRST_DAY.year <= value.year <= LAST_DAY.year:
            raise ValidationError(_("This day is too far away: check the year."), code="invalid")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """The minute is what people see: seconds that were recorded are no change."""
        before = self.prepare_value(initial)
        shown = before.strftime("%Y-%m-%dT%H:%M") if isinstance(before, datetime) else ""
        return shown != (data or "").strip().replace(" ", "T")[:16]
