"""GET /jobs/ while something waits for a director, and POST /jobs/holds/1/confirm"""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from campaigns import retention, trusted_clock
from campaigns.models import Hold, JobRun, Lead
from tests import factories

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def as_director(client, director):
    client.force_login(director)
    JobRun.note("sweep", started_at=NOW, finished_at=NOW)
    return client


@pytest.fixture
def clock() -> Hold:
    """Nine days since the last sweep."""
    JobRun.note("clock", started_at=NOW - 9 * DAY, finished_at=NOW - 9 * DAY)
    trusted_clock.watch(at=NOW)
    return Hold.objects.get()


@pytest.fixture
def masses(own_log) -> Hold:
    for number in range(60):
        factories.LeadFactory(received_at=NOW - 1090 * DAY - timedelta(minutes=number))
    retention.purge(at=NOW)
    return Hold.objects.get()


@pytest.fixture
def own_log(tmp_path, settings):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"


def page(client) -> str:
    return " ".join(client.get("/jobs/").content.decode().split())


def confirm(client, hold: Hold, answered: str) -> str:
    answer = client.post(f"/jobs/holds/{hold.pk}/confirm", {"answered": answered}, follow=True)
    return " ".join(answer.content.decode().split())


def test_the_page_says_what_the_clock_says_and_what_a_confirmation_does(as_director, clock):
    factories.LeadFactory(received_at=NOW - 1200 * DAY)
    said = page(as_director)
    assert "One thing needs a look." in said
    assert "The clock of the server jumped to 18 Nov 2026, 10:00; the sweep before was on 9 Nov 2026, 10:00." in said
    assert "1 lead that is due by it is erased in the night." in said
    assert "Yes, today is 18 November 2026" in said
    assert "If the date is wrong, do not confirm" in said


def test_a_director_confirms_the_date_and_all_goes_on(
    as_director, director, clock, monkeypatch, django_capture_on_commit_callbacks
):
    enqueued = []
    monkeypatch.setattr("core.task_queue._send", lambda task, arguments: enqueued.append(task))
    with django_capture_on_commit_callbacks(execute=True):
        said = confirm(as_director, clock, "2026-11-18")
    assert "Confirmed. It goes on by itself." in said
    assert enqueued == ["reports.sweep"]
    assert trusted_clock.is_trusted(NOW)
    clock.refresh_from_db()
    assert (clock.confirmed_by, clock.confirmed_at) == (director, NOW)
    assert f"The clock · 18 Nov 2026, 10:00, {director}" in said


@pytest.mark.parametrize("answered", ["", "2026-11-17", "2030-11-18", "x"])
def test_another_date_than_todays_confirms_nothing(as_director, clock, answered):
    """The page was open over midnight, or the clock was set right meanwhile."""
    assert "look at it again" in confirm(as_director, clock, answered)
    assert not trusted_clock.is_trusted(NOW)


def test_confirming_twice_says_that_it_is_over(as_director, clock):
    confirm(as_director, clock, "2026-11-18")
    assert "This is not asked any more" in confirm(as_director, clock, "2026-11-18")


def test_the_page_says_how_many_leads_and_until_when_an_answer_is_in_time(as_director, masses):
    said = page(as_director)
    assert "By 18 December 2026 60 leads reach the end of their period." in said
    assert "more than 50 and more than 5 % of all leads" in said
    assert "Confirm before 24 November 2026" in said
    assert "Let 60 leads be erased" in said


def test_a_director_lets_them_be_erased(as_director, masses):
    assert "Confirmed" in confirm(as_director, masses, "60")
    retention.purge(at=NOW + 8 * DAY)
    assert Lead.objects.exclude(erased_at=None).count() == 60


def test_another_number_than_the_one_asked_confirms_nothing(as_director, masses):
    assert "look at it again" in confirm(as_director, masses, "59")
    assert Hold.objects.open().exists()


def test_nobody_else_confirms(client, manager, member, clock):
    for person in (manager, member):
        client.force_login(person)
        assert client.post(f"/jobs/holds/{clock.pk}/confirm", {"answered": "2026-11-18"}).status_code == 403
    client.logout()
    assert client.post(f"/jobs/holds/{clock.pk}/confirm", {"answered": "2026-11-18"}).status_code == 302
    assert Hold.objects.open().exists()


def test_leads_at_the_end_of_their_period_are_announced_with_a_link_to_them(as_director):
    soon = factories.LeadFactory(received_at=NOW - 1090 * DAY, name="Soon Gone")
    factories.LeadFactory(received_at=NOW - 900 * DAY, name="Stays Long")
    said = page(as_director)
    assert "1 lead is erased within 30 days, 36 months after its last contact" in said
    assert 'href="/leads/?due=soon&amp;show=all"' in said
    listed = as_director.get("/leads/?due=soon&show=all").content.decode()
    assert soon.name in listed
    assert "Stays Long" not in listed


def test_without_any_the_page_says_nothing_of_them(as_director):
    assert "end of their period" not in page(as_director)
