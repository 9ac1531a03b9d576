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


def of_noun(name: str, scope: str, verbs: str, who: tuple[str, ...] = STEERING) -> list[Address]:
    """The addresses of one noun, if nothing else is said for managers and directors; `verbs` are letters of `known`."""
    one = f"/{name}/{{pk}}"
    known = {
        "a": ("POST", f"/{name}"),
        "c": ("PATCH", one),
        "v": ("POST", f"{one}/void"),
        "r": ("POST", f"{one}/restore"),
        "b": ("POST", f"/{name}/bulk"),
        "d": ("DELETE", one),
    }
    reads = [Address("GET", path, f"{scope}:read", who) for path in (f"/{name}", one)]
    return reads + [Address(*known[verb], f"{scope}:write", who) for verb in verbs]


ADDRESSES = [
    *of_noun("platforms", "catalogue", "ac"),
    *of_noun("clients", "catalogue", "ac"),
    *of_noun("campaigns", "catalogue", "ac"),
    *of_noun("links", "catalogue", "c"),
    Address("GET", "/links/{pk}/clicks", "catalogue:read", STEERING),
    Address("GET", "/links/{pk}/code", "catalogue:read", STEERING),
    Address("GET", "/link-rules", "catalogue:read", STEERING),
    Address("GET", "/campaigns/{pk}/links", "catalogue:read", STEERING),
    Address("POST", "/campaigns/{pk}/links", "catalogue:write", STEERING),
    Address("POST", "/campaigns/{pk}/links/bulk", "catalogue:write", STEERING),
    *of_noun("leads", "leads", "acvrb"),
    Address("POST", "/leads/{pk}/status", "leads:write", STEERING),
    Address("GET", "/leads/{pk}/journey", "leads:read", STEERING),
    Address("POST", "/lead-moves", "leads:write", STEERING),
    Address("GET", "/lead-moves/{pk}", "leads:read", STEERING),
    Address("POST", "/lead-moves/{pk}/undo", "leads:write", STEERING),
    *of_noun("quarantine", "leads", "d"),
    Address("POST", "/quarantine/{pk}/release", "leads:write", STEERING),
    *of_noun("touchpoints", "leads", "avrb"),
    *of_noun("sales", "sales", "acvrb"),
    Address("GET", "/sales/{pk}/refunds", "sales:read", STEERING),
    Address("POST", "/sales/{pk}/refunds", "sales:write", STEERING),
    Address("GET", "/sales/{pk}/history", "sales:read", STEERING),
    *of_noun("spend", "spend", "acvrb"),
    *of_noun("outcomes", "outcomes", "acvrb"),
    *of_noun("outcome-values", "outcomes", "acvr", DIRECTOR),
    Address("GET", "/outcome-values/{pk}/history", "outcomes:read", DIRECTOR),
    *of_noun("exchange-rates", "exchange_rates", "acdb"),
    Address("GET", "/exchange-rates/effect", "exchange_rates:read", STEERING),
    Address("GET", "/imports", ANY, EVERYONE),
    Address("GET", "/imports/{pk}", ANY, EVERYONE),
    Address("POST", "/imports/{pk}/undo", "hours:write", EVERYONE),
    *of_noun("saved-views", "views", "acd"),
    Address("GET", "/changes", ANY, EVERYONE),
    Address("GET", "/hours", "hours:read", EVERYONE),
    Address("GET", "/hours/choices", "hours:read", EVERYONE),
    Address("POST", "/hours/bulk", "hours:write", EVERYONE),
    Address("GET", "/timer", "hours:read", EVERYONE),
    *(Address("POST", f"/timer/{verb}", "hours:write", EVERYONE) for verb in ("start", "stop", "settle")),
    *of_noun("absences", "hours", "ad", EVERYONE),
    Address("GET", "/my-campaigns", "hours:read", EVERYONE),
    Address("GET", "/weeks", "hours:read", EVERYONE),
    Address("GET", "/weeks/{week}", "hours:read", EVERYONE),
    Address("GET", "/weeks/{week}/days", "hours:read", EVERYONE),
    Address("POST", "/weeks/{week}/submit", "hours:write", EVERYONE),
    Address("POST", "/weeks/{week}/take-back", "hours:write", EVERYONE),
    Address("GET", "/weeks/{week}/team", "hours:read", STEERING),
    Address("GET", "/people/{pk}/weeks/{week}", "hours:read", STEERING),
    Address("GET", "/people/{pk}/weeks/{week}/days", "hours:read", STEERING),
    Address("GET", "/people/{pk}/weeks/{week}/history", "hours:read", STEERING),
    Address("POST", "/people/{pk}/weeks/{week}/approve", "hours:write", STEERING),
    Address("POST", "/people/{pk}/weeks/{week}/reopen", "hours:write", STEERING),
    Address("POST", "/people/{pk}/weeks/{week}/remind", "hours:write", STEERING),
    Address("GET", "/people", "hours:read", STEERING),
    Address("GET", "/hours/{day}/{platform}/{campaign}", "hours:read", EVERYONE),
    Address("PUT", "/hours/{day}/{platform}/{campaign}", "hours:write", EVERYONE),
    Address("GET", "/figures", "figures:read", DIRECTOR),
    Address("GET", "/figures/rows", "figures:read", DIRECTOR),
    Address("GET", "/report", "figures:read", DIRECTOR),
    Address("GET", "/platforms/{pk}/figures", "figures:read", STEERING),
    Address("GET", "/campaigns/{pk}/figures", "figures:read", STEERING),
    Address("GET", "/campaigns/{pk}/comparison", "figures:read", STEERING),
    Address("GET", "/campaigns/{pk}/budgets", "figures:read", STEERING),
    Address("GET", "/budget-alerts", "figures:read", STEERING),
    Address("GET", "/beyond/{name}", "figures:read", DIRECTOR),
    Address("GET", "/verdicts", "figures:read", DIRECTOR),
    Address("GET", "/verdicts/{pk}", "figures:read", DIRECTOR),
    *of_noun("flags", "figures", "", DIRECTOR),
    Address("POST", "/flags/{pk}/acknowledge", "decisions:write", DIRECTOR),
    Address("POST", "/flags/{pk}/snooze", "decisions:write", DIRECTOR),
    Address("POST", "/flags/{pk}/take-back", "decisions:write", DIRECTOR),
    *of_noun("decisions", "decisions", ""),
    Address("POST", "/decisions", "decisions:write", DIRECTOR),
    Address("POST", "/decisions/{pk}/withdraw", "decisions:write", DIRECTOR),
    *of_noun("trials", "decisions", "", DIRECTOR),
    Address("POST", "/platforms/{pk}/trials", "decisions:write", DIRECTOR),
    Address("POST", "/trials/{pk}/end", "decisions:write", DIRECTOR),
    Address("GET", "/summaries", "figures:read", DIRECTOR),
    Address("GET", "/summaries/{pk}", "figures:read", DIRECTOR),
    Address("GET", "/summaries/preview/{week}", "figures:read", DIRECTOR),
]
assert {address.scope for address in ADDRESSES} <= {ANY, *SCOPES}
