"""Firefox as it is released, driven by WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/)."""

import itertools
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests import servers
from tests.browsers.driven import DrivenBrowser
from tests.waiting import PATIENCE, happens

# What it does by itself at a first start, all of which asks the network.
PREFERENCES = """
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("intl.accept_languages", "en-GB, en");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("remote.active-protocols", 1);
user_pref("services.settings.server", "");
user_pref("toolkit.telemetry.enabled", false);
"""


class Firefox(DrivenBrowser):
    def __init__(self, connection: ClientConnection) -> None:
        self.connection, self.numbers = connection, itertools.count(1)
        self._ask("session.new", {"capabilities": {}})
        self.page = self._ask("browsingContext.getTree", {})["contexts"][0]["context"]
        viewport = {"width": 1280, "height": 900}
        self._ask("browsingContext.setViewport", {"context": self.page, "viewport": viewport})

    def open(self, url: str) -> None:
        self._ask("browsingContext.navigate", {"context": self.page, "url": url, "wait": "complete"})

    def evaluate(self, expression: str) -> Any:
        text = self._script(f"JSON.stringify({expression})")
        return json.loads(text["value"]) if text["type"] == "string" else None

    def click(self, css: str) -> None:
        element = self._element(css)
        at = {"type": "pointerMove", "x": 0, "y": 0, "origin": {"type": "element", "element": element}}
        press = [at, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._act({"type": "pointer", "id": "mouse", "actions": press})

    def type(self, css: str, text: str) -> None:
        self._script(f"document.querySelector({json.dumps(css)}).focus()")
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": keys})

    def upload(self, css: str, path: Path) -> None:
        element = self._element(css)
        self._ask("input.setFiles", {"context": self.page, "element": element, "files": [str(path)]})

    def add_cookie(self, name: str, value: str) -> None:
        host = urlsplit(self.evaluate("location.href")).hostname
        cookie = {"name": name, "value": {"type": "string", "value": value}, "domain": host, "path": "/"}
        self._ask("storage.setCookie", {"cookie": cookie})

    def _element(self, css: str) -> dict[str, str]:
        name = json.dumps(css)
        found = self._script(
            f"document.querySelector({name})?.scrollIntoView({{block: 'center'}}), document.querySelector({name})"
        )
        assert found["type"] == "node", f"no {css}"
        return {"sharedId": found["sharedId"]}

    def _act(self, source: dict[str, Any]) -> None:
        self._ask("input.performActions", {"context": self.page, "actions": [source]})

    def _script(self, expression: str) -> Any:
        target = {"context": self.page}
        answer = self._ask("script.evaluate", {"expression": expression, "target": target, "awaitPromise": True})
        assert answer["type"] == "success", answer
        return answer["result"]

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        number = next(self.numbers)
        self.connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:  # between a question and its answer come events
            answer = json.loads(self.connection.recv(timeout=PATIENCE))
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                return answer["result"]


@contextmanager
def firefox(program: str) -> Iterator[Firefox]:
    """Start it with a profile of its own, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="retour-firefox-", ignore_cleanup_errors=True) as name:
        folder = Path(name)  # ours: as root, it refuses a home that is somebody else’s
        (folder / "user.js").write_text(PREFERENCES)
        port = servers.free_port()
        command = [program, "--headless", "--no-remote", "--profile", str(folder)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*command, f"--remote-debugging-port={port}", "about:blank"],
                env={**os.environ, "HOME": str(folder)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            with _connected(port, folder / "log") as connection:
                yield Firefox(connection)
        finally:
            servers.end(process)


def _connected(port: int, log: Path) -> ClientConnection:
    made: list[ClientConnection] = []

    def tries() -> bool:
        try:
            made.append(connect(f"ws://127.0.0.1:{port}/session", max_size=None, proxy=None))
        except (OSError, WebSocketException):
            return False
        return True

    assert happens(tries), log.read_text(errors="replace")
    return made[0]
