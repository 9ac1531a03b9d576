"""Which requests for a link are somebody who follows it. Pure.

Programs announce themselves, or at least the honest ones do; who claims to be a browser is counted.
"""

import re
from collections.abc import Mapping

PROGRAM = re.compile(
    r"bot|crawl|spider|slurp|preview|scan|monitor|fetch|archiv|headless|lighthouse|facebookexternalhit|whatsapp|"
    r"telegram|slack|discord|skype|curl|wget|python|java/|go-http|okhttp|axios|node|ruby|perl|php|libwww|httpclient",
    re.IGNORECASE,
)
# What browsers and mail programs send when they load a page before anybody asked for it.
AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def is_counted(method: str, headers: Mapping[str, str]) -> bool:
    agent = headers.get("User-Agent", "")
    is_ahead = any(word in headers.get(name, "").lower() for name in AHEAD for word in ("prefetch", "preview"))
    return method == "GET" and bool(agent) and not PROGRAM.search(agent) and not is_ahead
