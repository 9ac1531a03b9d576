from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numbers import NumberColumn, NumberError, parse_cents, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("1234", "1234"),
        ("1234.56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1’234.56", "1234.56"),
        ("1.234.567,89", "1234567.89"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1 234 567", "1234567"),
        ("1 234,567", "1234.567"),
        ("1234.567", "1234.567"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        (".5", "0.5"),
        ("5.", "5"),
        ("12.5", "12.5"),
        ("12,5", "12.5"),
        ("1.1250", "1.125"),
        ("-12.50", "-12.5"),
        ("\u221212,50", "-12.5"),
        ("12.50-", "-12.5"),
        ("(12.50)", "-12.5"),
        ("($1,234.50)", "-1234.5"),
        ("+3", "3"),
        ("-0", "0"),
        (" 7 ", "7"),
        ("€12.50", "12.5"),
        ("12,50 €", "12.5"),
        ("1\u202f234,56\u00a0€", "1234.56"),
        ("12,50-€", "-12.5"),
        ("-€12.50", "-12.5"),
        ("€ -12.50", "-12.5"),
        ("EUR 12.50", "12.5"),
        ("12.50 EUR", "12.5"),
        ("12.50EUR", "12.5"),
        ("$1,234.50", "1234.5"),
        ("CA$1,234.50", "1234.5"),
        ("1 234,50 $", "1234.5"),
        ("1 234,50 $ CA", "1234.5"),
        ("CAD 99.90", "99.9"),
        ("R$ 5", "5"),
        ("US$ 5", "5"),
        ("kr 1.234,00", "1234"),
        ("1.234,00 kr.", "1234"),
        ("1 234,00 kr", "1234"),
        ("CHF 1'234.50", "1234.5"),
        ("£0.99", "0.99"),
    ],
)
def test_a_number_is_read_as_files_write_it(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", " ", "abc", "-", "€", ".", ",", "1.2.3", "1,2,3", "12.34.567", "1.234,567,8", "1 23", "1 2345", "--5", "(-5)",
     "-5-", "1e5", "NaN", "inf", "0x10", "١٢", "12 apples", "A5", "5 S", "=1+1", "1\x00", "5%",
     "1" * 60, "1.234 567,00"],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NumberError) as refusal:
        parse_number(text)
    assert refusal.value.code == "not_a_number"


@pytest.mark.parametrize(
    ("text", "with_point", "with_comma"),
    [("1,234", "1234", "1.234"), ("1.234", "1.234", "1234"), ("-12.345 €", "-12.345", "-12345")],
)
def test_three_digits_after_one_separator_are_read_only_as_told(text: str, with_point: str, with_comma: str) -> None:
    with pytest.raises(NumberError) as refusal:
        parse_number(text)
    assert refusal.value.code == "ambiguous_number"
    assert parse_number(text, ".") == Decimal(with_point)
    assert parse_number(text, ",") == Decimal(with_comma)


def test_a_value_that_is_clear_by_itself_keeps_its_meaning_whatever_is_told() -> None:
    assert parse_number("1.234,56", ".") == parse_number("1,234.56", ",") == Decimal("1234.56")


@pytest.mark.parametrize(
    ("values", "decided", "must_ask"),
    [
        pytest.param([], "any", False, id="nothing"),
        pytest.param(["1", "22", "", "n/a"], "any", False, id="whole numbers"),
        pytest.param(["1,234", "1.5"], "point", False, id="a point elsewhere makes the comma group"),
        pytest.param(["1,234", "1,5"], "comma", False, id="a comma elsewhere makes it decimal"),
        pytest.param(["1.234", "1.234.567"], "comma", False, id="a repeated point groups"),
        pytest.param(["1.234", "0.750"], "point", False, id="nothing groups after a zero"),
        pytest.param(["1,234", "2,500"], "ambiguous", True, id="only three digits everywhere"),
        pytest.param(["1,234", "2.500"], "ambiguous", True, id="both, and nothing decides"),
        pytest.param(["1,234", "1,5", "1.5"], "conflict", True, id="contradiction about an open value"),
        pytest.param(["1,5", "1.5"], "conflict", False, id="contradiction, but every value is clear"),
    ],
)
def test_the_whole_column_decides_the_decimal_sign(values: list[str], decided: str, must_ask: bool) -> None:
    column = NumberColumn()
    for value in values:
        column.add(value)
    assert (column.decided, column.must_ask) == (decided, must_ask)


@pytest.mark.parametrize(
    ("text", "cents"), [("12", 1200), ("12.3", 1230), ("12,34", 1234), ("12.3400", 1234), ("(0.01)", -1)]
)
def test_an_amount_becomes_whole_cents(text: str, cents: int) -> None:
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    ("text", "code"), [("12.345678", "too_precise"), ("0.001", "too_precise"), ("99999999999999999", "too_large")]
)
def test_an_amount_that_cents_cannot_hold_is_refused_and_not_rounded(text: str, code: str) -> None:
    with pytest.raises(NumberError) as refusal:
        parse_cents(text)
    assert refusal.value.code == code


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from([(",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("'", "."), ("", ".")]),
)
def test_an_amount_written_in_any_convention_is_read_back(cents: int, convention: tuple[str, str]) -> None:
    group, sign = convention
    whole, rest = divmod(abs(cents), 100)
    text = f"{'-' if cents < 0 else ''}{whole:,}".replace(",", group) + f"{sign}{rest:02d}"
    assert parse_cents(text) == cents


@given(st.text() | st.text(alphabet="0123456789.,' -+()€$", max_size=14))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    NumberColumn().add(text)
    for sign in (None, ".", ","):
        try:
            assert parse_number(text, sign).is_finite()  # type: ignore[arg-type]
        except NumberError:
            continue
