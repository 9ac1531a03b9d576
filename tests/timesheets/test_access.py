"""Every address of the app, as nobody, as a member, a manager and a director."""

from datetime import date

import pytest
from django.urls import get_resolver, reverse

from core.weeks import Week
from tests import factories
from timesheets.models import CostRate, TimeEntry

pytestmark = pytest.mark.django_db

WEEK = Week(date(2026, 11, 16))
EVERYONE = ("member", "manager", "director")
STEERING = ("manager", "director")
DIRECTOR = ("director",)

# name, arguments, method, who may, what they get
PLACES = [
    ("this_week", [], "get", EVERYONE, 302),
    ("week", [WEEK], "get", EVERYONE, 200),
    ("save_cell", [WEEK], "post", EVERYONE, 422),
    ("add_row", [WEEK], "post", EVERYONE, 302),
    ("remove_row", [WEEK], "post", EVERYONE, 400),
    ("copy_rows", [WEEK], "post", EVERYONE, 302),
    ("copy_hours", [WEEK], "post", EVERYONE, 302),
    ("restore_row", [WEEK], "post", EVERYONE, 422),
    ("pin_row", [WEEK], "post", EVERYONE, 422),
    ("start_timer", [WEEK], "post", EVERYONE, 302),
    ("stop_timer", [WEEK], "post", EVERYONE, 400),
    ("settle_timer", [WEEK], "post", EVERYONE, 400),
    ("submit", [WEEK], "post", EVERYONE, 302),
    ("take_back", [WEEK], "post", EVERYONE, 302),
    ("my_hours", [], "get", EVERYONE, 200),
    ("profile", [], "get", EVERYONE, 200),
    ("profile", [], "post", EVERYONE, 422),
    ("team", [], "get", STEERING, 200),
    ("of_person", ["alice", WEEK], "get", STEERING, 200),
    ("decide", [WEEK], "post", STEERING, 302),
    ("remind", ["alice", WEEK], "post", STEERING, 302),
    ("reopen", ["alice", WEEK], "post", STEERING, 302),
    ("add_person", [], "get", DIRECTOR, 200),
    ("add_person", [], "post", DIRECTOR, 422),
    ("person", ["alice"], "get", DIRECTOR, 200),
    ("person", ["alice"], "post", DIRECTOR, 422),
    ("person_data", ["alice"], "get", DIRECTOR, 200),
    ("rates", ["alice"], "get", DIRECTOR, 200),
    ("rates", ["alice"], "post", DIRECTOR, 422),
    ("rate", ["alice", "rate"], "get", DIRECTOR, 200),
    ("rate", ["alice", "rate"], "post", DIRECTOR, 422),
    ("delete_rate", ["alice", "rate"], "get", DIRECTOR, 200),
    ("delete_rate", ["alice", "rate"], "post", DIRECTOR, 302),
]


@pytest.fixture
def alice():
    """Somebody with hours, a rate and a submitted week."""
    rate = factories.RateFactory(member__name="Alice", hourly_cents=7319)
    factories.EntryFactory(member=rate.member, day=WEEK.monday, minutes=60)
    return factories.TimesheetFactory(member=rate.member, submitted_at="2026-11-21T12:00Z").member


def address(name, arguments, alice):
    places = {"alice": alice.pk, "rate": alice.rates.get().pk}
    return reverse(f"timesheets:{name}", args=[places.get(one, one) for one in arguments])


def test_every_address_is_in_the_table():
    names = {
        pattern.name
        for one in get_resolver().url_patterns
        if getattr(one, "app_name", "") == "timesheets"
        for pattern in one.url_patterns
    }
    ours = {place[0] for place in PLACES}
    assert names - {"reminders_off", "invitation"} == ours  # signed links: test_reminders.py, test_accounts.py


@pytest.mark.parametrize(("name", "arguments", "method", "allowed", "status"), PLACES)
@pytest.mark.parametrize("role", EVERYONE)
def test_each_role_gets_what_is_theirs(client, request, alice, name, arguments, method, allowed, status, role):
    client.force_login(request.getfixturevalue(role))
    answer = getattr(client, method)(address(name, arguments, alice))
    assert answer.status_code == (status if role in allowed else 403)


@pytest.mark.parametrize(("name", "arguments", "method"), [place[:3] for place in PLACES])
def test_nobody_is_sent_to_sign_in_and_htmx_is_told(client, alice, name, arguments, method):
    place = address(name, arguments, alice)
    answer = getattr(client, method)(place)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=")
    assert getattr(client, method)(place, headers={"HX-Request": "true"}).status_code == 401
    assert CostRate.objects.exists()


@pytest.mark.parametrize(
    "place",
    [
        "/team/",
        "/team/?week=2026-W47",
        "/team/{alice}/2026-W47/",
        "/hours/2026-W47/",
        "/my-hours/",
        "/my-hours/?format=csv",
    ],
)
def test_a_manager_receives_no_rate_and_nothing_it_can_be_derived_from(client, manager, alice, place):
    TimeEntry.objects.update(hourly_cents=7319)
    client.force_login(manager)
    answer = client.get(place.format(alice=alice.pk))
    text = b"".join(answer) if answer.streaming else answer.content
    for trace in (b"73.19", b"73,19", b"7319", b"rate", b"/rates/"):
        assert trace not in text


@pytest.mark.parametrize("other", [{}, {"member": "alice"}])
def test_another_members_cell_is_never_written(client, member, alice, other):
    entry = TimeEntry.objects.get()
    client.force_login(member)
    sent = {"platform": entry.platform_id, "campaign": entry.campaign_id, "d0": "5", "seen": entry.tag}
    client.post("/hours/2026-W47/cell", sent | ({"member": alice.pk} if other else {}))
    client.post("/hours/2026-W47/remove-row", sent | {"with_hours": 1, "member": alice.pk})
    entry.refresh_from_db()
    assert (entry.minutes, entry.member) == (60, alice)
    assert not TimeEntry.objects.of(alice).exclude(pk=entry.pk).exists()
    assert TimeEntry.objects.of(member).count() == 0 if other else True


@pytest.mark.parametrize("week", ["2025-W53", "2026-W00", "2026-W54", "0000-W01", "9999-W52", "2026-w47", "nonsense"])
def test_a_week_that_never_was_is_not_found(client, member, week):
    client.force_login(member)
    assert client.get(f"/hours/{week}/").status_code == 404


def test_2026_has_a_week_53(client, member):
    client.force_login(member)
    assert b"28 December 2026 to 3 January 2027" in client.get("/hours/2026-W53/").content
