"""What an hour of a person costs is seen by directors alone: not in a page, a file, an e-mail, a log or a task.

Each rate in the estate is a number that stands nowhere else, so that it can be looked for everywhere. And whatever the
rates are, everyone but a director gets the same bytes: nothing that follows from them can be in these.
"""

import io
import json
import logging
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
import time_machine
from celery import Celery
from django.conf import settings
from django.core import mail
from django.core.files.base import ContentFile
from django.urls import reverse
from openpyxl.comments import Comment

from campaigns.imports import runner
from campaigns.models import ImportRun, Platform
from config.celery import app
from core import task_queue
from core.logs import JsonLines
from operations import jobs
from reports.models import Flag
from tests.security import crawl
from tests.security import estate as estates
from tests.security.crawl import Page, as_text, numbers, numbers_of, read, ways_to_write
from tests.security.estate import NOTES, NOW, OLD_RATES, RATES, Estate, undone
from tests.security.routes import ROUTES
from tests.waiting import eventually
from timesheets import rates
from timesheets.models import CostRate

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.claim]
RATE_NEEDLES = {text for cents in [*RATES.values(), *OLD_RATES.values()] for text in ways_to_write(cents)}
BLIND = ("nobody", "member", "manager")
LATER = timedelta(hours=1)
RANDOM = re.compile(r"\b(?:0x)?[0-9a-f]{12,32}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
# How a parameter of an address is read: by a view, by the filter of a list, by the form of a period.
PARAMETER = re.compile(r'''(?:GET(?:\.get\(|\[)|Filter\(\s*|query\.get\(|_select\()"(\w+)"''')


@pytest.fixture(scope="module")
def needles(estate) -> set[str]:
    """The digits of every rate, and of what the hours of single people and of platforms cost."""
    costs = {text for cents in estates.costs_of_single_people() for text in ways_to_write(cents)}
    return RATE_NEEDLES | costs


@pytest.fixture(scope="module")
def logged() -> list[str]:
    """What the log says while everybody reads all that they can reach."""
    return []


@pytest.fixture(scope="module")
def reached(estate, logged) -> dict[str, dict[str, Page]]:
    """All that each of those who may see no rate can reach."""
    with all_logged(logged):
        return reach(estate)


def reach(estate: Estate, *, thorough: bool = False) -> dict[str, dict[str, Page]]:
    return {role: crawl.reach(estate, role, thorough=thorough) for role in BLIND}


@contextmanager
def all_logged(lines: list[str]) -> Iterator[None]:
    """Every line of every logger, as production writes it and as it was meant."""
    listener = logging.Handler()
    written = JsonLines()
    listener.emit = lambda record: lines.extend((written.format(record), record.getMessage()))  # type: ignore[method-assign]
    names = [None, *(name for name in logging.root.manager.loggerDict if not name.startswith(("time", "asyncio")))]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger("django.template").setLevel(logging.INFO)  # else ten lines for each name that a page leaves out
    logging.getLogger().addHandler(listener)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(listener)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


# -- pages and files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "at_least"), [("nobody", 20), ("member", 60), ("manager", 300)])
def test_no_page_and_no_file_holds_a_rate_or_what_hours_cost(reached, needles, role, at_least):
    found = {asked: hits for asked, page in reached[role].items() if (hits := numbers_of(page) & needles)}
    assert not found
    assert not [asked for asked, page in reached[role].items() if page.status == 500], (
        "a failed page hides what it says"
    )
    assert len([page for page in reached[role].values() if page.status == 200]) >= at_least


def test_what_a_manager_is_searched_for_includes_forms_parameters_and_a_comparison(reached):
    """Else the search above could be blind itself."""
    pages = reached["manager"]
    taken = [asked for asked in pages if asked.startswith("FORM ") and asked.endswith(" THEN")]
    assert len(taken) >= 15, "forms are filled in so that they are taken"
    assert any(
        "Against what the other platforms did" in page.text or "Before/after only" in page.text
        for page in pages.values()
    )
    assert any("?platform=" in asked for asked in pages if "/figures/" in asked)


def test_a_manager_is_searched_with_a_decision_and_what_came_of_their_campaigns(reached):
    pages = reached["manager"]
    assert "At most 10 h a week." in pages[reverse("reports:decisions")].text
    assert "Shop" in pages[reverse("reports:own_campaigns")].text
    assert pages[reverse("reports:limit_trials")].status == 403


def test_every_parameter_that_a_view_reads_is_asked_for():
    read_somewhere = {
        name
        for app_name in ("campaigns", "timesheets", "reports", "config", "core")
        for file in Path(settings.BASE_DIR, app_name).rglob("*.py")
        for name in PARAMETER.findall(file.read_text())
    }
    assert {"figure", "platform", "format"} <= read_somewhere
    assert read_somewhere <= set(crawl.ASKABLE)


def test_whatever_part_of_a_file_or_page_holds_a_number_it_is_found():
    for text in (
        "73,193.77",
        "73 193,77 €",
        "Line 2 73193.77",
        '<td title="73193.77">',
        '{"cost": 7319377}',
        "73193.8",
    ):
        assert numbers(text) & ways_to_write(RATES["Anna"]), text
    book = openpyxl.Workbook()
    hidden = book.create_sheet("Rates")
    hidden.sheet_state = "hidden"
    hidden["A1"].comment = Comment("73,193.77", "nobody")
    book.properties.description = "84619.21"
    hidden["B2"] = 91735.33
    book.save(file := io.BytesIO())
    found = numbers(as_text("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file.getvalue()))
    assert all(found & ways_to_write(RATES[name]) for name in ("Anna", "Bob", "Camille"))


def test_a_director_finds_what_is_looked_for(estate, needles):
    """Else the search above could be blind itself."""
    client = estate.client("director")
    address = f"/team/{estate.people['Anna'].pk}/rates/"
    assert ways_to_write(RATES["Anna"]) & numbers_of(read(address, client.get(address)))
    for address in ("/explain/?figure=cost", "/explain/rows.csv?figure=cost", "/explain/rows.xlsx?figure=cost"):
        assert numbers_of(read(address, client.get(address))) & (needles - RATE_NEEDLES), address


def test_whatever_the_rates_are_everyone_else_reads_the_same(estate, reached):
    """Statuses, headers and bodies; and nothing tells that a rate was changed, or when."""
    with undone():
        with time_machine.travel(NOW + LATER, tick=False):
            estates.change_rates(at=NOW + LATER)
        after = reach(estate)
    assert not differences(reached, after)


def differences(before: dict[str, dict[str, Page]], after: dict[str, dict[str, Page]]) -> list[tuple[str, str]]:
    """Who can tell the two from each other, and by what."""
    nothing = Page("", 0, {}, "")
    return [
        (role, asked)
        for role in before
        for asked in sorted(before[role].keys() | after[role].keys())
        if before[role].get(asked, nothing).content != after[role].get(asked, nothing).content
    ]


@pytest.mark.soak
def test_soak_whatever_the_rates_are_everyone_else_reads_the_same(estate, needles, record_property, monkeypatch):
    """Every choice of every filter, more pages of each kind, three worlds that differ in rates alone."""
    monkeypatch.setattr(crawl, "ALIKE", 12)
    monkeypatch.setattr(crawl, "MOST_OF_A_PATH", 40)
    before = reach(estate, thorough=True)
    for pages in before.values():
        assert not {asked: hits for asked, page in pages.items() if (hits := numbers_of(page) & needles)}
    with undone():
        for hours in (1, 2):
            estates.change_rates(at=NOW + hours * LATER)
            assert not differences(before, reach(estate, thorough=True))
    record_property("answers compared", 3 * sum(map(len, before.values())))
    record_property("answers that differ", 0)


def test_a_director_reads_something_else_when_rates_change(estate):
    """Else the comparison above could not fail."""
    client = estate.client("director")
    addresses = ("/", "/flags/")
    before = [read(address, client.get(address)).content for address in addresses]
    with undone():
        estates.change_rates(at=NOW)
        after = [read(address, client.get(address)).content for address in addresses]
        assert all(then != now for then, now in zip(before, after, strict=True))
        assert Flag.objects.filter(kind="cost", campaign__name="Hiring").exclude(cleared_on=None).exists()


# -- hours of others --------------------------------------------------------------------------------------------------


def test_a_member_reads_nothing_that_others_wrote_with_their_hours(reached):
    # A link that somebody was sent greets them by name, whoever opens it.
    text = "".join(page.text for address, page in reached["member"].items() if "/welcome/" not in address)
    assert NOTES["Camille"] in text
    assert [name for name, note in NOTES.items() if note in text and name != "Camille"] == []
    for name in ("Anna", "Bob", "Dora"):
        # As a word: the letters of a short name may stand in a random token of a form.
        assert not re.search(rf"\b{name}\b", text), name


# -- e-mails, logs, tasks ---------------------------------------------------------------------------------------------


def test_no_log_holds_a_rate_while_everybody_reads_and_writes(estate, reached, logged, needles):
    """At the level of a developer's log, of all that the roles above did and of what a director reads."""
    client = estate.client("director")
    with all_logged(logged):
        for route in ROUTES:
            with undone():
                client.get(estate.address(route.name, route.of, "director"))
    assert len(logged) > 1000
    assert not numbers(without_ids("\n".join(logged))) & needles


def without_ids(text: str) -> str:
    """Without the random numbers of requests, tasks and objects: by chance one of them holds any digits."""
    return RANDOM.sub("", text)


@contextmanager
def messages_to_the_broker(folder: Path, monkeypatch) -> Iterator[list[str]]:
    """What lies in a broker's folder at the end, with the arguments of the tasks in clear."""
    queue = folder / "queue"
    queue.mkdir()
    real = Celery(broker="filesystem://localhost")
    real.conf.broker_transport_options = {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(folder / "control"),
    }
    monkeypatch.setattr(task_queue, "current_app", real)
    sent: list[str] = []
    yield sent
    eventually(lambda: task_queue._drain.sender is None and list(queue.glob("*.msg")))
    for file in queue.glob("*.msg"):
        message = json.loads(file.read_text())
        sent.append(f"{message} {b64decode(message['body']).decode()}")


def test_no_log_and_no_task_holds_a_rate_when_rates_and_hours_change(
    estate, needles, monkeypatch, tmp_path, django_capture_on_commit_callbacks
):
    anna = estate.people["Anna"]
    rates_of_anna = f"/team/{anna.pk}/rates/"
    director, member = estate.client("director"), estate.client("member")
    new = {"starts_on": "2026-11-02", "hourly_cents": "8123.47", "confirmed": "1"}
    lines: list[str] = []
    with all_logged(lines), messages_to_the_broker(tmp_path, monkeypatch) as sent, undone():
        with django_capture_on_commit_callbacks(execute=True):
            assert director.post(rates_of_anna, new).status_code == 302
            rate = CostRate.objects.get(hourly_cents=812_347)
            director.post(f"{rates_of_anna}{rate.pk}", {**new, "hourly_cents": "8123.51"})
            director.post(f"{rates_of_anna}{rate.pk}/delete")
            director.post(rates_of_anna, {"starts_on": "x", "hourly_cents": "73193.77"})
            member.post(f"/hours/{estates.WEEK}/copy-rows")
        with time_machine.travel(NOW + timedelta(days=1), tick=False):
            jobs.sweep(at=NOW + timedelta(days=1))
            jobs.rebuild(at=NOW + timedelta(days=1))
    secret = needles | ways_to_write(812_347) | ways_to_write(812_351)
    assert any("reports.drain" in message for message in sent)
    assert not numbers(without_ids("\n".join([*sent, str(app.conf.beat_schedule)]))) & secret
    assert not numbers(without_ids("\n".join(lines))) & secret


def test_an_error_shows_and_logs_no_rate(estate, needles, monkeypatch, caplog):
    """The rate is in the variables of the frames that the error went through."""

    def fail(member, **change):
        known = list(CostRate.objects.filter(member=member).values_list("hourly_cents", flat=True))
        raise RuntimeError(f"{len(known)} rates")

    monkeypatch.setattr(rates, "preview", fail)
    address = f"/team/{estate.people['Anna'].pk}/rates/"
    answer = estate.client("director").post(address, {"starts_on": "2026-11-02", "hourly_cents": "8123.47"})
    assert answer.status_code == 500
    assert "RuntimeError: 2 rates" in caplog.text
    assert not numbers(caplog.text) & (needles | {"812347"})
    assert not numbers(answer.content.decode()) & (needles | {"812347"})


def test_no_e_mail_holds_a_rate_and_only_a_directors_holds_what_hours_cost(estate, needles):
    monday = NOW + timedelta(days=5)
    with undone(), time_machine.travel(monday, tick=False):
        jobs.sweep(at=NOW)  # sets the times
        jobs.sweep(at=monday)
    letters = {one.to[0]: one for one in mail.outbox}
    assert any("Helene" in to for to in letters), "the summary went to the director"
    assert any(estate.people["manager"].email in to for to in letters), "the manager was reminded"
    for to, letter in letters.items():
        text = "\n".join(
            [str(letter.message()), letter.body, *(str(part[0]) for part in getattr(letter, "alternatives", ()))]
        )
        assert not numbers(text) & RATE_NEEDLES, to
        if "Helene" not in to:
            assert not numbers(text) & needles, to


# -- files that hold rates --------------------------------------------------------------------------------------------


def test_a_manager_cannot_have_a_column_of_a_directors_file_shown_to_them(estate, needles):
    """Who may say that the note is what stands in the column of costs reads it in the preview, or among the errors."""
    run = ImportRun.objects.get(pk=estate.others["manager"]["import"]["pk"])
    addresses = [reverse(f"campaigns:import_{name}", args=[run.pk]) for name in ("run", "errors", "progress", "undo")]
    manager = estate.client("manager")
    for field in ("note", "platform", "duration"):
        with undone():
            answers = reverse("campaigns:import_answers", args=[run.pk])
            assert manager.post(answers, {f"column-{field}": "Cost rate"}).status_code == 404
            runner.check(run, now=lambda: NOW)
            pages = [read(address, manager.get(address)) for address in [*addresses, "/imports/"]]
        assert not [page.address for page in pages if numbers_of(page) & needles]
        assert "tracker of Helene" not in "".join(page.text for page in pages)


@pytest.mark.parametrize("name", ["Anna", "Bob", "Mona"])
@pytest.mark.parametrize("field", ["note", "platform", "duration", "campaign"])
def test_a_manager_cannot_have_a_column_of_somebody_elses_file_shown_to_them(estate, needles, name, field):
    """They find it, start it and undo it; whatever was said of its columns, they read nothing that stands in it."""
    run = ImportRun.objects.get(file_name=f"tracker of {name}.csv")
    addresses = [reverse(f"campaigns:import_{name}", args=[run.pk]) for name in ("run", "errors", "progress", "undo")]
    manager = estate.client("manager")
    with undone():
        answers = reverse("campaigns:import_answers", args=[run.pk])
        assert manager.post(answers, {f"column-{field}": "Cost rate"}).status_code == 403
        assert ImportRun.objects.get(pk=run.pk).mapping == run.mapping
        # Even when a director said so, whose answer it is not.
        estate.client("director").post(answers, {f"column-{field}": "Cost rate"})
        runner.check(ImportRun.objects.get(pk=run.pk), now=lambda: NOW)
        pages = [read(address, manager.get(address)) for address in [*addresses, "/imports/"]]
    assert not [page.address for page in pages if numbers_of(page) & needles]
    assert run.file_name in pages[0].text


@pytest.mark.parametrize("role", ["manager", "director"])
@pytest.mark.parametrize("field", ["note", "duration"])
def test_what_managers_read_never_holds_what_a_column_of_costs_does(estate, needles, role, field):
    """Whoever brought the file and says so: notes and hours are read by managers once they are in."""
    with undone():
        run = estates.file_with_rates(estate.people[role], estate.people)
        estate.client(role).post(reverse("campaigns:import_answers", args=[run.pk]), {f"column-{field}": "Cost rate"})
        runner.check(ImportRun.objects.get(pk=run.pk), now=lambda: NOW)
        run.refresh_from_db()
        shown = [row["texts"] for row in run.preview]
        assert not numbers(json.dumps(shown)) & needles
        assert [question["column"] for question in run.questions if question["ask"] == "money_note"] == ["Cost rate"]


def test_a_director_reads_what_stands_in_that_column(estate, needles):
    """Else the search above could be blind itself."""
    run = ImportRun.objects.get(pk=estate.others["manager"]["import"]["pk"])
    director = estate.client("director")
    with undone():
        director.post(reverse("campaigns:import_answers", args=[run.pk]), {"column-campaign": "Cost rate"})
        runner.check(ImportRun.objects.get(pk=run.pk), now=lambda: NOW)
        address = reverse("campaigns:import_run", args=[run.pk])
        assert numbers_of(read(address, director.get(address))) & needles


def test_what_a_manager_says_of_a_column_is_not_believed_of_a_directors_file(estate, needles):
    """Else a manager teaches that something they read stands in the column of costs, and waits for such a file."""
    held = ImportRun.objects.get(pk=estate.others["manager"]["import"]["pk"])
    text = "date,email,platform,hours,note,Cost rate\n2026-11-17,{email},Facebook,1,seen,1\n"
    with undone():
        Platform.objects.get(name="Facebook").aliases.create(text="fb")
        taught = ImportRun.objects.create(
            kind="hours",
            file_name="mine.csv",
            requested_by=estate.people["manager"],
            for_directors=False,
            mapping={"columns": {"task": "Cost rate"}},
            status=ImportRun.Status.CHECKING,
        )
        taught.file.save("mine.csv", ContentFile(text.format(email=estate.people["manager"].email).encode()))
        runner.check(taught, now=lambda: NOW)
        runner.ask_for(taught, ImportRun.Status.IMPORTING)
        runner.write(taught, now=lambda: NOW)
        assert taught.status == ImportRun.Status.DONE
        runner.ask_for(held, ImportRun.Status.CHECKING)
        runner.check(held, now=lambda: NOW)
        assert {row["texts"]["note"] for row in held.preview} == {"seen"}
        assert not [row for row in held.preview if "task" in row["texts"]]


def test_no_address_leads_to_the_files_that_people_brought(estate):
    run = ImportRun.objects.get(pk=estate.others["manager"]["import"]["pk"])
    assert Path(run.file.path).is_file()
    for folder in ("/", "/media/", "/uploads/", "/var/uploads/", "/static/", "/static/../var/uploads/", "/imports/"):
        for role in (*BLIND, "director"):
            answer = estate.client(role).get(f"{folder}{run.file.name}")
            assert answer.status_code == 404, f"{folder} as {role}"
    assert not settings.MEDIA_URL.strip("/") or settings.MEDIA_URL not in settings.STATIC_URL
