"""Two programs, or one that is impatient, at the same moment."""

import threading
from contextlib import closing
from typing import Any

import pytest
from django.db import connection

from campaigns.models import Sale
from tests import factories
from tests.api.asking import Asker, token_for

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*requests: Any) -> list[Any]:
    """What each request is answered, when all of them are sent together."""
    answers: list[Any] = [None] * len(requests)
    gate = threading.Barrier(len(requests))

    def send(number: int) -> None:
        with closing(connection):
            gate.wait(30)
            answers[number] = requests[number]()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_the_same_key_sent_at_once_writes_once_and_is_answered_alike():
    text = token_for(factories.ManagerFactory())
    body = {"amount": "5", "sold_on": "2026-11-17"}
    for round_ in range(5):
        sent = [lambda key=f"order-{round_}": Asker(text).post("/sales", body, Idempotency_Key=key)] * 4
        answers = at_once(*sent)
        assert [answer.status_code for answer in answers] == [201] * 4
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert Sale.objects.count() == round_ + 1


def test_of_two_who_change_what_they_saw_one_is_told():
    lead = factories.LeadFactory()
    text = token_for(factories.ManagerFactory())
    for round_ in range(5):
        seen = Asker(text).get(f"/leads/{lead.pk}")["ETag"]
        sent = [
            lambda phone=f"{round_}{number}", seen=seen: Asker(text).patch(
                f"/leads/{lead.pk}", {"phone": phone}, If_Match=seen
            )
            for number in range(3)
        ]
        assert sorted(answer.status_code for answer in at_once(*sent)) == [200, 412, 412]
