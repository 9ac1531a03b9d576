"""The environment that the tests run in, whatever this machine's own settings say.

A pytest plugin, named in pyproject.toml, because it must be there before Django reads its settings. With
TEST_DATABASE_URL and TEST_REDIS_URL the tests run on those servers, else on SQLite and a broker in memory. Tests that
run side by side share the servers; each process has a database of its own in both, and a folder of its own for files.

With TEST_CLOCK=2028-02-28T22:30Z the run begins at that instant, and its clock goes on from there. Programs that a test
starts keep the real clock, so a test must not compare theirs with its own.
"""

import gc
import os
import signal
import sys
import tempfile
from datetime import datetime
from urllib.parse import urlsplit

import time_machine

# Compiled once, and not by each of the hundreds of processes of a run.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What is loaded and collected stays: nobody need look through it for what may go (put back in conftest.py).
gc.disable()

# A script that starts the tests in its background has them ignore SIGINT, and so what they start and want to stop.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Nor is a program that tests start and end told to ignore the end of a terminal, as nohup tells them.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

if "TEST_CLOCK" in os.environ:
    time_machine.travel(datetime.fromisoformat(os.environ["TEST_CLOCK"])).start()

FOLDER = tempfile.mkdtemp(prefix="retour-tests-")
if "TEST_REDIS_URL" in os.environ:
    redis = urlsplit(os.environ["TEST_REDIS_URL"])
    number = int(redis.path.strip("/") or 0) + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ["TEST_REDIS_URL"] = redis._replace(path=f"/{number}").geturl()

os.environ.update(
    EMBEDDED="true",
    DEBUG="false",
    SECRET_KEY="for-the-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz",
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", "sqlite://:memory:"),
    BROKER_URL=os.environ.get("TEST_REDIS_URL", "memory://"),
    CACHE_URL=os.environ.get("TEST_REDIS_URL", "locmemcache://"),
    ALLOWED_HOSTS="127.0.0.1,localhost,testserver",
    SITE_URL="http://testserver",
    EMAIL_URL="memorymail:",
    UPLOADS_DIR=os.path.join(FOLDER, "uploads"),
    BACKUP_DIR=os.path.join(FOLDER, "backups"),
    ERASURES_FILE=os.path.join(FOLDER, "erasures.jsonl"),
    DEFAULT_FROM_EMAIL="Retour <retour@example.com>",
    # Playwright's synchronous interface runs an event loop in the thread that also asks the database.
    DJANGO_ALLOW_ASYNC_UNSAFE="true",
)
