"""Clicks on real web workers: each adds up its own, and all of them are counted."""

import os
import sqlite3
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests import app, databases

pytestmark = [pytest.mark.server]

CLICKS = int(os.environ.get("TEST_CLICKS", "400"))
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
MAKE = """
from tests import factories
from campaigns.models import LinkRules
LinkRules.objects.create(pk=1, allowed_hosts="www.example.com")
factories.TrackingLinkFactory(slug="post")
"""


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    environment = app.settings_in(tmp_path)
    databases.copy_file(tmp_path / "retour.sqlite3")
    app.manage(environment, "shell", "--verbosity", "0", "--command", MAKE)
    return environment


def test_the_clicks_of_several_workers_are_all_counted_when_they_stop(environment, tmp_path):
    opener = urllib.request.build_opener(StayHere())

    def follow(_number: int) -> int:
        try:
            return opener.open(urllib.request.Request(f"{address}/go/post", headers=BROWSER)).status
        except urllib.error.HTTPError as answer:
            return answer.code

    with app.running(environment, workers=2) as address, ThreadPoolExecutor(8) as visitors:
        assert set(visitors.map(follow, range(CLICKS))) == {302}
    assert counted(tmp_path / "retour.sqlite3") == CLICKS


def counted(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT SUM(count) FROM campaigns_linkclicks").fetchone()[0] or 0)
