"""Views of lists: what they keep, whose they are, and that they hold no name of a person."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from campaigns import erasure, personal_data_export, saved_views
from campaigns.models import SavedView
from campaigns.models.saved_views import MOST_VIEWS
from campaigns.views.leads import LEADS
from tests.factories import DirectorFactory, LeadFactory, PlatformFactory

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


def save(client, list_name: str = "leads", query: str = "", **sent: str):
    return client.post(f"{reverse('campaigns:saved_view_add', args=[list_name])}{query}", sent, follow=True)


@pytest.mark.parametrize("list_name", ["leads", "sales", "spend", "campaigns", "outcomes"])
def test_a_view_leads_to_what_was_shown_when_it_was_saved(signed_in, list_name):
    query = "?when=month&sort=-id&page=3&show=all&unknown=1"
    shown = signed_in.get(reverse(f"campaigns:{list_name}") + query)
    assert "Save what is shown as a view" in shown.content.decode()
    response = save(signed_in, list_name, query, name="All of this month")
    assert response.redirect_chain[-1][0] == reverse(f"campaigns:{list_name}") + "?show=all&when=month"
    menu = response.context["view_menu"]
    assert str(menu.current) == "All of this month"
    assert [str(view) for view in menu.views] == ["All of this month"]


def test_a_view_keeps_the_days_that_were_typed_and_the_order(signed_in):
    save(signed_in, "sales", "?when=between&from=2026-10-01&to=&sort=amount", name="Since October")
    assert SavedView.objects.get().query == "when=between&from=2026-10-01&sort=amount"


def test_a_search_is_not_kept_and_the_page_says_so(signed_in):
    address = reverse("campaigns:saved_view_add", args=["leads"]) + "?q=Dupr%C3%A9&status=new"
    assert "The search is not" in signed_in.get(address).content.decode()
    signed_in.post(address, {"name": "New ones"})
    view = SavedView.objects.get()
    assert view.query == "status=new"
    assert signed_in.get(reverse("campaigns:leads") + "?q=x&status=new").context["view_menu"].current is None


def test_what_an_address_cannot_mean_is_not_kept(signed_in):
    save(signed_in, "leads", "?status=Dupr%C3%A9&platform=zz&campaign=1&when=Roy", name="Odd")
    assert SavedView.objects.get().query == ""


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ("", "This field is required."),
        ("x" * 61, "At most 60 characters: this has 61."),
        ("Taken", "You have a view of this name on this list already. Choose another name."),
    ],
    ids=["nothing", "too long", "taken"],
)
def test_a_name_that_does_not_do_is_refused_and_stays_typed(signed_in, manager, sent, sentence):
    SavedView.objects.create(member=manager, list_name="leads", name="Taken")
    response = save(signed_in, query="?status=new", name=sent)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert f'value="{sent}"' in response.content.decode() or not sent
    assert SavedView.objects.count() == 1


def test_the_same_name_does_on_another_list_and_for_somebody_else(signed_in, manager):
    SavedView.objects.create(member=manager, list_name="sales", name="Mine")
    SavedView.objects.create(member=DirectorFactory(), list_name="leads", name="Mine")
    save(signed_in, name="Mine")
    assert SavedView.objects.filter(name="Mine").count() == 3


def test_a_list_has_room_for_so_many_views_of_one_person(signed_in, manager):
    for number in range(MOST_VIEWS):
        SavedView.objects.create(member=manager, list_name="leads", name=f"V{number}")
    response = save(signed_in, name="One more")
    assert "A list has room for 20 views of yours." in response.content.decode()
    assert SavedView.objects.count() == MOST_VIEWS


def test_a_view_is_renamed_and_deleted_by_its_owner_alone(signed_in, manager):
    mine = SavedView.objects.create(member=manager, list_name="leads", name="Mine")
    theirs = SavedView.objects.create(member=DirectorFactory(), list_name="leads", name="Theirs")
    signed_in.post(reverse("campaigns:saved_view_edit", args=[mine.pk]), {"name": "Renamed"})
    page = signed_in.get(reverse("campaigns:saved_views")).content.decode()
    assert "Renamed" in page
    assert "Theirs" not in page
    assert signed_in.post(reverse("campaigns:saved_view_edit", args=[theirs.pk]), {"name": "x"}).status_code == 404
    assert signed_in.post(reverse("campaigns:saved_view_delete", args=[theirs.pk])).status_code == 404
    signed_in.post(reverse("campaigns:saved_view_delete", args=[mine.pk]))
    assert [view.name for view in SavedView.objects.all()] == ["Theirs"]


def test_a_list_without_views_is_no_list(signed_in):
    assert signed_in.get(reverse("campaigns:saved_view_add", args=["clients"])).status_code == 404


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        ("Zelda Quokka", True),
        ("of zelda-quokka!", True),
        ("Quokka", True),
        ("zelda@example.com", True),
        ("Quokkas", False),
        ("Hot ones", False),
        ("Zed", False),
    ],
)
def test_erasing_a_lead_finds_views_that_are_named_after_it(manager, name, is_found):
    view = SavedView.objects.create(member=manager, list_name="leads", name=name, query="status=new")
    SavedView.objects.create(member=manager, list_name="leads", name=f"View {view.pk}")
    lead = LeadFactory(name="Zelda Quokka", email="zelda@example.com", company="")
    held = personal_data_export.on_lead(lead)["campaigns.savedview"]
    assert [row["name"] for row in held] == ([name] if is_found else [])
    erasure.erase_now(lead, at=AT)
    view.refresh_from_db()
    assert (view.name, view.query) == (f"View {view.pk}.2" if is_found else name, "status=new")


def test_what_is_held_on_a_person_has_their_views_and_those_named_after_them(manager, director):
    SavedView.objects.create(member=manager, list_name="leads", name="Hot ones")
    SavedView.objects.create(member=director, list_name="leads", name=f"Met by {manager.name}")
    held = personal_data_export.on_person(manager)
    assert [row["name"] for row in held["campaigns.savedview"]] == ["Hot ones"]
    assert [row["name"] for row in held["campaigns.savedview named after the person"]] == [f"Met by {manager.name}"]


def test_the_menu_costs_one_statement(manager, django_assert_num_queries, rf):
    for number in range(5):
        SavedView.objects.create(member=manager, list_name="leads", name=f"V{number}", query=f"platform={number}")
    PlatformFactory()
    asked = LEADS.read(rf.get("/").GET, today=AT.date())
    with django_assert_num_queries(1):
        assert len(saved_views.menu(manager, "leads", asked).views) == 5
