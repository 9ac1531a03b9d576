"""The broker is no memory: whatever it loses, repeats or is away for, the work in the database is done, once."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.platform.mail import Sink, listening
from tests.platform.office import MAKE_DUE, READERS, SHOW_JOBS, WEEKS, Broker, Office
from tests.waiting import eventually

pytestmark = pytest.mark.server

TASKS = ("reports.sweep", "reports.drain", "reports.send")
# Without this table the job of imports fails each time.
TAKE_AWAY = "ALTER TABLE campaigns_importrun RENAME TO taken_away"
GIVE_BACK = "ALTER TABLE IF EXISTS taken_away RENAME TO campaigns_importrun"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    yield broker
    broker.kill()


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening(Sink(seconds=0.2)) as sink:
        yield sink


@pytest.fixture
def office(environment: dict[str, str], broker: Broker, sink: Sink, house: Path) -> Iterator[Office]:
    office = Office(environment | {"BROKER_URL": broker.url, "CACHE_URL": broker.url}, house, sink)
    office.ask("DELETE FROM campaigns_jobrun")  # nothing is backed off, nothing is due
    yield office
    office.stop()
    office.ask(GIVE_BACK)


def ring_everything(broker: Broker) -> None:
    last_week = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday() + 7)
    broker.send("reports.evaluate", monday=last_week.isoformat())
    broker.send(*TASKS)


def nothing_was_done_twice(office: Office, sink: Sink) -> None:
    assert max(sink.held.values()) == 1
    decisions = office.ask("SELECT subscriber_id, week FROM reports_summarydelivery")
    assert len(decisions) == len(set(decisions)) == READERS
    counted = "SELECT count(*), sum(minutes) FROM reports_platformweek WHERE minutes > 0 AND basis = 'cash'"
    logged = office.ask("SELECT count(*), sum(minutes) FROM timesheets_timeentry")
    assert office.ask(counted) == logged
    assert logged[0][0] == WEEKS


def failures(office: Office, name: str) -> int:
    return office.ask(f"SELECT coalesce(sum(failures), 0) FROM campaigns_jobrun WHERE name = '{name}'")[0][0]


def test_what_a_broker_lost_is_done_once_beside_jobs_and_messages_that_are_poison(office, broker, sink):
    office.python(MAKE_DUE)
    office.ask(TAKE_AWAY)
    ring_everything(broker)
    broker.client.flushall()
    broker.kill()
    broker.start()
    assert not office.is_done()
    office.start(poison="reminders")
    first = dict(office.processes)
    broker.poison()
    eventually(office.is_done)
    ring_everything(broker)
    eventually(lambda: failures(office, "imports") == failures(office, "reminders") == 3)
    ring_everything(broker)
    eventually(broker.is_quiet)
    assert office.attempts() == 3
    assert office.is_whole()
    assert office.processes == first  # no message ended a worker
    nothing_was_done_twice(office, sink)
    office.ask(GIVE_BACK)
    shown = " ".join(office.python(SHOW_JOBS, EMBEDDED="true").split())  # so that no static files need be collected
    assert "2 things need a look." in shown
    for job in ("imports", "reminders"):
        assert f'action="/jobs/{job}/retry"' in shown


# -- running workers --------------------------------------------------------------------------------------------------

# Whoever writes into this table takes a second for it, so that there is a middle to be hit in.
SLOW_DOWN = """
CREATE OR REPLACE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$;
CREATE TRIGGER slowly BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION slowly();
"""
SPEED_UP = "DROP TRIGGER slowly ON {table}"
IN_THE_MIDDLE = """
SELECT true FROM pg_stat_activity
WHERE datname = current_database() AND wait_event = 'PgSleep' AND query LIKE 'INSERT INTO "{table}"%'
"""
SENDING = "SELECT true FROM reports_summarydelivery WHERE state = 'sending'"
# As if a quarter of an hour had passed, after which nobody is taken to be sending still.
LATER = "UPDATE reports_summarydelivery SET claimed_at = claimed_at - interval '16 minutes' WHERE state = 'sending'"


def everything_is_done_once(office: Office, sink: Sink, record_property) -> None:
    eventually(office.is_done)
    nothing_was_done_twice(office, sink)
    for name, count in {"letters decided": READERS, "sent": READERS, "unknown": 0, "weeks counted": WEEKS}.items():
        record_property(name, count)
    record_property("second copies", second_copies(sink))


def second_copies(sink: Sink) -> int:
    return sum(copies - 1 for copies in sink.held.values())


@pytest.fixture
def poisoned(office: Office, record_property) -> Iterator[None]:
    """A job that ends whoever attempts it, first in every sweep; at the end it has been backed off, and once."""
    office.start(poison="imports")
    eventually(lambda: office.ask("SELECT true FROM campaigns_jobrun WHERE name = 'imports'"))
    yield
    eventually(lambda: failures(office, "imports") == 3)
    assert office.attempts() == 3
    record_property("jobs backed off", 1)


@pytest.mark.soak
@pytest.mark.usefixtures("poisoned")
@pytest.mark.parametrize("harm", ["flushed", "killed", "killed a moment later", "killed while a letter is sent"])
def test_workers_recover_by_themselves_from_a_broker_that_lost_everything(office, broker, sink, harm, record_property):
    sink.seconds = 2.0
    office.python(MAKE_DUE)
    ring_everything(broker)
    if harm == "flushed":
        broker.client.flushall()
    else:
        if harm == "killed a moment later":
            time.sleep(0.5)
        if harm == "killed while a letter is sent":
            eventually(lambda: office.ask(SENDING))
        broker.kill()
        time.sleep(5)
        broker.start()
    everything_is_done_once(office, sink, record_property)


@pytest.mark.soak
def test_what_was_due_while_the_schedulers_were_away_for_26_hours_is_done(office, broker, sink, record_property):
    for number in range(3):
        office.start_worker(f"worker{number}")
    office.python(MAKE_DUE)
    eventually(broker.is_quiet)
    assert not office.is_done()
    office.start_schedulers()
    everything_is_done_once(office, sink, record_property)


@pytest.mark.soak
@pytest.mark.parametrize("table", ["reports_campaignweek", "reports_verdict"], ids=["counting", "judging"])
def test_what_a_killed_worker_was_at_is_done_by_the_others(office, broker, sink, table, record_property):
    office.python(MAKE_DUE)
    office.ask(SLOW_DOWN.format(table=table))
    office.start_worker("worker0")
    ring_everything(broker)
    eventually(lambda: office.ask(IN_THE_MIDDLE.format(table=table)))
    office.kill("worker0")
    record_property("kills", 1)
    office.ask(SPEED_UP.format(table=table))
    assert not office.is_done()
    office.start()
    everything_is_done_once(office, sink, record_property)


@pytest.mark.soak
def test_a_letter_whose_worker_was_killed_is_never_sent_again_and_the_others_are(office, broker, sink, record_property):
    sink.seconds = 2.0
    office.python(MAKE_DUE)
    office.start_worker("worker0")
    ring_everything(broker)
    eventually(lambda: sink.held)
    office.kill("worker0")
    record_property("kills", 1)
    cut_off = office.states().count("sending")
    assert cut_off in (1, 2)  # the worker has two hands
    office.start()
    eventually(lambda: office.is_done(cut_off=["sending"] * cut_off))
    office.ask(LATER)
    eventually(lambda: office.is_done(cut_off=["unknown"] * cut_off))
    nothing_was_done_twice(office, sink)
    record_property("second copies", second_copies(sink))
