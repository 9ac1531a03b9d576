"""Files of a million rows: none of them becomes an object on its way out, and many lines go at once."""

import pytest

from campaigns.models import Lead, Touch
from core import spreadsheets
from tests.factories import EntryFactory, TouchFactory
from timesheets.models import TimeEntry

pytestmark = pytest.mark.django_db


def test_no_row_of_a_large_file_becomes_an_object(client, manager, monkeypatch):
    TouchFactory(lead__name="Ann")
    entry = EntryFactory()
    client.force_login(manager)
    for model in (Lead, Touch, TimeEntry):
        monkeypatch.setattr(model, "from_db", lambda *_columns: 1 / 0)
    weeks = f"first={entry.day:%G-W%V}&last={entry.day:%G-W%V}"
    for address in ("/leads/export.csv", "/leads/touches.csv", f"/team/hours?{weeks}"):
        file = b"".join(client.get(address).streaming_content).decode()
        assert file.count("\r\n") == 2, address


def test_a_file_is_sent_many_lines_at_a_time():
    response = spreadsheets.csv_response("x.csv", ["number"], ((number,) for number in range(1_201)))
    parts = [part.decode() for part in response.streaming_content]
    assert [part.count("\r\n") for part in parts] == [1, 500, 500, 201]
    assert "".join(parts).removeprefix("\ufeff").split() == ["number", *map(str, range(1_201))]
