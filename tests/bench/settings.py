"""The app's own settings, with the addresses of the bench."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
