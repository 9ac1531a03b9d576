"""How the tests start Chromium."""

from pathlib import Path

import pytest

SWITCH = "--disable-features="


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads arguments through /proc, as Linux has it")
def test_what_playwright_turns_off_stays_off(browser):
    """A second switch takes the place of the first, so ours names all that Playwright's does."""
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    (number,) = (process["id"] for process in processes if process["type"] == "browser")
    arguments = Path(f"/proc/{number}/cmdline").read_text().split("\0")
    *others, ours = (argument.removeprefix(SWITCH) for argument in arguments if argument.startswith(SWITCH))
    assert {name for other in others for name in other.split(",")} <= set(ours.split(","))
    assert others
