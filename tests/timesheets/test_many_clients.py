"""Many windows on one cell, over HTTP, on a real server: each success is one version and one record."""

import itertools
import json
import re
import secrets
import sqlite3
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
import pytest

from tests import app, databases
from tests.waiting import PATIENCE

pytestmark = pytest.mark.server

PLACE = "/hours/2026-W47/cell"
CSRF = "a" * 32
THEIRS = re.compile(r'data-do="theirs" data-tag="([^"]*)" data-text="([^"]*)"')
SIZES = [(10, 10), pytest.param(40, 50, marks=pytest.mark.soak)]


@dataclass
class Window:
    """One browser window that saves the same cell again and again, on what it saw last."""

    address: str
    session: str
    row: dict
    number: int
    seen: str = ""
    answers: Counter = field(default_factory=Counter)
    saved: dict = field(default_factory=dict)
    met: list = field(default_factory=list)

    def save(self, text: str) -> None:
        # The note makes every value one that was never there: only then is each success a change.
        sent = {**self.row, "d2": text, "note": f"{self.number}.{sum(self.answers.values())}", "seen": self.seen}
        status, headers, body = self.post(sent)
        self.answers[status] += 1
        if status == 200:
            told = json.loads(headers["HX-Trigger"])["hours:saved"]
            self.seen = told["tag"]
            self.saved[told["tag"]] = told["text"]
        elif status == 409:
            self.seen, shown = THEIRS.search(body).groups()
            self.met.append((self.seen, shown))

    def post(self, sent: dict) -> tuple[int, dict, str]:
        request = urllib.request.Request(
            self.address + PLACE,
            data=urllib.parse.urlencode(sent).encode(),
            headers={
                "Cookie": f"sessionid={self.session}; csrftoken={CSRF}",
                "X-CSRFToken": CSRF,
                "HX-Request": "true",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, dict(refusal.headers), refusal.read().decode()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path) -> Iterator[tuple[str, int]]:
    """The URL of a migrated database, and how many web processes share it."""
    if request.param == "sqlite":
        databases.copy_file(tmp_path / "retour.sqlite3")
        yield f"sqlite:///{tmp_path / 'retour.sqlite3'}", 1
        return
    url = request.getfixturevalue("database_server")
    name = f"retour_load_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {databases.migrated_database(url)}")
        try:
            yield url.rpartition("/")[0] + f"/{name}", 2
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def ask(url: str, question: str) -> list[tuple]:
    if url.startswith("sqlite"):
        return sqlite3.connect(url.removeprefix("sqlite:///")).execute(question).fetchall()
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchall()


@pytest.mark.parametrize(("clients", "saves"), SIZES)
def test_of_many_windows_on_one_cell_each_success_is_one_version_and_one_record(
    tmp_path, database, clients, saves, record_property
):
    url, workers = database
    environment = app.settings_in(tmp_path, database_url=url)
    made = app.make_people(environment, 1)
    row = {"platform": made["platform"], "campaign": made["campaign"]}
    together = threading.Barrier(clients)
    with app.running(environment, workers=workers) as address:
        windows = [Window(address, made["people"][0]["session"], row, number) for number in range(clients)]

        def use(window: Window) -> None:
            together.wait(PATIENCE)
            for number in range(saves):
                window.save(f"{1 + window.number % 20}:{number % 60:02}")

        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(use, windows))
    answers = sum((window.answers for window in windows), Counter())
    assert set(answers) == {200, 409}, answers
    assert answers.total() == clients * saves
    record_property("saves", answers.total())
    ((entry, version),) = ask(url, "SELECT id, version FROM timesheets_timeentry")
    ((records, versions),) = ask(url, "SELECT count(*), count(DISTINCT version) FROM timesheets_historicaltimeentry")
    assert answers[200] == version == records == versions
    # Every refusal carried a value that somebody had just saved, under the version that it had.
    saved = {tag: text for window in windows for tag, text in window.saved.items()}
    assert set(saved) == {f"{entry}.{number}" for number in range(1, version + 1)}
    assert [one for window in windows for one in window.met if saved[one[0]] != one[1]] == []


# -- fifty members ----------------------------------------------------------------------------------------------------


def log_for(window: Window, seconds: float) -> list[float]:
    """Save one cell of one's own after another for so long; return how long each save took."""
    took, until, number = [], time.monotonic() + seconds, 0
    while time.monotonic() < until:
        started = time.monotonic()
        window.save(f"0:{1 + number % 59:02}")
        took.append(time.monotonic() - started)
        number += 1
    return took


@pytest.mark.soak
@pytest.mark.parametrize(("members", "seconds"), [(50, 300.0)])
def test_of_many_members_who_save_at_once_each_keeps_what_was_saved_last(
    tmp_path, database, members, seconds, record_property
):
    url, workers = database
    environment = app.settings_in(tmp_path, database_url=url)
    made = app.make_people(environment, members)
    row = {"platform": made["platform"], "campaign": made["campaign"]}
    with app.running(environment, workers=workers) as address:
        windows = [Window(address, one["session"], row, number) for number, one in enumerate(made["people"])]
        with ThreadPoolExecutor(members) as pool:
            took = sorted(itertools.chain(*pool.map(lambda window: log_for(window, seconds), windows)))
    answers = sum((window.answers for window in windows), Counter())
    assert set(answers) == {200}, answers
    kept = dict(ask(url, "SELECT member_id, minutes FROM timesheets_timeentry"))
    last = {one["member"]: window.saved[window.seen] for one, window in zip(made["people"], windows, strict=True)}
    record_property("members", members)
    record_property("seconds", round(seconds))
    assert {member: f"0:{minutes:02}" for member, minutes in kept.items()} == last
    ((records,),) = ask(url, "SELECT count(*) FROM timesheets_historicaltimeentry")
    assert records == answers[200]
    assert took[len(took) * 99 // 100] < 20, "a save waits as long as for a lock that is never given back"
    print(f"{url.partition(':')[0]}: {len(took)} saves, median {took[len(took) // 2] * 1000:.0f} ms, ", end="")
    print(f"99 % under {took[len(took) * 99 // 100] * 1000:.0f} ms")
