"""What people type, and what becomes of it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from campaigns.fields import LeadField, NamesField, lead_label
from core import money
from core.form_fields import DayField, HoursField, MomentField, MoneyField, NumberField, PercentField, WeekField
from tests.factories import LeadFactory


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("1234.56", 123456),
        ("1 234,50", 123450),
        ("1\u202f234,50 €", 123450),
        ("1\u00a0234,50", 123450),
        ("1,234.50", 123450),
        ("1.234,50", 123450),
        ("1,234", 123400),
        ("1.234", 123400),
        ("12,5", 1250),
        ("0.01", 1),
        (" 7 ", 700),
    ],
)
def test_money_is_read_as_people_write_it(typed, cents):
    assert MoneyField().clean(typed) == cents


@pytest.mark.parametrize(
    "typed",
    ["", "-5", "0", "1,2345", "12.345,6789", "abc", "1\x002", "9" * 47, "9" * 1_000_000, "1e5", "٣", "²", "NaN"],
)
def test_what_is_no_amount_is_refused_in_words(typed):
    with pytest.raises(ValidationError) as refused:
        MoneyField().clean(typed)
    assert len(refused.value.messages[0]) > 10


def test_an_amount_is_shown_as_the_reader_writes_it_and_can_be_sent_back():
    with money.localised(language="fr", country="FR", currency="EUR"):
        shown = MoneyField().prepare_value(123450)
        assert shown == "1\u202f234,50"
        assert MoneyField().clean(shown) == 123450


def test_a_sale_of_nothing_is_allowed_where_it_is_asked_for():
    assert MoneyField(least_cents=0).clean("0") == 0


@pytest.mark.parametrize(
    ("typed", "minutes"), [("7,5", 450), ("7.5", 450), ("35 h", 2100), ("0,25", 15), ("10:20", 620), ("7h30", 450)]
)
def test_hours_become_minutes(typed, minutes):
    assert HoursField().clean(typed) == minutes


def test_a_limit_shows_again_as_it_was_typed():
    with money.localised(language="en", country="GB", currency="GBP"):
        assert HoursField().prepare_value(450) == "7.5"
        assert HoursField().prepare_value(2100) == "35"


@pytest.mark.parametrize(("typed", "share"), [("60", "0.6"), ("66,67 %", "0.6667"), ("100", "1")])
def test_percent_becomes_a_share(typed, share):
    assert PercentField().clean(typed) == Decimal(share)


@pytest.mark.parametrize("typed", ["0.6", "0", "101", "-3", "sixty"])
def test_a_share_typed_as_a_fraction_is_not_taken_for_percent(typed):
    with pytest.raises(ValidationError):
        PercentField().clean(typed)


@pytest.mark.parametrize("typed", ["11", "1" + "0" * 30, "0.00000000000000000000000001"])
def test_a_number_says_its_bounds(typed):
    field = NumberField(least=Decimal("0.01"), most=Decimal(10))
    with (
        pytest.raises(ValidationError, match="from 0.01 to 10"),
        money.localised(language="en", country="GB", currency="GBP"),
    ):
        field.clean(typed)


@pytest.mark.parametrize("typed", ["2026-W47", "2026-w47", " 2026W47 ", "2026-47", "2026-11-18", "2026-11-16"])
def test_a_week_is_its_monday(typed):
    assert WeekField().clean(typed) == date(2026, 11, 16)


def test_the_last_week_of_2026_is_the_53rd():
    assert WeekField().clean("2026-W53") == date(2026, 12, 28)


@pytest.mark.parametrize("typed", ["2025-W53", "2026-W00", "0001-W01", "9999-W52", "soon", "\x00", "9" * 100_000])
def test_what_is_no_week_is_refused(typed):
    with pytest.raises(ValidationError):
        WeekField().clean(typed)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2025-W53", "There is no week 53 in 2025."),
        ("54", "No year has a week 54."),
        ("02/03/2026", "two different days"),
        ("soon", "Write the week like 2026-W47, W47 or 47, or a day of it"),
    ],
)
def test_a_refused_week_says_what_is_wrong(typed, sentence):
    with pytest.raises(ValidationError, match=sentence):
        WeekField().clean(typed)


def test_a_week_shows_as_people_write_it():
    assert WeekField().prepare_value(date(2026, 11, 16)) == "2026-W47"


@pytest.mark.parametrize("typed", ["0026-11-01", "18/11/2026", "2026-02-30", "tomorrow"])
def test_a_day_with_a_slip_in_the_year_is_refused(typed):
    with pytest.raises(ValidationError):
        DayField().clean(typed)


@pytest.fixture
def paris():
    with timezone.override(ZoneInfo("Europe/Paris")):
        yield


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("2026-11-18T09:30", datetime(2026, 11, 18, 8, 30, tzinfo=UTC)),
        ("2026-07-18 09:30", datetime(2026, 7, 18, 7, 30, tzinfo=UTC)),
        pytest.param(
            "2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="the first of two half past two"
        ),
    ],
)
def test_a_moment_is_in_the_agencys_time_zone(paris, typed, instant):
    assert MomentField().clean(typed) == instant


def test_an_hour_that_did_not_exist_is_refused_in_words(paris):
    with pytest.raises(ValidationError, match="clocks were put forward"):
        MomentField().clean("2026-03-29T02:30")


@pytest.mark.parametrize("typed", ["0026-11-01T10:00", "noon", "\x00", "2026-13-01T10:00", "9" * 10_000])
def test_what_is_no_moment_is_refused(paris, typed):
    with pytest.raises(ValidationError):
        MomentField().clean(typed)


def test_names_are_folded_sorted_and_said_once():
    assert NamesField(required=False).clean("FB\n facebook.com \n\nfb, www.Facebook.com") == ["facebook.com", "fb"]
    assert NamesField(required=False).clean("") == []


@pytest.mark.parametrize("typed", ["x" * 161, "a\x00b", "\n".join(f"name {n}" for n in range(201))])
def test_names_that_cannot_be_kept_are_refused(typed):
    with pytest.raises(ValidationError):
        NamesField().clean(typed)


def test_a_lead_is_found_by_number_external_id_email_or_name(db):
    lead = LeadFactory(name="Maison Dupré", email="direction@example.com", external_id="H-77")
    for typed in (lead_label(lead), f"#{lead.pk}", "H-77", "Direction@Example.com", "maison Dupré"):
        assert LeadField().clean(typed) == lead


def test_a_name_that_two_leads_have_is_asked_back(db):
    LeadFactory(name="Roy")
    LeadFactory(name="Roy")
    with pytest.raises(ValidationError, match="Several leads"):
        LeadField().clean("Roy")


@pytest.mark.parametrize("typed", ["nobody", "#999999", "#" + "9" * 18, "a\x00", "x" * 100_000])
def test_a_lead_nobody_knows_is_refused(db, typed):
    with pytest.raises(ValidationError):
        LeadField().clean(typed)
