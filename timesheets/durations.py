"""Durations as people and programs write them: ``1:30``, ``1,5``, ``1h30``, ``90m``, ``2 Std. 15 Min.``, ``PT1H30M``.

Pure: no Django, no clock.

The only reader of the notation: the grid sends what was typed and shows what this says about it. The table of cases,
``tests/timesheets/duration_cases.json``, is shared by the tests on the server and in the browser.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from core.invisible import without_invisible

MAX_MINUTES = 24 * 60

Unit = Literal["hours", "minutes", "seconds", "days"]
Code = Literal["not_a_duration", "minutes_over_59", "seconds_over_59", "negative", "over_a_day"]

_MINUTES_IN: dict[Unit, Fraction] = {
    "hours": Fraction(60),
    "minutes": Fraction(1),
    "seconds": Fraction(1, 60),
    "days": Fraction(MAX_MINUTES),
}
# Nothing a person means is longer, and a short text keeps the arithmetic below cheap.
_LONGEST = 40
# Minus signs and spaces that word processors and spreadsheets put in place of the typed ones.
_PLAIN = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00a0": " ", "\u202f": " "})


class DurationError(ValueError):
    """A text that is no possible duration of one day.

    ``code`` says what is wrong; ``suggestion`` is what was probably meant, in minutes, or None.
    """

    def __init__(self, code: Code, suggestion: int | None = None) -> None:
        super().__init__(code)
        self.code: Code = code
        self.suggestion = suggestion


def parse(text: str) -> int:
    """Return the whole minutes that ``text`` says, 0 to 1440; an empty text is 0.

    A bare number is hours. Decimal hours and seconds are rounded half up to the minute. What cannot
    be a duration of one day raises DurationError and is never clamped.
    """
    return _half_up(parse_exact(text))


@lru_cache(maxsize=1000)  # rows of a file are of few lengths; what is no duration is not kept
def parse_exact(text: str, *, unit: Unit = "hours") -> Fraction:
    """Return the minutes that ``text`` says, unrounded, for those who add several before rounding once.

    ``unit`` is what a number without one counts.
    """
    minutes = parse_unlimited(text, unit=unit)
    if minutes > MAX_MINUTES:
        raise DurationError("over_a_day", _as_minutes(text.strip()) if unit == "hours" else None)
    return minutes


@lru_cache(maxsize=1000)
def parse_unlimited(text: str, *, unit: Unit = "hours") -> Fraction:
    """The same for a duration that may be longer than a day: that of a timer which nobody stopped."""
    written = without_invisible(text).strip()
    if len(written) > _LONGEST:
        raise DurationError("not_a_duration")
    written = written.translate(_PLAIN).casefold()
    if not written:
        return Fraction(0)
    if written.startswith("-"):
        raise DurationError("negative", _suggestion_for(written[1:]))
    is_bare = unit != "hours" and re.fullmatch(_NUMBER, written) is not None
    return _number(written) * _MINUTES_IN[unit] if is_bare else _read(written)


def is_bare(text: str) -> bool:
    """Whether a duration is a number without a unit."""
    return not any(character == ":" or character.isalpha() for character in text)


def format_clock(minutes: int) -> str:
    """Write minutes as hours and minutes: 90 is ``1:30``, -5 is ``-0:05``."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else ''}{hours}:{rest:02d}"


def format_decimal(minutes: int) -> str:
    """Write minutes as hours with a decimal point: 90 is ``1.5``, 50 is ``0.83``.

    Two decimals are off by at most 0.3 minutes, so reading the text gives back the same minutes.
    """
    whole, hundredths = divmod(_half_up(Fraction(abs(minutes) * 100, 60)), 100)
    decimals = f".{hundredths:02d}".rstrip("0").rstrip(".")
    return f"{'-' if minutes < 0 else ''}{whole}{decimals}"


def _read(written: str) -> Fraction:
    for pattern, minutes_of in _NOTATIONS:
        match = pattern.fullmatch(written)
        if match is not None:
            return minutes_of(match)
    raise DurationError("not_a_duration", _short_minutes(written))


def _decimal_hours(match: re.Match[str]) -> Fraction:
    whole, _, decimals = match[1].replace(",", ".").partition(".")
    return Fraction(int(whole + decimals) * 60, 10 ** len(decimals))


def _hours_and_minutes(match: re.Match[str]) -> Fraction:
    hours, minutes = int(match[1] or 0), int(match[2])
    total = hours * 60 + minutes
    if minutes > 59:
        raise DurationError("minutes_over_59", total if total <= MAX_MINUTES else None)
    return Fraction(total)


def _with_seconds(match: re.Match[str]) -> Fraction:
    minutes = _hours_and_minutes(match)
    seconds = int(match[3]) if match[3].isdecimal() else _number(match[3])
    if seconds >= 60:
        raise DurationError("seconds_over_59")
    return minutes + Fraction(seconds, 60)


def _minutes_and_seconds(match: re.Match[str]) -> Fraction:
    seconds = int(match[2])
    if seconds > 59:
        raise DurationError("seconds_over_59")
    return int(match[1]) + Fraction(seconds, 60)


def _in_words(match: re.Match[str]) -> Fraction:
    """Hours, minutes and seconds with a word for each: ``2h 15m 30s``, ``90 min``, ``1 hour and 30 minutes``."""
    hours, minutes, seconds = (int(match[name] or 0) for name in ("hours", "minutes", "seconds"))
    total = hours * 60 + minutes + Fraction(seconds, 60)
    if match["hours"] and minutes > 59:
        raise DurationError("minutes_over_59", int(total) if total <= MAX_MINUTES else None)
    if (match["hours"] or match["minutes"]) and seconds > 59:
        raise DurationError("seconds_over_59")
    return total


def _iso(match: re.Match[str]) -> Fraction:
    days, hours, minutes, seconds = (_number(match[name]) for name in ("days", "hours", "minutes", "seconds"))
    return days * 24 * 60 + hours * 60 + minutes + seconds / 60


def _with_half(match: re.Match[str]) -> Fraction:
    return (int(match[1] or 0) + _HALVES[match[2]]) * 60


def _with_fraction(match: re.Match[str]) -> Fraction:
    return (int(match[1] or 0) + Fraction(match[2] or match[3])) * 60


def _decimal_minutes(match: re.Match[str]) -> Fraction:
    return _number(match[1])


def _number(text: str | None) -> Fraction:
    return Fraction((text or "0").replace(",", "."))


_HALVES = {"½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4), "⅓": Fraction(1, 3), "⅔": Fraction(2, 3)}
# Words for the units: en, fr, de, es, it, pt, nl, longest first where one begins another.
_H = r"(?:hours?|hrs?\.?|heures?|horas?|h\.?|stunden?|stdn?\.?|ore|ora|uren|uur|u)"
_M = r"(?:minut(?:es?|en?|os?|i)|minuut|mins?\.?|mn|m)"
_S = r"(?:seconds?|secondes?|segundos?|second[oi]|seconden?|sekunden?|secs?\.?|sek\.?|s)"
_AND = r" ?(?:,|and|et|und|y|e|en)? ?"
_NUMBER = r"[0-9]+(?:[.,][0-9]+)?"

_NOTATIONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Fraction]], ...] = (
    (re.compile(rf"([0-9]*):([0-9]{{2}}) ?(?:{_H})?"), _hours_and_minutes),
    (re.compile(rf"([0-9]+) ?{_H} ?([0-9]{{1,2}})['′’]?"), _hours_and_minutes),
    (
        # With no days before it, as programs write them, or the letters of ISO 8601.
        re.compile(
            r"(?:0 days?,? |0+\.|(?:p(?:0{4}-00-00)?)?t)?"
            rf"([0-9]+):([0-9]{{2}}):([0-9]{{2}}(?:[.,][0-9]{{1,9}})?) ?(?:{_H})?"
        ),
        _with_seconds,
    ),
    (re.compile(rf"([0-9]+):([0-9]{{2}}) ?{_M}"), _minutes_and_seconds),
    (
        re.compile(
            rf"(?=[0-9])(?:(?P<hours>[0-9]+) ?{_H}(?:{_AND}(?=[0-9])|$))?"
            rf"(?:(?P<minutes>[0-9]+) ?{_M}(?:{_AND}(?=[0-9])|$))?(?:(?P<seconds>[0-9]+) ?{_S})?"
        ),
        _in_words,
    ),
    (re.compile(rf"({_NUMBER}) ?(?:{_M}|['′’])"), _decimal_minutes),
    (re.compile(rf"([0-9]+[.,][0-9]*|[.,][0-9]+|[0-9]+) ?(?:{_H})?"), _decimal_hours),
    (re.compile(rf"([0-9]+)? ?([{''.join(_HALVES)}]) ?(?:{_H})?"), _with_half),
    (re.compile(rf"([0-9]+) (1/[234]|2/3|3/4) ?(?:{_H})?|(1/[234]|2/3|3/4) ?{_H}"), _with_fraction),
    (
        # ISO 8601, with the decimals that programs write.
        re.compile(
            rf"p(?=[0-9t])(?:0+y)?(?:0+m)?(?:(?P<days>{_NUMBER})d)?(?:t(?=[0-9])(?:(?P<hours>{_NUMBER})h)?"
            rf"(?:(?P<minutes>{_NUMBER})m)?(?:(?P<seconds>{_NUMBER})s)?)?"
        ),
        _iso,
    ),
)


def _suggestion_for(unsigned: str) -> int | None:
    try:
        return parse(unsigned)
    except DurationError as error:
        return error.suggestion


def _as_minutes(written: str) -> int | None:
    """Who writes 90 where hours are read has usually counted minutes."""
    if written.isdecimal() and int(written) <= MAX_MINUTES:
        return int(written)
    return None


def _short_minutes(written: str) -> int | None:
    """``1:5`` may be 1:05 or 1:50, so it is not read, but 1:05 is offered."""
    match = re.fullmatch(r"([0-9]{1,2}):([0-9])", written)
    if match is None:
        return None
    total = int(match[1]) * 60 + int(match[2])
    return total if total <= MAX_MINUTES else None


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
