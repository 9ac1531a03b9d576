"""The table of exchange rates, with the amounts that follow it; and what outcomes are held to be worth."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from campaigns.models import ExchangeRate, OutcomeValue, Sale
from tests import factories
from tests.api.asking import is_problem, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def rate():
    return ExchangeRate.objects.create(currency="USD", day=date(2026, 11, 2), rate=Decimal("0.9"))


@pytest.fixture
def sale(rate):
    return factories.SaleFactory(
        sold_on=date(2026, 11, 3), amount_cents=9_000, original_cents=10_000, original_currency="USD"
    )


def test_a_rate_is_put_in_and_amounts_follow_it(as_manager, sale):
    effect = as_manager.get("/exchange-rates/effect?currency=USD&day=2026-11-03&rate=0.95").json()
    assert effect == {"sales": 1, "revenue": "5.00", "spend_items": 0, "spend": "0.00", "problems": []}
    assert Sale.objects.get().amount_cents == 9_000
    made = as_manager.post("/exchange-rates", {"currency": "USD", "day": "2026-11-03", "rate": "0.95"})
    assert (made.status_code, made.json()["rate"]) == (201, "0.9500000000")
    assert Sale.objects.get().amount_cents == 9_500
    assert str(Sale.objects.get().history.first().history_user) == "Marc"
    assert is_problem(as_manager.post("/exchange-rates", {"currency": "USD", "day": "2026-11-03", "rate": "1"}), 409)


def test_a_rate_is_changed_and_taken_out_by_who_saw_it(as_manager, rate, sale):
    address = f"/exchange-rates/{rate.pk}"
    seen = as_manager.get(address)
    assert is_problem(as_manager.patch(address, {"rate": "0.8"}), 428)
    changed = as_manager.patch(address, {"rate": "0.8"}, If_Match=seen["ETag"])
    assert (changed.status_code, Sale.objects.get().amount_cents) == (200, 8_000)
    assert is_problem(as_manager.patch(address, {"rate": "0.7"}, If_Match=seen["ETag"]), 412)
    refused = as_manager.ask("DELETE", address, If_Match=changed["ETag"])
    assert is_problem(refused, 409)
    assert refused.json()["detail"] == "1 amount would have no rate any more. Add another rate for its day first."
    assert ExchangeRate.objects.exists()
    sale.delete()
    assert as_manager.ask("DELETE", address, If_Match=changed["ETag"]).status_code == 204
    assert not ExchangeRate.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("rate", "0"), ("rate", "0,9"), ("rate", "-1"), ("rate", 0.9), ("currency", "EUR"), ("currency", "usd"),
     ("day", "2.3.2026"), ("day", "1999-12-31")],
)  # fmt: skip
def test_a_rate_is_never_guessed(as_manager, field, value):
    body = {"currency": "USD", "day": "2026-11-03", "rate": "0.9", field: value}
    assert is_problem(as_manager.post("/exchange-rates", body), 422)
    assert not ExchangeRate.objects.exists()


def test_a_sale_never_becomes_smaller_than_what_was_given_back(as_manager, rate, sale):
    factories.SaleFactory(
        sold_on=date(2026, 11, 4), amount_cents=-9_000, refund_of=sale, lead=sale.lead, platform=sale.platform
    )
    answer = as_manager.patch(f"/exchange-rates/{rate.pk}", {"rate": "0.5"}, If_Match="*")
    assert is_problem(answer, 409)
    assert f"#{sale.pk}" in answer.json()["detail"]
    assert ExchangeRate.objects.get().rate == Decimal("0.9")


# -- values -----------------------------------------------------------------------------------------------------------


def test_a_director_says_what_an_outcome_is_worth(as_director, as_manager):
    body = {"measure": "followers", "week": "2026-W46", "value": "0.50", "reason": "What an ad costs"}
    made = as_director.post("/outcome-values", body)
    assert made.status_code == 201
    assert OutcomeValue.objects.get().value_cents == 50
    assert is_problem(as_director.post("/outcome-values", body), 422)
    changed = as_director.patch(made["Location"], {"value": "0.75"}, If_Match=made["ETag"]).json()
    assert (changed["value"], changed["week"], changed["reason"]) == ("0.75", "2026-W46", "What an ad costs")
    assert as_director.post(f"{made['Location']}/void", {"reason": "guessed"}).json()["void_reason"] == "guessed"
    assert as_director.get("/outcome-values").json()["items"] == []
    assert as_director.post(f"{made['Location']}/restore").json()["voided_at"] is None
    assert messages_of(as_director.post("/outcome-values", {**body, "week": "2026-W45", "value": "-1"}))
    assert is_problem(as_manager.get("/outcome-values"), 403)


# -- many at once -----------------------------------------------------------------------------------------------------


def test_rates_of_many_days_are_put_in_by_one_act(as_manager, sale):
    rows = [{"currency": "USD", "day": f"2026-11-0{day}", "rate": "0.95"} for day in (3, 4)]
    made = as_manager.post("/exchange-rates/bulk", {"rows": rows}, Idempotency_Key="table-1")
    assert made.status_code == 201, made.content
    assert [(item["day"], item["rate"]) for item in made.json()["items"]] == [
        ("2026-11-03", "0.9500000000"),
        ("2026-11-04", "0.9500000000"),
    ]
    assert Sale.objects.get().amount_cents == 9_500
    assert as_manager.post("/exchange-rates/bulk", {"rows": rows}, Idempotency_Key="table-1").status_code == 201
    assert as_manager.post("/exchange-rates/bulk", {"rows": rows}).status_code == 201, "the same once more is the same"
    assert ExchangeRate.objects.count() == 3


def test_a_row_that_contradicts_what_is_there_is_named_and_nothing_is_written(as_manager, sale):
    rows = [("USD", "2026-11-04", "0.95"), ("USD", "2026-11-02", "0.95"), ("USD", "2026-11-04", "0.96")]
    body = {"rows": [dict(zip(("currency", "day", "rate"), row, strict=True)) for row in rows]}
    answer = as_manager.post("/exchange-rates/bulk", body)
    assert is_problem(answer, 422)
    assert [(error["row"], error["field"]) for error in answer.json()["errors"]] == [(1, "rate"), (2, "rate")]
    assert ExchangeRate.objects.count() == 1
    body["rows"].append({"currency": "EUR", "day": "2026-11-05", "rate": "1"})
    assert as_manager.post("/exchange-rates/bulk", body).json()["errors"][-1]["row"] == 3
