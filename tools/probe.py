"""Asks the web server of this container whether it is well: the container's health check.

As the site's own host name, since the server answers to no other.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit


def main() -> str | None:
    """Return what is wrong, or None."""
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=5)
    try:
        connection.request("GET", "/health", headers={"Host": urlsplit(os.environ["SITE_URL"]).netloc})
        answer = connection.getresponse()
        return None if answer.status == 200 else answer.read().decode(errors="replace")
    except OSError as error:
        return f"The web server does not answer: {error}"


if __name__ == "__main__":
    sys.exit(main())
