"""The cache: Redis, and this process's own memory while Redis is away.

It holds how often something was tried and which codes were used, and nothing else. While Redis is away these hold for
one process and not for all; but people sign in.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

ASKED_AGAIN_AFTER = 5.0  # seconds; each question to a server that is gone may take as long as its time-out


def _of_either(name: str) -> Callable[..., Any]:
    def ask(self: "RedisOrMemory", *args: Any, **named: Any) -> Any:
        if time.monotonic() >= self.away_until:
            try:
                return getattr(RedisCache, name)(self, *args, **named)
            except RedisError as error:
                log.warning("Redis does not answer, so each process counts by itself: %s", error)
                self.away_until = time.monotonic() + ASKED_AGAIN_AFTER
        return getattr(self.memory, name)(*args, **named)

    return ask


class RedisOrMemory(RedisCache):
    """Django's cache in Redis; each question that Redis does not answer is asked of this process's memory."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        # Its options are those of a connection to Redis.
        self.memory = LocMemCache("while Redis is away", {**params, "OPTIONS": {}})
        self.away_until = 0.0

    add, get, set, delete = _of_either("add"), _of_either("get"), _of_either("set"), _of_either("delete")
    touch, has_key, incr, clear = _of_either("touch"), _of_either("has_key"), _of_either("incr"), _of_either("clear")
