"""Where links lead: which addresses may be targets, and how parameters are appended to one. Pure."""

import re
from collections.abc import Collection, Mapping
from urllib.parse import unquote_plus, urlencode, urlsplit

HOST = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?(:[0-9]{1,5})?")
# A space or a control character would end a header or be read as something else by a browser; so would a backslash.
UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
OURS = frozenset({"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "rt"})


def is_host(text: str) -> bool:
    """Whether a text is a host, with a port or not, or all hosts below one: `*.example.com`."""
    return HOST.fullmatch(text) is not None


def host_of(address: str) -> str:
    """The host of a web address, with its port, in small letters; empty for one that is no target of a link."""
    if UNSAFE.search(address) or not address.startswith(("https://", "http://")):
        return ""
    try:
        parts = urlsplit(address)
        host, port, name = parts.hostname or "", parts.port, parts.netloc
        host = host.encode("idna").decode() if host else ""
    except ValueError:  # a port that is no number, a host that is none
        return ""
    if "@" in name or not is_host(host):
        return ""
    return f"{host}:{port}" if port else host


def is_allowed(address: str, hosts: Collection[str]) -> bool:
    """Whether an address is on one of these hosts, of which `*.example.com` stands for all below it."""
    host = host_of(address)
    above = [f"*.{rest}" for rest in _parents(host)]
    return bool(host) and any(allowed in hosts for allowed in (host, *above))


def _parents(host: str) -> list[str]:
    parts = host.split(".")
    return [".".join(parts[number:]) for number in range(1, len(parts))]


def with_parameters(address: str, parameters: Mapping[str, str]) -> str:
    """An address with these parameters once each at the end of its query; all else stays as it is."""
    before, mark, fragment = address.partition("#")
    path, _question, query = before.partition("?")
    dropped = OURS | parameters.keys()
    kept = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) not in dropped]
    return f"{path}?{'&'.join([*kept, urlencode(parameters)])}{mark}{fragment}"
