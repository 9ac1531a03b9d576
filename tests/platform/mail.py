"""A mail server on the loopback address that counts what it is handed."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller

from tests import servers


class Sink:
    """Accepts everything, after thinking about it for `seconds`; `held` counts copies by recipient."""

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.held: Counter[str] = Counter()
        self.seconds = seconds
        self.port = servers.free_port()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.held.update(envelope.rcpt_tos)
        await asyncio.sleep(self.seconds)
        return "250 accepted"


@contextmanager
def listening(sink: Sink) -> Iterator[Sink]:
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    yield sink
    controller.stop()
