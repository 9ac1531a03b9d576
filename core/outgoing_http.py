"""Post to an address that a user gave, so that it reaches no machine but the one that was meant.

The host is resolved once, each of its addresses is checked, and the connection goes to the very address that was
checked. No redirect is followed, no proxy is used, no cookie is kept, and of the answer only the status is told.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from core.delivery_outcomes import DeliveryUnknown, TemporaryFailure

SECONDS = 10.0  # for all of it, however slowly the other side answers
MOST_READ = 65_536  # bytes of the answer: read so that the other side can finish, and thrown away
PORTS = {"https": 443, "http": 80}
# IPv6 networks that carry an IPv4 address: by them a private address would pass for a public one.
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# What Python takes for public and is not: addresses for protocols, among which a cloud keeps its metadata, the inner
# services of another cloud, site-local addresses and those of examples.
INTERNAL = [ipaddress.ip_network(text) for text in ("192.0.0.0/24", "168.63.129.16/32", "fec0::/10", "3fff::/20")]


class AddressRefused(TemporaryFailure):
    """The address is none that may be posted to; tried again, since what a name stands for changes."""


class AddressError(ValueError):
    """An address as somebody wrote it, which is refused whatever its host stands for. The text is one of `PROBLEMS`."""


@dataclass(frozen=True)
class Target:
    """Where a post goes: the parts of a URL."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str, *, private_hosts: Collection[str] = ()) -> Self:
        """The parts of a URL; AddressError with the name of what is wrong: `url`, `login` or `https`.

        Only a host of `private_hosts` may be spoken to without TLS.
        """
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
            host.encode("idna")
        except (ValueError, UnicodeError) as error:
            raise AddressError("url") from error
        if not host or parts.scheme not in PORTS or any(ord(letter) <= 32 or ord(letter) > 126 for letter in url):
            raise AddressError("url")
        if parts.username is not None or parts.password is not None:
            raise AddressError("login")
        if parts.scheme != "https" and host not in private_hosts:
            raise AddressError("https")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(scheme=parts.scheme, host=host, port=port or PORTS[parts.scheme], path=path)

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def post(url: str, body: bytes, headers: Mapping[str, str], *, private_hosts: Collection[str] = ()) -> int:
    """Send the body and return the status of the answer.

    TemporaryFailure when nothing can have been understood yet, DeliveryUnknown when all was sent and no answer came.
    `private_hosts` are names that may stand for addresses inside the own network.
    """
    try:
        target = Target.of(url, private_hosts=private_hosts)
    except AddressError as error:
        raise AddressRefused(f"this is no address to post to ({error})") from error
    until = time.monotonic() + SECONDS
    address = _checked_address(target, is_private_allowed=target.host in private_hosts)
    return _exchange(target, address, body, headers, until)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the Internet: not private, loopback, link-local, reserved or multicast."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return False
    is_internal = any(ip in network for network in INTERNAL)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or is_internal)


def _checked_address(target: Target, *, is_private_allowed: bool) -> str:
    """The first address of the host, when all of them may be posted to: a name with one private address is none."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TemporaryFailure(f"{target.host} is not known") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not is_private_allowed and not all(is_public(address) for address in addresses):
        raise AddressRefused(f"{target.host} stands for an address inside a network of its own")
    return addresses[0]


class _Plain(http.client.HTTPConnection):
    """A connection to an address that is given, whatever the host of the request is."""

    def __init__(self, target: Target, address: str, until: float) -> None:
        super().__init__(target.host, target.port)
        self.address, self.until = address, until

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), timeout=_left(self.until))


class _Secure(_Plain):
    def connect(self) -> None:
        super().connect()
        with _ended_at(self, self.until):
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _exchange(target: Target, address: str, body: bytes, headers: Mapping[str, str], until: float) -> int:
    connection = (_Secure if target.scheme == "https" else _Plain)(target, address, until)
    sent = {"Host": target.authority, "Content-Length": str(len(body)), "Connection": "close", **headers}
    try:
        try:
            connection.connect()
            with _ended_at(connection, until):
                connection.request("POST", target.path, body=body, headers=sent)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise TemporaryFailure(_words(error, target)) from error
        try:
            with _ended_at(connection, until):
                answer = connection.getresponse()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise DeliveryUnknown(_words(error, target)) from error
        with contextlib.suppress(Exception), _ended_at(connection, until):
            answer.read(MOST_READ)
        return answer.status
    finally:
        connection.close()


@contextlib.contextmanager
def _ended_at(connection: http.client.HTTPConnection, until: float) -> Iterator[None]:
    """Cut the connection when its time is over, even while the other side sends a byte now and then."""
    sock = connection.sock
    sock.settimeout(_left(until))
    timer = threading.Timer(_left(until), _cut, [sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _left(until: float) -> float:
    return max(until - time.monotonic(), 0.05)


def _words(error: Exception, target: Target) -> str:
    """What went wrong, without anything that the other side sent."""
    if isinstance(error, TimeoutError):
        return f"{target.host} did not answer within {SECONDS:.0f} seconds"
    if isinstance(error, ssl.SSLError):
        return f"{target.host} has no certificate that is trusted here"
    return f"{target.host}: the connection broke ({type(error).__name__})"
