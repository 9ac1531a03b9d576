"""Take the README's screenshots anew, of the demo agency: `make screenshots`."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import servers
from tests.smaller_png import smaller

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "docs" / "screenshots"
LARGEST = 250 * 1024
READY_SECONDS = 60
PASSWORD = "retour-demo"
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@dataclass(frozen=True)
class Shot:
    """One picture: who looks at which address, how wide and in which light."""

    name: str
    who: str
    path: str
    width: int = 1280
    height: int = 900
    scheme: str = "light"
    is_whole_page: bool = True


SHOTS = [
    Shot("dashboard", "director", "/"),
    Shot("dashboard-dark", "director", "/", scheme="dark"),
    Shot("dashboard-phone", "director", "/", width=390, height=1100, is_whole_page=False),
    Shot("week", "member", "/hours/", height=640),
    Shot("week-phone", "member", "/hours/", width=390, height=844, is_whole_page=False),
]


def main() -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="retour-screenshots-") as folder:
        environment = settings_in(Path(folder))
        for command in (["migrate", "--verbosity", "0"], ["demo"], ["summary", "--out", folder]):
            manage(environment, *command)
        with app(environment) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=servers.find_chromium(), args=ARGUMENTS)
            for shot in SHOTS:
                take(browser, address, shot)
            take_mail(browser, next(Path(folder).glob("summary-*.html")))
            browser.close()


def settings_in(folder: Path) -> dict[str, str]:
    """The embedded way of running, with all its data in a folder of its own."""
    return {
        **os.environ,
        "EMBEDDED": "true",
        "SECRET_KEY": "for-screenshots-only-" + "7" * 32,
        "DATABASE_URL": f"sqlite:///{folder / 'retour.sqlite3'}",
        "BROKER_DIR": str(folder / "broker"),
        "UPLOADS_DIR": str(folder / "uploads"),
        "SITE_URL": "http://127.0.0.1:8000",
    }


def manage(environment: dict[str, str], *command: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
    )


@contextmanager
def app(environment: dict[str, str]) -> Iterator[str]:
    """The web process until the block ends; gives its address."""
    address = f"http://127.0.0.1:{servers.free_port()}"
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", address.removeprefix("http://")]
    process = subprocess.Popen(
        [*command, "--threads", "4", "--log-level", "warning"],
        cwd=ROOT,
        env={**environment, "SITE_URL": address, "PORT": address.rpartition(":")[2]},
    )
    try:
        wait_until_it_answers(address)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_it_answers(address: str) -> None:
    for _attempt in range(READY_SECONDS * 5):
        with suppress(OSError):
            urllib.request.urlopen(f"{address}/accounts/login/", timeout=5).close()
            return
        time.sleep(0.2)
    raise SystemExit("The app did not start.")


def take(browser: Browser, address: str, shot: Shot) -> None:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme, base_url=address
    )
    page = context.new_page()
    sign_in(page, shot.who)
    page.goto(shot.path)
    keep(page, shot.name, is_whole_page=shot.is_whole_page)
    context.close()


def sign_in(page: Page, who: str) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(f"{who}@demo.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)


def take_mail(browser: Browser, html: Path) -> None:
    page = browser.new_page(viewport={"width": 680, "height": 900})
    page.goto(html.as_uri())
    keep(page, "mail", is_whole_page=True)


def keep(page: Page, name: str, *, is_whole_page: bool) -> None:
    path = SCREENSHOTS / f"{name}.png"
    path.write_bytes(smaller(page.screenshot(full_page=is_whole_page, animations="disabled")))
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size // 1024} KB")
    if size > LARGEST:
        raise SystemExit(f"{path.name} is larger than {LARGEST // 1024} KB.")


if __name__ == "__main__":
    main()
