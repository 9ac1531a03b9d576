"""Sales and refunds."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from campaigns.models import Agency, Sale
from core.form_fields import written
from core.money import format_money
from tests.factories import CampaignFactory, LeadFactory, PlatformFactory, SaleFactory


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


def a_sale(**fields: object) -> dict[str, object]:
    return {"sold_on": "2026-11-18", "amount_cents": "1 234,50", **fields}


def test_a_sale_is_typed_as_people_write_it(signed_in):
    lead = LeadFactory(email="a@example.com")
    signed_in.post(reverse("campaigns:sale_add"), a_sale(lead="a@example.com", description="A site"))
    sale = Sale.objects.get()
    assert (sale.lead, sale.amount_cents, sale.sold_on) == (lead, 123450, date(2026, 11, 18))


@pytest.mark.parametrize(
    ("sold_on", "said"),
    [("2026-11-18", "It counts from 23 November 2026, when its week is over."), ("2026-11-15", "Sale added.")],
)
def test_it_is_said_from_when_a_sale_counts(signed_in, sold_on, said):
    answer = signed_in.post(reverse("campaigns:sale_add"), a_sale(sold_on=sold_on), follow=True)
    (message,) = answer.context["messages"]
    assert str(message).endswith(said)


def test_a_lead_that_is_won_asks_for_its_sale_or_says_later(signed_in):
    lead = LeadFactory(name="Roy")
    won = signed_in.post(reverse("campaigns:lead_status", args=[lead.pk]), {"status-status": "won"}, follow=True)
    page = won.content.decode()
    assert "Roy was won: what did they buy?" in page
    assert f'<a href="{lead.get_absolute_url()}">' in page
    assert "Later" in page
    signed_in.post(won.redirect_chain[-1][0], a_sale(lead=f"#{lead.pk}"))
    assert Sale.objects.get().lead == lead
    again = signed_in.post(reverse("campaigns:lead_status", args=[lead.pk]), {"status-status": "won"})
    assert again.url == lead.get_absolute_url()


def test_a_sale_without_a_lead_has_the_origin_entered(signed_in):
    platform, campaign = PlatformFactory(), CampaignFactory()
    signed_in.post(reverse("campaigns:sale_add"), a_sale(platform=platform.pk, campaign=campaign.pk))
    sale = Sale.objects.get()
    assert (sale.lead, sale.platform, sale.campaign) == (None, platform, campaign)


def test_a_sale_added_from_a_leads_page_has_that_lead(signed_in):
    lead = LeadFactory(name="Roy")
    url = reverse("campaigns:sale_add")
    assert f'value="Roy #{lead.pk}"' in signed_in.get(url, {"lead": lead.pk}).content.decode()
    for odd in ("zz", "9" * 400, "²", "-1"):
        assert signed_in.get(url, {"lead": odd}).status_code == 200


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"amount_cents": ""}, "amount_cents"),
        ({"amount_cents": "lots"}, "amount_cents"),
        ({"amount_cents": "-5"}, "amount_cents"),
        ({"amount_cents": "9" * 30}, "amount_cents"),
        ({"sold_on": "2026-11-22"}, "sold_on"),
        ({"sold_on": "0026-11-18"}, "sold_on"),
        ({"sold_on": "\x00"}, "sold_on"),
        ({"lead": "nobody"}, "lead"),
        ({"external_id": "taken"}, "external_id"),
        ({"external_id": "x" * 121}, "external_id"),
        ({"platform": "1e3"}, "platform"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(signed_in, sent, field):
    SaleFactory(external_id="taken")
    response = signed_in.post(reverse("campaigns:sale_add"), a_sale(description="Kept words", **sent))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    text = response.content.decode()
    assert "Kept words" in text
    typed = sent[field]
    assert "\x00" in typed or f'value="{typed}"' in text or field == "platform"
    assert Sale.objects.count() == 1


def test_a_taken_external_id_is_said_in_words(signed_in):
    SaleFactory(external_id="taken")
    response = signed_in.post(reverse("campaigns:sale_add"), a_sale(external_id="taken"))
    assert "This external id is already in use." in response.content.decode()


def refund(client, sale: Sale, amount: str, on: str = "2026-11-20"):
    return client.post(reverse("campaigns:refund_add", args=[sale.pk]), {"amount_cents": amount, "sold_on": on})


def test_a_refund_is_negative_and_stays_with_the_lead_of_its_sale(signed_in):
    sale = SaleFactory(lead=LeadFactory(), amount_cents=100_000)
    refund(signed_in, sale, "400")
    back = sale.refunds.get()
    assert (back.amount_cents, back.lead, back.sold_on) == (-40_000, sale.lead, date(2026, 11, 20))
    assert back.lead.sales.count() == 2


def test_refunds_never_exceed_the_sale(signed_in):
    sale = SaleFactory(amount_cents=100_000)
    assert refund(signed_in, sale, "1000,01").status_code == 422
    refund(signed_in, sale, "600")
    response = refund(signed_in, sale, "400,01")
    assert response.status_code == 422
    assert format_money(40_000) in response.content.decode()
    refund(signed_in, sale, "400")
    assert sale.refundable_cents == 0
    response = refund(signed_in, sale, "0,01")
    assert "Nothing is left to refund of this sale." in response.content.decode()
    assert sale.refunds.count() == 2


def test_a_refund_is_not_dated_before_its_sale(signed_in):
    sale = SaleFactory(sold_on=date(2026, 11, 18))
    response = refund(signed_in, sale, "1", on="2026-11-17")
    assert "The sale was made after that day." in response.content.decode()
    assert not sale.refunds.exists()


def test_a_refund_cannot_itself_be_refunded_nor_a_voided_sale(signed_in):
    sale = SaleFactory()
    back = SaleFactory(refund_of=sale, amount_cents=-100)
    assert refund(signed_in, back, "1").status_code == 404
    sale.void(at=datetime(2026, 11, 20, tzinfo=UTC))
    assert refund(signed_in, sale, "1").status_code == 404


def test_a_refund_can_be_corrected_up_to_what_is_left(signed_in):
    sale = SaleFactory(amount_cents=100_000)
    SaleFactory(refund_of=sale, amount_cents=-30_000, sold_on=date(2026, 11, 19))
    back = SaleFactory(refund_of=sale, amount_cents=-10_000, sold_on=date(2026, 11, 19))
    url = reverse("campaigns:sale_edit", args=[back.pk])
    assert f'value="{written(10_000)}"' in signed_in.get(url).content.decode()
    assert signed_in.post(url, {"amount_cents": "700,01", "sold_on": "2026-11-19"}).status_code == 422
    signed_in.post(url, {"amount_cents": "700", "sold_on": "2026-11-19"})
    back.refresh_from_db()
    assert (back.amount_cents, back.refund_of) == (-70_000, sale)


def test_a_sale_cannot_become_less_than_what_was_given_back(signed_in):
    sale = SaleFactory(amount_cents=100_000)
    SaleFactory(refund_of=sale, amount_cents=-30_000, sold_on=date(2026, 11, 19))
    url = reverse("campaigns:sale_edit", args=[sale.pk])
    assert signed_in.post(url, a_sale(amount_cents="299,99")).status_code == 422
    assert signed_in.post(url, a_sale(amount_cents="300", sold_on="2026-11-20")).status_code == 422
    assert signed_in.post(url, a_sale(amount_cents="300")).status_code == 302


def test_the_refunds_of_a_sale_follow_it_to_another_lead(signed_in):
    sale = SaleFactory(lead=LeadFactory())
    back = SaleFactory(refund_of=sale, lead=sale.lead, amount_cents=-100)
    other = LeadFactory()
    signed_in.post(reverse("campaigns:sale_edit", args=[sale.pk]), a_sale(lead=f"#{other.pk}", amount_cents="1000"))
    back.refresh_from_db()
    assert back.lead == other


def test_a_voided_refund_counts_again_only_while_there_is_room(signed_in):
    sale = SaleFactory(amount_cents=100_000)
    back = SaleFactory(refund_of=sale, amount_cents=-60_000)
    signed_in.post(reverse("campaigns:sale_void", args=[back.pk]))
    refund(signed_in, sale, "500")
    response = signed_in.post(reverse("campaigns:sale_restore", args=[back.pk]), follow=True)
    assert format_money(50_000) in response.content.decode()
    back.refresh_from_db()
    assert back.is_void
    assert sale.refundable_cents == 50_000


def test_a_day_to_come_that_a_file_brought_does_not_block_other_changes(signed_in):
    sale = SaleFactory(sold_on=date(2026, 12, 24), amount_cents=100)
    url = reverse("campaigns:sale_edit", args=[sale.pk])
    assert signed_in.post(url, a_sale(sold_on="2026-12-24", description="Xmas")).status_code == 302
    assert signed_in.post(url, a_sale(sold_on="2026-12-23")).status_code == 422


def test_who_changed_a_sale_and_how_is_shown(signed_in, manager):
    signed_in.post(reverse("campaigns:sale_add"), a_sale())
    sale = Sale.objects.get()
    platform = PlatformFactory(name="Pinterest")
    signed_in.post(reverse("campaigns:sale_edit", args=[sale.pk]), a_sale(amount_cents="1300", platform=platform.pk))
    text = signed_in.get(sale.get_absolute_url()).content.decode()
    assert manager.name in text
    assert "<ins>Pinterest</ins>" in text
    assert text.index("<del>1") < text.index("<ins>1")


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_of_a_sale_asks_as_much_for_a_long_history(signed_in, django_assert_num_queries, count):
    Agency.current()
    sale = SaleFactory(lead=LeadFactory(), platform=PlatformFactory(), campaign=CampaignFactory())
    for n in range(count):
        sale.description = f"Version {n}"
        sale.platform = PlatformFactory()
        sale.save()
    with django_assert_num_queries(9):
        signed_in.get(sale.get_absolute_url())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_refunds_at_the_same_moment_cannot_exceed_the_sale(manager):
    sale = SaleFactory(amount_cents=100_000)

    def give_back(_n: int) -> int:
        one = Client()
        one.force_login(manager)
        try:
            return refund(one, sale, "300").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(give_back, range(6)))
    assert answers == [302, 302, 302, 422, 422, 422]
    assert sale.refundable_cents == 10_000


def test_a_refund_of_no_known_sale_says_so_and_can_be_edited(signed_in):
    refund = SaleFactory(lead=None, amount_cents=-2400, sold_on=date(2026, 11, 18))
    page = signed_in.get(reverse("campaigns:sale", args=[refund.pk])).content.decode()
    assert "Refund of a sale that is not known" in page
    assert reverse("campaigns:refund_add", args=[refund.pk]) not in page
    assert "Refund of a sale that is not known" in signed_in.get(reverse("campaigns:sales")).content.decode()
    url = reverse("campaigns:sale_edit", args=[refund.pk])
    assert signed_in.get(url).status_code == 200
    signed_in.post(url, a_sale(amount_cents="30"))
    refund.refresh_from_db()
    assert (refund.amount_cents, refund.refund_of) == (-3000, None)
    assert signed_in.get(reverse("campaigns:refund_add", args=[refund.pk])).status_code == 404
    for kind, shown in (("refund", 1), ("sale", 0)):
        listed = signed_in.get(reverse("campaigns:sales"), {"kind": kind}).context["listed"]
        assert listed.rows.count() == shown
    signed_in.post(reverse("campaigns:sale_void", args=[refund.pk]), {"void_reason": "A mistake"})
    signed_in.post(reverse("campaigns:sale_restore", args=[refund.pk]))
    refund.refresh_from_db()
    assert not refund.is_void
