"""Sales that are brought again: corrected, won and then lost, and taken back."""

from datetime import UTC, date, datetime

import pytest

from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.opening import checksum
from campaigns.imports.summary import described
from campaigns.models import Sale
from tests.campaigns.imports.importing import examined, imported, undone, written
from tests.factories import LeadFactory, SaleFactory

pytestmark = pytest.mark.django_db

DEALS = "Record ID,Deal Name,Deal Stage,Amount,Deal owner,Close Date,Create Date\n"
WON = DEALS + "9,Site,closedwon,1200,Jo,2026-11-02 10:00,2026-01-01 10:00\n"
LOST = DEALS + "9,Site,closedlost,1200,Jo,2026-11-02 10:00,2026-01-01 10:00\n"


def bring(tmp_path, text, **options):
    return imported(written(tmp_path, text), "sales", **options)


def test_a_deal_that_is_won_and_then_lost_voids_its_sale_and_undo_gives_it_back(tmp_path):
    bring(tmp_path, WON)
    run = bring(tmp_path, LOST)
    sale = Sale.objects.get()
    assert sale.is_void
    assert sale.history.count() == 2
    assert any("no longer won: its sale is voided" in text for text in described(run.counts))
    assert bring(tmp_path, LOST).counts.get("written", {}) == {}
    undone(run)
    assert not Sale.objects.get().is_void


def test_a_deal_that_is_won_again_counts_again_unless_somebody_voided_it(tmp_path):
    bring(tmp_path, WON)
    bring(tmp_path, LOST)
    bring(tmp_path, WON)
    assert not Sale.objects.get().is_void
    Sale.objects.get().void(at=datetime(2026, 11, 20, tzinfo=UTC), reason="A mistake")
    bring(tmp_path, WON)
    assert Sale.objects.get().is_void


def test_a_lost_deal_with_refunds_is_said_and_kept(tmp_path):
    bring(tmp_path, WON)
    sale = Sale.objects.get()
    SaleFactory(refund_of=sale, amount_cents=-100, sold_on=date(2026, 11, 3))
    run = bring(tmp_path, LOST)
    sale.refresh_from_db()
    assert not sale.is_void
    assert "lost_but_refunded" in {remark["code"] for remark in run.remarks}


def test_a_sale_without_an_id_is_found_by_day_customer_and_description(tmp_path):
    text = "Sold;Who;What;Sum\n2026-04-15;Acme;Site;{}\n2026-04-15;Acme;Blog;50\n"
    columns = {"sold_on": "Sold", "amount": "Sum", "lead_company": "Who", "description": "What"}
    options = {"mapping": ColumnMapping(columns=columns)}
    first = bring(tmp_path, text.format("100"), **options)
    second = bring(tmp_path, text.format("110"), **options)
    assert sorted(Sale.objects.values_list("amount_cents", flat=True)) == [5000, 11000]
    undone(second)
    assert sorted(Sale.objects.values_list("amount_cents", flat=True)) == [5000, 10000]
    assert bring(tmp_path, text.format("100"), **options).counts["written"] == {"same": 2}
    named = text.replace("Sum\n", "Sum;Id\n").replace("{}\n", "{};S1\n").replace("50\n", "50;S2\n")
    columns["external_id"] = "Id"
    bring(tmp_path, named.format("120"), mapping=ColumnMapping(columns=columns))
    assert dict(Sale.objects.values_list("external_id", "amount_cents")) == {"S1": 12000, "S2": 5000}
    assert first.rows.count() == 2


def test_a_sale_without_an_id_that_somebody_changed_since_is_kept_and_listed(tmp_path):
    text = "Deal - Title,Deal - Value,Deal - Status,Deal - Won time\nSite,{},won,2026-11-18 10:00:00\n"
    bring(tmp_path, text.format("100"))
    sale = Sale.objects.get()
    sale.amount_cents = 9900
    sale.save()
    run = bring(tmp_path, text.format("120"))
    assert Sale.objects.get().amount_cents == 9900
    assert any("somebody changed “Site”" in text for text in described(run.counts))


def test_a_lost_deal_without_an_id_takes_back_the_only_sale_of_its_title_and_lead(tmp_path):
    LeadFactory(company="Acme", received_at="2026-01-01T00:00Z")
    header = "Deal - Title,Deal - Value,Deal - Status,Deal - Won time,Organization\n"
    bring(tmp_path, header + "Site,100,won,2026-11-18 10:00:00,Acme\nBlog,50,won,2026-11-18 10:00:00,Beta\n")
    run = bring(tmp_path, header + "Site,100,lost,,Acme\nBlog,50,lost,,Beta\nShop,70,lost,,Acme\n")
    assert list(Sale.objects.live().values_list("description", flat=True)) == ["Blog"]
    assert {remark["code"]: remark["count"] for remark in run.remarks} == {"not_wanted": 3, "lost_unclear": 1}
    undone(run)
    assert Sale.objects.live().count() == 2
    again = header + "Site,100,won,2026-11-18 10:00:00,Acme\nSite,900,lost,,Acme\n"
    assert bring(tmp_path, again).counts["written"] == {"same": 1}


def test_a_sale_is_of_the_only_lead_with_its_address(tmp_path):
    lead = LeadFactory(email="Ann@example.com", received_at="2026-01-01T00:00Z")
    for _twice in range(2):
        LeadFactory(email="info@example.com")
    header = "external_id,sold_on,amount,lead_email\n"
    rows = "1,2026-04-01,5,ann@Example.com\n2,2026-04-01,6,info@example.com\n3,2026-04-01,7,\n"
    run = bring(tmp_path, header + rows)
    assert {sale.external_id: sale.lead for sale in Sale.objects.all()} == {"1": lead, "2": None, "3": None}
    assert [(remark["code"], remark["count"]) for remark in run.remarks] == [("unlinked", 1)]


def own(*ids):
    return "external_id,sold_on,amount\n" + "".join(f"S{number},2026-04-{number},100\n" for number in ids)


def test_sales_that_a_file_lacks_are_kept_and_listed_or_voided_where_it_holds_everything(tmp_path):
    bring(tmp_path, own(*range(10, 20)))
    fewer = own(*range(10, 14), *range(15, 20))
    run = bring(tmp_path, fewer)
    assert Sale.objects.live().count() == 10
    assert any("1 row of earlier files between 2026-04-14 and 2026-04-14" in text for text in described(run.counts))
    complete = bring(tmp_path, fewer, mapping=ColumnMapping(options={"complete": "yes"}))
    assert not Sale.objects.live().filter(external_id="S14").exists()
    undone(complete)
    assert Sale.objects.live().count() == 10


@pytest.mark.parametrize("has_ids", [True, False])
def test_a_line_that_was_left_out_does_not_count_as_absent(tmp_path, has_ids):
    def text(days):
        lines = own(*days).splitlines(keepends=True)
        return "".join(lines if has_ids else (line.partition(",")[2] for line in lines))

    bring(tmp_path, text(range(10, 20)))
    path = written(tmp_path, text([*range(10, 15), *range(16, 20)]).replace("2026-04-14,100", "2026-04-14,?"))
    mapping = ColumnMapping(options={"complete": "yes"}, left_out={checksum(path): [6]})
    assert examined(path, "sales", mapping=mapping).counts["lacking"]["count"] == 1
    bring(tmp_path, path.read_text(), mapping=mapping)
    assert Sale.objects.live().count() == 9


def test_a_deal_that_is_lost_is_not_among_what_the_file_lacks(tmp_path):
    bring(tmp_path, WON + "10,Shop,closedwon,50,Jo,2026-11-03 10:00,2026-01-01 10:00\n")
    run = bring(tmp_path, LOST + "10,Shop,closedwon,50,Jo,2026-11-03 10:00,2026-01-01 10:00\n")
    assert "lacking" not in run.counts


def test_ids_that_a_spreadsheet_rounded_are_not_used_and_said(tmp_path):
    text = "external_id,sold_on,amount,description\n1.20253E+17,2026-04-10,100,Site\n1.20253E+17,2026-04-11,200,Shop\n"
    run = bring(tmp_path, text)
    assert list(Sale.objects.values_list("external_id", flat=True)) == [None, None]
    assert {remark["code"]: remark["count"] for remark in run.remarks} == {"rounded_id": 2}
    assert bring(tmp_path, text).counts["written"] == {"same": 2}
