"""The environment that the tests run in, whatever this machine's own settings say.

A pytest plugin, named in pyproject.toml, because it must be there before Django reads its settings. With
TEST_DATABASE_URL and TEST_REDIS_URL the tests run on those servers, else on SQLite and a broker in memory.
"""

import os
import tempfile

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
    ERASURES_FILE=os.path.join(tempfile.mkdtemp(prefix="retour-tests-"), "erasures.jsonl"),
    DEFAULT_FROM_EMAIL="Retour <retour@example.com>",
    # Playwright's synchronous interface runs an event loop in the thread that also asks the database.
    DJANGO_ALLOW_ASYNC_UNSAFE="true",
)
