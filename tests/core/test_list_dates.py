"""The days that a list is narrowed to, and what the rows found add up to."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from core.list_dates import DayRange, days_of
from core.weeks import Week
from reports.attribution import rollups
from reports.models import CampaignWeek
from tests.factories import (
    CampaignFactory,
    EntryFactory,
    LeadFactory,
    OutcomeFactory,
    SaleFactory,
    SpendFactory,
)

# A Saturday; in Paris it is already Sunday the 22nd.
NOW = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


@pytest.fixture
def listed(client, manager):
    """The list that an address shows to a manager: `listed("sales", when="month")`."""
    client.force_login(manager)

    def look(name: str, **query: str):
        with time_machine.travel(NOW, tick=False):
            return client.get(reverse(f"campaigns:{name}"), query)

    return look


def names(response) -> list[str]:
    return [str(row) for row in response.context["listed"].page]


@pytest.mark.parametrize(
    ("name", "today", "first", "last"),
    [
        ("week", date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 22)),
        ("week", date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3)),
        ("month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ("quarter", date(2026, 5, 31), date(2026, 4, 1), date(2026, 6, 30)),
        ("quarter", date(2026, 10, 1), date(2026, 10, 1), date(2026, 12, 31)),
        ("year", date(2028, 2, 29), date(2028, 1, 1), date(2028, 12, 31)),
    ],
    ids=lambda value: str(value),
)
def test_a_range_holds_whole_weeks_months_quarters_and_years(name, today, first, last):
    assert days_of(name, today) == DayRange(first, last)


@pytest.mark.django_db
class TestDays:
    def test_leads_are_narrowed_by_the_agencys_clock(self, listed):
        LeadFactory(name="Sunday", received_at=datetime(2026, 11, 15, 22, 59, tzinfo=UTC))
        LeadFactory(name="Monday", received_at=datetime(2026, 11, 15, 23, 0, tzinfo=UTC))
        LeadFactory(name="This Sunday", received_at=datetime(2026, 11, 22, 22, 59, tzinfo=UTC))
        LeadFactory(name="Next Monday", received_at=datetime(2026, 11, 22, 23, 0, tzinfo=UTC))
        assert names(listed("leads", when="week", sort="received")) == ["Monday", "This Sunday"]

    def test_from_and_to_are_days_that_are_included_and_either_may_be_left_out(self, listed):
        for day in (1, 2, 3):
            SaleFactory(description=f"S{day}", sold_on=date(2026, 11, day))
        assert names(listed("sales", when="between", **{"from": "2026-11-02", "to": "2026-11-02"})) == ["S2"]
        assert names(listed("sales", when="between", **{"from": "2026-11-02"})) == ["S3", "S2"]
        assert names(listed("sales", to="2026-11-02")) == ["S2", "S1"]
        assert len(names(listed("sales", when="between"))) == 3

    def test_what_was_typed_stands_there_again(self, listed):
        text = listed("sales", when="between", **{"from": "2026-11-02", "to": "2026-11-09"}).content.decode()
        assert 'name="from" value="2026-11-02"' in text
        assert 'name="to" value="2026-11-09"' in text

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ({"when": "fortnight"}, "Sold: “fortnight” is not one of the choices, so the usual one is shown."),
            ({"from": "2.11."}, "“2.11.” is not a day that can be meant. Write it like 2026-11-30."),
            ({"to": "9999-01-01"}, "“9999-01-01” is not a day that can be meant. Write it like 2026-11-30."),
            ({"from": "2026-11-09", "to": "2026-11-02"}, "The last day is before the first, so all days are shown."),
        ],
        ids=str,
    )
    def test_days_that_cannot_be_meant_are_told_and_leave_nothing_out(self, listed, query, sentence):
        SaleFactory()
        response = listed("sales", **query)
        assert sentence in response.content.decode()
        assert response.context["listed"].count == 1

    def test_an_export_holds_the_days_that_are_shown(self, listed):
        SaleFactory(description="In October", sold_on=date(2026, 10, 31))
        SaleFactory(description="In November", sold_on=date(2026, 11, 1))
        with time_machine.travel(NOW, tick=False):
            response = listed("sales_export", when="month", format="csv")
        text = b"".join(response.streaming_content).decode()
        assert "In November" in text
        assert "In October" not in text

    def test_an_outcome_belongs_to_the_days_in_which_its_week_begins(self, listed):
        OutcomeFactory(measure="of October", week=date(2026, 10, 26))
        OutcomeFactory(measure="of November", week=date(2026, 11, 2))
        rows = listed("outcomes", when="month").context["listed"].page
        assert [row.measure for row in rows] == ["of November"]

    def test_a_campaign_is_listed_where_it_runs_on_one_of_the_days(self, listed):
        CampaignFactory(name="Over", starts_on=date(2026, 9, 1), ends_on=date(2026, 10, 31))
        CampaignFactory(name="Ends", starts_on=date(2026, 9, 1), ends_on=date(2026, 11, 1))
        CampaignFactory(name="Goes on", starts_on=date(2026, 11, 30))
        CampaignFactory(name="To come", starts_on=date(2026, 12, 1))
        assert names(listed("campaigns", when="month")) == ["Ends", "Goes on"]


@pytest.mark.django_db
class TestSums:
    def test_leads_are_counted_by_status_and_each_count_leads_there(self, listed):
        for status in ("new", "new", "won"):
            LeadFactory(status=status)
        response = listed("leads", q="")
        assert [(row.label, row.leads, row.address) for row in response.context["statuses"]] == [
            ("New", 2, "?status=new"),
            ("Won", 1, "?status=won"),
        ]
        assert "<b>3</b> leads" in " ".join(response.content.decode().split())

    def test_refunds_are_taken_off_the_sales(self, listed):
        SaleFactory(refund_of=SaleFactory(amount_cents=100_00), amount_cents=-30_00)
        SaleFactory(amount_cents=1_000_00).void(at=NOW)
        sums = listed("sales", show="all").context["listed"].sums
        assert sums == {
            "count": 3,
            "sales": 1,
            "sold_cents": 100_00,
            "refunds": 1,
            "refunded_cents": -30_00,
            "net_cents": 70_00,
            "voided": 1,
        }

    def test_of_a_bill_that_reaches_over_the_days_its_part_is_told(self, listed):
        SpendFactory(starts_on=date(2026, 10, 25), ends_on=date(2026, 11, 3), amount_cents=100_00)
        SpendFactory(starts_on=date(2026, 11, 30), ends_on=date(2026, 12, 1), amount_cents=-20_00)
        SpendFactory(starts_on=date(2026, 11, 10), ends_on=date(2026, 11, 12), amount_cents=7_00)
        SpendFactory(starts_on=date(2026, 9, 1), ends_on=date(2026, 10, 31), amount_cents=5_00)
        response = listed("spend", when="month")
        assert response.context["listed"].sums["cents"] == 87_00
        assert response.context["within_cents"] == 30_00 - 10_00 + 7_00
        assert listed("spend").context["within_cents"] == 92_00

    def test_the_hours_on_the_campaigns_are_those_of_the_days(self, listed):
        campaign = CampaignFactory(name="Spring")
        campaign.aliases.create(text="spring one")
        campaign.aliases.create(text="spring two")
        EntryFactory(campaign=campaign, day=date(2026, 11, 2), minutes=90)
        EntryFactory(campaign=campaign, day=date(2026, 10, 2), minutes=60)
        EntryFactory(day=date(2026, 11, 2), minutes=45)
        assert listed("campaigns", q="spring").context["minutes"] == 150
        assert listed("campaigns", q="spring", when="month").context["minutes"] == 90

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"when": "week"},
            {"when": "month"},
            {"from": "2026-10-07", "to": "2026-10-08"},
            {"from": "2026-10-05", "to": "2026-10-11"},
            {"from": "2026-10-07"},
            {"to": "2026-11-01"},
            {"from": "2026-10-04", "to": "2026-11-17"},
        ],
        ids=str,
    )
    def test_the_hours_on_the_campaigns_are_the_same_before_and_after_a_drain(self, listed, query):
        campaign, other = CampaignFactory(), CampaignFactory(is_active=False)
        days = [date(2026, 10, 1) + timedelta(days=number) for number in range(54)]
        entries = [EntryFactory(campaign=campaign, day=day, minutes=1 + number) for number, day in enumerate(days)]
        EntryFactory(campaign=other, day=days[9], minutes=600)
        first, last = (
            date.fromisoformat(query.get(end, day)) for end, day in (("from", "2026-01-01"), ("to", "2026-12-31"))
        )
        asked = days_of(query["when"], date(2026, 11, 22)) if "when" in query else DayRange(first, last)
        for change in (lambda: None, rollups.drain, lambda: change_minutes(entries[12], 700), rollups.drain):
            change()
            expected = sum(entry.minutes for entry in entries if asked.first <= entry.day <= asked.last)
            assert listed("campaigns", **query).context["minutes"] == expected
        rollups.drain()
        assert CampaignWeek.objects.exists()


def change_minutes(entry, minutes):
    entry.minutes = minutes
    entry.save()


@pytest.mark.parametrize(
    ("days", "whole", "cut"),
    [
        (DayRange(), DayRange(), []),
        (DayRange(date(2026, 11, 2), date(2026, 11, 8)), DayRange(date(2026, 11, 2), date(2026, 11, 8)), []),
        (DayRange(date(2026, 11, 3), None), DayRange(date(2026, 11, 9), None), ["2026-W45"]),
        (DayRange(None, date(2026, 11, 7)), DayRange(None, date(2026, 11, 1)), ["2026-W45"]),
        (DayRange(date(2026, 11, 3), date(2026, 11, 4)), DayRange(date(2026, 11, 9), date(2026, 11, 1)), ["2026-W45"]),
        (
            DayRange(date(2026, 11, 8), date(2026, 11, 16)),
            DayRange(date(2026, 11, 9), date(2026, 11, 15)),
            ["2026-W45", "2026-W47"],
        ),
    ],
    ids=str,
)
def test_a_range_is_whole_weeks_and_those_that_it_cuts(days, whole, cut):
    assert days.whole_weeks == whole
    assert days.cut_weeks == list(map(Week.parse, cut))
