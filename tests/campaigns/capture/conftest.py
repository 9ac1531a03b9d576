import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.cache import cache

from campaigns.models import Platform
from tests.factories import CampaignFactory, CaptureKeyFactory, PlatformFactory

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
SITE = "https://www.example.com"


@pytest.fixture(autouse=True)
def clock():
    """Stands at noon; tests that move it travel from there."""
    cache.clear()
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock
    cache.clear()


@pytest.fixture
def form(db):
    return CaptureKeyFactory(origins=f"{SITE}\nhttps://shop.example")


@pytest.fixture
def linkedin(db) -> Platform:
    return PlatformFactory(name="LinkedIn")


@pytest.fixture
def spring(db):
    return CampaignFactory(name="Spring")


@pytest.fixture
def send(client, form):
    """Send a form as a page's script does; `key` for another one, `headers` for what a browser adds."""

    def sent(key=None, *, headers=None, **fields):
        fields = {"name": "Ada Example", "email": "ada@client.example", **fields}
        body = json.dumps({name: text for name, text in fields.items() if text is not None})
        given = {"Origin": SITE} if headers is None else headers
        return client.post(f"/capture/{(key or form).key}", body, content_type="application/json", headers=given)

    return sent
