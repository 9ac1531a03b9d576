"""Whose a session is: signed inside it, and in a column beside, by which it is read with the person and found."""

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session as DjangosSession
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.factories import PASSWORD
from timesheets import sessions, sign_in
from timesheets.models import Session, User

pytestmark = pytest.mark.django_db


def browser_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def who_is_in(client: Client) -> User | None:
    """Whom the profile is shown to; None when it leads to the sign-in."""
    answer = client.get("/profile/")
    return User.objects.get(pk=answer.wsgi_request.user.pk) if answer.status_code == 200 else None


def row_of(client: Client) -> Session:
    return Session.objects.get(pk=client.cookies[django_settings.SESSION_COOKIE_NAME].value)


# -- one statement ----------------------------------------------------------------------------------------------------


def test_session_and_person_are_read_by_one_statement(member):
    client = browser_of(member)
    client.get("/profile/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/nowhere")
    of_sign_in = [query["sql"] for query in asked if "timesheets_session" in query["sql"] or "_user" in query["sql"]]
    assert len(of_sign_in) == 1, of_sign_in


def test_a_person_who_was_read_for_one_request_is_not_there_for_the_next(member, manager):
    assert who_is_in(browser_of(member)) == member
    assert sign_in._asked.get() is None
    User.objects.filter(pk=manager.pk).update(name="Changed")
    found = sign_in.Backend().get_user(manager.pk)
    assert found is not None
    assert found.name == "Changed"


def test_who_is_asked_for_is_given_and_not_who_was_read_with_the_session(member, manager):
    client = browser_of(member)
    store = sessions.SessionStore(client.session.session_key)
    store.load()
    token = sign_in._asked.set(store)
    try:
        assert sign_in.Backend().get_user(member.pk) is store.person
        assert sign_in.Backend().get_user(manager.pk) == manager
    finally:
        sign_in._asked.reset(token)


# -- both must name the same ------------------------------------------------------------------------------------------


def test_a_column_that_names_another_than_the_signed_data_signs_nobody_in(member, director):
    client = browser_of(member)
    Session.objects.filter(pk=row_of(client).pk).update(person=director)
    assert who_is_in(client) is None


def test_a_column_alone_signs_nobody_in(director):
    client = Client()
    session = client.session
    session["anything"] = 1
    session.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = session.session_key
    Session.objects.filter(pk=session.session_key).update(person=director)
    assert who_is_in(client) is None


def test_signed_data_without_the_column_sign_nobody_in(member):
    """Such a session would not be found when all of a person are ended."""
    client = browser_of(member)
    Session.objects.update(person=None)
    assert who_is_in(client) is None


def test_data_whose_signature_is_not_ours_sign_nobody_in(member):
    client = browser_of(member)
    row = row_of(client)
    Session.objects.filter(pk=row.pk).update(session_data=row.session_data[:-4] + "AAAA")
    assert who_is_in(client) is None


# -- the column follows what is signed --------------------------------------------------------------------------------


def test_a_session_of_nobody_keeps_what_it_holds_until_somebody_signs_in(member):
    client = Client()
    session = client.session
    session["kept"] = "before"
    session.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = session.session_key
    assert Session.objects.get().person is None
    client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    assert client.session["kept"] == "before"
    assert row_of(client).person == member
    assert Session.objects.count() == 1


def test_after_signing_out_it_is_nobodys(member):
    client = browser_of(member)
    client.post("/accounts/logout/")
    assert not Session.objects.filter(person=member).exists()
    assert who_is_in(client) is None


def test_a_new_password_keeps_this_session_and_closes_the_others(member):
    here, elsewhere = browser_of(member), browser_of(member)
    form = {"oldpassword": PASSWORD, "password1": "a long walk home", "password2": "a long walk home"}
    here.post("/accounts/password/change/", form)
    assert row_of(here).person == member
    assert who_is_in(here) == member
    assert who_is_in(elsewhere) is None


def test_who_signs_in_as_another_in_the_same_browser_has_a_session_of_the_other(member, manager):
    client = browser_of(member)
    client.force_login(manager)
    assert row_of(client).person == manager
    assert who_is_in(client) == manager


# -- who may not sign in, and who is gone -----------------------------------------------------------------------------


def test_who_may_no_longer_sign_in_is_out_at_the_next_click(member):
    client = browser_of(member)
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert who_is_in(client) is None


def test_the_sessions_of_a_person_who_is_deleted_go_with_them(manager):
    person = factories.MemberFactory()
    client = browser_of(person)
    browser_of(manager)
    person.delete()
    assert list(Session.objects.values_list("person", flat=True)) == [manager.pk]
    assert who_is_in(client) is None


def test_a_session_that_outlives_its_person_is_nobodys(member):
    client = browser_of(member)
    Session.objects.update(person=member.pk + 1_000)
    store = sessions.SessionStore(row_of(client).pk)
    store[SESSION_KEY] = str(member.pk + 1_000)
    Session.objects.update(session_data=store.encode(dict(store.items())))
    assert who_is_in(client) is None


def test_all_data_held_on_a_person_open_no_session(client, member, director):
    key = browser_of(member).session.session_key
    client.force_login(director)
    answer = client.get(reverse("timesheets:person_data", args=[member.pk]))
    assert [set(row) for row in answer.json()["timesheets.session"]] == [{"expire_date", "person_id"}]
    assert key not in answer.content.decode()


# -- the upgrade ------------------------------------------------------------------------------------------------------


@pytest.fixture
def migrated():
    """Migrate the app to one of its migrations; at the end it stands at the newest again."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("timesheets")

    def migrate(name: str) -> None:
        MigrationExecutor(connection).migrate([("timesheets", name)])

    yield migrate
    MigrationExecutor(connection).migrate(newest)


@pytest.mark.django_db(transaction=True)
def test_nobody_is_signed_out_by_the_upgrade_nor_by_the_way_back(migrated, settings):
    person = factories.MemberFactory()
    migrated("0012_fewer_indexes")
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    client, of_nobody = browser_of(person), Client().session
    of_nobody["kept"] = 1
    of_nobody.save()
    before = set(DjangosSession.objects.values_list("session_key", "session_data", "expire_date"))
    migrated("0014_sessions_without_spare_index")
    settings.SESSION_ENGINE = "timesheets.sessions"
    assert set(Session.objects.values_list("session_key", "session_data", "expire_date")) == before
    assert set(Session.objects.values_list("person", flat=True)) == {person.pk, None}
    assert not DjangosSession.objects.exists()
    assert who_is_in(client) == person
    now = set(Session.objects.values_list("session_key", "session_data"))
    migrated("0012_fewer_indexes")
    assert set(DjangosSession.objects.values_list("session_key", "session_data")) == now
