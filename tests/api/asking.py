"""Asking the API as a program does: a token in the header, and JSON."""

import json
from collections.abc import Collection
from typing import Any

from django.test import Client
from django.utils import timezone

from campaigns.models import ApiToken
from core.access import Role
from core.api.access import SCOPES


def token_for(person: Any = None, *, role: str = "", scopes: Collection[str] = SCOPES, **fields: Any) -> str:
    """The text of a token of this person, or of a service with this role."""
    role = role or (person.role if person else Role.MANAGER)
    values = {"name": "Test", "made_at": timezone.now(), **fields}
    return ApiToken.make(person=person, role=role, scopes=sorted(scopes), **values)[1]


class Asker:
    """One program with one token; "" for one that has none."""

    def __init__(self, token: str) -> None:
        self.token, self.client = token, Client(raise_request_exception=False)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        content = "" if body is None else json.dumps(body)
        path = path if path.startswith("/api/") else f"/api/v1{path}"
        return self.client.generic(method, path, content, content_type="application/json", headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.ask("PATCH", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self.ask("PUT", path, body, **headers)


def messages_of(answer: Any) -> list[tuple[str, str]]:
    """What a problem says, by field."""
    return [(error.get("field", ""), error["message"]) for error in answer.json().get("errors", [])]


def is_problem(answer: Any, status: int) -> bool:
    """Whether this is a refusal in words, and no page."""
    said = json.loads(answer.content)
    assert answer.status_code == status, (answer.status_code, answer.content[:500])
    assert answer["Content-Type"] == "application/problem+json"
    assert said["status"] == status
    return bool(said["title"] and said["detail"])
