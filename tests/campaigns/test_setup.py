"""What an agency starts with, by one command that may run again."""

import io
from datetime import date

import pytest
import time_machine
from django.core.management import CommandError, call_command

from campaigns.models import Agency, Campaign, Client, Platform, UnrecordedPeriod
from campaigns.setup import STANDARD, standard_platforms
from timesheets.models import User


def setup(**options: object) -> str:
    out = io.StringIO()
    call_command("setup", **{"agency": "Atelier", "director": "hd@example.com", **options}, stdout=out)
    return out.getvalue()


def test_the_command_makes_all_that_is_needed_and_tells_the_password_once(db):
    said = setup(currency="cad", country="CA", language="fr", time_zone="America/Toronto")
    agency = Agency.current()
    assert (agency.name, agency.currency, agency.country) == ("Atelier", "CAD", "CA")
    director = User.objects.get()
    assert director.is_director
    assert director.check_password(said.split()[-1])
    assert Client.objects.own_brand().name == "Atelier"
    assert Campaign.objects.get().is_general
    assert Platform.objects.count() == len(STANDARD)


def test_a_second_run_changes_nothing(db):
    setup()
    before = [Agency.current().history.count(), User.objects.get().password, Platform.objects.count()]
    assert "password" not in setup()
    assert [Agency.current().history.count(), User.objects.get().password, Platform.objects.count()] == before


def test_a_second_run_keeps_what_was_changed_since(db):
    setup(currency="CHF")
    Platform.objects.named("fb").aliases.filter(text="fb").delete()
    setup()
    assert Agency.current().currency == "CHF"
    assert Platform.objects.named("fb") is None


def test_the_command_is_told_what_silence_means(db):
    told = {
        "sales_complete_since": "2025-01-06",
        "usual_sale": "4 500",
        "unrecorded": [["2025-07-01", "2025-07-31"], ["2025-08-10", "2025-08-16"]],
    }
    for _again in range(2):
        setup(**told)
    agency = Agency.current()
    assert (agency.sales_complete_since, agency.typical_sale_cents) == (date(2025, 1, 6), 450_000)
    assert list(UnrecordedPeriod.objects.values_list("first_day", "last_day")) == [
        (date(2025, 7, 1), date(2025, 7, 31)),
        (date(2025, 8, 10), date(2025, 8, 16)),
    ]


@pytest.mark.parametrize(
    ("zone", "has_come"), [("Pacific/Auckland", True), ("America/Toronto", False), (None, False)], ids=str
)
@time_machine.travel("2026-11-18T12:00Z", tick=False)
def test_a_day_has_come_when_it_has_where_the_agency_is(db, zone, has_come):
    try:
        setup(time_zone=zone, sales_complete_since="2026-11-19", unrecorded=[["2026-11-18", "2026-11-19"]])
    except CommandError:
        assert not has_come
    else:
        assert has_come


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"time_zone": "Europe/Atlantis"}, "Unknown time zone"),
        ({"currency": "ZZZ"}, "Unknown currency"),
        ({"country": "ZZ"}, "Unknown country"),
        ({"sales_complete_since": "2099-01-05"}, "has not come yet"),
        ({"sales_complete_since": "5/1/2026"}, "like 2026-11-18"),
        ({"usual_sale": "a lot"}, "Write an amount"),
        ({"unrecorded": [["2025-08-16", "2025-08-01"]]}, "before the first"),
        ({"unrecorded": [["2025-08-01", "2025-08-16"], ["2025-08-16", "2025-08-20"]]}, "overlaps"),
        ({"director": "nobody"}, "Write an e-mail address"),
    ],
    ids=str,
)
def test_a_wrong_option_is_said_in_words_and_nothing_is_made(db, options, words):
    with pytest.raises(CommandError, match=words):
        setup(**options)
    assert not User.objects.exists()
    assert not Platform.objects.exists()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("FB", "Facebook"),
        ("m.facebook.com", "Facebook"),
        ("l.facebook.com", "Facebook"),
        ("lnkd.in", "LinkedIn"),
        ("twitter", "X / Twitter"),
        ("t.co", "X / Twitter"),
        ("www.x.com", "X / Twitter"),
        ("pin.it", "Pinterest"),
        ("Insta", "Instagram"),
        ("youtu.be", "YouTube"),
        ("Google Ads", "Search"),
        ("organic search", "Search"),
        ("E-Mail", "Newsletter"),
        ("Mailchimp", "Newsletter"),
        ("trade fair", "Events"),
        ("Word of mouth", "Referral"),
    ],
)
def test_files_find_the_standard_platforms(db, written, name):
    standard_platforms()
    assert Platform.objects.named(written).name == name


def test_no_alias_is_claimed_twice():
    aliases = [alias for standard in STANDARD for alias in standard.aliases]
    assert len(aliases) == len(set(aliases))


def test_an_agencys_own_google_keeps_its_name(db):
    own = Platform.objects.create(name="Google")
    standard_platforms()
    assert Platform.objects.named("google") == own
