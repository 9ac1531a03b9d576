"""Which deals are won and which payments paid: known in many languages, else asked, remembered for the source."""

import pytest

from campaigns.imports.formats.deal_stages import standing_of
from campaigns.imports.mapping.column_mapping import ColumnMapping, read_map
from campaigns.imports.mapping_form import apply_answers, form_for
from campaigns.imports.questions import describe_question
from campaigns.imports.summary import described
from campaigns.models import ImportRun, Sale
from tests.campaigns.imports.importing import examined, imported, started, undone, written

pytestmark = [pytest.mark.django_db, pytest.mark.once]

DEALS = "Record ID,Deal Name,Deal Stage,Amount,Close Date\n"
PAYMENTS = "external_id,sold_on,amount,Amount Refunded,Status\n"


def bring(tmp_path, text, **options):
    return imported(written(tmp_path, text), "sales", **options)


def amounts():
    return sorted(Sale.objects.live().filter(refund_of__voided_at=None).values_list("amount_cents", flat=True))


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        ("closedwon", "won"),
        ("Closed Won (Agency pipeline)", "won"),
        ("Gagné", "won"),
        ("Abgeschlossen und gewonnen", "won"),
        ("Cierre ganado", "won"),
        ("Vinto", "won"),
        ("Pago", "won"),
        ("Gewonnen (Vertrieb)", "won"),
        ("partially_refunded", "partly"),
        ("Perdu", "not_won"),
        ("requires_payment_method", "not_won"),
        ("Refunded", "refunded"),
        ("Won - signed", None),
        ("Negotiation", None),
        ("", None),
    ],
)
def test_a_stage_says_what_it_is_in_the_languages_people_have_or_nothing(text, standing):
    assert standing_of(text) == standing


def test_a_stage_that_is_new_is_asked_and_the_sentence_says_how_a_map_answers(tmp_path):
    findings = examined(written(tmp_path, DEALS + "1,A,Won - signed,100,2026-03-02\n"), "sales")
    (question,) = findings.questions
    assert not findings.is_good
    assert describe_question(question) == (
        "“Won - signed” is a stage or status that is new here. Say whether its sales count. "
        "In a map: stage,Won - signed,won (not_won, partly, refunded). (1 rows, line 2 first)"
    )
    assert describe_question({**question, "text": "", "reason": "blank"}).startswith("Some rows have no stage")


def test_what_a_map_says_of_a_stage_is_remembered_for_all_files_of_the_source(tmp_path):
    said = read_map(written(tmp_path, "what,from,to\nstage,Won - signed,won\n", "map.csv"), fields=[])
    bring(tmp_path, DEALS + "1,A,Won - signed,100,2026-03-02\n", mapping=said)
    other = DEALS.replace("Amount,", "Amount,Currency,") + "2,B,won - signed,50,EUR,2026-03-03\n"
    bring(tmp_path, other)
    assert amounts() == [5000, 10000]
    lost = ColumnMapping(names={"stage": {"won - signed": "not_won"}})
    bring(tmp_path, other, mapping=lost)
    assert amounts() == [10000]
    bring(tmp_path, DEALS + "1,A,Won - signed,100,2026-03-02\n")
    assert amounts() == []
    new = other + "3,C,Verbal yes,70,EUR,2026-03-04\n"
    assert [question["text"] for question in examined(written(tmp_path, new), "sales").questions] == ["Verbal yes"]


def test_the_screen_asks_about_a_stage_with_its_meanings_alone(tmp_path):
    findings = examined(written(tmp_path, DEALS + "1,A,Won - signed,100,2026-03-02\n"), "sales", creating=True)
    run = ImportRun(kind="sales", source="hubspot", questions=findings.questions, counts={"header": findings.header})
    (name,) = form_for(run).names
    assert [choice.value for choice in name.choices] == ["", "won", "not_won", "partly", "refunded"]
    apply_answers(run, {"name-0": "won", "text-0": "Won - signed"})
    assert run.mapping["names"] == {"stage": {"won - signed": "won"}}


def test_refunded_failed_and_cancelled_payments_do_not_count(tmp_path):
    run = bring(
        tmp_path,
        PAYMENTS
        + "ch1,2026-03-02,100.00,100.00,Refunded\nch2,2026-03-02,50.00,0.00,Paid\nch3,2026-03-02,70.00,,Failed\n",
    )
    assert amounts() == [5000]
    assert {remark["code"]: remark["count"] for remark in run.remarks} == {"refunded_whole": 1, "not_wanted": 1}


def test_a_cancelled_order_does_not_count_whatever_its_status(tmp_path):
    text = "external_id,sold_on,amount,Status,Cancelled\n1,2026-03-02,100,paid,2026-03-03\n2,2026-03-02,50,paid,\n"
    bring(tmp_path, text, mapping=ColumnMapping(columns={"cancelled_at": "Cancelled"}))
    assert amounts() == [5000]


def test_what_was_partly_given_back_is_a_sale_and_a_refund_and_follows_its_row(tmp_path):
    text = PAYMENTS + "ch1,2026-03-02,100.00,{},{}\n"
    first = bring(tmp_path, text.format("0", "Paid"))
    run = bring(tmp_path, text.format("30.00", "Partially refunded"))
    refund = Sale.objects.get(refund_of__external_id="ch1")
    assert (refund.amount_cents, refund.external_id, run.counts["cents"]) == (-3000, "ch1:refund", 7000)
    assert bring(tmp_path, text.format("30.00", "Partially refunded")).counts["written"] == {"same": 2}
    more = bring(tmp_path, text.format("45.00", "Partially refunded"))
    assert amounts() == [-4500, 10000]
    whole = bring(tmp_path, text.format("100.00", "Refunded"))
    assert amounts() == []
    assert any("given back as a whole and is voided" in sentence for sentence in described(whole.counts))
    undone(whole)
    assert amounts() == [-4500, 10000]
    undone(more)
    assert amounts() == [-3000, 10000]
    bring(tmp_path, text.format("0", "Paid"))
    assert amounts() == [10000]
    assert not first.corrections().exists()


def test_a_payment_without_an_id_that_was_given_back_goes_by_what_it_is_about(tmp_path):
    text = "sold_on,amount,description,refunded,status\n2026-03-02,100,Site,{}\n2026-03-02,50,Blog,,paid\n"
    bring(tmp_path, text.format("20,paid"))
    assert amounts() == [-2000, 5000, 10000]
    assert bring(tmp_path, text.format("20,paid")).counts["written"] == {"same": 3}
    bring(tmp_path, text.format("30,paid"))
    assert amounts() == [-3000, 5000, 10000]
    run = bring(tmp_path, text.format("100,refunded"))
    assert amounts() == [5000]
    undone(run)
    assert amounts() == [-3000, 5000, 10000]
    bring(tmp_path, text.format("100,refunded"))
    bring(tmp_path, text.format("30,paid"))
    assert amounts() == [-3000, 5000, 10000]


def test_a_row_below_zero_is_a_refund_whatever_its_status(tmp_path):
    text = "external_id,sold_on,amount,refund_of,status\n1,2026-03-02,100,,paid\n2,2026-03-05,-40,1,refunded\n"
    bring(tmp_path, text + "3,2026-03-06,-10,1,partially refunded\n")
    assert amounts() == [-4000, -1000, 10000]


def test_a_failed_try_beside_the_payment_that_followed_takes_nothing_back(tmp_path):
    text = "sold_on,amount,description,status\n2026-03-02,100,Site,failed\n2026-03-02,100,Site,paid\n"
    bring(tmp_path, text)
    assert bring(tmp_path, text).counts["written"] == {"same": 1}
    assert amounts() == [10000]


def test_partly_given_back_without_how_much_is_an_error(tmp_path):
    findings = examined(
        written(tmp_path, "external_id,sold_on,amount,status\n1,2026-03-02,5,partial refund\n"), "sales"
    )
    assert [error.code for error in findings.errors] == ["partly_refunded"]
    too_much = PAYMENTS + "ch1,2026-03-02,100.00,110.00,Paid\n"
    assert [error.code for error in examined(written(tmp_path, too_much), "sales").errors] == ["over_refund"]


# -- orders of several lines ------------------------------------------------------------------------------------------

ORDER = "external_id,sold_on,amount,description\no1,2026-03-02,{},Mug\no1,2026-03-02,{},Cup\no2,2026-03-03,7,Bag\n"


def test_lines_with_one_id_and_other_values_are_asked_about(tmp_path):
    findings = examined(written(tmp_path, ORDER.format(10, 20)), "sales")
    (question,) = findings.questions
    assert question == {"ask": "order_lines", "count": 1, "line": 3}
    assert "option,add,order_lines or option,once,order_lines" in describe_question(question)


def test_the_articles_of_an_order_add_up_to_one_sale_that_follows_its_corrections(tmp_path):
    add = ColumnMapping(options={"order_lines": "add"})
    run = bring(tmp_path, ORDER.format(10, 20), mapping=add)
    assert amounts() == [700, 3000]
    assert run.counts["cents"] == 3700
    assert bring(tmp_path, ORDER.format(10, 20)).counts["written"] == {"same": 2}
    bring(tmp_path, ORDER.format(10, 10))
    assert amounts() == [700, 2000]
    undone(run)
    assert run.counts["kept"] == 1


def test_an_order_whose_lines_each_hold_its_amount_counts_once(tmp_path):
    once = ColumnMapping(options={"order_lines": "once"})
    bring(tmp_path, ORDER.format(30, 30), mapping=once)
    assert amounts() == [700, 3000]
    findings = examined(written(tmp_path, ORDER.format(30, 20)), "sales", mapping=once)
    assert [(error.line, error.code) for error in findings.errors] == [(3, "repeated_id")]


def test_a_line_of_another_day_is_no_article_of_the_order(tmp_path):
    text = "external_id,sold_on,amount\no1,2026-03-02,10\no1,2026-03-05,20\n"
    assert [error.code for error in examined(written(tmp_path, text), "sales").errors] == ["repeated_id"]


def test_what_further_lines_are_is_remembered_with_the_columns(tmp_path):
    bring(tmp_path, ORDER.format(10, 20), mapping=ColumnMapping(options={"order_lines": "add"}))
    assert started(written(tmp_path, ORDER.format(11, 20)), "sales").mapping["options"] == {"order_lines": "add"}
