"""The search over everything: who finds what, where it leads, and how much it asks of the database."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from campaigns.merge_leads import merge
from campaigns.models import Campaign, Lead, Platform
from reports.pages import search
from tests import factories
from tests.reports.pages.test_dashboard import text
from tests.reports.world import LAST, NOW
from timesheets.models import User

pytestmark = pytest.mark.django_db
WEEK = LAST.next
AS_A_LIST = {"HX-Request": "true", "HX-Target": "found"}


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def web(user) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def found(asked: str, reader: User) -> dict[str, list[tuple[str, str]]]:
    results = search.search(asked, reader=reader, week=WEEK)
    return {group.name: [(hit.label, hit.path) for hit in group.hits] for group in results.groups}


@pytest.fixture
def places():
    """One of each kind with Lumen in its name."""
    client = factories.ClientFactory(name="Lumen SARL")
    return {
        "platform": factories.PlatformFactory(name="Lumen TV"),
        "client": client,
        "campaign": factories.CampaignFactory(name="Spring at Lumen", client=client),
        "lead": factories.LeadFactory(name="Zoé", company="Atelier Lumen", received_at=NOW),
        "person": factories.MemberFactory(name="Paul Lumen", email="paul@example.com"),
    }


def test_a_director_finds_each_kind_where_they_can_open_it(places, director):
    assert found("lumen", director) == {
        "platforms": [("Lumen TV", f"/platforms/{places['platform'].pk}/figures/")],
        "campaigns": [("Spring at Lumen", f"/campaigns/{places['campaign'].pk}/")],
        "clients": [("Lumen SARL", f"/clients/{places['client'].pk}/")],
        "leads": [("Zoé", f"/leads/{places['lead'].pk}/")],
        "people": [("Paul Lumen", f"/team/people/{places['person'].pk}")],
    }
    for hits in found("lumen", director).values():
        assert web(director).get(hits[0][1]).status_code == 200


def test_a_manager_finds_the_pages_that_managers_have_and_no_address(places, manager):
    hits = found("lumen", manager)
    assert hits["platforms"] == [("Lumen TV", f"/platforms/{places['platform'].pk}/")]
    assert hits["people"] == [("Paul Lumen", f"/team/{places['person'].pk}/{WEEK}/")]
    for kind in hits.values():
        assert web(manager).get(kind[0][1]).status_code == 200
    assert found("paul@", manager) == {}


def test_a_member_has_no_search(places, member):
    assert web(member).get("/search/?q=lumen").status_code == 403
    assert "/search/" not in web(member).get("/hours/", follow=True).content.decode()


def test_every_page_of_a_manager_has_the_field(manager):
    page = web(manager).get("/campaigns/").content.decode()
    assert 'role="combobox"' in page
    assert 'hx-get="/search/"' in page


def test_a_platform_that_was_merged_is_found_under_its_old_name(director):
    gone, into = factories.PlatformFactory(name="Twitter"), factories.PlatformFactory(name="Ex")
    into.aliases.create(text="twitter")  # what a merge leaves
    Platform.objects.filter(pk=gone.pk).delete()
    results = search.search("TWITT", reader=director, week=WEEK)
    assert [(hit.label, hit.note) for hit in results.groups[0].hits] == [("Ex", "twitter")]


def test_a_lead_that_was_merged_leads_to_the_one_that_it_became(director):
    first, second = factories.LeadFactory(name="Ada Lovelace"), factories.LeadFactory(name="A. Byron")
    merge(survivor_id=first.pk, merged_id=second.pk, by=director, at=NOW)
    results = search.search("byron", reader=director, week=WEEK)
    (group,) = results.groups
    assert [(hit.label, hit.path, hit.note) for hit in group.hits] == [
        ("Ada Lovelace", f"/leads/{first.pk}/", "was A. Byron")
    ]
    assert len(search.search("a", reader=director, week=WEEK).groups) == 0


def test_a_voided_lead_is_not_found(director):
    factories.LeadFactory(name="Typed twice").void(at=NOW, reason="twice")
    assert found("typed", director) == {}


@pytest.mark.parametrize("asked", ["", " ", "\x00", "é", "%%", "__", "\\\\", "' OR 1=1", "<script>", "x" * 500])
def test_whatever_is_asked_is_answered(asked, director):
    assert web(director).get("/search/", {"q": asked}).status_code == 200
    answer = web(director).get("/search/", {"q": asked}, headers=AS_A_LIST)
    assert answer.status_code == 200
    assert b"<script>" not in answer.content


def test_wildcards_are_letters(director):
    factories.LeadFactory(name="Plain name")
    assert found("%a", director) == {}
    assert found("_l", director) == {}


def test_five_of_a_kind_are_shown_and_the_others_counted_up_to_a_hundred(director):
    factories.LeadFactory.create_batch(7, name="Lumen")
    page = text(web(director).get("/search/?q=lumen"))
    assert "All 7" in page
    Lead.objects.bulk_create(factories.LeadFactory.build_batch(120, name="Lumen"))
    answer = web(director).get("/search/?q=lumen", headers=AS_A_LIST)
    assert "All (more than 100)" in text(answer)
    assert answer.content.decode().count('role="option"') == 6
    assert "/leads/?q=lumen&amp;show=all" in answer.content.decode()


def test_the_same_few_statements_whatever_there_is(places, director):
    reader = User.objects.get(pk=director.pk)
    with CaptureQueriesContext(connection) as few:
        search.search("lumen", reader=reader, week=WEEK)
    for number in range(30):
        factories.PlatformFactory(name=f"Lumen {number}")
        factories.CampaignFactory(name=f"Lumen {number}", client__name=f"Lumen {number}")
        factories.LeadFactory(name=f"Lumen {number}", received_at=NOW - timedelta(days=number))
        factories.MemberFactory(name=f"Lumen {number}")
    with CaptureQueriesContext(connection) as many:
        search.search("lumen", reader=reader, week=WEEK)
    # five kinds and the other names of two, and on SQLite the index of leads; then what else there is of each kind
    index = connection.vendor == "sqlite"
    assert (len(few), len(many)) == (7 + index, 12 + index)
    assert all("LIMIT" in query["sql"] or "alias" in query["sql"] for query in many.captured_queries)


def test_what_was_searched_for_is_in_no_log_and_the_answer_is_not_kept(director, caplog):
    with caplog.at_level(logging.DEBUG, logger="retour"):
        answer = web(director).get("/search/?q=Secretname", headers=AS_A_LIST)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Secretname" not in caplog.text
    assert "Nothing is called that." in text(answer)


def test_names_are_shown_as_they_are_written(director):
    factories.ClientFactory(name="<b>Lumen</b> & Co")
    answer = web(director).get("/search/?q=lumen", headers=AS_A_LIST)
    assert "&lt;b&gt;Lumen&lt;/b&gt; &amp; Co" in answer.content.decode()


def test_inactive_ones_come_last_and_say_so(director):
    client = factories.ClientFactory(name="Nord")
    Campaign.objects.bulk_create(
        Campaign(name=f"Lumen {name}", client=client, is_active=active) for name, active in (("A", False), ("B", True))
    )
    results = search.search("lumen", reader=director, week=WEEK)
    assert [(hit.label, hit.note) for hit in results.groups[0].hits] == [
        ("Lumen B", "Nord"),
        ("Lumen A", "Nord · inactive"),
    ]
