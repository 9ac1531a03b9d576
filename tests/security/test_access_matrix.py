"""Every address of the site, as nobody, a member, a manager and a director: who gets what."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.security.estate import ROLES, Estate, undone
from tests.security.routes import ADMIN, ADMIN_OTHERS, ALLAUTH, ANYONE, BY_NAME, ROUTES, Route, installed, is_of_a_model

pytestmark = [pytest.mark.django_db, pytest.mark.once]
CSRF_SECRET = "s" * 32
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


def refusals(caplog) -> list[tuple[Any, ...]]:
    """Status, number and role of those who were refused something, as the log has them."""
    return [record.args[:3] for record in caplog.records if record.name == "retour.access"]


def who(estate: Estate, role: str) -> Any:
    return "nobody" if role == "nobody" else estate.people[role].pk


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
            refused = answer.status_code == 403
            assert refusals(caplog) == ([(403, who(estate, role), role)] if refused else [])


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
            assert refusals(caplog) == [(403, who(estate, role), role)]
            assert f"method=POST view={route.name}" in caplog.text
        else:
            assert answer.status_code == route.answer(role, "POST"), role


@by_name([route for route in ROUTES if not route.name.startswith((*ALLAUTH, "admin:"))])
def test_no_address_has_another_method(estate, route):
    for method in ("PUT", "PATCH", "DELETE"):
        address = estate.address(route.name, route.of, "director")
        assert ask(estate, "director", method, address).status_code == 405, method


@by_name([route for route in ROUTES if route.who != ANYONE and not route.name.startswith((*ALLAUTH, "admin:"))])
def test_a_part_of_a_page_is_never_replaced_by_the_sign_in(estate, route):
    """htmx would put what it gets where the part was."""
    address = estate.address(route.name, route.of, "nobody")
    answer = ask(estate, "nobody", route.method, address, **{"HX-Request": "true"})
    assert answer.status_code == 401


# -- what is somebody else's, or nowhere ------------------------------------------------------------------------------


@by_name([route for route in ROUTES if route.theirs])
def test_what_is_somebody_elses_is_not_found_and_logged(estate, route, caplog):
    for role in route.who:
        caplog.clear()
        answer = ask(estate, role, route.method, estate.address(route.name, route.of, role, whose="theirs"))
        assert answer.status_code == route.theirs.get(role, route.answer(role, route.method)), role
        if answer.status_code == 404:
            assert refusals(caplog) == [(404, who(estate, role), role)]
            nowhere = ask(estate, role, route.method, reverse(route.name, kwargs={"pk": 10**9}))
            assert without_tokens(answer.body) == without_tokens(nowhere.body), "one can tell that it is there"


def without_tokens(body: bytes) -> bytes:
    return re.sub(rb"[A-Za-z0-9]{64}", b"", body)


@by_name([route for route in ROUTES if route.of and not route.name.startswith(ALLAUTH)])
def test_what_there_is_not_is_not_found(estate, route):
    for role in ROLES:
        arguments = estate.arguments(route.of, role)
        unknown = {name: {int: 10**15, str: "nonsense"}.get(type(value), value) for name, value in arguments.items()}
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
