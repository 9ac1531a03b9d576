"""What gunicorn reads by itself when it is started beside this file.

Its own lines look like the site's. It writes none for requests: the site does (config/middleware.py), without
addresses and query strings.
"""

from config import settings

accesslog = None
logconfig_dict = {
    **settings.LOGGING,
    "loggers": {
        **settings.LOGGING["loggers"],
        "gunicorn.error": {"level": settings.SERVER_LOG_LEVEL, "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "ERROR", "handlers": [], "propagate": False},
    },
}
