"""Following a link: where it leads, what is kept of it, and what counts."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import DatabaseError
from django.utils import translation

from campaigns.links import clicks, return_token, views
from campaigns.models import Agency, LinkClicks, LinkRules, Outcome, TrackingLink
from tests.factories import CampaignFactory, PlatformFactory, TrackingLinkFactory
from timesheets.models import Session

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.claim]

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def counter(monkeypatch):
    counter = clicks.ClickCounter(None)
    monkeypatch.setattr(views, "CLICKS", counter)
    return counter


@pytest.fixture
def rules():
    return LinkRules.objects.create(pk=1, allowed_hosts="www.example.com")


@pytest.fixture
def link(rules):
    return TrackingLinkFactory(slug="spring", target="https://www.example.com/offer?a=1#form", utm_content="post-1")


def follow(client, slug="spring", method="get", **headers):
    return getattr(client, method)(f"/go/{slug}", headers={"User-Agent": BROWSER, **headers})


def counted():
    views.CLICKS.write()
    return dict(LinkClicks.objects.values_list("link__slug", "count"))


def test_it_leads_to_its_target_and_says_where_from(client, link):
    answer = follow(client)
    parts = urlsplit(answer["Location"])
    said = parse_qs(parts.query)
    assert answer.status_code == 302
    assert answer["Location"].startswith("https://www.example.com/offer?a=1&utm_source=linkedin&utm_medium=social&")
    assert parts.fragment == "form"
    assert said["utm_campaign"] == ["spring"]
    assert said["utm_content"] == ["post-1"]
    assert return_token.read(said["rt"][0], at=NOW) == return_token.FollowedLink("spring", NOW)


def test_it_is_kept_nowhere_and_listed_nowhere(client, link):
    answer = follow(client)
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_nobody_has_a_session_there(client, link, director):
    client.force_login(director)
    before = Session.objects.values("expire_date", "session_data").get()
    client.cookies.pop("csrftoken", None)
    answer = follow(client)
    assert answer.status_code == 302
    assert not answer.cookies
    assert not answer.wsgi_request.user.is_authenticated
    assert Session.objects.values("expire_date", "session_data").get() == before


def test_each_click_has_a_token_of_its_own(client, link):
    assert follow(client)["Location"] != follow(client)["Location"]


def test_a_click_is_a_count_of_its_day_and_nothing_else(client, link):
    follow(client)
    follow(client)
    assert counted() == {"spring": 2}
    row = LinkClicks.objects.get()
    assert row.day == date(2026, 11, 18)
    assert {field.name for field in LinkClicks._meta.fields} == {"id", "link", "day", "count"}


def test_the_day_is_the_agencys(client, link):
    with time_machine.travel(datetime(2026, 11, 18, 23, 30, tzinfo=UTC), tick=False):
        follow(client)
    counted()
    assert LinkClicks.objects.get().day == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("head", {}),
        ("get", {"Sec-Purpose": "prefetch;prerender"}),
        ("get", {"Purpose": "prefetch"}),
        ("get", {"X-Moz": "prefetch"}),
        ("get", {"X-Purpose": "preview"}),
        ("get", {"User-Agent": ""}),
        ("get", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}),
        ("get", {"User-Agent": "facebookexternalhit/1.1"}),
        ("get", {"User-Agent": "Slackbot-LinkExpanding 1.0"}),
        ("get", {"User-Agent": "LinkedInBot/1.0"}),
        ("get", {"User-Agent": "WhatsApp/2.23"}),
        ("get", {"User-Agent": "curl/8.5.0"}),
        ("get", {"User-Agent": "Mozilla/5.0 HeadlessChrome/140.0"}),
    ],
)
def test_what_is_no_person_is_led_on_and_not_counted(client, link, method, headers):
    assert follow(client, method=method, **headers).status_code == 302
    assert counted() == {}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_nothing_else_can_be_done_with_it(client, link, method):
    assert follow(client, method=method).status_code == 405


@pytest.mark.parametrize("slug", ["nowhere", "spring%0d%0aSet-Cookie:a=b", "..", "spring/"])
def test_what_there_is_not_is_not_found(client, link, slug):
    assert follow(client, slug).status_code == 404


def test_a_visitor_adds_nothing_to_where_it_leads(client, link):
    answer = follow(client, "spring?target=https://evil.example&utm_source=evil")
    assert "evil" not in answer["Location"]


def test_a_link_that_is_switched_off_leads_nowhere(client, link):
    TrackingLink.objects.update(is_active=False)
    assert follow(client).status_code == 404


def test_a_host_that_is_taken_out_is_led_to_no_more(client, link, rules):
    rules.allowed_hosts = "other.example"
    rules.save()
    assert follow(client).status_code == 404
    assert counted() == {}


def test_ten_thousand_clicks_are_counted_without_a_write_for_each(client, link, django_assert_max_num_queries):
    for _number in range(10_000):
        views.CLICKS.add(link.pk, date(2026, 11, 18))
    with django_assert_max_num_queries(20):
        assert counted() == {"spring": 10_000}


def test_two_workers_add_to_each_other(link):
    first, second = clicks.ClickCounter(None), clicks.ClickCounter(None)
    for counter, times in ((first, 3), (second, 4)):
        for _number in range(times):
            counter.add(link.pk, date(2026, 11, 18))
    first.write()
    second.write()
    first.write()
    assert LinkClicks.objects.get().count == 7


def test_what_the_database_does_not_take_waits(link, monkeypatch):
    counter = clicks.ClickCounter(None)
    counter.add(link.pk, date(2026, 11, 18))
    with monkeypatch.context() as broken:
        broken.setattr(clicks, "_add", lambda waiting: (_ for _ in ()).throw(DatabaseError("away")))
        counter.write()
    counter.add(link.pk, date(2026, 11, 18))
    counter.write()
    assert LinkClicks.objects.get().count == 2


def test_a_link_that_is_gone_holds_up_no_other(link):
    counter, gone = clicks.ClickCounter(None), TrackingLinkFactory(slug="gone")
    for row in (link, gone):
        counter.add(row.pk, date(2026, 11, 18))
    gone.delete()
    counter.write()
    assert LinkClicks.objects.get().link == link


def test_clicks_are_an_outcome_of_the_week(client, link):
    other = TrackingLinkFactory(platform=link.platform, campaign=link.campaign, slug="poster")
    elsewhere = TrackingLinkFactory(platform=PlatformFactory(), campaign=CampaignFactory(), slug="fair")
    for row, day, times in (
        (link, date(2026, 11, 16), 2),
        (other, date(2026, 11, 22), 3),
        (link, date(2026, 11, 23), 1),
        (elsewhere, date(2026, 11, 16), 1),
    ):
        for _number in range(times):
            views.CLICKS.add(row.pk, day)
        views.CLICKS.write()
    outcomes = {(row.platform_id, row.campaign_id, row.week): row.count for row in Outcome.objects.all()}
    assert outcomes == {
        (link.platform_id, link.campaign_id, date(2026, 11, 16)): 5,
        (link.platform_id, link.campaign_id, date(2026, 11, 23)): 1,
        (elsewhere.platform_id, elsewhere.campaign_id, date(2026, 11, 16)): 1,
    }
    assert set(Outcome.objects.values_list("measure", flat=True)) == {"Clicks on links"}


def test_clicks_are_counted_under_the_name_that_the_agency_gives_them(client, link):
    Agency.current()
    Agency.objects.update(language="fr")
    with translation.override("en"):
        views.CLICKS.add(link.pk, date(2026, 11, 16))
        views.CLICKS.write()
    assert Outcome.objects.get().measure == "Clics sur les liens"


def test_a_count_that_was_voided_stays_voided(client, link):
    follow(client)
    counted()
    Outcome.objects.get().void(at=NOW)
    follow(client)
    counted()
    assert Outcome.objects.get().count == 1
    assert LinkClicks.objects.get().count == 2


# -- the token --------------------------------------------------------------------------------------------------------


def test_a_token_that_was_changed_is_none():
    token = return_token.issue("spring", at=NOW)
    for place in range(len(token)):
        changed = token[:place] + ("x" if token[place] != "x" else "y") + token[place + 1 :]
        assert return_token.read(changed, at=NOW) is None, place


@pytest.mark.parametrize("token", ["", ".", "a.b.c.d", "spring", "spring.1.2.", "x" * 5000, "\x00.é.\ud800.1"])
def test_what_was_never_issued_is_none(token):
    assert return_token.read(token, at=NOW) is None


def test_a_token_is_believed_for_as_long_as_it_may_be_kept():
    token = return_token.issue("spring", at=NOW)
    assert return_token.read(token, at=NOW + timedelta(days=90))
    assert return_token.read(token, at=NOW + timedelta(days=92)) is None
    assert return_token.read(token, at=NOW - timedelta(hours=1)) is None


def test_a_token_outlives_a_change_of_the_secret_where_the_old_one_is_named(settings):
    token, old = return_token.issue("spring", at=NOW), settings.SECRET_KEY
    settings.SECRET_KEY = "another secret of at least thirty-two letters"
    assert return_token.read(token, at=NOW) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert return_token.read(token, at=NOW)
