"""Amounts in other currencies: counted at the agency's own rates, marked with what they were, else refused."""

from datetime import date
from decimal import Decimal

import pytest

from campaigns import exchange_rates
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.models import ExchangeRate, Sale, Spend
from core.currencies import RateTable, converted
from tests.campaigns.imports.importing import examined, imported, undone, written

SALES = "external_id,sold_on,amount,currency,refund_of\n"


@pytest.fixture
def rates(db):
    for day, rate in ((2, "0.9"), (20, "0.8")):
        ExchangeRate.objects.create(currency="USD", day=date(2026, 3, day), rate=Decimal(rate))


def bring(tmp_path, text, kind="sales", **options):
    return imported(written(tmp_path, text), kind, **options)


@pytest.mark.parametrize(("day", "rate"), [(1, None), (2, "0.9"), (9, "0.9"), (10, None), (20, "0.8"), (27, "0.8")])
def test_a_rate_holds_for_its_day_and_the_seven_after_it(day, rate):
    table = RateTable({"USD": [(date(2026, 3, 2), Decimal("0.9")), (date(2026, 3, 20), Decimal("0.8"))]})
    assert table.on("USD", date(2026, 3, day)) == (Decimal(rate) if rate else None)
    assert table.on("CHF", date(2026, 3, day)) is None


def test_a_half_cent_goes_away_from_zero():
    assert (converted(5, Decimal("0.9")), converted(-5, Decimal("0.9"))) == (5, -5)
    assert (converted(15, Decimal("0.9")), converted(-15, Decimal("0.9"))) == (14, -14)


def test_a_sale_in_another_currency_is_counted_at_the_rate_of_its_day_and_keeps_what_it_was(tmp_path, rates):
    text = SALES + "S1,2026-03-04,100,USD,\nS2,2026-03-04,50,EUR,\n"
    run = bring(tmp_path, text)
    sale = Sale.objects.get(external_id="S1")
    assert (sale.amount_cents, sale.original_cents, sale.original_currency) == (9000, 10000, "USD")
    assert Sale.objects.get(external_id="S2").original_currency == ""
    assert run.counts["cents"] == 14000
    assert {remark["code"]: remark["value"] for remark in run.remarks} == {"converted": "USD"}
    assert bring(tmp_path, text).counts["written"] == {"same": 2}
    changed = bring(tmp_path, text.replace("100,USD", "110,USD"))
    sale.refresh_from_db()
    assert (sale.amount_cents, sale.original_cents) == (9900, 11000)
    undone(changed)
    in_euro = bring(tmp_path, text.replace("100,USD", "95,EUR"))
    sale.refresh_from_db()
    assert (sale.amount_cents, sale.original_cents, sale.original_currency) == (9500, None, "")
    undone(in_euro)
    sale.refresh_from_db()
    assert (sale.amount_cents, sale.original_cents, sale.original_currency) == (9000, 10000, "USD")
    undone(run)
    assert not Sale.objects.exists()


def test_undo_after_a_correction_of_the_rates_counts_by_those_of_now(tmp_path, rates):
    text = SALES + "S1,2026-03-04,{},USD,\n"
    bring(tmp_path, text.format(100))
    run = bring(tmp_path, text.format(110))
    exchange_rates.apply({("USD", date(2026, 3, 2)): Decimal("0.95")}, by=None)
    assert Sale.objects.get().amount_cents == 10450
    undone(run)
    assert run.counts["kept"] == 0
    assert (Sale.objects.get().amount_cents, Sale.objects.get().original_cents) == (9500, 10000)


def test_without_a_rate_there_is_no_figure_and_it_is_said(tmp_path, rates):
    findings = examined(written(tmp_path, SALES + "S1,2026-03-12,100,USD,\nS2,2026-03-04,5,chf,\n"), "sales")
    assert [str(error) for error in findings.errors] == [
        "Line 2, column “amount”: the amount is in USD, and there is no rate for 2026-03-12, nor for the seven days "
        "before it. Enter one under Exchange rates, then check the file again, or leave the line out.",
        "Line 3, column “amount”: the amount is in CHF, and there is no rate for 2026-03-04, nor for the seven days "
        "before it. Enter one under Exchange rates, then check the file again, or leave the line out.",
    ]


@pytest.mark.parametrize(("amount", "original"), [("100 USD", "USD"), ("US$ 100", "USD")])
def test_a_mark_beside_an_amount_says_its_currency(tmp_path, rates, amount, original):
    bring(tmp_path, f"external_id,sold_on,amount\nS1,2026-03-04,{amount}\n")
    assert Sale.objects.get().original_currency == original


def test_a_mark_of_several_currencies_is_settled_by_a_constant(tmp_path, rates):
    text = "external_id,sold_on,amount\nS1,2026-03-04,$100\n"
    (error,) = examined(written(tmp_path, text), "sales").errors
    assert error.code == "other_currency"
    bring(tmp_path, text, mapping=ColumnMapping(constants={"currency": "USD"}))
    assert Sale.objects.get().amount_cents == 9000


def test_a_refund_has_the_rate_of_its_sale(tmp_path, rates):
    run = bring(tmp_path, SALES + "R1,2026-03-21,-40,USD,S1\nS1,2026-03-04,100,USD,\n")
    refund = Sale.objects.get(external_id="R1")
    assert (refund.amount_cents, refund.original_cents) == (-3600, -4000)
    assert run.counts["cents"] == 5400
    bring(tmp_path, SALES + "R2,2026-04-30,-60,USD,S1\n")
    assert Sale.objects.get(external_id="R2").amount_cents == -5400


def test_parts_that_were_rounded_one_by_one_give_back_no_more_than_the_whole(tmp_path, rates):
    ExchangeRate.objects.filter(day="2026-03-02").update(rate=Decimal("0.905"))
    rows = "".join(f"R{number},2026-03-05,-0.1,USD,S1\n" for number in range(3))
    bring(tmp_path, SALES + "S1,2026-03-04,0.30,USD,\n" + rows)
    assert sum(Sale.objects.values_list("amount_cents", flat=True)) == 0


def test_what_a_row_says_was_given_back_has_the_rate_of_the_row(tmp_path, rates):
    text = "external_id,sold_on,amount,currency,refunded\nS1,2026-03-04,100,USD,{}\n"
    bring(tmp_path, text.format("25"))
    assert Sale.objects.get(external_id="S1:refund").amount_cents == -2250
    bring(tmp_path, text.format("30"))
    refund = Sale.objects.get(external_id="S1:refund")
    assert (refund.amount_cents, refund.original_cents, refund.original_currency) == (-2700, -3000, "USD")


def test_a_return_without_the_id_of_its_sale_is_compared_in_their_currency(tmp_path, rates):
    text = "sold_on,amount,currency,description\n2026-03-04,100,USD,Mug\n2026-03-21,-100,USD,Mug\n"
    bring(tmp_path, text)
    assert sorted(Sale.objects.values_list("amount_cents", flat=True)) == [-9000, 9000]
    assert bring(tmp_path, text).counts["written"] == {"same": 2}


def test_the_articles_of_an_order_add_up_before_they_are_converted(tmp_path, rates):
    ExchangeRate.objects.filter(day="2026-03-02").update(rate=Decimal("0.905"))
    text = SALES.replace("refund_of", "description") + "o1,2026-03-04,0.10,USD,Mug\no1,2026-03-04,0.10,USD,Cup\n"
    bring(tmp_path, text, mapping=ColumnMapping(options={"order_lines": "add"}))
    assert list(Sale.objects.values_list("amount_cents", "original_cents")) == [(18, 20)]


def test_spend_in_another_currency_obeys_the_same_rule(tmp_path, rates):
    text = "external_id,platform,starts_on,ends_on,amount,currency\nP1,Facebook,2026-03-04,2026-03-05,{},USD\n"
    run = bring(tmp_path, text.format(100), "spend", creating=True)
    spend = Spend.objects.get()
    assert (spend.amount_cents, spend.original_cents, spend.original_currency) == (9000, 10000, "USD")
    assert bring(tmp_path, text.format(100), "spend", creating=True).counts["written"] == {"same": 1}
    bring(tmp_path, text.format(120), "spend", creating=True)
    spend.refresh_from_db()
    assert (spend.amount_cents, spend.original_cents) == (10800, 12000)
    undone(run)
    late = text.replace("2026-03-04", "2026-05-04").replace("2026-03-05", "2026-05-04")
    assert [error.code for error in examined(written(tmp_path, late.format(1)), "spend").errors] == ["no_rate"]


def test_an_account_in_another_currency_is_found_again_after_its_rate_was_corrected(tmp_path, rates):
    text = "Day,Campaign name,Amount spent (USD)\n2026-03-04,Spring,{}\n"
    run = bring(tmp_path, text.format("12.34"), "spend", creating=True)
    ExchangeRate.objects.filter(day="2026-03-02").update(rate=Decimal("0.95"))
    Spend.objects.update(amount_cents=1172)
    assert bring(tmp_path, text.format("12.34"), "spend", creating=True).counts["written"] == {"same": 1}
    again = bring(tmp_path, text.format("20.00"), "spend", creating=True)
    assert Spend.objects.get().amount_cents == 1900
    undone(again)
    undone(run)
    assert not Spend.objects.exists()
