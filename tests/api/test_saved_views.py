"""Views of lists, which each person has of their own."""

import pytest

from campaigns.models import SavedView
from campaigns.models.saved_views import MOST_VIEWS
from tests import factories
from tests.api.asking import Asker, is_problem, messages_of, token_for

pytestmark = [pytest.mark.django_db, pytest.mark.database]
WON = {"list": "leads", "name": "Won this month", "query": "status=won&when=month&sort=-name"}


def test_a_view_is_saved_renamed_and_deleted(as_manager):
    made = as_manager.post("/saved-views", WON)
    assert made.status_code == 201, made.content
    assert {**made.json(), "id": 0} == {**WON, "id": 0}
    assert [view["name"] for view in as_manager.get("/saved-views").json()] == ["Won this month"]
    assert as_manager.get(f"/leads?{made.json()['query'].replace('&sort=-name', '')}").status_code == 200
    assert is_problem(as_manager.patch(made["Location"], {"name": "Won"}), 428)
    renamed = as_manager.patch(made["Location"], {"name": "Won"}, If_Match=made["ETag"])
    assert (renamed.json()["name"], renamed.json()["query"]) == ("Won", WON["query"])
    assert is_problem(as_manager.ask("DELETE", made["Location"], If_Match=made["ETag"]), 412)
    assert as_manager.ask("DELETE", made["Location"], If_Match=renamed["ETag"]).status_code == 204
    assert not SavedView.objects.exists()


def test_views_of_others_are_not_there(as_manager, as_director, as_service):
    made = as_manager.post("/saved-views", WON)
    assert as_director.get("/saved-views").json() == as_service.get("/saved-views").json() == []
    assert is_problem(as_director.get(made["Location"]), 404)
    assert is_problem(as_director.patch(made["Location"], {"name": "Mine"}, If_Match="*"), 404)
    assert is_problem(as_director.ask("DELETE", made["Location"], If_Match="*"), 404)
    assert is_problem(as_service.post("/saved-views", WON), 403)
    assert SavedView.objects.get().name == "Won this month"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("q=Dupont", "The search is not kept: it may be a person's name. Leave it out."),
        ("colour=red", "This list has no filter “colour”."),
        ("page=2", "This list has no filter “page”."),
        ("status=lost-and-found", None),
        ("sort=colour", None),
        ("from=yesterday", None),
    ],
)
def test_what_a_list_does_not_know_is_refused(as_manager, query, message):
    answer = as_manager.post("/saved-views", {**WON, "query": query})
    assert is_problem(answer, 422)
    [(field, told)] = messages_of(answer)
    assert field == "query"
    assert message in (None, told)
    assert not SavedView.objects.exists()


def test_a_name_stands_once_and_a_list_has_room_for_so_many(as_manager):
    as_manager.post("/saved-views", WON)
    assert [name for name, _told in messages_of(as_manager.post("/saved-views", WON))] == ["name"]
    assert as_manager.post("/saved-views", {**WON, "list": "sales", "query": ""}).status_code == 201
    member = SavedView.objects.first().member
    SavedView.objects.bulk_create(
        SavedView(member=member, list_name="leads", name=f"View {number}") for number in range(MOST_VIEWS)
    )
    assert is_problem(as_manager.post("/saved-views", {**WON, "name": "One more"}), 422)


def test_a_token_that_only_reads_saves_no_view(db):
    reader = Asker(token_for(factories.ManagerFactory(), scopes=["views:read", "leads:write"]))
    assert is_problem(reader.post("/saved-views", WON), 403)
    assert reader.get("/saved-views").status_code == 200
