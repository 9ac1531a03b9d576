"""What each address under `/api/v1/` answers to the token of each role.

A new one needs one line: method and path, the scope that a token needs, and who may. Everybody else gets a problem with
403, whoever has no token 401.
"""

from dataclasses import dataclass

from core.api.access import SCOPES

EVERYONE = ("member", "manager", "director", "service")
STEERING = ("manager", "director", "service")
DIRECTOR = ("director",)
ANY = ""  # a token with any scope


@dataclass(frozen=True)
class Address:
    method: str
    path: str
    scope: str
    who: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def of_noun(name: str, scope: str, verbs: str) -> list[Address]:
    """The addresses of one noun for managers and directors; `verbs` are the letters of those that it has."""
    one = f"/{name}/{{pk}}"
    known = {
        "a": ("POST", f"/{name}"),
        "c": ("PATCH", one),
        "v": ("POST", f"{one}/void"),
        "r": ("POST", f"{one}/restore"),
        "b": ("POST", f"/{name}/bulk"),
    }
    reads = [Address("GET", path, f"{scope}:read", STEERING) for path in (f"/{name}", one)]
    return reads + [Address(*known[verb], f"{scope}:write", STEERING) for verb in verbs]


ADDRESSES = [
    *of_noun("platforms", "catalogue", "ac"),
    *of_noun("clients", "catalogue", "ac"),
    *of_noun("campaigns", "catalogue", "ac"),
    *of_noun("leads", "leads", "acvrb"),
    Address("POST", "/leads/{pk}/status", "leads:write", STEERING),
    *of_noun("touchpoints", "leads", "avrb"),
    *of_noun("sales", "sales", "acvrb"),
    Address("POST", "/sales/{pk}/refunds", "sales:write", STEERING),
    *of_noun("spend", "spend", "acvrb"),
    *of_noun("outcomes", "outcomes", "acvrb"),
    Address("GET", "/imports/{pk}", ANY, STEERING),
    Address("GET", "/changes", ANY, EVERYONE),
    Address("GET", "/hours", "hours:read", EVERYONE),
    Address("GET", "/hours/choices", "hours:read", EVERYONE),
    Address("GET", "/weeks", "hours:read", EVERYONE),
    Address("GET", "/people", "hours:read", STEERING),
    Address("GET", "/hours/{day}/{platform}/{campaign}", "hours:read", EVERYONE),
    Address("PUT", "/hours/{day}/{platform}/{campaign}", "hours:write", EVERYONE),
    Address("GET", "/figures", "figures:read", DIRECTOR),
    Address("GET", "/platforms/{pk}/figures", "figures:read", STEERING),
    Address("GET", "/campaigns/{pk}/figures", "figures:read", STEERING),
    Address("GET", "/verdicts", "figures:read", DIRECTOR),
    Address("GET", "/verdicts/{pk}", "figures:read", DIRECTOR),
    Address("GET", "/flags", "figures:read", DIRECTOR),
    Address("GET", "/summaries", "figures:read", DIRECTOR),
    Address("GET", "/summaries/{pk}", "figures:read", DIRECTOR),
]
assert {address.scope for address in ADDRESSES} <= {ANY, *SCOPES}
