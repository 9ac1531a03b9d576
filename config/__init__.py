"""Settings, URLs, the Celery app and the process supervisor."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
