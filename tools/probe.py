"""Asks whether what this container runs is alive: the container's health check.

    python tools/probe.py           the web server, as the site's own host name, since it answers to no other
    python tools/probe.py worker    the worker, by the file that it touches every ten seconds
    python tools/probe.py beat      the scheduler, by the schedule that it writes every minute

Whether all works together is another question, which /health/ready answers.
"""

import http.client
import os
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

WORKER_SECONDS = 60.0
BEAT_SECONDS = 180.0


def main(what: str = "web") -> str | None:
    """Return what is wrong, or None."""
    if what == "worker":
        return too_old("The worker", [Path(tempfile.gettempdir()) / "retour-worker-lives"], WORKER_SECONDS)
    if what == "beat":
        return too_old("The scheduler", [*Path("var").glob("beat-schedule*")], BEAT_SECONDS)
    return web_problem()


def web_problem() -> str | None:
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=5)
    try:
        connection.request("GET", "/health/live", headers={"Host": urlsplit(os.environ["SITE_URL"]).netloc})
        answer = connection.getresponse()
        return None if answer.status == 200 else answer.read().decode(errors="replace")
    except OSError as error:
        return f"The web server does not answer: {error}"


def too_old(who: str, files: list[Path], most_seconds: float) -> str | None:
    written = [file.stat().st_mtime for file in files if file.exists()]
    if not written:
        return f"{who} has shown no sign of life."
    age = time.time() - max(written)
    return None if age <= most_seconds else f"{who} has shown no sign of life for {age:.0f} seconds."


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
