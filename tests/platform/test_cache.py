"""Signing in while Redis is away, and limits that hold for all processes while it is there."""

import pytest
from django.core.cache import cache
from django.test import Client

from config.cache import RedisOrMemory
from tests.factories import PASSWORD

GONE = "redis://127.0.0.1:9/1"


@pytest.fixture
def redis_is_away(settings):
    settings.CACHES = {"default": {"BACKEND": "config.cache.RedisOrMemory", "LOCATION": GONE}}
    yield
    cache.clear()


@pytest.mark.django_db
def test_people_sign_in_and_ask_for_a_new_password_while_redis_is_away(redis_is_away, member):
    answer = Client().post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/")
    answer = Client().post("/accounts/password/reset/", {"email": member.email})
    assert (answer.status_code, answer.url) == (302, "/accounts/password/reset/done/")


@pytest.mark.django_db
def test_guessing_is_slow_even_then(redis_is_away, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip"}
    answers = [Client().post("/accounts/login/", {"login": f"{n}@a.example", "password": "x"}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


@pytest.mark.server
def test_processes_count_together_and_again_after_redis_was_away(redis_url, monkeypatch):
    one, other = RedisOrMemory(redis_url, {}), RedisOrMemory(redis_url, {})
    assert one.add("a-code", "used", 60)
    assert not other.add("a-code", "used", 60)
    with monkeypatch.context() as patch:
        for process in (one, other):
            patch.setattr(process, "_cache", RedisOrMemory(GONE, {})._cache)
        assert one.get("a-code") is None
        assert one.add("a-code", "used", 60)
        assert not other.add("a-code", "used", 60)
    monkeypatch.setattr("config.cache.ASKED_AGAIN_AFTER", 0)
    one.away_until = other.away_until = 0.0
    assert one.get("a-code") == other.get("a-code") == "used"
    one.clear()
    one.memory.clear()
