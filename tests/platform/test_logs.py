"""The log: a JSON object a line, with what happened and nobody's data."""

import io
import json
import logging
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import OperationalError

from core import logs
from tests.platform.raising import CANARIES
from tests.platform.services import SERVICES
from tests.waiting import PATIENCE, eventually

Lines = Callable[[], list[dict]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What the log says, as production writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JsonLines())
    root, requests = logging.getLogger(), logging.getLogger("retour.requests")
    before = requests.level
    root.addHandler(handler)
    requests.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    requests.setLevel(before)


def of_requests(lines: Lines) -> list[dict]:
    return [line for line in lines() if line["logger"] == "retour.requests"]


# -- requests ---------------------------------------------------------------------------------------------------------


def test_each_request_leaves_a_line_with_its_facts(client, director, lines):
    client.force_login(director)
    answer = client.get("/flags/?who=zelda@quokka.example", REMOTE_ADDR="203.0.113.77")
    (line,) = of_requests(lines)
    assert line["message"] == "GET /flags/ 200"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/flags/", 200)
    assert (line["user"], line["view"], line["level"]) == (director.pk, "reports:flags", "info")
    assert line["ms"] >= 0
    assert line["request"] == answer.headers["X-Request-ID"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"])
    assert not said(line, "zelda", "203.0.113", director.email, director.name)


def test_a_line_does_not_ask_who_somebody_is(client, db, lines):
    client.get("/accounts/login/")
    assert "user" not in of_requests(lines)[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        pytest.param("7f3a-proxy.12_B", True, id="well formed"),
        pytest.param("short", False, id="too short"),
        pytest.param("x" * 65, False, id="too long"),
        pytest.param('injected" "level": "x', False, id="other characters"),
        pytest.param("", False, id="empty"),
    ],
)
def test_a_well_formed_number_of_a_proxy_is_kept(client, lines, given, is_taken):
    answer = client.get("/accounts/login/", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) == is_taken
    assert of_requests(lines)[0]["request"] == answer.headers["X-Request-ID"]


@pytest.mark.django_db
def test_two_requests_have_two_numbers(client, lines):
    client.get("/accounts/login/")
    client.get("/accounts/login/")
    assert len({line["request"] for line in of_requests(lines)}) == 2


@pytest.mark.django_db
def test_a_monitor_that_hears_that_all_is_well_leaves_no_line(client, lines, monkeypatch):
    monkeypatch.setattr("config.health.broker_problem", lambda url: None)
    monkeypatch.setattr("config.storage.problem", lambda: None)
    for address in ("/health", "/health/live", "/health/ready"):
        assert client.get(address).status_code == 200
    assert of_requests(lines) == []
    monkeypatch.setattr("config.health.broker_problem", lambda url: "Redis does not answer.")
    client.get("/health")
    assert [line["status"] for line in of_requests(lines)] == [503]


@pytest.mark.django_db
def test_a_signed_link_is_not_in_the_log(client, lines):
    client.get("/summaries/unsubscribe/7:c0ffee-c0ffee-c0ffee-c0ffee/")
    client.get("/accounts/password/reset/key/1-cyqyqk-8d0c1f2e3a4b5c6d7e8f/")
    assert not said(lines(), "c0ffee-c0ffee", "8d0c1f2e")
    assert of_requests(lines)[0]["path"] == "/summaries/unsubscribe/[…]/"


# -- errors -----------------------------------------------------------------------------------------------------------


def said(what: object, *texts: str) -> list[str]:
    told = json.dumps(what, ensure_ascii=False)
    return [text for text in texts if text in told]


@pytest.mark.urls("tests.platform.raising")
def test_an_error_is_logged_with_its_view_and_places_and_nobody_s_data(client, director, lines):
    client.raise_request_exception = False
    client.force_login(director)
    answer = client.get("/fail/17/?name=Zelda+Quokka")
    assert answer.status_code == 500
    (line,) = [line for line in lines() if line["level"] == "error"]
    assert (line["view"], line["user"]) == ("fail", director.pk)
    assert line["message"] == "Internal Server Error: /fail/17/"
    assert line["request"] == answer.headers["X-Request-ID"]
    assert [error["error"] for error in line["errors"]] == ["ValueError", "KeyError"]
    assert re.fullmatch(r"tests/platform/raising\.py:\d+ fail", line["errors"][0]["places"][-1])
    assert not said(lines(), *CANARIES, "Zelda", "203.0.113.77")


@pytest.mark.urls("tests.platform.raising")
@pytest.mark.parametrize(
    ("path", "error"),
    [
        pytest.param("/fail/twice", "IntegrityError", id="a row that is there"),
        pytest.param("/fail/database", "", id="a table that is not"),
    ],
)
def test_an_error_of_the_database_does_not_quote_the_row(client, transactional_db, lines, path, error):
    client.raise_request_exception = False
    assert client.get(path).status_code == 500
    (line,) = [line for line in lines() if line["level"] == "error"]
    assert line["errors"][0]["error"].startswith(error)
    assert not said(lines(), *CANARIES)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(ValueError("Zelda Quokka"), "ValueError", id="may quote somebody"),
        pytest.param(KeyError("zelda@quokka.example"), "KeyError", id="quotes a key"),
        pytest.param(OperationalError("database is locked"), "OperationalError: database is locked", id="database"),
        pytest.param(
            OperationalError('connection to "10.1.2.3" failed\nDETAIL: Zelda'),
            'OperationalError: connection to "10.1.2.0" failed',
            id="first line alone",
        ),
        pytest.param(
            FileNotFoundError(2, "No such file or directory", "/uploads/Zelda Quokka.csv"),
            "FileNotFoundError: No such file or directory",
            id="the system's words without the name of the file",
        ),
    ],
)
def test_an_error_is_told_in_a_line_that_quotes_nobody(error, told):
    assert logs.safe_error(error) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("550 <zelda@quokka.example> unknown", "550 <[e-mail]> unknown", id="e-mail"),
        pytest.param("username=zelda@quokka.example,ip=203.0.113.77", "username=[e-mail],ip=203.0.113.0", id="both"),
        pytest.param("from 2001:db8:12:34::7f", "from 2001:db8:12::", id="IPv6"),
        pytest.param("at 12:34:56 in 2026-W47, 3.11.7", "at 12:34:56 in 2026-W47, 3.11.7", id="times and versions"),
    ],
)
def test_addresses_are_left_out_or_cut(text, told):
    assert logs.without_people(text) == told


def test_an_error_among_the_arguments_is_told_without_its_text(lines):
    logging.getLogger("operations.jobs").warning("delivery %s: %s", 7, ValueError("Zelda Quokka"))
    assert lines()[0]["message"] == "delivery 7: ValueError"


# -- every process ----------------------------------------------------------------------------------------------------

ASK_IN_A_REQUEST = """
import django; django.setup()
from core import logs
from config.celery import app
with logs.log_context(request="request-number-7"):
    app.send_task("reports.evaluate", kwargs={"monday": "2026-W99"})
"""


@pytest.mark.server
def test_each_line_of_web_and_worker_is_json_and_a_task_carries_the_number_of_its_request(environment, house):
    log = house / "log"
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    with log.open("w") as output:
        running = [
            subprocess.Popen(SERVICES[name]["command"], cwd=house, env=environment, stdout=output, stderr=output)
            for name in ("web", "worker")
        ]
    try:
        subprocess.run(["python", "-c", ASK_IN_A_REQUEST], cwd=house, env=environment, check=True)
        failed = eventually(lambda: [line for line in told(log) if line.get("errors")])[0]
        loggers = {line["logger"] for line in told(log)}
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=PATIENCE)
    assert (failed["task"], failed["arguments"]) == ("reports.evaluate", {"monday": "2026-W99"})
    assert failed["request"] == "request-number-7"
    assert failed["errors"][0]["error"] == "ValueError"
    assert "2026-W99" not in failed["message"]
    assert {"gunicorn.error", "celery.worker.strategy"} <= loggers


def told(log: Path) -> list[dict]:
    """Every line of a log whose last line may be half written."""
    return [json.loads(line) for line in log.read_text().rpartition("\n")[0].splitlines()]
