"""The connection; Django finds it by the name of this module."""

import select
import time

from django.db.backends.postgresql import base

TRUSTED_SECONDS = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Before a request Django asks a kept connection `SELECT 1`; this looks at its socket where that is enough.

    A server that stops, or ends a connection, says so or hangs up: then there is something to read, and it is asked.
    So it is after a second without use, because a network that drops what is idle tells nobody.
    """

    health_check_done: bool
    _used_at = float("-inf")

    def close_if_health_check_failed(self) -> None:
        now = time.monotonic()
        if not self.health_check_done and now < self._used_at + TRUSTED_SECONDS and self._is_quiet():
            self.health_check_done = True
        self._used_at = now
        super().close_if_health_check_failed()

    def _is_quiet(self) -> bool:
        """Whether the server has said nothing since its last answer, and has not hung up."""
        if self.connection is None or self.connection.closed:
            return False
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN)
        return not socket.poll(0)
