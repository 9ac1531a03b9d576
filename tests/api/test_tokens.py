"""Tokens: who makes them, what they are worth at each moment, how they end, and that nothing else opens the API."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from campaigns import personal_data_export
from campaigns.models import Agency, ApiToken, SecurityEvent
from core.access import Role
from core.api.access import NOUNS
from operations import erase_person
from tests import factories
from tests.api.asking import Asker, is_problem, token_for
from timesheets import api_tokens
from timesheets.forms import PersonForm

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def filled_in(**chosen: str) -> dict[str, str]:
    """The form of a token as a browser sends it."""
    return {"name": "Zapier", "days": "30", **dict.fromkeys(NOUNS, "none"), **chosen}


def events(kind) -> list:
    return list(SecurityEvent.objects.filter(kind=kind).order_by("pk").values_list("by", "person", "detail"))


# -- making -----------------------------------------------------------------------------------------------------------


def test_a_person_makes_a_token_which_is_shown_once_and_kept_as_a_hash():
    marc = factories.ManagerFactory()
    client = signed_in(marc)
    answer = client.post(reverse("timesheets:token_add"), filled_in(leads="write"))
    token = ApiToken.objects.get()
    text = answer.context["text"]
    assert text in answer.content.decode()
    assert text not in client.get(reverse("timesheets:tokens")).content.decode()
    assert token.token_hash == ApiToken.hash_of(text)
    assert text not in str(ApiToken.objects.values().get())
    assert (token.person, token.role, token.scopes) == (marc, Role.MANAGER, ["leads:read", "leads:write"])
    assert token.expires_at == NOW + timedelta(days=30)
    assert events(SecurityEvent.Kind.TOKEN_MADE) == [(marc.pk, marc.pk, f"token {token.pk}")]
    assert Asker(text).get("/leads").status_code == 200


def test_a_token_that_may_do_nothing_is_refused_in_words():
    answer = signed_in(factories.ManagerFactory()).post(reverse("timesheets:token_add"), filled_in())
    assert answer.status_code == 422
    assert "Choose at least one thing that it may read." in answer.content.decode()


def test_a_member_is_offered_what_a_member_can_read():
    page = signed_in(factories.MemberFactory()).get(reverse("timesheets:token_add")).content.decode()
    assert 'name="hours"' in page
    assert 'name="leads"' not in page


def test_a_director_gives_a_service_a_role_below_their_own():
    helene = factories.DirectorFactory()
    client = signed_in(helene)
    body = filled_in(name="Form", days="0", leads="write", role="director")
    assert client.post(reverse("timesheets:service_token_add"), body).status_code == 422
    answer = client.post(reverse("timesheets:service_token_add"), {**body, "role": "manager"})
    token = ApiToken.objects.get()
    assert (token.person, token.role, token.made_by, token.expires_at) == (None, Role.MANAGER, helene, None)
    assert Asker(answer.context["text"]).get("/leads").status_code == 200
    assert "Form" in client.get(reverse("timesheets:all_tokens")).content.decode()
    with pytest.raises(ValueError, match="below director"):
        api_tokens.give(name="X", role=Role.DIRECTOR, scopes=["leads:read"], expires_at=None, by=helene, person=None)


# -- what opens the API -----------------------------------------------------------------------------------------------


def test_no_session_opens_the_api(camille):
    helene = factories.DirectorFactory()
    client = signed_in(helene)
    for method, path in (("GET", "/api/v1/leads"), ("POST", "/api/v1/clients"), ("GET", "/api/v1/figures")):
        answer = client.generic(method, path, "{}", content_type="application/json")
        assert is_problem(answer, 401)
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_session_beside_a_token_changes_nothing(camille):
    """The token is a member's, the cookie a director's: the member asks."""
    client = signed_in(factories.DirectorFactory())
    headers = {"Authorization": f"Bearer {token_for(camille)}"}
    assert is_problem(client.get("/api/v1/leads", headers=headers), 403)
    assert client.get("/api/v1/hours", headers=headers).status_code == 200


def test_no_page_elsewhere_needs_or_gets_a_csrf_token(camille):
    """A browser sends no such header by itself, so there is nothing to forge; a cookie is neither read nor set."""
    client = Client(enforce_csrf_checks=True)
    cell = f"/api/v1/hours/2026-11-17/{factories.PlatformFactory().pk}/{factories.CampaignFactory().pk}"
    headers = {"Authorization": f"Bearer {token_for(camille)}", "If-None-Match": "*"}
    answer = client.put(cell, '{"minutes": 60}', content_type="application/json", headers=headers)
    assert (answer.status_code, dict(answer.cookies)) == (200, {})


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer nonsense", "bearer " + "x" * 5000, "é"]
)
def test_nothing_else_is_a_token(header):
    answer = Client().get("/api/v1/leads", headers={"Authorization": header})
    assert is_problem(answer, 401)


def test_a_token_opens_no_page(as_director):
    """Neither accounts nor rates nor security nor set-up: tokens are read under /api alone."""
    headers = {"Authorization": f"Bearer {as_director.token}"}
    for name in ("profile", "all_rates", "all_tokens", "token_add", "team", "this_week"):
        answer = Client().get(reverse(f"timesheets:{name}"), headers=headers)
        assert answer["Location"].startswith("/accounts/login/"), name
    for path in ("/admin/", "/security/", "/settings/", "/"):
        assert Client().get(path, headers=headers).status_code in (302, 404), path


# -- what they are worth ----------------------------------------------------------------------------------------------


def test_a_token_may_what_its_scopes_say():
    marc = factories.ManagerFactory()
    reader = Asker(token_for(marc, scopes=["leads:read"]))
    assert reader.get("/leads").status_code == 200
    assert "“leads:write”" in reader.post("/leads", {"name": "X"}).json()["detail"]
    assert is_problem(reader.get("/sales"), 403)


def test_a_token_narrows_at_once_with_the_role_and_never_widens():
    helene = factories.DirectorFactory()
    program = Asker(token_for(helene))
    assert program.get("/figures").status_code == 200
    helene.role = Role.MANAGER
    helene.save()
    assert is_problem(program.get("/figures"), 403)
    assert program.get("/leads").status_code == 200
    camille = factories.MemberFactory()
    given = Asker(token_for(camille))
    camille.role = Role.DIRECTOR
    camille.save()
    assert is_problem(given.get("/leads"), 403)


def test_a_token_ends_when_it_is_revoked_and_when_it_expires():
    marc = factories.ManagerFactory()
    text = token_for(marc, expires_at=NOW + timedelta(days=1))
    assert Asker(text).get("/leads").status_code == 200
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        assert is_problem(Asker(text).get("/leads"), 401)
    token = ApiToken.objects.get()
    client = signed_in(marc)
    for _again in range(2):
        assert client.post(reverse("timesheets:token_revoke", args=[token.pk])).status_code == 302
    assert is_problem(Asker(text).get("/leads"), 401)
    assert events(SecurityEvent.Kind.TOKEN_REVOKED) == [(marc.pk, marc.pk, f"token {token.pk}")]


def test_a_token_of_somebody_else_is_revoked_by_a_director_alone(camille):
    token_for(camille)
    address = reverse("timesheets:token_revoke", args=[ApiToken.objects.get().pk])
    assert signed_in(factories.ManagerFactory()).post(address).status_code == 404
    assert ApiToken.objects.get().revoked_at is None
    assert signed_in(factories.DirectorFactory()).post(address).status_code == 302
    assert ApiToken.objects.get().revoked_at == NOW


def test_an_account_that_is_closed_takes_its_tokens_along_for_good(camille):
    factories.DirectorFactory()
    program = Asker(token_for(camille))
    data = {field: getattr(camille, field) for field in ("name", "email", "role")}
    data |= {"weekly_minutes": "35", "joined_on": "2020-01-01", "logs_hours": "on"}
    for is_active, status in (("on", 200), ("", 401), ("on", 401)):
        form = PersonForm({**data, "is_active": is_active}, instance=camille)
        assert form.is_valid(), form.errors
        form.save()
        assert program.get("/hours").status_code == status


def test_a_token_does_not_outlast_the_last_day_at_work(camille):
    program = Asker(token_for(camille))
    type(camille).objects.filter(pk=camille.pk).update(left_on=NOW.date() - timedelta(days=1))
    assert is_problem(program.get("/hours"), 401)


def test_erasing_a_person_deletes_their_tokens(camille):
    text = token_for(camille)
    type(camille).objects.filter(pk=camille.pk).update(is_active=False)
    camille.refresh_from_db()
    erase_person.erase_now(camille, at=NOW)
    assert not ApiToken.objects.exists()
    assert is_problem(Asker(text).get("/hours"), 401)


def test_what_is_held_on_a_person_names_their_tokens_and_opens_nothing(camille):
    text = token_for(camille, name="My laptop")
    held = json.dumps(personal_data_export.on_person(camille), default=str)
    assert "My laptop" in held
    assert ApiToken.hash_of(text) not in held


def test_who_must_have_a_second_factor_has_no_api_without_it():
    program = Asker(token_for(factories.ManagerFactory()))
    Agency.objects.update_or_create(pk=Agency.current().pk, defaults={"needs_second_factor": True})
    answer = program.get("/leads")
    assert is_problem(answer, 401)
    assert "second factor" in answer.json()["detail"]


# -- use --------------------------------------------------------------------------------------------------------------


def test_that_a_token_is_used_is_written_down_once_an_hour(camille, django_assert_num_queries):
    program = Asker(token_for(camille))
    program.get("/hours")
    assert ApiToken.objects.get().last_used_at == NOW
    for minutes, noted in ((59, NOW), (61, NOW + timedelta(minutes=61))):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            program.get("/hours")
        assert ApiToken.objects.get().last_used_at == noted


def test_a_token_may_ask_so_often_a_minute(camille, settings):
    settings.API_REQUESTS_A_MINUTE = 3
    program, other = Asker(token_for(camille)), Asker(token_for(camille))
    assert [program.get("/hours").status_code for _time in range(4)] == [200, 200, 200, 429]
    answer = program.get("/hours")
    assert is_problem(answer, 429)
    assert answer["Retry-After"] == "60"
    assert other.get("/hours").status_code == 200
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert program.get("/hours").status_code == 200


def test_a_refusal_speaks_the_language_of_the_person(camille):
    camille.language = "fr"
    camille.save()
    assert Asker(token_for(camille)).get("/leads")["Content-Language"] == "fr"
