"""What an hour of a person costs is seen by directors alone: not in a page, a file, an e-mail, a log or a task.

Each rate in the estate is a number that stands nowhere else, so that it can be looked for everywhere. And whatever the
rates are, everyone but a director gets the same bytes: nothing that follows from them can be in these.
"""

import logging
from contextlib import contextmanager
from datetime import timedelta

import kombu
import pytest
import time_machine
from django.core import mail

from reports import jobs
from tests.security import estate as estates
from tests.security.crawl import Page, answers_to_posts, crawl, numbers, numbers_of, read, ways_to_write
from tests.security.estate import NOTES, NOW, OLD_RATES, RATES, undone
from timesheets import rates
from timesheets.models import CostRate

pytestmark = [pytest.mark.django_db, pytest.mark.once]
RATE_NEEDLES = {text for cents in [*RATES.values(), *OLD_RATES.values()] for text in ways_to_write(cents)}
BLIND = ("nobody", "member", "manager")


@pytest.fixture(scope="module")
def needles(estate) -> set[str]:
    """The digits of every rate, and of what the hours of single people and of platforms cost."""
    costs = {text for cents in estates.costs_of_single_people() for text in ways_to_write(cents)}
    return RATE_NEEDLES | costs


@pytest.fixture(scope="module")
def reached(estate) -> dict[str, dict[str, Page]]:
    """All that each of those who may see no rate can reach."""
    return reach(estate)


def reach(estate) -> dict[str, dict[str, Page]]:
    return {role: crawl(estate, role) | answers_to_posts(estate, role) for role in BLIND}


# -- pages and files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "at_least"), [("nobody", 6), ("member", 9), ("manager", 60)])
def test_no_page_and_no_file_holds_a_rate_or_what_hours_cost(reached, needles, role, at_least):
    found = {address: hits for address, page in reached[role].items() if (hits := numbers_of(page) & needles)}
    assert not found
    assert len([page for page in reached[role].values() if page.status == 200]) >= at_least


def test_a_director_finds_what_is_looked_for(estate, needles):
    """Else the search above could be blind itself."""
    client = estate.client("director")
    address = f"/team/{estate.people['Anna'].pk}/rates/"
    assert ways_to_write(RATES["Anna"]) & numbers_of(read(address, client.get(address)))
    for address in ("/explain/?figure=cost", "/explain/rows.csv?figure=cost", "/explain/rows.xlsx?figure=cost"):
        assert numbers_of(read(address, client.get(address))) & (needles - RATE_NEEDLES), address


def test_whatever_the_rates_are_everyone_else_reads_the_same(estate, reached):
    with undone():
        estates.change_rates()
        after = reach(estate)
    for role, before in reached.items():
        addresses = before.keys() | after[role].keys()
        differ = {one for one in addresses if content(before, one) != content(after[role], one)}
        assert not differ, f"read by {role}"


def content(pages: dict[str, Page], address: str) -> tuple[int, str] | None:
    return (pages[address].status, pages[address].content) if address in pages else None


def test_a_director_reads_something_else_when_rates_change(estate):
    """Else the comparison above could not fail."""
    client = estate.client("director")
    before = read("/", client.get("/")).content
    with undone():
        estates.change_rates()
        assert read("/", client.get("/")).content != before


# -- hours of others --------------------------------------------------------------------------------------------------


def test_a_member_reads_nothing_that_others_wrote_with_their_hours(reached):
    # A link that somebody was sent greets them by name, whoever opens it.
    text = "".join(page.text for address, page in reached["member"].items() if "/welcome/" not in address)
    assert NOTES["Camille"] in text
    assert [name for name, note in NOTES.items() if note in text and name != "Camille"] == []
    for name in ("Anna", "Bob", "Dora"):
        assert name not in text, name


# -- e-mails, logs, tasks ---------------------------------------------------------------------------------------------


@contextmanager
def messages_to_the_broker(monkeypatch):
    """What would be handed to the broker, as text."""
    sent: list[str] = []
    monkeypatch.setattr(kombu.Producer, "publish", lambda self, body, **how: sent.append(f"{body}|{how}"))
    yield sent


def test_no_log_and_no_task_holds_a_rate_when_rates_and_hours_change(
    estate, needles, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    caplog.set_level(logging.DEBUG)
    anna = estate.people["Anna"]
    rates_of_anna = f"/team/{anna.pk}/rates/"
    director, member = estate.client("director"), estate.client("member")
    new = {"starts_on": "2026-11-02", "hourly_cents": "8123.47", "confirmed": "1"}
    with messages_to_the_broker(monkeypatch) as sent, undone():
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
    assert len(sent) >= 3
    assert not numbers("\n".join(sent)) & (needles | ways_to_write(812_347) | ways_to_write(812_351))
    assert not numbers(caplog.text) & (needles | ways_to_write(812_347) | ways_to_write(812_351))


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
