"""A mail server on the loopback address that can be in trouble at any step of a conversation, and counts what it holds.

    with MailServer() as server:
        server.trouble = Trouble("RCPT", "451 not now")

The steps are those of SMTP: what the server says first, each command, the message itself, its last dot, the goodbye.
"""

import contextlib
import socket
import struct
import threading
from collections import Counter
from dataclasses import dataclass
from types import TracebackType

BEFORE_THE_DOT = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "message")
SILENCE, HANG_UP = "silence", "hang up"


@dataclass(frozen=True)
class Trouble:
    """What happens at a step instead of the usual answer: SILENCE, HANG_UP, or another answer.

    ``keeps``: at the dot, whether the server has taken the message all the same, before its answer is lost.
    """

    step: str
    does: str
    keeps: bool = False


class HungUp(Exception):
    """This conversation is over."""


class MailServer:
    """Takes one message a connection; `held` counts those it is responsible for, by recipient."""

    def __init__(self) -> None:
        self.held: Counter[str] = Counter()
        self.connections = 0
        self.trouble: Trouble | None = None
        self._over = threading.Event()
        self._talks: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Bounded, so that a long message cannot vanish whole into the buffers of the system.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> "MailServer":
        self._door = threading.Thread(target=self._listen, daemon=True)
        self._door.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._door.join(10)
        for talk in self._talks:
            talk.join(10)

    def _listen(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            talk = threading.Thread(target=self._talk, args=[connection, self.trouble], daemon=True)
            self._talks = [one for one in self._talks if one.is_alive()] + [talk]
            talk.start()

    def _talk(self, connection: socket.socket, trouble: Trouble | None) -> None:
        with connection, contextlib.suppress(HungUp, OSError):
            Talk(connection, trouble, self.held, self._over).hold()


class Talk:
    """One conversation, with its own trouble."""

    def __init__(
        self, connection: socket.socket, trouble: Trouble | None, held: Counter[str], over: threading.Event
    ) -> None:
        self.connection, self.trouble, self.held, self.over = connection, trouble, held, over
        self.lines = connection.makefile("rb")
        self.recipient = ""

    def hold(self) -> None:
        with self.lines:  # it holds the connection open too
            self._hold()

    def _hold(self) -> None:
        self.answer("greeting", "220 here")
        for line in self.lines:
            words = line.decode().split()
            verb = words[0].upper() if words else ""
            if verb == "RCPT":
                self.recipient = line.decode().partition("<")[2].partition(">")[0]
            if verb == "DATA":
                self.answer("DATA", "354 go on")
                if not self.is_in_trouble("DATA"):
                    self.take()
            elif verb == "QUIT":
                self.answer("QUIT", "221 bye")
                return
            else:
                self.answer({"HELO": "EHLO"}.get(verb, verb), "250 yes")

    def take(self) -> None:
        """Take the message up to its dot."""
        self.lines.readline()
        self.answer("message", "")
        while (line := self.lines.readline()) != b".\r\n":
            if not line:  # broken off before its dot: that is no message
                raise HungUp
        if self.is_in_trouble("message"):
            return  # it has been answered, while it was on its way
        if not self.is_in_trouble("dot") or (self.trouble and self.trouble.keeps):
            self.held[self.recipient] += 1
        self.answer("dot", "250 taken")

    def is_in_trouble(self, step: str) -> bool:
        return self.trouble is not None and self.trouble.step == step

    def answer(self, step: str, usual: str) -> None:
        says = self.trouble.does if self.trouble and self.is_in_trouble(step) else usual
        if says == SILENCE:
            self.over.wait(60)
            raise HungUp
        if says == HANG_UP:
            # As a server does that is killed: without a word, by a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise HungUp
        if says:
            self.connection.sendall(f"{says}\r\n".encode())
        if says.startswith("421"):  # announces that the server closes the connection
            raise HungUp
