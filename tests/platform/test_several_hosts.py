"""Two web hosts and two worker hosts that share one PostgreSQL, one Redis and the folder of uploads (docs/scale.md)."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from tests import app, servers
from tests.platform.mail import Sink, listening
from tests.platform.office import MAKE_DUE, READERS, WEEKS, Broker, Office
from tests.platform.services import SERVICES, laid_out
from tests.waiting import eventually

pytestmark = pytest.mark.server

CSRF = "0123456789abcdef0123456789abcdef"
BEFORE_THE_WEB = {"Host": "retour.example.com", "X-Forwarded-Proto": "https", "Referer": "https://retour.example.com/"}
TASKS = ("reports.sweep", "reports.drain", "reports.send")
HOLD_THE_TURN = "SELECT name FROM campaigns_jobrun WHERE name = 'drain' FOR UPDATE"
MARKS = "SELECT count(*) FROM campaigns_stalemark"


class Host(Office):
    """A machine with a folder of its own, on which web processes or a worker run."""

    def __init__(self, name: str, environment: dict[str, str], folder: Path, sink: Sink) -> None:
        (folder / name).mkdir()
        super().__init__(environment, laid_out(folder / name), sink)
        self.name, self.port = name, servers.free_port()

    def start_web(self) -> None:
        """As the container does, on a port of this machine; embedded, so that no static files need be collected."""
        bound = f"--bind=127.0.0.1:{self.port} --workers=1"
        self._start("web", SERVICES["web"]["command"], EMBEDDED="true", GUNICORN_CMD_ARGS=bound)
        eventually(lambda: self.ask_web("/health/live", "")[0] == 200)

    def start_beat(self) -> None:
        self._start("beat", SERVICES["beat"]["command"])

    def ask_web(
        self, path: str, session: str, data: dict[str, Any] | None = None
    ) -> tuple[int, http.client.HTTPMessage]:
        """What a browser with this session is answered that the balancer sends here; 0 when nobody listens."""
        headers = BEFORE_THE_WEB | {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        form = {"Content-Type": "application/x-www-form-urlencoded"} if data else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST" if data else "GET", path, urlencode(data) if data else None, headers | form)
            answer = connection.getresponse()
            answer.read()
        except OSError:
            return 0, http.client.HTTPMessage()
        finally:
            connection.close()
        return answer.status, answer.headers


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening(Sink()) as sink:
        yield sink


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    yield broker
    broker.kill()


@pytest.fixture
def hosts(environment: dict[str, str], broker: Broker, sink: Sink, tmp_path: Path) -> Iterator[list[Host]]:
    """Four: two for the web, two for workers."""
    shared = environment | {"BROKER_URL": broker.url, "CACHE_URL": broker.url}
    hosts = [Host(name, shared, tmp_path, sink) for name in ("web1", "web2", "work1", "work2")]
    hosts[0].ask("DELETE FROM campaigns_jobrun")  # nothing is backed off, nothing is due
    yield hosts
    for host in hosts:
        host.stop()


def make_people(host: Host) -> dict[str, Any]:
    return app.make_people(host.environment | {"EMBEDDED": "true"}, 1)


def tag_of(answer: http.client.HTTPMessage) -> str:
    return json.loads(answer["HX-Trigger"])["hours:saved"]["tag"]


def test_a_session_and_a_cell_are_the_same_on_every_web_host(hosts):
    first, second, *_workers = hosts
    made = make_people(first)
    session = made["people"][0]["session"]
    cell = {"platform": made["platform"], "campaign": made["campaign"], "seen": ""}
    for host in (first, second):
        host.start_web()
    assert second.ask_web("/hours/2026-W40/", "")[0] == 302  # nobody: to sign in
    assert second.ask_web("/hours/2026-W40/", session)[0] == 200
    status, saved = first.ask_web("/hours/2026-W40/cell", session, {**cell, "d0": "1:00"})
    assert status == 200
    assert second.ask_web("/hours/2026-W40/cell", session, {**cell, "d0": "2:00"})[0] == 409
    seen = cell | {"seen": tag_of(saved)}
    assert second.ask_web("/hours/2026-W40/cell", session, {**seen, "d0": "2:00"})[0] == 200
    assert first.ask("SELECT minutes FROM timesheets_timeentry WHERE day = '2026-09-28'") == [(120,)]
    first.kill("web")
    assert second.ask_web("/hours/2026-W40/", session)[0] == 200


def test_workers_on_two_hosts_do_everything_once_and_one_goes_on_alone(hosts, broker, sink):
    *_web, first, second = hosts
    first.python(MAKE_DUE)
    for _each in range(3):
        broker.send(*TASKS)
    for host in (first, second):
        host.start_worker(host.name)
    first.start_beat()
    eventually(
        lambda: (
            {name for answer in broker.app.control.ping() for name in answer} == {"work1@localhost", "work2@localhost"}
        )
    )
    eventually(first.is_done)
    assert dict(sink.held) == {f"reader{number}@example.com": 1 for number in range(READERS)}
    logged = first.ask("SELECT count(*), sum(minutes) FROM timesheets_timeentry")
    counted = "SELECT count(*), sum(minutes) FROM reports_platformweek WHERE minutes > 0 AND basis = 'cash'"
    assert first.ask(counted) == logged
    assert logged[0][0] == WEEKS
    first.kill("work1")
    first.kill("beat")
    first.ask("UPDATE timesheets_timeentry SET minutes = minutes + 1")
    broker.send("reports.drain")
    eventually(lambda: first.ask(MARKS) == [(0,)])
    assert first.ask(counted) == [(WEEKS, logged[0][1] + WEEKS)]
    assert max(sink.held.values()) == 1


def test_one_drain_at_a_time_whichever_host_it_is_on(hosts, broker):
    *_web, first, second = hosts
    first.python(MAKE_DUE)
    first.python("from campaigns.models import JobRun; JobRun.objects.get_or_create(name='drain')")
    for host in (first, second):
        host.start_worker(host.name)
    with psycopg.connect(first.environment["DATABASE_URL"]) as other:  # as a drain on a third host would
        other.execute(HOLD_THE_TURN)
        first.ask("UPDATE timesheets_timeentry SET minutes = minutes + 1")
        waiting = first.ask(MARKS)
        for _each in range(4):
            broker.send("reports.drain")
        eventually(broker.is_quiet)
        assert first.ask(MARKS) == waiting != [(0,)]
    broker.send("reports.drain")
    eventually(lambda: first.ask(MARKS) == [(0,)])
