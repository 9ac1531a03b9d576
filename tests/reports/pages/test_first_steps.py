"""The list of a new agency: each point leads to where it is done, and ticks itself when it is."""

import re
from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Agency, Campaign, JobRun
from reports.attribution import rollups
from reports.models import Subscriber
from reports.pages.first_steps import steps_of, with_counts
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def hers(director):
    Agency.current()
    return director


@pytest.fixture
def web(hers):
    browser = Client()
    browser.force_login(hers)
    return browser


def open_points(director):
    return [step.title for step in steps_of(with_counts(director)).steps if not step.is_done]


ALL = [
    "People",
    "What an hour costs",
    "Platforms",
    "Campaigns",
    "What a usual customer brings",
    "First hours",
    "Leads",
    "Sales: since when are they all here?",
    "Who gets the weekly e-mail",
    "A backup",
    "Your second factor",
]


def test_a_new_agency_has_everything_before_it(hers):
    assert open_points(hers) == ALL


def rated(director):
    factories.RateFactory(member=director)


def answered(**settings):
    return lambda director: Agency.objects.update(**settings)


@pytest.mark.parametrize(
    ("act", "ticked"),
    [
        (lambda director: factories.MemberFactory(logs_hours=False), ["People"]),
        (rated, ["What an hour costs"]),
        (lambda director: factories.PlatformFactory(), ["Platforms"]),
        (lambda director: factories.CampaignFactory(), ["Campaigns"]),
        (lambda director: Campaign.objects.general(), []),
        (answered(typical_sale_cents=450_000), ["What a usual customer brings"]),
        (lambda director: factories.LeadFactory(), ["Leads"]),
        (lambda director: factories.SaleFactory(lead=None), ["Sales: since when are they all here?"]),
        (answered(sales_complete_since=date(2026, 1, 5)), ["Sales: since when are they all here?"]),
        (lambda director: Subscriber.objects.create(email=director.email), ["Who gets the weekly e-mail"]),
        (lambda director: Subscriber.objects.create(email="x@example.com", unsubscribed_at="2026-01-05T00:00Z"), []),
        (lambda director: JobRun.objects.create(name="backup", detail="retour.backup"), ["A backup"]),
        (lambda director: JobRun.objects.create(name="backup"), []),
        (lambda director: Authenticator.objects.create(user=director, type="totp", data={}), ["Your second factor"]),
        (
            lambda director: Authenticator.objects.create(
                user=factories.DirectorFactory(logs_hours=False), type="totp", data={}
            ),
            ["People"],
        ),
    ],
)
def test_each_point_ticks_itself(hers, act, ticked):
    act(hers)
    assert open_points(hers) == [title for title in ALL if title not in ticked]


def test_hours_tick_their_point_and_want_a_rate(hers):
    rated(hers)
    factories.EntryFactory(member=hers, minutes=90)
    steps = {step.title: step for step in steps_of(with_counts(hers)).steps}
    assert steps["First hours"].is_done
    assert steps["First hours"].path == "/hours/"
    factories.MemberFactory()
    factories.MemberFactory(is_active=False)
    assert steps_of(with_counts(hers)).steps[1].note == "1 person has no rate yet."


def test_every_point_leads_somewhere(web, hers):
    for step in steps_of(with_counts(hers)).steps:
        answer = web.get(step.path.partition("#")[0], follow=True)
        assert answer.status_code == 200, step.path
        anchor = step.path.partition("#")[2]
        assert not anchor or f'id="{anchor}"' in answer.content.decode()


def test_the_list_costs_no_statement_more_than_the_agency_alone(hers):
    with CaptureQueriesContext(connection) as alone:
        Agency.current()
    with CaptureQueriesContext(connection) as counted:
        steps_of(with_counts(hers))
    assert len(counted) == len(alone) == 1


def last_week():
    """The last week that is over: the dashboard shows it on whatever day this runs."""
    return Agency.current().last_complete_week(timezone.now())


def test_it_stays_on_the_dashboard_until_all_is_done(web, hers):
    factories.EntryFactory(member=hers, day=last_week().monday)
    rollups.drain()
    page = " ".join(web.get("/").content.decode().split())
    left = len(open_points(hers))
    assert f"Getting started: {left} steps left" in page
    factories.MemberFactory(logs_hours=False)
    rated(hers)
    answered(typical_sale_cents=1, sales_complete_since=date(2026, 1, 5))(hers)
    factories.LeadFactory()
    factories.CampaignFactory()
    Subscriber.objects.create(email="a@example.com")
    JobRun.objects.create(name="backup", detail="retour.backup")
    assert "Getting started: 1 step left" in " ".join(web.get("/").content.decode().split())
    Authenticator.objects.create(user=hers, type="totp", data={})
    assert "Getting started" not in web.get("/").content.decode()


def test_it_is_there_too_where_the_weeks_shown_hold_nothing(web, hers):
    factories.EntryFactory(member=hers, day=last_week().plus(-60).monday)
    rollups.drain()
    page = " ".join(web.get("/").content.decode().split())
    assert "No figures here" in page
    assert "Getting started" in page


def test_the_demo_has_nothing_to_set_up(web, hers):
    factories.EntryFactory(member=hers, day=last_week().monday)
    rollups.drain()
    answered(is_demo=True)(hers)
    assert "Getting started" not in web.get("/").content.decode()


def test_what_is_done_is_said_in_words_too(web):
    page = web.get("/").content.decode()
    assert re.search(r"People<span class=\"unseen\">\s*\(still to do\)", page)
