"""Fifty people who save at the same time, each in a browser of their own, asked of real web processes."""

import http.client
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.test import Client

from tests import app
from tests.bench.figures.drains import settle
from tests.bench.rounds import Work
from tests.bench.world import World
from timesheets.models import User

WEB_PROCESSES = 2
SAVES = 4  # of each person, one after another
CSRF = "0123456789abcdef0123456789abcdef"


def asked(
    connection: http.client.HTTPConnection, method: str, path: str, body: str | bytes | None, headers: dict[str, str]
) -> http.client.HTTPResponse:
    """The answer over a connection that stays open; one that was idle for too long is opened anew."""
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse()
    except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
        connection.close()
        connection.request(method, path, body, headers)
        return connection.getresponse()


class Browser:
    """One person's connection, kept open as a browser keeps it."""

    def __init__(self, person: User, place: dict[str, int], path: str) -> None:
        client = Client()
        client.force_login(person)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.headers = {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        self.place, self.path, self.seen, self.count = place, path, "", 0

    def connect(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)

    def ask(self, method: str, path: str, body: str | None = None) -> http.client.HTTPResponse:
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        answer = asked(self.connection, method, path, body, self.headers | form)
        self.content = answer.read()
        assert answer.status == 200, (path, answer.status, self.content[:300])
        return answer

    def nothing(self) -> None:
        self.ask("GET", "/nothing")

    def show(self) -> None:
        self.ask("GET", self.path)

    def save(self) -> None:
        self.count += 1
        cell = {**self.place, "seen": self.seen, "d0": f"0:{1 + self.count % 50:02}"}
        answer = self.ask("POST", f"{self.path}cell", urlencode(cell))
        self.seen = json.loads(answer.headers["HX-Trigger"])["hours:saved"]["tag"]


def browsers(world: World) -> list[Browser]:
    place = {"platform": world.platforms[0], "campaign": world.campaigns[0]}
    people = User.objects.filter(pk__in=world.savers).order_by("pk")
    return [Browser(person, place, f"/hours/{world.last_week}/") for person in people]


@contextmanager
def served(people: list[Browser]) -> Iterator[None]:
    environment = os.environ | {"GUNICORN_CMD_ARGS": "--keep-alive=75"}  # as docker-compose.yml has it
    with app.running(environment, workers=WEB_PROCESSES) as address:
        for person in people:
            person.connect(address)
        yield
        for person in people:
            person.connection.close()


def fifty_people_saving(world: World) -> Work:
    settle()
    people = browsers(world)

    def all_at_once(act: Callable[[Browser], None]) -> None:
        with ThreadPoolExecutor(len(people)) as pool:
            list(pool.map(lambda person: [act(person) for _each in range(SAVES)], people))

    return Work(
        "fifty_people_saving",
        "the same people asking for an empty signed-in view",
        lambda: all_at_once(Browser.save),
        lambda: all_at_once(Browser.nothing),
        units=len(people) * SAVES,
        unit="saves",
        elsewhere=True,
        around=lambda: served(people),
    )


WORKS: dict[str, Callable[[World], Work]] = {"fifty_people_saving": fifty_people_saving}
