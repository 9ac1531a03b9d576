"""How often forms may be sent: from one address, and by one key. No address is kept, only counts under keyed hashes.

The hash changes with the day, so that nothing can be followed from one day to the next. Where there is no Redis, each
process counts by itself.
"""

import ipaddress
from datetime import datetime

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from campaigns.models import CaptureKey

SALT = "campaigns.capture.limits"
SECONDS = 600
FROM_AN_ADDRESS, BY_A_KEY = 20, 600


def is_over(request: HttpRequest, key: CaptureKey, *, at: datetime) -> bool:
    """Count this try; whether there were too many in these ten minutes."""
    counts = [(f"key:{key.pk}", BY_A_KEY)]
    if key.is_public:  # a program sends all its forms from one address
        counts.append((f"{key.pk}:{_network(request)}", FROM_AN_ADDRESS))
    tries = [(_count(name, at), most) for name, most in counts]  # each is counted, whichever is over
    return any(count > most for count, most in tries)


def _count(name: str, at: datetime) -> int:
    window = int(at.timestamp()) // SECONDS
    hashed = salted_hmac(SALT, f"{at:%Y-%m-%d}:{name}", algorithm="sha256").hexdigest()[:32]
    counter = f"capture:{window}:{hashed}"
    cache.add(counter, 0, timeout=2 * SECONDS)
    try:
        return int(cache.incr(counter))
    except ValueError:  # it went between the two
        return 1


def _network(request: HttpRequest) -> str:
    """The address, of IPv6 its network: a home has as many addresses there as it likes."""
    try:
        address = ipaddress.ip_address(get_adapter(request).get_client_ip(request))
    except (PermissionDenied, ValueError):
        return ""
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)
