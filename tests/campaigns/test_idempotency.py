"""A form that arrives twice is saved once: a second click counts no money twice."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from campaigns import retention
from campaigns.models import Campaign, Lead, Outcome, Sale, Spend, Submission, Touch
from tests.factories import (
    CampaignFactory,
    ClientFactory,
    LeadFactory,
    ManagerFactory,
    PlatformFactory,
    SaleFactory,
)

ONCE = re.compile(r'name="once" value="([^"]+)"')
TOGETHER = 3


@dataclass(frozen=True)
class Form:
    """An address with what is typed there, and what it makes. `of` is the row that it hangs on."""

    name: str
    makes: type
    typed: Callable[[], dict[str, Any]]
    of: Callable[[], Any] | None = None
    page: str = ""  # where the form stands, when that is another address
    other: dict[str, Any] = field(default_factory=dict)  # what would make it another one

    def addresses(self) -> tuple[str, str]:
        """Where the form stands, and where it is sent."""
        args = [self.of().pk] if self.of else []
        return reverse(f"campaigns:{self.page or self.name}", args=args), reverse(f"campaigns:{self.name}", args=args)


FORMS = [
    Form("sale_add", Sale, lambda: {"sold_on": "2026-11-16", "amount_cents": "700"}, other={"amount_cents": "701"}),
    Form(
        "refund_add",
        Sale,
        lambda: {"sold_on": "2026-11-16", "amount_cents": "1"},
        of=lambda: SaleFactory(amount_cents=90_000, sold_on=datetime(2026, 11, 2).date()),
        other={"amount_cents": "2"},
    ),
    Form(
        "spend_add",
        Spend,
        lambda: {
            "platform": PlatformFactory().pk,
            "amount_cents": "7",
            "starts_on": "2026-11-16",
            "ends_on": "2026-11-16",
        },
        other={"amount_cents": "8"},
    ),
    Form(
        "lead_add",
        Lead,
        lambda: {"name": "Ada", "received_at": "2026-11-10T10:00", "status": "new"},
        other={"company": "Acme"},
    ),
    Form(
        "touch_add",
        Touch,
        lambda: {"touch-at": "2026-11-10T10:00", "touch-platform": PlatformFactory().pk},
        of=LeadFactory,
        page="lead",
        other={"touch-at": "2026-11-10T10:01"},
    ),
    Form(
        "campaign_add",
        Campaign,
        lambda: {
            "name": "Spring",
            "client": ClientFactory().pk,
            "purpose": "reach",
            "counted": "leads",
            "is_active": "on",
        },
        other={"name": "Summer"},
    ),
    Form(
        "outcome_add",
        Outcome,
        lambda: {
            "platform": PlatformFactory().pk,
            "campaign": CampaignFactory().pk,
            "week": "2026-W46",
            "measure": "Followers",
            "count": "7",
        },
        other={"measure": "Opt-ins"},
    ),
]
by_name = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


def loaded(signed_in: Client, page: str) -> dict[str, str]:
    """The number that this loading of the page gave its form."""
    return {"once": ONCE.search(signed_in.get(page).content.decode())[1]}


@by_name
@pytest.mark.django_db
def test_a_second_click_leads_to_what_the_first_one_saved(signed_in, form):
    page, address = form.addresses()
    sent = form.typed() | loaded(signed_in, page)
    before = form.makes.objects.count()
    first = signed_in.post(address, sent)
    assert (first.status_code, form.makes.objects.count()) == (302, before + 1)
    second = signed_in.post(address, sent)
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert form.makes.objects.count() == before + 1
    assert "This has already been saved. It counts once." in signed_in.get(second["Location"]).content.decode()


@by_name
@pytest.mark.django_db
def test_something_else_from_the_same_page_is_another(signed_in, form):
    """Who goes back, changes a figure and sends it means a second one."""
    page, address = form.addresses()
    sent = form.typed() | loaded(signed_in, page)
    before = form.makes.objects.count()
    signed_in.post(address, sent)
    signed_in.post(address, sent | form.other)
    assert form.makes.objects.count() == before + 2


@pytest.mark.parametrize(
    "form", [one for one in FORMS if one.makes in (Sale, Spend, Touch)], ids=lambda form: form.name
)
@pytest.mark.django_db
def test_the_same_from_a_page_loaded_anew_is_another(signed_in, form):
    page, address = form.addresses()
    typed, before = form.typed(), form.makes.objects.count()
    for _ in range(2):
        signed_in.post(address, typed | loaded(signed_in, page))
    assert form.makes.objects.count() == before + 2


@pytest.mark.django_db
def test_what_somebody_else_sent_is_theirs(signed_in, client):
    page, address = FORMS[0].addresses()
    sent = FORMS[0].typed() | loaded(signed_in, page)
    signed_in.post(address, sent)
    client.force_login(ManagerFactory())
    client.post(address, sent)
    assert Sale.objects.count() == 2


@pytest.mark.django_db
def test_a_refused_form_is_not_taken_for_one_that_was_saved(signed_in):
    page, address = FORMS[0].addresses()
    sent = FORMS[0].typed() | loaded(signed_in, page)
    assert [signed_in.post(address, sent | {"amount_cents": "x"}).status_code for _ in range(2)] == [422, 422]
    assert Submission.objects.count() == 0


@pytest.mark.django_db
def test_submissions_are_forgotten_after_a_week():
    now = datetime(2026, 11, 22, 3, tzinfo=UTC)
    for key, days in (("a", 6), ("b", 8)):
        Submission.objects.create(key=key, led_to="/", at=now - timedelta(days=days))
    retention.purge(at=now)
    assert [one.key for one in Submission.objects.all()] == ["a"]


@by_name
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_the_same_form_sent_several_times_at_once_one_is_saved(signed_in, manager, form):
    page, address = form.addresses()
    sent = form.typed() | loaded(signed_in, page)
    before = form.makes.objects.count()
    answers: list[tuple[int, str]] = []
    barrier = threading.Barrier(TOGETHER)

    def send() -> None:
        own = Client(raise_request_exception=False)
        own.cookies = signed_in.cookies
        try:
            barrier.wait(60)
            answer = own.post(address, sent)
            answers.append((answer.status_code, answer.headers.get("Location", "")))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert form.makes.objects.count() == before + 1
    assert len(answers) == TOGETHER
    assert set(answers) == {(302, answers[0][1])}
