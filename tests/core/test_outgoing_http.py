"""Posting to an address that a user gave: it reaches no machine but the one that was meant."""

import socket
import threading
import time

import pytest

from core import outgoing_http
from core.delivery_outcomes import DeliveryUnknown, TemporaryFailure
from core.outgoing_http import AddressError, AddressRefused, Target, is_public, post
from tests.receiver import hang_up, receiving, redirect_to

HERE = ("127.0.0.1", "in.house")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("127.9.9.9", False),
        ("192.0.0.192", False),
        ("168.63.129.16", False),
        ("fec0::1", False),
        ("3fff::1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address that is refused
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:53aa:64c:0:0:0:0", False),
    ],
)
def test_which_addresses_belong_to_the_internet(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ftp://example.com/", "url"),
        ("example.com/hook", "url"),
        ("https://", "url"),
        ("https://exa mple.com/", "url"),
        ("https://example.com/\r\nX: y", "url"),
        ("https://example.com:99999/", "url"),
        ("https://me:secret@example.com/", "login"),
        ("http://example.com/", "https"),
        ("https://[::1/", "url"),
    ],
)
def test_what_is_no_address_is_said(url, problem):
    with pytest.raises(AddressError, match=problem):
        Target.of(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_the_own_machine_is_not_reached_however_it_is_written(host):
    with receiving() as receiver:
        with pytest.raises(TemporaryFailure):
            post(f"https://{host}:{receiver.port}/", b"{}", {})
        assert receiver.came == []


def test_a_name_with_one_private_address_is_refused(monkeypatch):
    found = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)
    with pytest.raises(AddressRefused):
        post("https://example.com/", b"{}", {})


def test_the_name_is_asked_once_and_the_checked_address_is_used(monkeypatch):
    """A name that stands for another address at the second look gains nothing."""
    with receiving() as receiver:
        asked, real = [], socket.getaddrinfo

        def resolve(host, *args, **kwargs):
            if host != "in.house":
                return real(host, *args, **kwargs)
            asked.append(host)
            return [(2, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "10.0.0.1", receiver.port))]

        monkeypatch.setattr(outgoing_http.socket, "getaddrinfo", resolve)
        assert post(receiver.url(host="in.house"), b"{}", {}, private_hosts=HERE) == 200
        assert asked == ["in.house"]
        assert receiver.came[0].headers["host"] == f"in.house:{receiver.port}"


def test_an_allowed_host_is_posted_to_and_the_status_told():
    with receiving() as receiver:
        receiver.answer = 503
        assert post(receiver.url("/a?b=c"), b'{"x":1}', {"Content-Type": "application/json"}, private_hosts=HERE) == 503
        assert receiver.came[0].path == "/a?b=c"
        assert receiver.came[0].body == b'{"x":1}'
        assert "cookie" not in receiver.came[0].headers


def test_no_redirect_is_followed():
    with receiving() as receiver, receiving() as inside:
        receiver.answer = redirect_to(inside.url())
        assert post(receiver.url(), b"{}", {}, private_hosts=HERE) == 307
        assert inside.came == []


def test_no_proxy_is_used(monkeypatch):
    with receiving() as receiver, receiving() as proxy:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        post(receiver.url(), b"{}", {}, private_hosts=HERE)
        assert proxy.came == []


def test_nobody_there_and_no_answer_are_two_things():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TemporaryFailure):
        post(f"http://127.0.0.1:{port}/", b"{}", {}, private_hosts=HERE)
    with receiving() as receiver:
        receiver.answer = hang_up
        with pytest.raises(DeliveryUnknown):
            post(receiver.url(), b"{}", {}, private_hosts=HERE)


def test_one_that_answers_drop_by_drop_is_cut(monkeypatch):
    monkeypatch.setattr(outgoing_http, "SECONDS", 0.6)
    stop = threading.Event()

    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 ")
        while not stop.wait(0.1):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return

    with receiving() as receiver:
        receiver.answer = drip
        began = time.monotonic()
        with pytest.raises(DeliveryUnknown):
            post(receiver.url(), b"{}", {}, private_hosts=HERE)
        stop.set()
        assert time.monotonic() - began < 60  # left alone, it would go on for ever


def test_a_long_answer_is_not_read_to_its_end():
    written = []

    def flood(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            for _number in range(10_000):
                handler.wfile.write(b"x" * 65_536)
                written.append(1)
        except OSError:
            return

    with receiving() as receiver:
        receiver.answer = flood
        assert post(receiver.url(), b"{}", {}, private_hosts=HERE) == 200
    assert len(written) < 10_000
