"""What gunicorn reads: `--config python:config.gunicorn`.

Its own lines look like the site's. It writes none for requests: the site does (config/middleware.py), without
addresses and query strings.
"""

from typing import Any

from config import settings

accesslog = None
logging: dict[str, Any] = settings.LOGGING
logconfig_dict = {
    **logging,
    "loggers": {
        **logging["loggers"],
        "gunicorn.error": {"level": settings.SERVER_LOG_LEVEL, "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "ERROR", "handlers": [], "propagate": False},
    },
}
