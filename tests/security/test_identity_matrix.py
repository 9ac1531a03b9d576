"""Which addresses ask again who one is, and which leave word of a file taken out: all of them, and no other."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import resolve

from campaigns.models import SecurityEvent
from tests.security.estate import NOW, Estate
from tests.security.routes import ANYONE, ROUTES, Route
from tests.security.test_access_matrix import ask

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# Rates, roles, erasing, tokens, and files with people in them. A new one stands here, and its view is guarded
# (docs/adr/0029).
ASKED_AGAIN = {
    "timesheets:rates",
    "timesheets:rate",
    "timesheets:delete_rate",
    "timesheets:person",
    "timesheets:all_rates",
    "timesheets:token_add",
    "timesheets:service_token_add",
    "timesheets:add_person",
    "timesheets:add_people",
    "timesheets:person_data",
    "timesheets:team_hours",
    "operations:erase_person",
    "operations:confirm_hold",
    "campaigns:lead_erase",
    "campaigns:lead_data",
    "campaigns:leads_export",
    "campaigns:webhook_add",
    "campaigns:webhook_edit",
    "campaigns:webhook_rotate",
    "campaigns:webhook_remove",
    "reports:rows_csv",
    "reports:rows_xlsx",
}
# One's own hours, and of one's own file what was wrong with it.
OWN_FILES = {"timesheets:my_hours", "campaigns:import_errors"}
PAGES = [route for route in ROUTES if "director" in route.who and route.who != ANYONE]


def asks_again(estate: Estate, route: Route) -> bool:
    """Whether a director who signed in 16 minutes ago is asked; allauth's own pages ask for themselves."""
    answer = ask(estate, "director", route.method, estate.address(route.name, route.of, "director"))
    return answer.status_code == 302 and answer["Location"].startswith("/accounts/reauthenticate/")


def test_these_addresses_and_no_others_ask_again(estate):
    pages = [route for route in PAGES if not route.name.startswith(("account_", "mfa_", "admin:"))]
    with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
        assert {route.name for route in pages if asks_again(estate, route)} == ASKED_AGAIN


def test_the_whole_administration_asks_again(estate):
    pages = [route for route in PAGES if route.name.startswith("admin:") and route.get == 200]
    with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
        assert [route.name for route in pages if not asks_again(estate, route)] == []


def test_every_file_that_is_taken_out_leaves_word(estate, monkeypatch):
    recorded: list[Any] = []
    monkeypatch.setattr(SecurityEvent, "record", lambda kind, **more: recorded.append((kind, more["detail"])))
    for route in [route for route in PAGES if route.get == 200 and route.name not in OWN_FILES]:
        recorded.clear()
        address = estate.address(route.name, route.of, "director")
        answer = ask(estate, "director", "GET", address)
        is_file = "attachment" in answer.get("Content-Disposition", "")
        words = [detail for kind, detail in recorded if kind == SecurityEvent.Kind.EXPORTED]
        assert bool(words) == is_file, resolve(address).view_name
