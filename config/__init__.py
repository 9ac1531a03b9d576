"""Settings, URLs, the Celery app and the process supervisor."""

import gc

# First of all: a start, a migration and a page make much that stays, or goes by itself. To look for cycles after each
# 700 objects, as Python does, took a quarter of a start and a third of `migrate`.
gc.set_threshold(50_000)

from config.celery import app as celery_app  # noqa: E402  (Celery is a good part of it)

__all__ = ["celery_app"]
