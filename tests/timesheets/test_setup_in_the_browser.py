"""The first visit of an empty installation: a token from the terminal, an agency, its director, and no other way in."""

import io
import json
import logging
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from campaigns.models import Agency, Campaign, Platform
from campaigns.models import Client as AgencyClient
from campaigns.setup import STANDARD
from core.locales import customs
from core.logs import JsonLines
from tests import databases, factories
from tests.databases import ROOT
from tests.security.routes import ROUTES
from timesheets import setup_token
from timesheets.models import SetupToken, User

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
ANSWERS = {
    "agency": "Atelier Nord",
    "country": "FR",
    "name": "Hélène Moreau",
    "email": "Helene@Example.com",
    "password1": "a long walk home",
    "password2": "a long walk home",
    "platforms": ["Facebook", "Search"],
    "gross_margin": "60",
    "usual_sale": "4 500",
    "sales_complete_since": "2026-01-05",
}


@pytest.fixture
def token():
    return setup_token.renew()


def with_token(token, **headers):
    browser = Client(headers=headers)
    assert browser.post("/setup/", {"token": token}).status_code == 302
    return browser


# -- the token --------------------------------------------------------------------------------------------------------


def test_the_token_has_128_bits_and_is_kept_as_a_hash_alone(token):
    assert len(token) == 22  # 16 bytes in base 64
    assert token != setup_token.renew()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM timesheets_setuptoken")
        [row] = cursor.fetchall()
    assert token not in str(row)


def test_a_new_token_replaces_the_one_before(token):
    browser, later = with_token(token), setup_token.renew()
    assert browser.get("/setup/agency/").headers["Location"] == "/setup/"
    assert Client().post("/setup/", {"token": token}).status_code == 422
    assert with_token(later).get("/setup/agency/").status_code == 200


def test_the_first_visit_leads_to_the_set_up_which_wants_the_token(client):
    assert client.get("/", follow=True).redirect_chain[-1] == ("/setup/", 302)
    assert client.get("/accounts/login/").headers["Location"] == "/setup/"
    assert client.get("/setup/agency/").headers["Location"] == "/setup/"
    assert client.post("/setup/agency/", ANSWERS).headers["Location"] == "/setup/"
    assert not User.objects.exists()


def test_the_token_is_taken_by_post_alone(client, token):
    assert client.get("/setup/", {"token": token}).status_code == 200
    assert client.get("/setup/agency/", {"token": token}).headers["Location"] == "/setup/"
    answer = client.post("/setup/", {"token": f" {token}\n"})  # as it is pasted
    assert answer.headers["Location"] == "/setup/agency/"
    assert token not in str(answer.headers)


def test_no_page_shows_the_token_that_was_typed(client, token):
    assert token not in client.post("/setup/", {"token": token}, follow=True).content.decode()
    assert "wrong-one" not in client.post("/setup/", {"token": "wrong-one"}).content.decode()


def test_five_wrong_tokens_a_minute_then_the_right_one_waits_too(client, token):
    with time_machine.travel(NOW, tick=False) as clock:
        answers = [client.post("/setup/", {"token": f"wrong {number}"}) for number in range(5)]
        assert {answer.status_code for answer in answers} == {422}
        assert "This is not the token" in answers[-1].content.decode()
        refused = Client().post("/setup/", {"token": token})  # from whatever browser
        assert refused.status_code == 429
        assert "Wait a minute" in refused.content.decode()
        clock.shift(timedelta(seconds=59))
        assert client.post("/setup/", {"token": token}).status_code == 429
        clock.shift(timedelta(seconds=1))
        assert client.post("/setup/", {"token": token}).status_code == 302


def test_tries_are_counted_over_any_minute_not_by_the_clocks(client, token):
    with time_machine.travel(NOW, tick=False) as clock:
        for _each in range(4):
            client.post("/setup/", {"token": "wrong"})
        clock.shift(timedelta(seconds=50))
        client.post("/setup/", {"token": "wrong"})
        clock.shift(timedelta(seconds=9))
        assert client.post("/setup/", {"token": "wrong"}).status_code == 429
        clock.shift(timedelta(seconds=1))
        assert client.post("/setup/", {"token": "wrong"}).status_code == 422


def test_a_clock_that_was_put_back_locks_nobody_out(client, token):
    with time_machine.travel(NOW, tick=False):
        for _each in range(5):
            client.post("/setup/", {"token": "wrong"})
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        assert client.post("/setup/", {"token": token}).status_code == 302


def test_without_a_token_nothing_opens(client):
    assert client.post("/setup/", {"token": ""}).status_code == 422
    assert client.post("/setup/", {"token": "anything"}).status_code == 422
    assert not setup_token.opens("")
    assert not setup_token.opens(None)


def test_a_form_from_elsewhere_is_refused(token):
    assert Client(enforce_csrf_checks=True).post("/setup/", {"token": token}).status_code == 403


def test_the_log_never_has_the_token(client, token, caplog):
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    try:
        with caplog.at_level(logging.DEBUG):
            client.post("/setup/", {"token": "wrong-" + token})
            client.post("/setup/", {"token": token})
            client.post("/setup/agency/", ANSWERS | {"country": ""})
            client.post("/setup/agency/", ANSWERS)
    finally:
        logging.getLogger().removeHandler(handler)
    assert [json.loads(line) for line in lines.getvalue().splitlines()]
    for secret in (token, ANSWERS["password1"], "example.com"):
        assert secret not in lines.getvalue()


def test_it_is_shown_in_a_terminal_and_to_nobody_else(db):
    class Screen(io.StringIO):
        def isatty(self):
            return True

    screen, file = Screen(), io.StringIO()
    setup_token.show(file, address="http://127.0.0.1:8000", command="manage.py setup_token")
    assert not SetupToken.objects.exists()
    assert file.getvalue().endswith("run in a terminal: manage.py setup_token\n")
    setup_token.show(screen, address="http://127.0.0.1:8000", command="manage.py setup_token")
    shown = screen.getvalue().split()[-1]
    assert Client().post("/setup/", {"token": shown}).status_code == 302
    factories.MemberFactory()
    setup_token.show(screen, address="http://127.0.0.1:8000", command="manage.py setup_token")
    assert screen.getvalue().split()[-1] == shown


def test_a_command_shows_a_new_token_until_somebody_is_here(db):
    out = io.StringIO()
    call_command("setup_token", stdout=out)
    assert Client().post("/setup/", {"token": out.getvalue().split()[-1]}).status_code == 302
    factories.DirectorFactory()
    with pytest.raises(CommandError, match="set up already"):
        call_command("setup_token")


# -- the agency and its director --------------------------------------------------------------------------------------


@time_machine.travel(NOW)
def test_it_makes_the_agency_its_platforms_and_a_director_who_is_in(token):
    browser = with_token(token)
    answer = browser.post("/setup/agency/", ANSWERS, follow=True)
    assert answer.redirect_chain[0] == ("/", 302)
    assert answer.status_code == 200
    assert "Atelier Nord est prêt" in answer.content.decode() or "Atelier Nord is ready" in answer.content.decode()
    agency = Agency.current()
    assert (agency.name, agency.country, agency.currency, agency.language, agency.time_zone) == (
        "Atelier Nord",
        "FR",
        "EUR",
        "fr",
        "Europe/Paris",
    )
    assert (agency.gross_margin, agency.typical_sale_cents) == (Decimal("0.6"), 450_000)
    assert agency.sales_complete_since == date(2026, 1, 5)
    director = User.objects.get()
    assert (director.email, director.name, director.is_director) == ("helene@example.com", "Hélène Moreau", True)
    assert director.check_password("a long walk home")
    assert set(Platform.objects.values_list("name", flat=True)) == {"Facebook", "Recherche"}
    assert Platform.objects.named("Search") == Platform.objects.named("google ads")
    assert AgencyClient.objects.own_brand().name == "Atelier Nord"
    assert Campaign.objects.get().is_general


def test_everything_is_gone_with_the_first_director(token):
    browser, other = with_token(token), with_token(token)
    browser.post("/setup/agency/", ANSWERS)
    assert not SetupToken.objects.exists()
    for visitor in (browser, other, Client()):
        for address in ("/setup/", "/setup/agency/"):
            assert visitor.get(address).status_code == 404
            assert visitor.post(address, ANSWERS | {"token": token}).status_code == 404
    assert Client().get("/accounts/login/").status_code == 200
    assert User.objects.count() == 1


def test_the_command_for_a_terminal_takes_the_token_away_too(token):
    call_command("setup", agency="Atelier", director="hd@example.com", stdout=io.StringIO())
    assert not SetupToken.objects.exists()
    assert Client().post("/setup/", {"token": token}).status_code == 404


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"agency": ""}, "This field is required."),
        ({"country": "ZZ"}, "Choose one from the list."),
        ({"country": "CA"}, "This country has several time zones. Choose yours."),
        ({"currency": "ZZZ"}, "Choose one from the list."),
        ({"email": "nobody"}, "Write an e-mail address"),
        ({"password1": "short", "password2": "short"}, "at least 10 characters"),
        ({"password2": "another walk home"}, "match"),
        ({"password1": "helene@example.com", "password2": "helene@example.com"}, "too similar"),
        ({"platforms": ["MySpace"]}, "MySpace"),
        ({"sales_complete_since": "2026-11-19"}, "has not come yet"),
        ({"gross_margin": "0"}, "from 1 to 100"),
        ({"usual_sale": "a lot"}, "Write an amount"),
    ],
    ids=str,
)
@time_machine.travel(NOW)
def test_a_wrong_answer_is_said_at_its_field_and_nothing_is_made(token, change, sentence):
    browser = with_token(token)
    answer = browser.post("/setup/agency/", ANSWERS | change)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not User.objects.exists()
    assert not Platform.objects.exists()
    assert ANSWERS["password1"] not in answer.content.decode()
    assert browser.post("/setup/agency/", ANSWERS).status_code == 302  # the token still opens


@pytest.mark.parametrize(
    ("zone", "status"), [("Pacific/Auckland", 302), ("America/Toronto", 422)], ids=["tomorrow there", "today there"]
)
@time_machine.travel(NOW, tick=False)
def test_a_day_has_come_when_it_has_where_the_agency_is(token, zone, status):
    answers = ANSWERS | {"time_zone": zone, "sales_complete_since": "2026-11-19"}
    assert with_token(token).post("/setup/agency/", answers).status_code == status


def test_what_is_chosen_beats_what_is_usual_in_the_country(token):
    chosen = {"country": "CH", "currency": "EUR", "language": "en", "time_zone": "Europe/Paris"}
    with_token(token).post("/setup/agency/", ANSWERS | chosen)
    agency = Agency.current()
    assert {name: getattr(agency, name) for name in chosen} == chosen


@pytest.mark.parametrize(
    ("country", "currency", "languages", "time_zone"),
    [
        ("FR", "EUR", ("fr",), "Europe/Paris"),
        ("CH", "CHF", ("fr",), "Europe/Zurich"),
        ("GB", "GBP", ("en",), "Europe/London"),
        ("DE", "EUR", ("en", "fr"), "Europe/Berlin"),
        ("CA", "CAD", ("en", "fr"), ""),
        ("PT", "EUR", ("en", "fr"), ""),
        ("RE", "EUR", ("fr",), "Indian/Reunion"),
    ],
)
def test_a_country_gives_currency_language_and_time_zone(country, currency, languages, time_zone):
    usual = customs(country)
    assert (usual.currency, usual.languages, usual.time_zone) == (currency, languages, time_zone)


def test_it_speaks_the_browsers_language_and_offers_its_country(token):
    french = with_token(token, accept_language="fr-CA,fr;q=0.9")
    page = french.get("/setup/agency/")
    assert page.headers["Content-Language"] == "fr"
    assert '<html lang="fr"' in page.content.decode()
    assert '<option value="CA" selected>' in page.content.decode()
    french.post("/setup/agency/", ANSWERS | {"country": "CA", "time_zone": "America/Toronto"})
    assert Agency.current().language == "fr"


def test_whoever_wants_to_see_an_e_mail_gets_one(token):
    page = with_token(token).post("/setup/agency/", ANSWERS | {"send_trial": "on"}, follow=True).content.decode()
    assert mail.outbox[-1].to == ["helene@example.com"]
    assert "helene@example.com" in page


def test_all_platforms_are_offered_in_the_agencys_language(token):
    with_token(token).post("/setup/agency/", ANSWERS | {"platforms": [known.name for known in STANDARD]})
    names = set(Platform.objects.values_list("name", flat=True))
    assert {"Facebook", "Recherche", "Événements", "Recommandation"} <= names
    assert len(names) == len(STANDARD)
    assert {Platform.objects.named(known.name) for known in STANDARD} == set(Platform.objects.all())
    for written in ("Bouche à oreille", "bouche-à-oreille", "BOUCHE A OREILLE"):
        assert Platform.objects.named(written).name == "Recommandation"


# -- all other addresses ----------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("route", [route for route in ROUTES if not route.of], ids=lambda route: route.name)
def test_every_other_address_is_that_of_a_site_without_people(client, token, route):
    address = reverse(route.name)
    for answer in (client.get(address), client.post(address, {"token": token})):
        assert answer.status_code < 500 or route.name in ("health", "ready")
        if route.name not in ("timesheets:setup", "timesheets:setup_agency"):
            assert token not in answer.getvalue().decode(errors="replace")
        if "nobody" not in route.who and answer.status_code == 302:
            assert answer.headers["Location"].startswith(("/accounts/", "/admin/", "/setup/"))
    assert not User.objects.exists()
    assert SetupToken.objects.exists()


# -- two processes ----------------------------------------------------------------------------------------------------

TRY = """
import sys, django
django.setup()
from django.test import Client
from django.urls import reverse
for token in sys.argv[1:]:
    print(Client().post("/setup/", {"token": token}).status_code)
"""


@pytest.mark.once  # on a database of its own
def test_every_process_knows_the_token_and_counts_all_tries(tmp_path):
    shutil.copy(databases.migrated_file(), tmp_path / "retour.sqlite3")
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'retour.sqlite3'}"}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"

    def another_process(*arguments):
        command = [sys.executable, *arguments]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.split()

    token = another_process("manage.py", "setup_token")[-1]
    assert another_process("-c", TRY, token) == ["302"]
    assert another_process("-c", TRY, *["wrong"] * 3) == ["422"] * 3
    assert another_process("-c", TRY, *["wrong"] * 3, token) == ["422", "422", "429", "429"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_it_up_at_once_one_does(token):
    browsers = [with_token(token), with_token(token)]

    def fill_in(browser):
        email = f"director{browsers.index(browser)}@example.com"
        try:
            return browser.post("/setup/agency/", ANSWERS | {"email": email}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(fill_in, browsers))[0] == 302
    assert User.objects.count() == 1
    assert not SetupToken.objects.exists()
