"""A call or a talk noted on a phone."""

import pytest

from campaigns.models import Lead, RememberedOrigin, Touch
from tests.campaigns.capture.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def as_manager(client, manager):
    client.force_login(manager)
    return client


def test_a_button_is_enough_once_the_origin_was_chosen(as_manager, linkedin, spring, manager):
    as_manager.post(
        "/leads/quick/", {"platform": linkedin.pk, "campaign": spring.pk, "occasion": "talk", "name": "Ada"}
    )
    page = as_manager.get("/leads/quick/")
    form = page.context["form"]
    assert (form["platform"].value(), form["campaign"].value()) == (linkedin.pk, spring.pk)
    remembered = {name: form[name].value() or "" for name in ("platform", "campaign", "name", "phone")}
    answer = as_manager.post("/leads/quick/", {**remembered, "occasion": "call"})
    assert answer["Location"] == "/leads/quick/"
    ada, nobody = Lead.objects.order_by("pk")
    assert (ada.name, ada.note, nobody.name, nobody.note) == ("Ada", "Talk after an event", "", "Phone call")
    assert str(nobody) == f"Lead {nobody.pk}"
    places = [(touch.lead, touch.platform, touch.campaign, touch.at) for touch in Touch.objects.order_by("pk")]
    assert places == [(ada, linkedin, spring, NOW), (nobody, linkedin, spring, NOW)]
    assert RememberedOrigin.objects.get().person == manager


def test_each_person_has_an_origin_of_their_own(as_manager, client, director, linkedin):
    as_manager.post("/leads/quick/", {"platform": linkedin.pk, "occasion": "call"})
    client.force_login(director)
    assert client.get("/leads/quick/").context["form"]["platform"].value() is None


def test_the_same_tap_twice_is_one_lead(as_manager, linkedin):
    sent = {"platform": linkedin.pk, "occasion": "call", "once": "a" * 64}
    for _time in range(2):
        assert as_manager.post("/leads/quick/", sent).status_code == 302
    assert Lead.objects.count() == 1


def test_where_somebody_came_from_is_asked_for(as_manager):
    answer = as_manager.post("/leads/quick/", {"occasion": "call"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["platform"]
    assert not Lead.objects.exists()


def test_it_is_reached_from_every_page(as_manager):
    assert 'href="/leads/quick/"' in as_manager.get("/campaigns/").content.decode()
