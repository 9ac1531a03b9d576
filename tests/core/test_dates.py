from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import DateColumn, DateError, parse_date, parse_moment, parse_time

some_days = st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31))


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026-03-02", None, date(2026, 3, 2)),
        ("2026-03-02", "mdy", date(2026, 3, 2)),
        ("2026/03/02", None, date(2026, 3, 2)),
        ("2026.3.2", None, date(2026, 3, 2)),
        ("26.01.2015", None, date(2015, 1, 26)),
        ("02.03.2026", "mdy", date(2026, 3, 2)),
        ("02/03/2026", "dmy", date(2026, 3, 2)),
        ("02/03/2026", "mdy", date(2026, 2, 3)),
        ("2-3-2026", "dmy", date(2026, 3, 2)),
        ("26/01/2015", None, date(2015, 1, 26)),
        ("01/26/2015", None, date(2015, 1, 26)),
        ("03/03/2026", None, date(2026, 3, 3)),
        ("2026-03-02 09:14", None, date(2026, 3, 2)),
        ("03/02/2026 11:59 PM", "mdy", date(2026, 3, 2)),
        ("29/02/2024", None, date(2024, 2, 29)),
    ],
)
def test_a_day_is_read_as_files_write_it(text: str, order: str | None, day: date) -> None:
    assert parse_date(text, order) == day  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("02-Mar-2026", date(2026, 3, 2)),
        ("2 mars 2026", date(2026, 3, 2)),
        ("1er mars 2026", date(2026, 3, 1)),
        ("lundi 2 mars 2026", date(2026, 3, 2)),
        ("mar. 3 mars 2026 à 09:14", date(2026, 3, 3)),
        ("2. März 2026", date(2026, 3, 2)),
        ("Mo, 2. Mrz. 2026", date(2026, 3, 2)),
        ("2 de marzo de 2026", date(2026, 3, 2)),
        ("2 de agosto de 2026", date(2026, 8, 2)),
        ("2 dez 2026", date(2026, 12, 2)),
        ("March 2, 2026", date(2026, 3, 2)),
        ("Mar 2nd, 2026 6:25 PM", date(2026, 3, 2)),
        ("2026-Mar-02", date(2026, 3, 2)),
        ("2 août 2026", date(2026, 8, 2)),
        ("Mon, 02 Mar 2026 09:14:00 +0000", date(2026, 3, 2)),
        ("02/Mar/26 6:25 PM", date(2026, 3, 2)),
        ("20260302", date(2026, 3, 2)),
        ("20260302T091400Z", date(2026, 3, 2)),
        ("\u200e2026-03-02\u200b", date(2026, 3, 2)),
        ("2026-03-02 09:14:05+00", date(2026, 3, 2)),
    ],
)
def test_a_day_is_read_with_the_name_of_its_month_and_without_separators(text: str, day: date) -> None:
    assert parse_date(text) == day


def test_the_day_of_an_instant_is_that_of_the_zone_that_is_asked_for() -> None:
    paris = ZoneInfo("Europe/Paris")
    assert parse_date("2026-03-08T23:30:00Z", zone=paris) == date(2026, 3, 9)
    assert parse_date("2026-03-08T23:30:00", zone=paris) == date(2026, 3, 8)
    assert parse_date("2026-03-09T00:30:00+05:30", zone=paris) == date(2026, 3, 8)


@pytest.mark.parametrize(
    ("values", "holds_instants"),
    [
        (["2026-03-08T23:30:00Z", "2026-03-09T00:00:00Z"], True),
        (["2026-03-08T00:00:00Z", "2026-03-09T00:00:00.000Z"], False),
        (["2026-03-08 23:30", "2026-03-09"], False),
    ],
    ids=["times of a zone", "every time is midnight", "times without a zone"],
)
def test_a_column_whose_every_time_is_midnight_holds_days(values: list[str], holds_instants: bool) -> None:
    column = DateColumn()
    for value in values:
        column.add(value)
    assert column.holds_instants == holds_instants


@pytest.mark.parametrize(
    ("order", "day"), [("dmy", date(2026, 3, 2)), ("mdy", date(2026, 2, 3)), ("ymd", date(2002, 3, 26))]
)
def test_a_year_of_two_digits_is_read_in_the_order_that_a_person_said(order: str, day: date) -> None:
    column = DateColumn()
    column.add("13/03/26")
    assert column.must_ask
    assert column.has_short_years
    assert parse_date("02/03/26", order, short_years=True) == day  # type: ignore[arg-type]
    assert parse_date("31.12.99", "dmy", short_years=True) == date(1999, 12, 31)


@pytest.mark.parametrize(
    ("values", "swapped"),
    [
        (["2026-02-03", "2026-12-11", "13/02/2026"], True),
        (["2/3/2026", "13/02/2026"], True),
        (["02/03/2026", "13/02/2026"], False),
        (["2/3/2026", "13/2/2026"], False),
        (["2026-02-03", "2026-02-13"], False),
        (["2026-02-03", "2026-02-13", "13/02/2026"], False),
    ],
)
def test_a_column_that_a_spreadsheet_turned_around_in_part_is_noticed(values: list[str], swapped: bool) -> None:
    column = DateColumn()
    for value in values:
        column.add(value)
    assert column.looks_half_swapped == swapped


@pytest.mark.parametrize(
    ("text", "order", "code"),
    [
        ("2026-03-02 to 2026-03-06", None, "a_period"),
        ("2026-03-02 - 2026-03-06", None, "a_period"),
        ("02/03/2026 – 06/03/2026", "dmy", "a_period"),
        ("March 1, 2026 - March 31, 2026", None, "a_period"),
        ("2026-03-03 cancelled", None, "not_a_date"),
        ("2026-03-03 25:00", None, "not_a_date"),
        ("2 jui 2026", None, "not_a_date"),
        ("Meeting 2 March 2026", None, "not_a_date"),
        ("20261302", None, "no_such_day"),
        ("31 Feb 2026", None, "no_such_day"),
        ("", None, "not_a_date"),
        ("yesterday", None, "not_a_date"),
        ("2026-03", None, "not_a_date"),
        ("2026-03/02", None, "not_a_date"),
        ("202-03-02", None, "not_a_date"),
        ("1/2/345", None, "not_a_date"),
        ("2026-W47", None, "not_a_date"),
        ("1e3", None, "not_a_date"),
        ("2026-03-02\x00", None, "not_a_date"),
        ("1" * 100, None, "not_a_date"),
        ("02/03/26", "dmy", "two_digit_year"),
        ("26.01.15", None, "two_digit_year"),
        ("02/03/2026", None, "ambiguous_date"),
        ("26/01/2015", "mdy", "not_in_order"),
        ("01/26/2015", "dmy", "not_in_order"),
        ("26.13.2015", None, "no_such_day"),
        ("2026-02-29", None, "no_such_day"),
        ("31/02/2026", "dmy", "no_such_day"),
        ("32/13/2026", None, "no_such_day"),
        ("00/00/2026", None, "no_such_day"),
        ("2026-00-10", None, "no_such_day"),
        ("0026-03-02", None, "year_out_of_range"),
        ("3026-03-02", None, "year_out_of_range"),
    ],
)
def test_what_is_no_day_or_could_be_two_is_refused(text: str, order: str | None, code: str) -> None:
    with pytest.raises(DateError) as refusal:
        parse_date(text, order)  # type: ignore[arg-type]
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("values", "order", "must_ask"),
    [
        pytest.param([], "ymd", False, id="nothing"),
        pytest.param(["2026-03-02", "", "junk"], "ymd", False, id="ISO"),
        pytest.param(["02/03/2026", "26/03/2026"], "dmy", False, id="a day above 12 first"),
        pytest.param(["02/03/2026", "03/26/2026 9:14 AM"], "mdy", False, id="a day above 12 second"),
        pytest.param(["02/03/2026", "12/11/2026"], "ambiguous", True, id="nothing above 12"),
        pytest.param(["26/03/2026", "03/26/2026"], "conflict", True, id="both"),
        pytest.param(["03/03/2026"], "ymd", False, id="the same either way"),
        pytest.param(["26.01.2015", "02.03.2015"], "dmy", False, id="dotted is day first"),
        pytest.param(["02.03.2015", "02/03/2015"], "ambiguous", True, id="dots do not decide for slashes"),
        pytest.param(["2026-03-02", "02/03/2026"], "ambiguous", True, id="ISO does not decide for slashes"),
        pytest.param(["13/13/2026", "02/03/2026"], "ambiguous", True, id="an impossible day decides nothing"),
    ],
)
def test_the_whole_column_decides_the_order(values: list[str], order: str, must_ask: bool) -> None:
    column = DateColumn()
    for value in values:
        column.add(value)
    assert (column.order, column.must_ask) == (order, must_ask)
    assert column.day_order == (order if order in ("dmy", "mdy") else None)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("09:14", time(9, 14)),
        ("9:14", time(9, 14)),
        ("09:14:05", time(9, 14, 5)),
        ("09:14:05.123456", time(9, 14, 5)),
        ("9:14 AM", time(9, 14)),
        ("9:14pm", time(21, 14)),
        ("9 p.m.", time(21, 0)),
        ("9:14\u202fPM", time(21, 14)),
        ("12:00 AM", time(0, 0)),
        ("12:30 PM", time(12, 30)),
        ("00:00", time(0, 0)),
        ("23:59:59", time(23, 59, 59)),
    ],
)
def test_a_time_is_read_on_either_clock(text: str, clock: time) -> None:
    assert parse_time(text) == clock


@pytest.mark.parametrize("text", ["", "9", "24:00", "09:60", "13:00 PM", "0:30 AM", "9:1", "noon", "9:14+02:99"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(DateError) as refusal:
        parse_time(text)
    assert refusal.value.code == "not_a_time"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02", datetime(2026, 3, 2)),
        ("2026-03-02 09:14", datetime(2026, 3, 2, 9, 14)),
        ("2026-03-02T09:14:05", datetime(2026, 3, 2, 9, 14, 5)),
        ("2026-03-02T09:14:05Z", datetime(2026, 3, 2, 9, 14, 5, tzinfo=UTC)),
        ("2026-03-02 09:14:05+02:00", datetime(2026, 3, 2, 9, 14, 5, tzinfo=timezone(timedelta(hours=2)))),
        ("2026-03-02 09:14 -0530", datetime(2026, 3, 2, 9, 14, tzinfo=timezone(-timedelta(hours=5, minutes=30)))),
        ("2026-03-02 09:14 UTC", datetime(2026, 3, 2, 9, 14, tzinfo=UTC)),
        ("26.01.2015 09:14", datetime(2015, 1, 26, 9, 14)),
        ("01/26/2015, 9:14 PM", datetime(2015, 1, 26, 21, 14)),
    ],
)
def test_an_instant_is_read_with_its_time_and_zone(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment


def test_a_day_with_a_wrong_time_is_refused() -> None:
    with pytest.raises(DateError) as refusal:
        parse_moment("2026-03-02 25:00")
    assert refusal.value.code == "not_a_time"


@given(
    st.lists(some_days, min_size=1), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y %H:%M"])
)
def test_a_column_is_read_back_or_asked_about_but_never_misread(days: list[date], form: str) -> None:
    column = DateColumn()
    texts = [f"{day:{form}}" for day in days]
    for text in texts:
        column.add(text)
    assert column.order != "conflict"
    if not column.must_ask:
        assert [parse_date(text, column.day_order) for text in texts] == days


@given(st.text() | st.text(alphabet="0123456789/-.: TZ+APM", max_size=24))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    DateColumn().add(text)
    for order in (None, "dmy", "mdy"):
        try:
            assert parse_moment(text, order).year >= 1900  # type: ignore[arg-type]
        except DateError:
            continue


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Mon, 02 Mar 2026 09:14:00 +0100 (CET)", "2026-03-02T09:14:00+01:00"),
        ("Mon, 2 Mar 2026 09:14:00 GMT", "2026-03-02T09:14:00+00:00"),
        ("Mon, 02 Mar 26 09:14 EST", "2026-03-02T09:14:00-05:00"),
        ("Mon Mar 02 2026 09:14:00 GMT+0100 (Central European Standard Time)", "2026-03-02T09:14:00+01:00"),
        ("Mon Mar  2 09:14:00 2026", "2026-03-02T09:14:00"),
        ("2026-03-02 09:14 UTC+2", None),
        ("2026030209", "2026-03-02T09:00:00"),
        ("202603020914", "2026-03-02T09:14:00"),
        ("2026030225", None),
        ("1772442840", None),  # seconds since 1970
        ("2026-03-02T09:14:00UTC+02:00", "2026-03-02T09:14:00+02:00"),
        ("02.03.2026 09:14 Uhr", "2026-03-02T09:14:00"),
        ("2 mars 2026 à 9h14", "2026-03-02T09:14:00"),
        ("2 mars 2026 09 h 14", "2026-03-02T09:14:00"),
        ("2026-03-02 9h14 PM", "2026-03-02T21:14:00"),
    ],
)
def test_instants_as_mail_programs_and_people_write_them(text: str, instant: str | None) -> None:
    if instant is None:
        with pytest.raises(DateError):
            parse_moment(text)
    else:
        assert parse_moment(text) == datetime.fromisoformat(instant)
