"""The app as gunicorn and runserver call it."""

import os
import re
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

OTHER_CHARSET = re.compile(r"""\s*;\s*charset\s*=\s*(?!["']?utf-?8["']?\s*(?:;|$))[^;]*""", re.IGNORECASE)

django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django, which is not told of a charset other than UTF-8 but that there was one (config.middleware.readable).

    It would decode the address with that codec while it makes the request, where nothing can refuse it yet. Python has
    codecs of no texts, with which that fails, and some that make halves of characters, which no database takes.
    """
    kind, other = OTHER_CHARSET.subn("", environ.get("CONTENT_TYPE", ""))
    if other:
        environ |= {"CONTENT_TYPE": kind, "retour.other_charset": True}
    return django(environ, start_response)
