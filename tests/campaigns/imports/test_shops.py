"""Payments of Stripe and orders of Shopify: in the shape of their exports, brought again after each correction."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.models import ExchangeRate, Sale
from tests.campaigns.imports.importing import imported, undone, written
from tests.factories import LeadFactory

FILES = Path(__file__).parent / "files"
STRIPE, SHOPIFY = ((FILES / name).read_text() for name in ("stripe_payments.csv", "shopify_orders.csv"))

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def bring(tmp_path, text, **options):
    return imported(written(tmp_path, text), "sales", **options)


def money():
    """What counts, by external id, in cents."""
    found = Sale.objects.live().filter(refund_of__voided_at=None)
    return dict(found.order_by("external_id").values_list("external_id", "amount_cents"))


def remarks(run):
    return {remark["code"]: remark["count"] for remark in run.remarks if remark["code"] != "unread"}


def test_payments_are_sales_of_the_day_that_it_was_at_the_agency(tmp_path):
    ann = LeadFactory(email="Ann@example.com", received_at="2026-03-01T08:00Z")
    for _twice in range(2):
        LeadFactory(email="bo@example.com")
    run = bring(tmp_path, STRIPE)
    assert run.source == "stripe"
    assert money() == {"ch_3PaA01": 12_000, "ch_3PaA02": 125_000, "ch_3PaA02:refund": -25_000}
    days = dict(Sale.objects.values_list("external_id", "sold_on"))
    assert (days["ch_3PaA02"], days["ch_3PaA02:refund"]) == (date(2026, 3, 9), date(2026, 3, 12))
    assert {sale.external_id: sale.lead for sale in Sale.objects.all()} == {
        "ch_3PaA01": ann,
        "ch_3PaA02": None,
        "ch_3PaA02:refund": None,
    }
    assert remarks(run) == {"refunded_whole": 1, "not_wanted": 2, "unlinked": 1}


def test_a_payment_in_another_currency_is_counted_at_the_agencys_rate(tmp_path):
    ExchangeRate.objects.create(currency="USD", day=date(2026, 3, 6), rate=Decimal("0.9"))
    bring(tmp_path, STRIPE.replace('1,250.00",250.00,eur', '1,250.00",250.00,usd'))
    assert money()["ch_3PaA02"] == 112_500
    assert money()["ch_3PaA02:refund"] == -22_500
    assert Sale.objects.get(external_id="ch_3PaA02").original_currency == "USD"


def test_orders_of_several_articles_are_one_sale_each(tmp_path):
    ann = LeadFactory(email="ann@example.com", received_at="2026-03-01T08:00Z")
    run = bring(tmp_path, SHOPIFY)
    assert run.source == "shopify"
    assert money() == {"#1001": 6_490, "#1002": 10_000, "#1002:refund": -3_000}
    sale = Sale.objects.get(external_id="#1001")
    assert (sale.lead, sale.sold_on, sale.description) == (ann, date(2026, 3, 2), "Mug - blue")
    assert remarks(run) == {"line_item": 2, "refunded_whole": 1, "not_wanted": 2, "unlinked": 1}


# -- each correction, for each of them --------------------------------------------------------------------------------

CORRECTIONS = {
    "changed": (
        (STRIPE, "120.00,0.00,eur,true,120.00", "130.00,0.00,eur,true,130.00", {"ch_3PaA01": 13_000}),
        (SHOPIFY, "10.81,64.90", "10.81,70.00", {"#1001": 7_000}),
    ),
    "given back in part": (
        (STRIPE, "120.00,0.00,eur", "120.00,20.00,eur", {"ch_3PaA01": 12_000, "ch_3PaA01:refund": -2_000}),
        (SHOPIFY, "c1.1,0.00", "c1.1,4.90", {"#1001": 6_490, "#1001:refund": -490}),
    ),
    "given back as a whole": (
        (STRIPE, "Partial Refund", "Refunded", {"ch_3PaA02": None, "ch_3PaA02:refund": None}),
        (SHOPIFY, "partially_refunded", "refunded", {"#1002": None, "#1002:refund": None}),
    ),
    "failed after all": (
        (
            STRIPE,
            "LAB AGENCY,Paid,Payment complete.,0.00,card_1",
            "LAB AGENCY,Failed,No.,0.00,card_1",
            {"ch_3PaA01": None},
        ),
        (SHOPIFY, "ann@example.com,paid,", "ann@example.com,voided,", {"#1001": None}),
    ),
    "paid after all": (
        (STRIPE, "LAB AGENCY,Failed,", "LAB AGENCY,Paid,", {"ch_3PaA04": 7_500}),
        (SHOPIFY, "pending,,unfulfilled", "paid,2026-03-06,unfulfilled", {"#1005": 4_000}),
    ),
}


@pytest.mark.parametrize(
    ("text", "was", "now", "differs"),
    [
        pytest.param(*case, id=f"{shop}: {name}")
        for name, cases in CORRECTIONS.items()
        for shop, case in zip(("stripe", "shopify"), cases, strict=True)
    ],
)
def test_a_corrected_file_is_followed_and_undone(tmp_path, text, was, now, differs):
    assert was in text
    bring(tmp_path, text)
    before = money()
    assert bring(tmp_path, text).counts["written"] == {"same": 3}
    corrected = bring(tmp_path, text.replace(was, now))
    after = {**before, **differs}
    assert money() == {name: cents for name, cents in sorted(after.items()) if cents is not None}
    assert set(bring(tmp_path, text.replace(was, now)).counts.get("written", {})) <= {"same"}
    undone(corrected)
    assert money() == before


@pytest.mark.parametrize("text", [STRIPE, SHOPIFY], ids=["stripe", "shopify"])
def test_what_a_later_file_lacks_is_kept_unless_it_holds_everything(tmp_path, text):
    bring(tmp_path, text)
    before = money()
    lines = text.splitlines(keepends=True)
    fewer = "".join([lines[0], *(line for line in lines[1:] if not line.startswith(("ch_3PaA01", "#1001")))])
    # The first days are those of the row that is gone: the others are still within the file's.
    fewer = fewer.replace("2026-03-03 17:59:58", "2026-03-02 17:59:58").replace("2026-03-08 23:30", "2026-03-01 23:30")
    run = bring(tmp_path, fewer)
    assert money() == before
    assert run.counts["lacking"]["count"] == 1
    complete = bring(tmp_path, fewer, mapping=ColumnMapping(options={"complete": "yes"}))
    assert set(before) - set(money()) in ({"ch_3PaA01"}, {"#1001"})
    undone(complete)
    assert money() == before
