"""Two people who write the same thing at the same moment, on a real PostgreSQL: one is told why, neither fails."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from campaigns.models import Campaign, Lead, OutcomeValue, Platform
from campaigns.models import Client as Customer
from tests import factories
from tests.timesheets.test_concurrent_saves import at_once
from tests.waiting import PATIENCE
from timesheets.models import CostRate, User

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def meet_before_saving(monkeypatch, model: type) -> None:
    """Both have looked and found nothing of the kind before either writes."""
    barrier, met, save = threading.Barrier(2), threading.local(), model.save

    def meet_and_save(self, *args, **kwargs):
        if not getattr(met, "before", False):
            met.before = True
            barrier.wait(PATIENCE)
        save(self, *args, **kwargs)

    monkeypatch.setattr(model, "save", meet_and_save)


def directors() -> list[Client]:
    """Two of them, signed in."""
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(factories.DirectorFactory())
    return clients


def sent_by(clients: list[Client], address: str, form: dict[str, object]) -> list[tuple[int, str]]:
    """What they are answered who send this at once, the one who was taken first."""
    answers: list[tuple[int, str]] = []

    def send(client: Client) -> None:
        answer = client.post(address, form)
        answers.append((answer.status_code, answer.content.decode()))

    at_once(*[lambda client=client: send(client) for client in clients])
    return sorted(answers)


def told_at(page: str, field: str) -> str:
    """What stands at the field of this name as wrong with it; above the form for what two fields make together."""
    where = rf'id="id_{field}_error"' if field else 'class="errorlist nonfield"'
    found = re.search(rf"<ul[^>]*{where}[^>]*>(.*?)</ul>", page, re.S)
    assert found, re.findall(r'<ul class="errorlist.*?</ul>', page, re.S)
    return found[1]


# -- what they write --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A form that two people fill in alike, the row it makes or moves, and what the later one reads at which field."""

    model: type
    address: str
    form: dict[str, Any]
    field: str
    sentence: str


def cases() -> Iterator[Case]:
    member = factories.MemberFactory()
    form = {"starts_on": "2026-11-02", "hourly_cents": "40", "confirmed": "1"}
    yield Case(CostRate, f"/team/{member.pk}/rates/", form, "starts_on", "There is a rate from this day already")
    form = {"name": "Inès", "email": "ines@example.com", "role": "member", "weekly_minutes": "35"}
    form |= {"joined_on": "2026-11-02", "is_active": "on"}
    yield Case(User, "/team/people/add", form, "email", "Somebody has this address already")
    form = {"name": "Mastodon", "kind": "social", "colour": "1", "is_active": "on", "aliases": "masto"}
    yield Case(Platform, "/platforms/add/", form, "name", "“Mastodon” exists already")
    yield Case(Customer, "/clients/add/", {"name": "Acme", "is_active": "on"}, "name", "exists already")
    form = {"name": "Spring", "client": factories.ClientFactory().pk, "purpose": "reach", "counted": "leads"}
    yield Case(Campaign, "/campaigns/add/", form, "", "already exists")
    form = {"name": "Zoé", "received_at": "2026-11-02T10:00", "status": "new", "external_id": "A-1"}
    yield Case(Lead, "/leads/add/", form, "external_id", "already")
    form = {"measure": "Followers", "week": "2026-W40", "value_cents": "2", "reason": "As an advertisement"}
    yield Case(OutcomeValue, "/outcomes/values/add/", form, "measure", "There is already a value from that week")


def test_of_two_who_write_the_same_at_once_one_is_told_at_the_field_and_neither_fails(monkeypatch):
    clients = directors()
    for case in cases():
        before = case.model.objects.count()
        with monkeypatch.context() as patch:
            meet_before_saving(patch, case.model)
            (first, _page), (second, page) = sent_by(clients, case.address, case.form)
        assert (first, second) == (302, 422), case
        assert case.sentence in told_at(page, case.field), case
        assert case.model.objects.count() == before + 1, case


def test_the_admin_too_says_at_the_field_what_somebody_else_wrote_meanwhile(monkeypatch):
    clients, member = directors(), factories.MemberFactory()
    form = {"member": member.pk, "starts_on": "2026-11-02", "hourly_cents": "4000"}
    meet_before_saving(monkeypatch, CostRate)
    (first, page), (second, _page) = sent_by(clients, "/admin/timesheets/costrate/add/", form)
    assert (first, second) == (200, 302)
    assert "already exists" in page
    assert CostRate.objects.count() == 1
