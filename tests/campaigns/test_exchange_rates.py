"""The agency's own table of exchange rates, and the amounts that follow it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.models import ExchangeRate, Sale, Spend, StaleMark
from tests.factories import SaleFactory, SpendFactory

ADD = "campaigns:exchange_rate_add"


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


def sent(client, lines, *, direction="own", **more):
    return client.post(reverse(ADD), {"lines": lines, "direction": direction, **more})


def rates():
    return {(rate.currency, str(rate.day)): rate.rate for rate in ExchangeRate.objects.all()}


def in_dollars(cents, **fields):
    return SaleFactory(
        amount_cents=fields.pop("amount_cents", cents * 9 // 10),
        original_cents=cents,
        original_currency="USD",
        **fields,
    )


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-02 USD 0.9215",
        "USD\t2026-11-02\t0,9215",
        "2026-11-02;usd;0,9215",
        "date,currency,rate\n2026-11-02,USD,0.9215\n",
        '"2026-11-02","USD","0.9215"',
    ],
)
def test_a_rate_is_typed_or_pasted_as_people_have_it(signed_in, line):
    page = sent(signed_in, line)
    assert page.status_code == 200
    assert not ExchangeRate.objects.exists()
    sent(signed_in, page.context["lines"], confirmed="1")
    assert rates() == {("USD", "2026-11-02"): Decimal("0.9215")}


def test_a_rate_may_say_the_other_direction_as_central_banks_do(signed_in):
    page = sent(signed_in, "2026-11-02 USD 1.25\n2026-11-02 CHF 0.8", direction="other")
    sent(signed_in, page.context["lines"], confirmed="1")
    assert rates() == {("USD", "2026-11-02"): Decimal("0.8"), ("CHF", "2026-11-02"): Decimal("1.25")}


def test_rates_come_from_a_file(signed_in):
    file = SimpleUploadedFile("rates.csv", b"\xef\xbb\xbfday;currency;rate\n2026-11-02;USD;0,9\n2026-11-03;USD;0,8\n")
    page = signed_in.post(reverse(ADD), {"direction": "own", "file": file})
    assert page.context["lines"] == "2026-11-02 USD 0.9\n2026-11-03 USD 0.8"
    for name, content in (("odd.csv", b"\xff\xfe\x00"), ("big.csv", b"x" * 500_001)):
        page = signed_in.post(reverse(ADD), {"direction": "own", "file": SimpleUploadedFile(name, content)})
        assert (page.status_code, "file" in page.context["form"].errors) == (422, True)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("", "Write at least one rate."),
        ("2026-11-02 USD", "Line 1, “2026-11-02 USD”: write it as 2026-03-02 USD 0.9215."),
        ("02/11/2026 USD 0.9", "Line 1, “02/11/2026 USD 0.9”: write it as 2026-03-02 USD 0.9215."),
        ("2026-11-02 USD 0.9\n2026-11-02 EUR 0.9", "Line 2, “2026-11-02 EUR 0.9”: EUR is the agency's own currency."),
        ("2026-11-02 USD -1", "a rate is above 0, with at most ten decimals."),
        ("2026-11-02 USD 0", "a rate is above 0, with at most ten decimals."),
        ("2026-11-02 USD 0.12345678901", "a rate is above 0, with at most ten decimals."),
        ("2026-11-02 USD 0.9\n2026-11-02 USD 0.8", "Line 2: USD has two rates for 2026-11-02."),
        ("0001-01-01 USD 0.9", "write it as 2026-03-02 USD 0.9215."),
    ],
)
def test_a_line_that_is_no_rate_is_said_and_nothing_written(signed_in, lines, sentence):
    page = sent(signed_in, lines)
    assert page.status_code == 422
    assert sentence in page.context["form"].errors["lines"][0]
    assert not ExchangeRate.objects.exists()


def test_a_corrected_rate_changes_the_amounts_that_were_counted_by_it_once_that_was_seen(signed_in, manager):
    ExchangeRate.objects.create(currency="USD", day=date(2026, 11, 2), rate=Decimal("0.9"))
    sale = in_dollars(10_000, sold_on=date(2026, 11, 4))
    refund = in_dollars(-5_000, refund_of=sale, sold_on=date(2026, 11, 20))
    other = in_dollars(10_000, sold_on=date(2026, 11, 1))
    spend = SpendFactory(starts_on=date(2026, 11, 9), amount_cents=900, original_cents=1000, original_currency="USD")
    StaleMark.objects.all().delete()
    page = sent(signed_in, "2026-11-02 USD 0.95")
    assert (len(page.context["effect"].sales), page.context["effect"].sales_cents) == (2, 250)
    assert page.context["effect"].spend_cents == 50
    sale.refresh_from_db()
    assert sale.amount_cents == 9_000
    sent(signed_in, page.context["lines"], confirmed="1")
    for row, cents in ((sale, 9_500), (refund, -4_750), (other, 9_000), (spend, 950)):
        row.refresh_from_db()
        assert row.amount_cents == cents
    assert sale.history.first().history_user == manager
    assert StaleMark.objects.exists()


def test_a_rate_that_amounts_need_is_not_deleted(signed_in):
    rate = ExchangeRate.objects.create(currency="USD", day=date(2026, 11, 2), rate=Decimal("0.9"))
    in_dollars(10_000, sold_on=date(2026, 11, 4))
    url = reverse("campaigns:exchange_rate_delete", args=[rate.pk])
    assert "1 amount would have no rate any more" in signed_in.get(url).content.decode()
    signed_in.post(url)
    assert ExchangeRate.objects.exists()
    ExchangeRate.objects.create(currency="USD", day=date(2026, 11, 1), rate=Decimal("0.8"))
    assert "-10.00" in signed_in.get(url).content.decode().replace("−", "-")
    signed_in.post(url)
    assert Sale.objects.get().amount_cents == 8_000


def test_a_sale_does_not_become_smaller_than_what_was_given_back_of_it(signed_in):
    ExchangeRate.objects.create(currency="USD", day=date(2026, 11, 2), rate=Decimal("0.9"))
    sale = in_dollars(10_000, sold_on=date(2026, 11, 4), description="Site")
    SaleFactory(refund_of=sale, amount_cents=-8_500, sold_on=date(2026, 11, 5))
    page = sent(signed_in, "2026-11-02 USD 0.8")
    assert "The sale “Site” would be smaller" in page.content.decode()
    sent(signed_in, "2026-11-02 USD 0.8", confirmed="1")
    assert rates()["USD", "2026-11-02"] == Decimal("0.9")


def test_parts_that_are_rounded_one_by_one_stay_within_their_sale(signed_in):
    ExchangeRate.objects.create(currency="USD", day=date(2026, 11, 2), rate=Decimal("0.9"))
    sale = in_dollars(30, sold_on=date(2026, 11, 4))
    for _part in range(3):
        in_dollars(-10, refund_of=sale, amount_cents=-9, sold_on=date(2026, 11, 5))
    sent(signed_in, "2026-11-02 USD 0.905", confirmed="1")
    assert sum(Sale.objects.values_list("amount_cents", flat=True)) == 0


def test_pages_and_exports_show_what_an_amount_was(signed_in):
    sale = in_dollars(123_456, sold_on=date(2026, 11, 4))
    SpendFactory(starts_on=date(2026, 11, 9), amount_cents=900, original_cents=1000, original_currency="CHF")
    for address in (reverse("campaigns:sale", args=[sale.pk]), reverse("campaigns:sales")):
        assert "1,234.56\u00a0USD" in signed_in.get(address).content.decode()
    assert "10.00\u00a0CHF" in signed_in.get(reverse("campaigns:spend")).content.decode()
    taken_out = b"".join(signed_in.get(reverse("campaigns:sales_export"))).decode()
    assert "1234.56,USD" in taken_out


def test_a_changed_amount_is_in_the_agencys_own_currency_and_a_changed_day_has_its_own_rate(signed_in):
    for day, rate in ((2, "0.9"), (16, "0.8")):
        ExchangeRate.objects.create(currency="USD", day=date(2026, 11, day), rate=Decimal(rate))
    sale = in_dollars(10_000, sold_on=date(2026, 11, 4))
    refund = in_dollars(-5_000, refund_of=sale, sold_on=date(2026, 11, 20))
    url = reverse("campaigns:sale_edit", args=[sale.pk])
    assert "It was 100.00\u00a0USD" in signed_in.get(url).content.decode()
    signed_in.post(url, {"sold_on": "2026-11-17", "amount_cents": "90.00"})
    refund.refresh_from_db()
    assert (Sale.objects.get(pk=sale.pk).amount_cents, refund.amount_cents) == (8_000, -4_000)
    assert signed_in.post(url, {"sold_on": "2026-10-17", "amount_cents": "80.00"}).status_code == 422
    signed_in.post(url, {"sold_on": "2026-11-17", "amount_cents": "85.00"})
    changed = Sale.objects.get(pk=sale.pk)
    assert (changed.amount_cents, changed.original_cents, changed.original_currency) == (8_500, None, "")
    signed_in.post(reverse("campaigns:sale_edit", args=[refund.pk]), {"sold_on": "2026-11-20", "amount_cents": "10"})
    refund.refresh_from_db()
    assert (refund.amount_cents, refund.original_currency) == (-1_000, "")


def test_spend_in_another_currency_follows_its_first_day(signed_in):
    ExchangeRate.objects.create(currency="USD", day=date(2026, 11, 16), rate=Decimal("0.8"))
    spend = SpendFactory(starts_on=date(2026, 11, 9), amount_cents=900, original_cents=1000, original_currency="USD")
    fields = {"platform": spend.platform_id, "ends_on": "2026-11-20", "amount_cents": "9.00"}
    signed_in.post(reverse("campaigns:spend_edit", args=[spend.pk]), {**fields, "starts_on": "2026-11-17"})
    assert Spend.objects.get().amount_cents == 800
