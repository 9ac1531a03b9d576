"""What of a person is whose. Which role may open which address is in tests/security/test_access_matrix.py."""

import re
from datetime import date

import pytest
from django.urls import reverse

from core.weeks import Week
from tests import factories
from timesheets.models import CostRate, TimeEntry

pytestmark = pytest.mark.django_db

WEEK = Week(date(2026, 11, 16))


@pytest.fixture
def alice():
    """Somebody with hours, a rate and a submitted week."""
    rate = factories.RateFactory(member__name="Alice", hourly_cents=7319)
    factories.EntryFactory(member=rate.member, day=WEEK.monday, minutes=60)
    return factories.TimesheetFactory(member=rate.member, submitted_at="2026-11-21T12:00Z").member


def test_whoever_is_not_signed_in_takes_no_rate_away(client, alice):
    rate = alice.rates.get()
    assert client.post(reverse("timesheets:delete_rate", args=[alice.pk, rate.pk])).status_code == 302
    assert CostRate.objects.filter(pk=rate.pk).exists()


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
    # What a foreign currency is worth is no secret: managers import spend and sales.
    text = re.sub(rb'<a [^>]*href="/exchange-rates/"[^>]*>[^<]*</a>', b"", text)
    for trace in (b"73.19", b"73,19", b"7319", b"rate", b"/rates/"):
        assert trace not in text


@pytest.mark.parametrize("other", [{}, {"member": "alice"}])
def test_another_members_cell_is_never_written(client, member, alice, other):
    entry = TimeEntry.objects.get()
    client.force_login(member)
    sent = {"platform": entry.platform_id, "campaign": entry.campaign_id, "d0": "5", "seen": entry.etag}
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
