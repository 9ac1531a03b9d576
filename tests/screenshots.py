"""Take the README's screenshots anew, of the demo agency: `make screenshots`."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import app, servers
from tests.smaller_png import smaller

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "docs" / "screenshots"
LARGEST = 250 * 1024
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
        environment = app.settings_in(Path(folder))
        for command in (["migrate", "--verbosity", "0"], ["demo"], ["summary", "--out", folder]):
            app.manage(environment, *command)
        with app.running(environment) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=servers.find_chromium(), args=ARGUMENTS)
            for shot in SHOTS:
                take(browser, address, shot)
            take_mail(browser, next(Path(folder).glob("summary-*.html")))
            browser.close()


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
