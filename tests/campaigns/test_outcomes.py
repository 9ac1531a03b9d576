"""Outcomes in the list, and what the agency holds them to be worth."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns.models import Outcome, OutcomeValue
from campaigns.models.money import Scale
from core.access import Role
from tests.factories import CampaignFactory, OutcomeFactory, OutcomeValueFactory, PlatformFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_manager(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def as_director(client, director):
    client.force_login(director)
    return client


def value(**fields: object) -> dict[str, object]:
    return {"measure": "Tickets answered", "week": "2026-W40", "value_cents": "6,50", "reason": "A call", **fields}


def test_a_measure_keeps_the_spelling_it_has(as_manager):
    OutcomeFactory(measure="Followers gained")
    sent = {"platform": PlatformFactory().pk, "campaign": CampaignFactory().pk, "week": "2026-W47", "count": "1"}
    as_manager.post(reverse("campaigns:outcome_add"), {**sent, "measure": "  followers   GAINED "})
    assert Outcome.objects.measures() == ["Followers gained"]
    assert b'<option value="Followers gained">' in as_manager.get(reverse("campaigns:outcome_add")).content


def test_the_list_narrows_by_measure_and_purpose_and_adds_up_each_measure(as_manager):
    serve = CampaignFactory(purpose="serve")
    OutcomeFactory(measure="Calls", count=3, campaign=serve)
    OutcomeFactory(measure="Calls", count=4, campaign=CampaignFactory())
    OutcomeFactory(measure="Opt-ins", count=50)
    OutcomeFactory(measure="Calls", count=1000, voided_at=datetime(2026, 11, 20, tzinfo=UTC))
    address = reverse("campaigns:outcomes")
    assert list(as_manager.get(address, {"show": "all"}).context["totals"]) == [("Calls", 7), ("Opt-ins", 50)]
    assert list(as_manager.get(address, {"measure": "Calls"}).context["totals"]) == [("Calls", 7)]
    assert list(as_manager.get(address, {"purpose": "serve"}).context["totals"]) == [("Calls", 3)]


def test_the_list_asks_as_often_for_many_outcomes_as_for_few(as_manager, django_assert_num_queries):
    for number in range(40):
        OutcomeFactory(measure=f"Measure {number}")
    address = reverse("campaigns:outcomes")
    as_manager.get(address)  # the first request of all makes the agency
    with django_assert_num_queries(9):
        as_manager.get(address)


def test_a_director_sets_a_value_changes_it_and_the_history_keeps_both(as_director):
    OutcomeFactory(measure="Tickets answered")
    assert (
        as_director.post(reverse("campaigns:outcome_value_add"), value(measure="tickets answered")).status_code == 302
    )
    made = OutcomeValue.objects.get()
    assert (made.measure, made.week, made.value_cents) == ("Tickets answered", date(2026, 9, 28), 650)
    address = reverse("campaigns:outcome_value", args=[made.pk])
    as_director.post(address, value(value_cents="8", reason="A longer call"))
    page = as_director.get(address).content.decode()
    assert "A longer call" in page
    assert "<del>6.50" in page  # what it was, in the history
    assert "Tickets answered" in as_director.get(reverse("campaigns:outcome_values")).content.decode()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"measure": ""}, "measure"),
        ({"measure": "CALLS", "week": "2026-W39"}, "measure"),
        ({"week": "2026-W60"}, "week"),
        ({"value_cents": "-1"}, "value_cents"),
        ({"value_cents": "much"}, "value_cents"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 201}, "reason"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_value_is_said_at_its_field(as_director, sent, field):
    OutcomeValueFactory(measure="Calls", week=date(2026, 9, 21))
    OutcomeFactory(measure="Calls")
    response = as_director.post(reverse("campaigns:outcome_value_add"), value(**sent))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert OutcomeValue.objects.count() == 1


def test_a_voided_value_counts_no_more_and_counts_again(as_director):
    made = OutcomeValueFactory(measure="Calls", week=date(2026, 9, 21), value_cents=5)
    as_director.post(reverse("campaigns:outcome_value_void", args=[made.pk]), {"reason": "a guess"})
    assert Scale().value_of("Calls", date(2026, 9, 21)) is None
    as_director.post(reverse("campaigns:outcome_value_restore", args=[made.pk]))
    assert Scale().value_of("Calls", date(2026, 9, 21)) == 5


def test_a_week_is_valued_by_the_last_value_from_it_or_before():
    OutcomeValueFactory(measure="Calls", week=date(2026, 9, 21), value_cents=5)
    OutcomeValueFactory(measure="Calls", week=date(2026, 10, 5), value_cents=7)
    scale = Scale()
    weeks = [date(2026, 9, 14), date(2026, 9, 21), date(2026, 9, 28), date(2026, 10, 5), date(2026, 11, 2)]
    assert [scale.value_of("Calls", week) for week in weeks] == [None, 5, 5, 7, 7]
    assert scale.value_of("Opt-ins", weeks[-1]) is None


def test_one_measure_has_one_value_from_a_week():
    OutcomeValueFactory(measure="Calls")
    with pytest.raises(IntegrityError), transaction.atomic():
        OutcomeValueFactory(measure="Calls")


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGER])
@pytest.mark.parametrize("name", ["outcome_values", "outcome_value_add", "outcome_value", "outcome_value_void"])
def test_only_a_director_meets_the_values(client, member, role, name):
    made = OutcomeValueFactory()
    member.role = role
    member.save()
    client.force_login(member)
    arguments = [] if name in ("outcome_values", "outcome_value_add") else [made.pk]
    assert client.get(reverse(f"campaigns:{name}", args=arguments)).status_code == 403
    assert b"What they are worth" not in client.get(reverse("campaigns:outcomes")).content
