"""Numbers and amounts as files write them: ``1234.56``, ``1.234,56``, ``1 234,56 €``, ``(12.50)``. Pure.

One separator with exactly three digits after it, ``1,234`` or ``1.234``, may be a decimal sign or a thousands
separator. It is never guessed: the other values of the column decide, and when no value of the column does,
the column stays ambiguous and the person is asked.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from core.invisible import without_invisible

DecimalSign = Literal[".", ","]
NumberCode = Literal["not_a_number", "ambiguous_number", "too_precise", "too_large"]
Decided = Literal["point", "comma", "ambiguous", "conflict", "any"]

# Well inside a 64-bit count of cents, sums of millions of rows included.
MAX_CENTS = 10**15

_LONGEST = 48
CURRENCY_CODES = (
    "AED|AUD|BGN|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|ILS|INR|ISK|JPY|KRW|MAD|MXN|NOK|NZD|PLN|RON|RSD|RUB|SEK|"
    "SGD|THB|TND|TRY|TWD|UAH|USD|VND|XAF|XOF|XPF|ZAR"
)
_DOLLARS = "CAD?|AUD?|USD?|NZD?|HKD?|SGD?|C|A|S|R"
_CURRENCY = (
    rf"(?:(?:{_DOLLARS})\s?\$|\$\s?(?:{_DOLLARS})?|(?:{CURRENCY_CODES}|SFr|lei|Kč|kr|zł|лв|Ft|Fr|Rs)\.?|[€£¥₹₺₽₴₪₩฿₫])"
)
_AROUND = re.compile(
    rf"(?:{_CURRENCY}\s?)?(?P<sign>[-+]?)\s?(?:{_CURRENCY}\s?)?(?P<digits>[0-9.,' ]*[0-9.,])\s?"
    rf"(?:{_CURRENCY}\s?)?(?P<after>-?)(?:\s?{_CURRENCY})?",
    re.IGNORECASE,
)
# Most cells hold nothing but digits; they need not be searched for currencies.
_BARE = re.compile(r"(-?)([0-9](?:[0-9.,' ]*[0-9])?)")
_PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "\u2019": "'"})
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


_ALL_DOLLARS = ("AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "USD")
# What a mark other than a code stands for.
_MARKS = {
    "€": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY"), "₹": ("INR",), "₺": ("TRY",), "₽": ("RUB",), "₴": ("UAH",),
    "₪": ("ILS",), "₩": ("KRW",), "฿": ("THB",), "₫": ("VND",), "$": _ALL_DOLLARS, "c$": ("CAD",), "ca$": ("CAD",),
    "a$": ("AUD",), "au$": ("AUD",), "us$": ("USD",), "nz$": ("NZD",), "hk$": ("HKD",), "s$": ("SGD",),
    "r$": ("BRL",), "sfr": ("CHF",), "fr": ("CHF", "XAF", "XOF", "XPF"), "lei": ("RON",), "kč": ("CZK",),
    "kr": ("DKK", "ISK", "NOK", "SEK"), "zł": ("PLN",), "лв": ("BGN",), "ft": ("HUF",), "rs": ("INR",),
}  # fmt: skip


class NumberError(ValueError):
    """A text that is no number, or one that may be read in two ways."""

    def __init__(self, code: NumberCode) -> None:
        super().__init__(code)
        self.code: NumberCode = code


class NumberColumn:
    """Collects what the values of one column say about its decimal sign."""

    def __init__(self) -> None:
        self._signs: set[DecimalSign] = set()
        self._has_ambiguous = False

    def add(self, text: str) -> None:
        """Take one value into account; what is no number says nothing."""
        try:
            _, digits = _taken_apart(text)
        except NumberError:
            return
        if _AMBIGUOUS.fullmatch(digits):
            self._has_ambiguous = True
        elif (sign := _own_sign(digits)) is not None:
            self._signs.add(sign)

    @property
    def decided(self) -> Decided:
        """The column's decimal sign; ``any`` when no value depends on it, ``conflict`` when values contradict."""
        if len(self._signs) == 2:
            return "conflict"
        if self._signs:
            return "point" if "." in self._signs else "comma"
        return "ambiguous" if self._has_ambiguous else "any"

    @property
    def decimal_sign(self) -> DecimalSign | None:
        """What to give to ``parse_number``; None when it must be asked or does not matter."""
        return {"point": ".", "comma": ","}.get(self.decided)  # type: ignore[return-value]

    @property
    def must_ask(self) -> bool:
        return self._has_ambiguous and self.decimal_sign is None


def parse_number(text: str, decimal_sign: DecimalSign | None = None) -> Decimal:
    """Return the number a text writes; raise NumberError when it is none.

    ``decimal_sign`` reads what the text alone leaves open, such as ``1,234``; without it that is ``ambiguous_number``.
    """
    is_negative, digits = _taken_apart(text)
    sign = _own_sign(digits)
    if _AMBIGUOUS.fullmatch(digits):
        if decimal_sign is None:
            raise NumberError("ambiguous_number")
        sign = decimal_sign
    whole, _, decimals = digits.rpartition(sign) if sign and sign in digits else (digits, "", "")
    value = Decimal(f"{_ungrouped(whole)}.{_only_digits(decimals)}")
    return -value if is_negative and value else value


def parse_cents(text: str, decimal_sign: DecimalSign | None = None) -> int:
    """Return an amount in cents; more than two decimals are refused, not rounded away."""
    cents = parse_number(text, decimal_sign) * 100
    if cents != cents.to_integral_value():
        raise NumberError("too_precise")
    if abs(cents) > MAX_CENTS:
        raise NumberError("too_large")
    return int(cents)


def round_cents(text: str, decimal_sign: DecimalSign | None = None) -> int:
    """Return an amount in cents whose further decimals are rounded half away from zero; others as `parse_cents`."""
    cents = (parse_number(text, decimal_sign) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    if abs(cents) > MAX_CENTS:
        raise NumberError("too_large")
    return int(cents)


def other_currency(text: str, currency: str) -> str:
    """The mark of another currency that stands beside an amount; empty when there is none."""
    for mark in re.findall(_CURRENCY, text.translate(_PLAIN), re.IGNORECASE):
        plain = re.sub(r"[\s.]", "", mark).casefold()
        turned = f"{plain[1:]}$" if plain.startswith("$") else plain  # $CA is CA$
        meant = _MARKS.get(turned.replace("d$", "$") if len(turned) == 4 else turned, (plain.strip("$").upper(),))
        if currency not in meant:
            return str(mark).strip()
    return ""


def currency_of_mark(mark: str) -> str:
    """The code of the only currency that a mark beside an amount stands for; empty for one of several: $, kr."""
    plain = re.sub(r"[\s.]", "", mark).casefold()
    if re.fullmatch(CURRENCY_CODES, plain.upper()):
        return plain.upper()
    meant = _MARKS.get(f"{plain[1:]}$" if plain.startswith("$") and plain != "$" else plain, ())
    return meant[0] if len(meant) == 1 else ""


def _taken_apart(text: str) -> tuple[bool, str]:
    """Return whether the number is negative, and its digits with their separators."""
    written = without_invisible(text).translate(_PLAIN).strip()
    if len(written) > _LONGEST:
        raise NumberError("not_a_number")
    if (bare := _BARE.fullmatch(written)) is not None:
        return bool(bare[1]), bare[2]
    is_in_parentheses = written.startswith("(") and written.endswith(")")
    match = _AROUND.fullmatch(written[1:-1].strip() if is_in_parentheses else written)
    if match is None:
        raise NumberError("not_a_number")
    signs = match["sign"] + match["after"] + "-" * is_in_parentheses
    digits = match["digits"].strip()
    if len(signs) > 1 or not re.search(r"\d", digits):
        raise NumberError("not_a_number")
    return signs == "-", digits


def _own_sign(digits: str) -> DecimalSign | None:
    """The decimal sign that the digits themselves show; None for whole numbers. Ambiguous ones are asked before.

    Of two kinds of separator the last is the decimal sign; one that is repeated groups thousands, and what
    groups thousands is not the decimal sign.
    """
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rindex(".") > digits.rindex(",") else ","
    if points > 1:
        return ","
    if commas > 1:
        return "."
    return "." if points else "," if commas else None


def _ungrouped(whole: str) -> str:
    """Return the digits of a whole part without its thousands separators, which must all be one and in place."""
    if re.fullmatch(r"[0-9]*", whole):
        return whole or "0"
    if re.fullmatch(r"[0-9]{1,3}(?:([.,' ])[0-9]{3})(?:\1[0-9]{3})*", whole):
        return re.sub(r"[^0-9]", "", whole)
    raise NumberError("not_a_number")


def _only_digits(decimals: str) -> str:
    if re.fullmatch(r"[0-9]*", decimals):
        return decimals or "0"
    raise NumberError("not_a_number")
