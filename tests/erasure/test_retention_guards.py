"""No wrong clock and no mass of leads is erased by time alone: a director is asked, in time."""

import json
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command

from campaigns import erasure, erasure_log, retention
from campaigns.models import Agency, Erasure, Hold, JobRun, Lead
from campaigns.models.erasures import imprint
from operations import jobs
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.claim]

AT = datetime(2026, 11, 18, 12, tzinfo=UTC)
LIMIT = datetime(2023, 11, 18, 12, tzinfo=UTC)  # 36 months before AT
DAY = timedelta(days=1)


def leads(count: int, *, in_days: int = 0) -> None:
    """Leads that fall due so many days after AT."""
    for number in range(count):
        factories.LeadFactory(received_at=LIMIT + in_days * DAY - timedelta(minutes=number + 1))


def erased() -> int:
    return Lead.objects.exclude(erased_at=None).count()


# -- a wrong clock ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sweep", "clock"])
def test_a_night_with_the_clock_four_years_ahead_erases_nothing(name):
    """Also where the last sweep was one of before this was watched."""
    leads(3, in_days=300)
    JobRun.note(name, started_at=AT, finished_at=AT)
    JobRun.objects.create(name="nightly", next_due=AT)
    jobs.nightly(at=AT + 4 * 365 * DAY)
    retention.purge(at=AT + 4 * 365 * DAY)
    assert erased() == 0
    assert JobRun.objects.get(name="nightly").next_due == AT


@pytest.mark.parametrize(("days", "is_erased"), [(8, True), (9, False)])
def test_eight_days_between_two_sweeps_ask_nobody(days, is_erased):
    leads(1)
    JobRun.note("sweep", started_at=AT - days * DAY, finished_at=AT)
    retention.purge(at=AT)
    assert bool(erased()) == is_erased


def test_erasing_on_request_goes_on_whatever_the_clock_says():
    leads(1)
    JobRun.note("sweep", started_at=AT - 900 * DAY, finished_at=AT)
    erasure.erase_now(Lead.objects.get(), at=AT)
    assert Erasure.objects.get().why == "request"


# -- too many at once -------------------------------------------------------------------------------------------------


def test_more_than_fifty_at_once_wait_for_a_director(director):
    leads(51)
    retention.purge(at=AT)
    assert erased() == 0
    hold = Hold.objects.get()
    assert (hold.kind, hold.leads, hold.blocks_at) == ("erasures", 51, AT)
    hold.confirm(at=AT, by=director)
    retention.purge(at=AT + timedelta(hours=1))
    assert erased() == 51
    assert set(Erasure.objects.values_list("why", flat=True)) == {"time"}
    assert not Hold.objects.open().exists()


def test_the_nights_before_count(director):
    leads(30)
    retention.purge(at=AT)
    leads(30, in_days=5)
    retention.purge(at=AT + 5 * DAY)
    assert erased() == 30
    retention.purge(at=AT + 31 * DAY)
    assert erased() == 60


def test_it_asks_while_the_leads_are_inside_their_period_and_an_answer_in_time_keeps_none_longer(director):
    leads(10)
    leads(60, in_days=20)
    retention.purge(at=AT)
    assert erased() == 10, "what is due meanwhile goes"
    hold = Hold.objects.open().get()
    assert (hold.leads, hold.blocks_at) == (70, AT + 20 * DAY)
    assert hold.confirm(at=AT + DAY, by=director) is True
    retention.purge(at=AT + 20 * DAY)
    assert erased() == 70


def test_it_asks_once_however_many_nights_it_waits(director):
    leads(60)
    for day in range(3):
        retention.purge(at=AT + day * DAY)
    assert Hold.objects.count() == 1
    assert erased() == 0


def test_a_question_whose_cause_is_gone_is_withdrawn():
    agency = Agency.current()
    agency.keep_leads_months = 1
    agency.save()
    for _number in range(60):
        factories.LeadFactory(received_at=AT - 90 * DAY)
    retention.purge(at=AT)
    assert Hold.objects.open().exists()
    agency.keep_leads_months = 36
    agency.save()
    retention.purge(at=AT + DAY)
    assert not Hold.objects.open().exists()
    assert erased() == 0


def test_who_confirms_a_number_that_has_grown_is_asked_again(director):
    leads(60)
    retention.purge(at=AT)
    seen = Hold.objects.get()
    leads(5, in_days=1)
    retention.purge(at=AT + DAY)
    assert seen.confirm(at=AT + DAY, by=director) is False
    assert Hold.objects.open().get().leads == 65


def test_leads_in_their_last_thirty_days_are_announced():
    leads(1, in_days=-3)
    leads(2, in_days=30)
    leads(4, in_days=31)
    assert retention.falling_due(AT).count() == 3


# -- the log and why --------------------------------------------------------------------------------------------------


def line(lead: Lead, at: datetime, **more) -> str:
    mark = Agency.current().mark
    hashes = [imprint(lead.received_at.isoformat(), mark)]
    return json.dumps({"mark": mark, "lead": lead.pk, "erased_at": at.isoformat(), "hashes": hashes, **more}) + "\n"


def test_a_line_says_why(own_files, django_capture_on_commit_callbacks):
    leads(2)
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase_now(Lead.objects.first(), at=AT)
        retention.purge(at=AT)
    lines = [json.loads(text) for text in (own_files / "erasures.jsonl").read_text().splitlines()]
    assert sorted(one["why"] for one in lines) == ["request", "time"]


@pytest.mark.parametrize(("count", "why"), [(50, "request"), (51, "time")])
def test_old_lines_count_as_time_when_more_than_fifty_share_a_minute(own_files, count, why):
    leads(count)
    lines = [line(lead, AT + timedelta(seconds=number)) for number, lead in enumerate(Lead.objects.all())]
    (own_files / "erasures.jsonl").write_text("".join(lines))
    assert {entry.why for entry in erasure_log.entries_outside("lead").values()} == {why}


def test_old_lines_of_people_are_requests_however_many_there_are(own_files):
    lines = [line(factories.LeadFactory.build(pk=number), AT).replace('"lead"', '"person"') for number in range(60)]
    (own_files / "erasures.jsonl").write_text("".join(lines))
    assert {entry.why for entry in erasure_log.entries_outside("person").values()} == {"request"}


@pytest.fixture
def back(own_files):
    """Two leads that a restored backup brought back: one was erased on request, one by time."""
    leads(2)
    asked, old = Lead.objects.order_by("pk")
    lines = line(asked, AT, why="request") + line(old, AT, why="time")
    (own_files / "erasures.jsonl").write_text(lines)
    return asked, old


def standing(two) -> list[bool]:
    return [Lead.objects.get(pk=lead.pk).erased_at is None for lead in two]


def test_requests_are_replayed_and_time_only_when_told_to(back):
    assert erasure.replay() == 1
    assert standing(back) == [False, True]
    call_command("erasures", "replay", "--time")
    assert standing(back) == [False, False]
    assert sorted(Erasure.objects.values_list("why", flat=True)) == ["request", "time"]


def test_the_night_does_not_replay_what_time_erased(back, own_files):
    """Or a restore that kept it would hold until three in the morning alone."""
    Lead.objects.filter(pk=back[1].pk).update(received_at=AT - DAY)
    (young := back[1]).refresh_from_db()
    with (own_files / "erasures.jsonl").open("a") as file:
        file.write(line(young, AT, why="time"))
    retention.purge(at=AT)
    assert standing(back) == [False, True]


def test_a_lead_that_comes_back_and_is_erased_on_request_is_written_anew(back, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase_now(back[1], at=AT + DAY)
    entry = erasure_log.entries_outside("lead")[back[1].pk]
    assert (entry.why, entry.erased_at) == ("request", AT + DAY)


def test_an_upgrade_tells_time_from_requests_by_the_same_rule():
    night, day = AT, AT + timedelta(hours=9)
    Erasure.objects.bulk_create(
        Erasure(lead_id=number, erased_at=night if number < 51 else day, hashes=[]) for number in range(101)
    )
    migration = import_module("campaigns.migrations.0023_why_a_lead_was_erased")
    migration.tell_time_from_requests(apps, None)
    assert Erasure.objects.filter(erased_at=night, why="time").count() == 51
    assert Erasure.objects.filter(erased_at=day, why="request").count() == 50
