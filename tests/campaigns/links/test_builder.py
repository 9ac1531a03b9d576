"""Building links: one at a time and from a sheet, by the rules of the agency."""

import xml.etree.ElementTree as ET

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, LinkRules, Platform, TrackingLink
from campaigns.models.links import LinkClicks
from tests.factories import CampaignFactory, PlatformFactory, TrackingLinkFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def rules():
    return LinkRules.objects.create(pk=1, allowed_hosts="www.example.com", mediums="social\nemail")


@pytest.fixture
def places(rules):
    linkedin = PlatformFactory(name="LinkedIn")
    return linkedin, CampaignFactory(name="Spring Sale")


@pytest.fixture
def as_manager(client, manager):
    client.force_login(manager)
    return client


def send(client, places, **values):
    platform, campaign = places
    sent = {"platform": platform.pk, "target": "https://www.example.com/offer", "utm_medium": "social", **values}
    return client.post(f"/campaigns/{campaign.pk}/links/add/", sent)


def test_names_are_taken_from_platform_and_campaign(as_manager, places):
    answer = send(as_manager, places)
    link = TrackingLink.objects.get()
    assert answer["Location"] == f"/links/{link.pk}/"
    assert link.utm == {"utm_source": "linkedin", "utm_medium": "social", "utm_campaign": "spring-sale"}
    assert len(link.slug) == 8


def test_files_with_the_names_of_a_link_find_platform_and_campaign(as_manager, places):
    send(as_manager, places, utm_source="li-page", utm_campaign="q2-spring")
    assert Platform.objects.named("li-page") == places[0]
    assert Campaign.objects.named("q2-spring") == places[1]


def test_a_platform_whose_name_has_signs_goes_by_another_name(as_manager, places):
    twitter = PlatformFactory(name="X / Twitter")
    twitter.aliases.create(text="t.co")
    twitter.aliases.create(text="twitter")
    send(as_manager, (twitter, places[1]))
    assert TrackingLink.objects.get().utm_source == "twitter"


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"utm_content": "Post One"}, "utm_content", "By the agency's rules this is written “post-one”."),
        ({"utm_source": "LinkedIn"}, "utm_source", "By the agency's rules this is written “linkedin”."),
        ({"utm_medium": "cpc"}, "utm_medium", "“cpc” is none of the agency's mediums: social, email."),
        ({"target": "https://evil.example/"}, "target", "Links may not lead to evil.example."),
        ({"target": "www.example.com"}, "target", "Write a whole address"),
        ({"utm_source": "fb"}, "utm_source", "“fb” is a name of Facebook."),
        ({"utm_campaign": "autumn"}, "utm_campaign", "“autumn” is a name of Autumn."),
        ({"slug": "Ab c"}, "slug", "hyphens"),
        ({"slug": "taken"}, "slug", "already exists"),
    ],
)
def test_what_is_against_the_rules_is_said_at_the_field(as_manager, places, values, field, sentence):
    PlatformFactory(name="Facebook").aliases.create(text="fb")
    CampaignFactory(name="Autumn")
    TrackingLinkFactory(slug="taken")
    answer = send(as_manager, places, **values)
    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert TrackingLink.objects.count() == 1


def test_without_an_allowed_host_no_link_can_be_made(as_manager, places, rules):
    rules.delete()
    assert send(as_manager, places).status_code == 422
    assert "Ask a director" in as_manager.get(f"/campaigns/{places[1].pk}/links/add/").content.decode()


def test_a_link_can_lead_elsewhere_but_stands_for_one_place(as_manager, places):
    send(as_manager, places)
    link = TrackingLink.objects.get()
    sent = {"target": "https://www.example.com/other", "is_active": "", "platform": PlatformFactory().pk}
    assert as_manager.post(f"/links/{link.pk}/", sent).status_code == 302
    link.refresh_from_db()
    assert (link.target, link.is_active, link.platform) == ("https://www.example.com/other", False, places[0])
    for change in ({"platform": PlatformFactory()}, {"campaign": CampaignFactory()}, {"slug": "other"}):
        with pytest.raises(DatabaseError, match="keeps its platform"), transaction.atomic():
            TrackingLink.objects.filter(pk=link.pk).update(**change)


def test_its_code_is_an_svg_without_style_or_script(as_manager, places):
    link = TrackingLinkFactory(slug="poster")
    answer = as_manager.get(f"/links/{link.pk}/code.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    root = ET.fromstring(answer.content)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not [part for part in root.iter() if part.tag.rpartition("}")[2] in ("script", "style")]
    assert "style" not in {name for part in root.iter() for name in part.attrib}


def test_the_list_asks_no_more_of_more_links(as_manager, places, django_assert_num_queries):
    send(as_manager, places)
    address = f"/campaigns/{places[1].pk}/links/"
    as_manager.get(address)
    with CaptureQueriesContext(connection) as few:
        as_manager.get(address)
    for _number in range(5):
        TrackingLinkFactory(campaign=places[1])
    with django_assert_num_queries(len(few)):
        as_manager.get(address)


# -- many at once -----------------------------------------------------------------------------------------------------


def several(client, campaign, lines="", **more):
    return client.post(f"/campaigns/{campaign.pk}/links/several/", {"lines": lines, **more})


PASTED = "linkedin\thttps://www.example.com/a\tsocial\tpost-1\n\nLinkedIn\thttps://www.example.com/b\temail\tletter-1\tterm\n"


def test_pasted_links_are_shown_before_they_are_written(as_manager, places):
    answer = several(as_manager, places[1], PASTED)
    assert "You are about to save 2 links." in " ".join(answer.content.decode().split())
    assert not TrackingLink.objects.exists()
    again = several(as_manager, places[1], answer.context["form"].normalised(), confirmed="1")
    assert again["Location"] == f"/campaigns/{places[1].pk}/links/"
    links = TrackingLink.objects.order_by("pk")
    assert [(link.target[-1], link.utm_medium, link.utm_content, link.utm_term) for link in links] == [
        ("a", "social", "post-1", ""),
        ("b", "email", "letter-1", "term"),
    ]


def test_a_file_may_name_its_columns_in_another_order(as_manager, places):
    text = "\ufeffMedium;Adresse;Plateforme\nsocial;https://www.example.com/a;LinkedIn\n"
    file = SimpleUploadedFile("links.csv", text.encode())
    answer = several(as_manager, places[1], file=file)
    assert [form.cleaned_data["target"] for form in answer.context["form"].links] == ["https://www.example.com/a"]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("", "Write at least one link."),
        ("nobody\thttps://www.example.com/a\tsocial", "Line 1, Platform: "),
        (PASTED + "LinkedIn\thttps://evil.example/\tsocial", "Line 4, Leads to: Links may not lead to evil.example."),
        ("LinkedIn\thttps://www.example.com/a\tbillboard", "Line 1, Medium: “billboard” is none"),
        ("platform,target,medium,slug\n" + "LinkedIn,https://www.example.com/a,social,abc\n" * 2, "stands there twice"),
    ],
)
def test_one_wrong_line_keeps_all_from_being_written(as_manager, places, lines, sentence):
    answer = several(as_manager, places[1], lines, confirmed="1")
    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors["lines"])
    assert not TrackingLink.objects.exists()


def test_what_is_no_text_is_said_at_the_file(as_manager, places):
    answer = several(as_manager, places[1], file=SimpleUploadedFile("links.csv", b"\xff\xfe\x00"))
    assert answer.context["form"].errors["file"] == ["This is not a text file. Save the sheet as CSV (UTF-8)."]


# -- the rules --------------------------------------------------------------------------------------------------------


def test_a_director_says_where_links_may_lead(client, director):
    client.force_login(director)
    sent = {"allowed_hosts": "https://WWW.example.com/path\n*.shop.example", "mediums": "social", "is_lower_case": "on"}
    assert client.post("/settings/links/", sent).status_code == 302
    rules = LinkRules.current()
    assert rules.hosts == ["www.example.com", "*.shop.example"]
    assert "www.example.com" in client.get("/settings/links/").content.decode()


def test_a_host_that_is_none_and_a_medium_against_the_rules_are_refused(client, director):
    client.force_login(director)
    answer = client.post("/settings/links/", {"allowed_hosts": "*", "mediums": "Social", "is_lower_case": "on"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"allowed_hosts", "mediums"}


def test_clicks_are_added_up_for_the_links_of_a_page_alone(django_assert_num_queries):
    campaign = CampaignFactory()
    followed, unseen = TrackingLinkFactory.create_batch(2, campaign=campaign)
    for day, count in (("2026-11-17", 3), ("2026-11-18", 4)):
        LinkClicks.objects.create(link=followed, day=day, count=count)
    links = campaign.links.with_clicks().order_by("pk")
    assert [(link, link.clicks) for link in links] == [(followed, 7), (unseen, 0)]
    with django_assert_num_queries(1) as asked:
        assert links.all().count() == 2
    assert "linkclicks" not in asked.captured_queries[0]["sql"]
