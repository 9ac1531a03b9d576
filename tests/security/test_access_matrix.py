"""Every address of the site, as nobody, a member, a manager and a director: who gets what."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.urls import resolve, reverse

from campaigns.models import Agency
from tests.factories import PASSWORD
from tests.security.estate import ROLES, SHUT_OUT, WEEK, Estate, undone
from tests.security.routes import ADMIN, ADMIN_OTHERS, ALLAUTH, ANYONE, BY_NAME, ROUTES, Route, installed, is_of_a_model
from timesheets.models import TimeEntry, Timer, Timesheet, TimesheetRow

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.claim]
CSRF_SECRET = "s" * 32
LARGER_THAN_ANY_NUMBER_OF_A_ROW = 10**30
HOW = "say in tests/security/routes.py who may open it and what it answers: one line, explained at its head"


def by_name(routes: list[Route]) -> Any:
    return pytest.mark.parametrize("route", routes, ids=lambda route: route.name)


def ask(estate: Estate, role: str, method: str, address: str, *, token: bool = True, **headers: str) -> Any:
    """One request with nothing in it; what it wrote is taken back."""
    client = estate.client(role, checks_csrf=True)
    if token:
        client.cookies["csrftoken"] = headers["X-CSRFToken"] = CSRF_SECRET
    with undone():
        answer = client.generic(method, address, headers=headers)
        answer.body = b"".join(answer) if answer.streaming else answer.content
    return answer


def refusals(caplog) -> list[str]:
    """The lines that the log has of those who were refused something."""
    return [record.getMessage() for record in caplog.records if record.name == "retour.access"]


def refused(estate: Estate, route: Route, role: str, method: str, status: int, *, whose: str = "own") -> str:
    """The line that tells who was refused what: the person by number, and of the address what opens nothing."""
    number = "nobody" if role == "nobody" else estate.people[role].pk
    parts = resolve(estate.address(route.name, route.of, role, whose=whose)).kwargs.items()
    told = " ".join(f"{name}={quote(str(value))}" for name, value in parts if name not in ("token", "key", "uidb36"))
    return f"refused status={status} user={number} role={role} method={method} view={route.name} {told}".rstrip()


# -- the table is complete --------------------------------------------------------------------------------------------


def test_every_address_is_declared():
    known = {*BY_NAME, *ADMIN_OTHERS}
    undeclared = {name for name in installed() if name not in known and not is_of_a_model(name)}
    assert not undeclared, HOW


def test_every_declared_address_exists_and_is_declared_once():
    assert set(BY_NAME) <= set(installed())
    assert len(BY_NAME) == len(ROUTES)


def test_every_model_in_the_admin_is_declared():
    assert {admin_name(model) for model in admin.site._registry} == set(ADMIN), HOW


def admin_name(model: Any) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


# -- each role gets what is theirs ------------------------------------------------------------------------------------


@by_name(ROUTES)
def test_each_role_gets_what_is_theirs(estate, route, caplog):
    for role in ROLES:
        for method in ("GET", "POST"):
            caplog.clear()
            answer = ask(estate, role, method, estate.address(route.name, route.of, role))
            assert answer.status_code in expected(route, role, method), f"{method} as {role}"
            if answer.status_code == 302 and role not in route.who:
                assert answer["Location"].startswith("/accounts/login/?next=")
            logged = [refused(estate, route, role, method, 403)] if answer.status_code == 403 else []
            assert refusals(caplog) == logged


def expected(route: Route, role: str, method: str) -> set[int]:
    """A method that an address does not have is refused either for that or for who asks."""
    if route.name == "reports:dashboard" and (role, method) == ("director", "GET"):
        return {200}  # the one address that leads everyone else to their hours
    has_method = (route.get if method == "GET" else route.post) != 405
    return {route.answer(role, method)} | (set() if has_method or role in route.who else {405})


@by_name([route for route in ROUTES if route.post != 405])
def test_a_post_without_the_token_is_refused_and_logged(estate, route, caplog):
    for role in ROLES:
        caplog.clear()
        answer = ask(estate, role, "POST", estate.address(route.name, route.of, role), token=False)
        if route.checks_csrf:
            assert answer.status_code == 403, role
            assert refusals(caplog) == [refused(estate, route, role, "POST", 403)]
        else:
            assert answer.status_code == route.answer(role, "POST"), role


@by_name([route for route in ROUTES if not route.name.startswith((*ALLAUTH, "admin:"))])
def test_no_address_has_another_method(estate, route):
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
        address = estate.address(route.name, route.of, "director")
        expected_status = route.preflight if method == "OPTIONS" else 405
        assert ask(estate, "director", method, address).status_code == expected_status, method


@by_name([route for route in ROUTES if route.who != ANYONE and route.get != 405 and not route.name.startswith(ALLAUTH)])
def test_whoever_may_not_read_a_page_may_not_ask_for_its_head_or_a_part_of_it(estate, route):
    for role in [role for role in ROLES if role not in route.who]:
        address = estate.address(route.name, route.of, role)
        page = 302 if role == "nobody" else 403
        assert ask(estate, role, "HEAD", address).status_code in {page, 405}, role
        part = 401 if role == "nobody" else 403
        target = {"HX-Request": "true", "HX-Target": "panel-body", "Accept": "application/json"}
        assert ask(estate, role, "GET", address, **target).status_code == part, role


# -- who is shut out --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nobodys(estate) -> dict[str, tuple[int, str | None]]:
    """What each address answers to nobody: its status, and where it leads."""
    told = {}
    for route in ROUTES:
        answer = ask(estate, "nobody", route.method, estate.address(route.name, route.of, "nobody"))
        told[route.name] = answer.status_code, answer.get("Location")
    return told


@pytest.mark.parametrize("state", SHUT_OUT)
def test_a_director_who_is_not_let_in_gets_what_nobody_gets(estate, nobodys, state):
    """Closed, gone, or between the password and the second factor: a session alone opens nothing."""
    for route in ROUTES:
        is_a_way_in = route.name.startswith(ALLAUTH) and route.who == ANYONE
        if is_a_way_in and (state == "second factor to come" or route.name == "account_logout"):
            continue  # there they go on, or back
        address = estate.address(route.name, route.of, "nobody")
        got = ask(estate, state, route.method, address)
        assert (got.status_code, got.get("Location")) == nobodys[route.name], route.name


def test_who_must_have_a_second_factor_gets_nothing_before_it_is_set_up(estate):
    visited = ("campaigns:go", "campaigns:capture")  # where no session is looked at
    closed = [route for route in ROUTES if not route.name.startswith((*ALLAUTH, "health", "metrics", *visited))]
    with undone():
        Agency.objects.update(needs_second_factor=True)
        for role in ("manager", "director"):
            for route in closed:
                answer = ask(estate, role, route.method, estate.address(route.name, route.of, role))
                assert (answer.status_code, answer.get("Location")) == (302, reverse("mfa_index")), route.name


@by_name([route for route in ROUTES if route.who != ANYONE and not route.name.startswith((*ALLAUTH, "admin:"))])
def test_a_part_of_a_page_is_never_replaced_by_the_sign_in(estate, route):
    """htmx would put what it gets where the part was."""
    address = estate.address(route.name, route.of, "nobody")
    for method in route.methods:
        assert ask(estate, "nobody", method, address, **{"HX-Request": "true"}).status_code == 401, method


# -- what is somebody else's, or nowhere ------------------------------------------------------------------------------


@by_name([route for route in ROUTES if route.theirs])
def test_what_is_somebody_elses_is_not_found_and_logged(estate, route, caplog):
    for role in route.who:
        caplog.clear()
        answer = ask(estate, role, route.method, estate.address(route.name, route.of, role, whose="theirs"))
        assert answer.status_code == route.theirs.get(role, route.answer(role, route.method)), role
        if answer.status_code == 404:
            assert refusals(caplog) == [refused(estate, route, role, route.method, 404, whose="theirs")]
            nowhere = ask(estate, role, route.method, reverse(route.name, kwargs={"pk": 10**9}))
            assert without_tokens(answer.body) == without_tokens(nowhere.body), "one can tell that it is there"


def test_a_manager_sees_what_a_member_imports(estate):
    """Of files of others only a director's are closed to managers."""
    address = estate.address("campaigns:import_run", "import", "member", whose="theirs")
    assert ask(estate, "manager", "GET", address).status_code == 200


@by_name(
    [route for route in ROUTES if route.of == "week" and route.post != 405 and route.who != ("manager", "director")]
)
def test_no_form_of_ones_own_week_reaches_into_that_of_somebody_else(estate, route):
    """Whatever keys it names: no hours, row, submission or timer of Dora's is another afterwards."""
    dora = estate.people["Dora"]
    timer, entry = Timer.objects.get(member=dora), TimeEntry.objects.filter(member=dora, week=WEEK.monday).first()
    assert entry
    for named in (str(dora.pk), str(estate.people["member"].pk)):
        sent = {"member": named, "person": dora.pk, "timer": timer.pk, "choice": "discard", "d0": "7:77", "seen": ""}
        sent |= {"platform": entry.platform_id, "campaign": entry.campaign_id, "with_hours": "1", "reason": "mine"}
        with undone():
            before = held_by(dora)
            estate.client("member").post(estate.address(route.name, route.of, "member"), sent)
            assert held_by(dora) == before


def held_by(person: Any) -> list[Any]:
    rows = [
        list(model.objects.filter(member=person).order_by("pk").values()) for model in (TimeEntry, Timesheet, Timer)
    ]
    return [*rows, list(TimesheetRow.objects.filter(timesheet__member=person).order_by("pk").values())]


@pytest.mark.parametrize("name", ["mfa_remove_webauthn", "mfa_edit_webauthn"])
def test_a_passkey_of_somebody_else_is_not_there(estate, name):
    client = estate.client("member")
    with undone():
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})  # asked for before any change of these
        for method in (client.get, client.post):
            assert method(estate.address(name, "passkey", "member"), {"name": "mine"}).status_code == 404
        assert Authenticator.objects.get(**estate.arguments("passkey", "member")).data["name"] == "Key of another"


def without_tokens(body: bytes) -> bytes:
    return re.sub(rb"[A-Za-z0-9]{64}", b"", body)


@by_name([route for route in ROUTES if route.of and not route.name.startswith(ALLAUTH)])
def test_what_there_is_not_is_not_found(estate, route):
    for role in ROLES:
        arguments = estate.arguments(route.of, role)
        for number in (10**15, LARGER_THAN_ANY_NUMBER_OF_A_ROW):
            others = {int: number, str: "nonsense"}
            unknown = {name: others.get(type(value), value) for name, value in arguments.items()}
            if unknown != arguments:  # a week exists whatever its number
                answer = ask(estate, role, route.method, reverse(route.name, kwargs=unknown))
                assert answer.status_code == (404 if role in route.who else route.answer(role, route.method)), role


# -- the admin --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", admin.site._registry, ids=admin_name)
def test_nobody_but_a_director_gets_into_the_admin(estate, model):
    pk = getattr(model._default_manager.first(), "pk", 1)
    for role, status in (("nobody", 302), ("member", 403), ("manager", 403)):
        for method, action, arguments in (("GET", "changelist", []), ("POST", "delete", [pk]), ("GET", "change", [pk])):
            answer = ask(estate, role, method, reverse(f"admin:{admin_name(model)}_{action}", args=arguments))
            assert answer.status_code == status, f"{action} as {role}"
            if status == 302:
                assert answer["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("model", admin.site._registry, ids=admin_name)
def test_a_director_does_in_the_admin_what_is_declared_and_no_more(estate, model):
    name, row = admin_name(model), model._default_manager.first()
    allowed = ADMIN.get(name, "").split()
    statuses = {"changelist": 200, "add": 200 if "add" in allowed else 403}
    if row:
        statuses |= {"change": 200, "history": 200, "delete": 200 if "delete" in allowed else 403}
    for action, status in statuses.items():
        arguments = [] if action in ("changelist", "add") else [row.pk]
        answer = ask(estate, "director", "GET", reverse(f"admin:{name}_{action}", args=arguments))
        assert answer.status_code == status, action
    if row and "change" not in allowed:
        assert ask(estate, "director", "POST", reverse(f"admin:{name}_change", args=[row.pk])).status_code == 403


@pytest.mark.parametrize(
    "path", ["campaigns/", "nothing/", "campaigns/lead/1/", "r/1/1/", "timesheets/user/1/password/"]
)
def test_the_admins_other_addresses_are_guarded_too(estate, path):
    for role, status in (("nobody", 302), ("member", 403), ("manager", 403)):
        assert ask(estate, role, "GET", f"/admin/{path}").status_code == status, role
