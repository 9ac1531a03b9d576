"""Clients first: the own brand's share of the hours, and the flag that says when it is too much."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from campaigns.models import Agency, Campaign, Client
from core.access import Role
from reports.attribution import rollups
from reports.figures.query import Period, ReportFilters
from reports.figures.time_allocation import OwnShare, clients_first
from reports.models import Flag, FlagKind
from reports.verdicts import evaluation
from reports.verdicts.weekly_changes import changes
from reports.weekly_email import content
from tests import factories
from tests.reports.pages.test_dashboard import text
from tests.reports.world import LAST, NOW

pytestmark = pytest.mark.django_db


def limited(percent: int) -> None:
    agency = Agency.current()
    agency.own_brand_limit = Decimal(percent) / 100
    agency.save()


@pytest.fixture
def log():
    """Hours of a week: so many on the own brand, so many for clients."""
    own = factories.CampaignFactory(client=Client.objects.own_brand())
    theirs = factories.CampaignFactory()
    member, platform = factories.MemberFactory(), factories.PlatformFactory(name="Facebook")

    def entries(week, *, own_minutes, client_minutes, by=member):
        for campaign, minutes in ((own, own_minutes), (theirs, client_minutes)):
            factories.EntryFactory(
                member=by, platform=platform, campaign=campaign, day=week.monday + timedelta(days=1), minutes=minutes
            )

    return entries


def own_flags() -> list[Flag]:
    return list(Flag.objects.filter(kind=FlagKind.OWN_BRAND))


def test_the_share_is_told_of_all_of_each_week_and_of_each_group(log):
    manager = factories.ManagerFactory()
    log(LAST.previous, own_minutes=60, client_minutes=180)
    log(LAST, own_minutes=120, client_minutes=120)
    log(LAST, own_minutes=300, client_minutes=60, by=manager)
    factories.EntryFactory(day=LAST.plus(-2).monday, minutes=900)
    found = clients_first(Period(LAST.previous, LAST), ReportFilters(), Fraction(1, 2))
    assert (found.total.own_minutes, found.total.minutes) == (480, 840)
    assert [share.share for _week, share in found.weeks] == [Fraction(1, 4), Fraction(7, 10)]
    assert found.groups == [
        (Role.MEMBER, OwnShare(480, 180, Fraction(1, 2))),
        (Role.MANAGER, OwnShare(360, 300, Fraction(1, 2))),
    ]
    assert found.weeks_over == 1


def test_hours_of_no_campaign_are_the_own_brands_and_no_hours_have_no_share(log):
    factories.EntryFactory(day=LAST.monday, campaign=Campaign.objects.general(), minutes=30)
    found = clients_first(Period(LAST.previous, LAST), ReportFilters(), None)
    assert [share.share for _week, share in found.weeks] == [None, 1]


def test_one_week_above_raises_the_flag_and_two_within_clear_it(log):
    limited(40)
    log(LAST.plus(-3), own_minutes=40, client_minutes=60)
    log(LAST.plus(-2), own_minutes=41, client_minutes=59)
    log(LAST.plus(-1), own_minutes=10, client_minutes=90)
    log(LAST, own_minutes=10, client_minutes=90)
    states = []
    for back in (3, 2, 2, 1, 0):
        evaluation.evaluate(LAST.plus(-back), at=NOW)
        states.append([(flag.raised_on, flag.cleared_on) for flag in own_flags()])
    raised = LAST.plus(-2).monday
    assert states == [[], [(raised, None)], [(raised, None)], [(raised, None)], [(raised, LAST.monday)]]
    assert own_flags()[0].figures == {"minutes": 100, "own_minutes": 41, "limit": "2/5"}
    assert "The own brand is within its share of the hours again." in [one.sentence for one in changes(LAST)]
    assert "The own brand took more of the week than it may: 41 % of the hours on the own brand, limit 40 %." in [
        one.sentence for one in changes(LAST.plus(-2))
    ]


def test_without_a_limit_nothing_is_flagged_and_taking_it_away_clears(log):
    log(LAST, own_minutes=99, client_minutes=1)
    evaluation.evaluate(LAST, at=NOW)
    assert own_flags() == []
    limited(50)
    evaluation.evaluate(LAST, at=NOW)
    assert [flag.cleared_on for flag in own_flags()] == [None]
    Agency.objects.update(own_brand_limit=None)
    evaluation.evaluate(LAST, at=NOW)
    assert [flag.cleared_on for flag in own_flags()] == [LAST.monday]


def test_a_flag_belongs_to_a_platform_or_to_the_agency_and_only_one_is_open(log):
    Flag.objects.create(kind=FlagKind.OWN_BRAND, raised_on=LAST.monday)
    for wrong in (
        {"kind": FlagKind.OWN_BRAND},
        {"kind": FlagKind.LOSING},
        {"kind": FlagKind.OWN_BRAND, "platform": factories.PlatformFactory()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Flag.objects.create(raised_on=LAST.monday, **wrong)


@time_machine.travel(NOW, tick=False)
def test_the_flag_stands_among_the_others_and_on_the_dashboard(log, director):
    limited(40)
    log(LAST.previous, own_minutes=50, client_minutes=50)
    log(LAST, own_minutes=30, client_minutes=70)
    rollups.drain()
    for week in (LAST.previous, LAST):
        evaluation.evaluate(week, at=NOW)
    web = Browser()
    web.force_login(director)
    page = text(web.get("/flags/"))
    assert "Own brand Over its own-brand hours" in page
    assert "50 % of the hours on the own brand, limit 40 %" in page
    assert "Now30 % of the hours on the own brand, limit 40 %" in page.replace("Now ", "Now")
    assert f"The own brand has taken more of the hours than its limit since {LAST.previous}." in text(web.get("/"))
    web.post(f"/flags/{own_flags()[0].pk}/acknowledge", {"note": "Seen"})
    assert "The own brand has taken" not in text(web.get("/"))


def test_the_e_mail_of_the_week_tells_it(log):
    limited(40)
    log(LAST, own_minutes=50, client_minutes=50)
    rollups.drain()
    evaluation.evaluate(LAST, at=NOW)
    letter = content.write(content.look_back(LAST), language="en")
    sentence = "The own brand took more of the week than it may: 50 % of the hours on the own brand, limit 40 %."
    assert sentence in letter.text
    assert sentence in letter.html
