"""WebKitGTK's small browser on a screen of its own, driven by WebDriver (https://www.w3.org/TR/webdriver2/)."""

import json
import os
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from tests import servers
from tests.browsers.driven import DrivenBrowser
from tests.waiting import PATIENCE, happens

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # by which the standard names the key of an element


class WebKit(DrivenBrowser):
    def __init__(self, driver: str, binary: str) -> None:
        self.driver = driver
        options = {"binary": binary, "args": ["--automation"]}
        wanted = {"browserName": "MiniBrowser", "webkitgtk:browserOptions": options}
        started = self._ask("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self.driver = f"{driver}/{started['sessionId']}"

    def open(self, url: str) -> None:
        self._ask("POST", "/url", {"url": url})

    def evaluate(self, expression: str) -> Any:
        return self._ask("POST", "/execute/sync", {"script": f"return {expression}", "args": []})

    def click(self, css: str) -> None:
        self._ask("POST", f"/element/{self._element(css)}/click", {})

    def type(self, css: str, text: str) -> None:
        self._ask("POST", f"/element/{self._element(css)}/value", {"text": text})

    def upload(self, css: str, path: Path) -> None:
        self.type(css, str(path))

    def add_cookie(self, name: str, value: str) -> None:
        self._ask("POST", "/cookie", {"cookie": {"name": name, "value": value, "path": "/"}})

    def close(self) -> None:
        self._ask("DELETE", "")

    def _element(self, css: str) -> str:
        return str(self._ask("POST", "/element", {"using": "css selector", "value": css})[ELEMENT])

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.driver}{path}", data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode(errors='replace')[:500]}") from error


@contextmanager
def webkit(tools: dict[str, str]) -> Iterator[WebKit]:
    """Start a screen, the driver and the browser, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="retour-webkit-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with _screen(tools["xvfb"], folder) as display:
            port = servers.free_port()
            environment = {
                **os.environ,
                "DISPLAY": display,
                "HOME": str(folder),
                "XDG_RUNTIME_DIR": str(folder),
                "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # its sandbox wants namespaces that containers lack
                "LIBGL_ALWAYS_SOFTWARE": "1",
            }
            with (folder / "log").open("wb") as log:
                driver = subprocess.Popen(
                    [tools["webkit"], f"--port={port}"], env=environment, stdout=log, stderr=log, start_new_session=True
                )
            try:
                assert happens(lambda: _listens(port)), (folder / "log").read_text()
                browser = WebKit(f"http://127.0.0.1:{port}/session", tools["minibrowser"])
                try:
                    yield browser
                finally:
                    browser.close()
            finally:
                servers.end(driver)


def _listens(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=PATIENCE).close()
    except HTTPError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def _screen(xvfb: str, folder: Path) -> Iterator[str]:
    """A screen that nobody sees; the server chooses a number that is free and says it."""
    reading, writing = os.pipe()
    with (folder / "screen").open("wb") as log:
        screen = subprocess.Popen(
            [xvfb, "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
            pass_fds=[writing],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        servers.end(screen)
