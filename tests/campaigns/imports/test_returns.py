"""Refunds whose rows do not say of which sale they are."""

from datetime import date

import pytest

from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.questions import describe_question
from campaigns.models import Sale
from tests.campaigns.imports.importing import examined, imported, undone, written
from tests.factories import LeadFactory, SaleFactory

pytestmark = pytest.mark.django_db

UNATTRIBUTED = ColumnMapping(options={"returns": "unattributed"})
HEADER = "sold_on,amount,description\n"
MUG = HEADER + "2026-03-02,120,Mug\n2026-03-03,{},Mug returned\n"


def bring(tmp_path, text, **options):
    return imported(written(tmp_path, text), "sales", **options)


def codes(run):
    return {remark["code"] for remark in run.remarks}


def test_a_refund_is_matched_with_the_only_sale_that_fits_and_follows_its_corrections(tmp_path):
    run = bring(tmp_path, MUG.format(-24))
    refund = Sale.objects.get(amount_cents=-2400)
    assert refund.refund_of == Sale.objects.get(amount_cents=12000)
    assert (codes(run), run.counts["cents"]) == ({"return_matched"}, 9600)
    assert bring(tmp_path, MUG.format(-24)).counts["written"] == {"same": 2}
    changed = bring(tmp_path, MUG.format(-120))
    refund.refresh_from_db()
    assert (refund.amount_cents, Sale.objects.count()) == (-12000, 2)
    assert bring(tmp_path, MUG.format(-120)).counts["written"] == {"same": 2}
    undone(changed)
    refund.refresh_from_db()
    assert refund.amount_cents == -2400
    undone(run)
    assert not Sale.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "2026-03-02,120,Mug\n2026-03-02,130,Mug\n2026-03-03,-24,Mug\n",
        HEADER + "2026-03-02,120,Mug\n2026-03-03,-24,Chair\n",
        HEADER + "2026-03-04,120,Mug\n2026-03-03,-24,Mug\n",
        HEADER + "2026-03-02,20,Mug\n2026-03-03,-24,Mug\n",
        HEADER + "2026-03-02,120,\n2026-03-03,-24,\n",
    ],
    ids=["several", "another", "sold later", "too small", "says nothing"],
)
def test_where_none_or_several_fit_it_is_asked(tmp_path, text):
    (question,) = examined(written(tmp_path, text), "sales").questions
    assert (question["ask"], question["count"]) == ("returns", 1)
    assert "option,unattributed,returns or option,leave_out,returns" in describe_question(question)


def test_a_refund_of_no_known_sale_counts_as_unattributed_or_is_left_out(tmp_path):
    text = HEADER + "2026-03-02,120,Mug\n2026-03-03,-24,Chair\n"
    left_out = bring(tmp_path, text, mapping=ColumnMapping(options={"returns": "leave_out"}))
    assert [sale.amount_cents for sale in Sale.objects.all()] == [12000]
    assert codes(left_out) == {"return_left_out"}
    run = bring(tmp_path, text, mapping=UNATTRIBUTED)
    refund = Sale.objects.get(amount_cents=-2400)
    assert (refund.refund_of, refund.lead, refund.is_refund) == (None, None, True)
    assert list(Sale.objects.refundable().values_list("amount_cents", flat=True)) == [12000]
    assert bring(tmp_path, text).counts["written"] == {"same": 2}
    undone(run)
    assert not Sale.objects.filter(amount_cents__lt=0).exists()


def test_a_stored_sale_of_the_same_customer_is_matched(tmp_path):
    lead = LeadFactory(name="Ann Berg", email="ann@example.com")
    sale = SaleFactory(lead=lead, amount_cents=50000, sold_on=date(2026, 3, 1))
    SaleFactory(lead=LeadFactory(), amount_cents=50000, sold_on=date(2026, 3, 1))
    text = "Day;Sum;Who\n2026-03-05;-100;ann@example.com\n2026-03-06;-450;ann@example.com\n"
    columns = ColumnMapping(columns={"sold_on": "Day", "amount": "Sum", "lead_email": "Who"})
    (question,) = examined(written(tmp_path, text), "sales", mapping=columns).questions
    assert (question["ask"], question["line"]) == ("returns", 3)
    bring(tmp_path, text.replace("-450", "-400"), mapping=columns)
    assert {refund.refund_of_id for refund in Sale.objects.filter(amount_cents__lt=0)} == {sale.pk}
    assert {refund.lead_id for refund in Sale.objects.filter(amount_cents__lt=0)} == {lead.pk}


def test_a_refund_that_says_it_is_of_no_known_sale_is_taken_so(tmp_path):
    bring(tmp_path, "external_id,sold_on,amount,refund_of\nR1,2026-03-03,-24,-\n")
    assert Sale.objects.get().refund_of is None
    findings = examined(written(tmp_path, "external_id,sold_on,amount,refund_of\nR1,2026-03-03,24,-\n"), "sales")
    assert [error.code for error in findings.errors] == ["positive_refund"]
