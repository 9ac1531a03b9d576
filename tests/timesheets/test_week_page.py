"""The week's page and what it sends, without a browser."""

import json
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django import template
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Agency, AgencyDay
from core.lookups import MOST_LISTED
from core.weeks import Week
from tests import factories
from tests.timesheets.test_hours import statements
from timesheets import grid, middleware
from timesheets.models import TimeEntry, Timesheet

pytestmark = pytest.mark.django_db

WEEK = Week(date(2026, 11, 16))
PAGE = f"/hours/{WEEK}/"


@pytest.fixture
def row():
    return {"platform": factories.PlatformFactory().pk, "campaign": factories.CampaignFactory().pk}


@pytest.fixture
def signed_in(client, member):
    Agency.current()  # made by the first request, which would count
    client.force_login(member)
    return client


def full_week(member, rows: int) -> None:
    for number in range(rows):
        platform, campaign = factories.PlatformFactory(), factories.CampaignFactory()
        for day in WEEK.days:
            factories.EntryFactory(member=member, day=day, platform=platform, campaign=campaign, minutes=number + 1)


@pytest.mark.parametrize(("instant", "week"), [("2026-11-22T22:59Z", "2026-W47"), ("2026-11-22T23:01Z", "2026-W48")])
def test_this_week_is_the_one_in_the_agencys_zone(signed_in, instant, week):
    Agency.objects.update_or_create(pk=1, defaults={"time_zone": "Europe/Paris"})
    with time_machine.travel(instant):
        assert signed_in.get("/hours/")["Location"] == f"/hours/{week}/"


def test_any_week_can_be_asked_for(signed_in):
    assert signed_in.get("/hours/?week=2027-w01")["Location"] == "/hours/2027-W01/"
    with time_machine.travel("2026-11-18T12:00Z"):
        assert signed_in.get("/hours/?week=2025-W53")["Location"] == "/hours/2026-W47/"


@pytest.mark.parametrize("today", ["2026-11-30T12:00Z", "2026-11-18T12:00Z"], ids=["takes over no rows", "takes over"])
def test_the_page_takes_seven_statements_whatever_it_shows(signed_in, member, today, monkeypatch):
    monkeypatch.setattr("timesheets.middleware.REMEMBERED_SECONDS", 5.0)
    with time_machine.travel(today):
        full_week(member, 1)
        signed_in.get(PAGE)  # the first request of a day notes that the session is in use; settings are remembered
        with CaptureQueriesContext(connection) as few:
            signed_in.get(PAGE)
        full_week(member, 13)
        factories.CampaignFactory.create_batch(MOST_LISTED)
        with CaptureQueriesContext(connection) as many:
            signed_in.get(PAGE)
    # session with person and timer; timesheets, entries, recent rows, own rows; absences; platforms and campaigns
    assert len(many) == len(few) == 7, [query["sql"] for query in many]


def test_a_save_over_http_takes_four_statements_besides_the_sign_in(signed_in, member, row, monkeypatch):
    monkeypatch.setattr("timesheets.middleware.REMEMBERED_SECONDS", 5.0)
    full_week(member, 5)
    signed_in.get("/profile/")
    with CaptureQueriesContext(connection) as queries:
        assert signed_in.post(PAGE + "cell", row | {"d2": "1:30"}).status_code == 200
    sent = statements(queries)
    # session with person; lock (not on SQLite), state, entry, history
    assert len(sent) == 4 + connection.features.has_select_for_update, sent
    assert not any("campaigns_agency" in one for one in sent)


def test_changed_settings_are_seen_at_once_here_and_within_seconds_elsewhere(signed_in, monkeypatch):
    monkeypatch.setattr("timesheets.middleware.REMEMBERED_SECONDS", 5.0)
    monkeypatch.setattr("timesheets.middleware._remembered", None)
    now = time.monotonic()
    assert middleware.remembered_agency(now).name == "Retour"
    agency = Agency.current()
    agency.name = "Here"
    agency.save()
    assert middleware.remembered_agency(now + 1).name == "Here"
    Agency.objects.update(name="Elsewhere")  # as another process would: nobody here hears of it
    assert middleware.remembered_agency(now + 5).name == "Here"
    assert middleware.remembered_agency(now + 6.1).name == "Elsewhere"


def test_a_save_answers_with_its_cell_and_the_sums(signed_in, member, row):
    factories.EntryFactory(member=member, day=WEEK.monday, minutes=30)
    answer = signed_in.post(PAGE + "cell", row | {"d0": "1h30", "seen": ""})
    entry = TimeEntry.objects.get(minutes=90)
    told = json.loads(answer["HX-Trigger"])["hours:saved"]
    assert told == {"text": "1:30", "tag": entry.etag, "note": ""}
    text = answer.content.decode()
    assert f'<span id="row-{row["platform"]}-{row["campaign"]}" hx-swap-oob="true">1:30</span>' in text
    assert '<span id="day-0" hx-swap-oob="true">2:00</span>' in text
    assert '<span id="week-total" hx-swap-oob="true">2:00</span>' in text
    assert "<table" not in text


@pytest.mark.parametrize(
    ("typed", "sentence", "suggestion"),
    [
        ("90", "more than a day", "1:30"),
        ("1:75", "more than 59 minutes", "2:15"),
        ("-2", "cannot be negative", "2:00"),
        ("tomorrow", "is not a duration", None),
        ("<b>1</b>", "is not a duration", None),
    ],
)
def test_an_impossible_value_is_refused_at_the_cell(signed_in, row, typed, sentence, suggestion):
    answer = signed_in.post(PAGE + "cell", row | {"d0": typed})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert sentence in text
    assert "<b>1</b>" not in text
    assert (f'data-text="{suggestion}"' in text) if suggestion else ("data-text" not in text)
    assert not TimeEntry.objects.exists()


def test_the_grid_reads_durations_as_the_table_of_cases_says(signed_in, row):
    for case in json.loads((Path(__file__).parent / "duration_cases.json").read_text(encoding="utf-8")):
        TimeEntry.objects.all().delete()
        answer = signed_in.post(PAGE + "cell", row | {"d0": case["text"]})
        held = TimeEntry.objects.values_list("minutes", flat=True).first()
        if "error" in case:
            assert (answer.status_code, held) == (422, None), case
            assert ("data-text" in answer.content.decode()) == (case["suggestion"] is not None), case
        else:
            assert (answer.status_code, held or 0) == (200, case["minutes"]), case


@pytest.mark.parametrize(
    "broken",
    [
        {"platform": "x"},
        {"platform": ""},
        {"campaign": "9" * 30},
        {"campaign": "999999"},
        {"d1": "1"},
        {"platform": "²"},
    ],
)
def test_what_is_no_cell_is_refused(signed_in, row, broken):
    assert signed_in.post(PAGE + "cell", row | {"d0": "1"} | broken).status_code == 422
    assert not TimeEntry.objects.exists()


def test_a_stale_save_gets_409_with_both_values(signed_in, member, row):
    signed_in.post(PAGE + "cell", row | {"d0": "2"})
    entry = TimeEntry.objects.get()
    answer = signed_in.post(PAGE + "cell", row | {"d0": "1", "seen": ""})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Keep mine, 1" in text
    assert f'data-do="theirs" data-tag="{entry.etag}" data-text="2:00"' in text
    assert signed_in.post(PAGE + "cell", row | {"d0": "1", "seen": entry.etag}).status_code == 200


def test_a_save_that_meets_a_lock_gets_423(signed_in, member, row):
    factories.TimesheetFactory(member=member, submitted_at="2026-11-21T12:00Z")
    assert signed_in.post(PAGE + "cell", row | {"d0": "1"}).status_code == 423
    assert not TimeEntry.objects.exists()


def test_days_before_joining_cannot_be_typed_into(client):
    member = factories.MemberFactory(joined_on=WEEK.monday + timedelta(2))
    factories.EntryFactory(member=member, day=WEEK.sunday)
    client.force_login(member)
    assert client.get(PAGE).content.decode().count(" disabled") == 2


def test_names_are_escaped(signed_in, member):
    factories.EntryFactory(member=member, day=WEEK.monday, platform__name="<i>P</i>", campaign__name='"x" onfocus="y')
    text = signed_in.get(PAGE).content.decode()
    assert "<i>P" not in text
    assert 'onfocus="y' not in text


def test_a_submitted_week_says_so_and_who_can_reopen_it(signed_in, member):
    factories.EntryFactory(member=member, day=WEEK.monday)
    signed_in.post(PAGE + "submit")
    text = signed_in.get(PAGE).content.decode()
    assert "read-only" in text
    assert "take-back" in text
    Timesheet.objects.get().approve(at=timezone.now(), by=factories.ManagerFactory(name="Hélène Moreau"))
    text = signed_in.get(PAGE).content.decode()
    assert "ask for it to be reopened: Hélène Moreau" in text
    assert "take-back" not in text
    assert text.count(" readonly") == 7


def test_submitting_twice_says_so(signed_in, member):
    signed_in.post(PAGE + "submit")
    first = Timesheet.objects.get().submitted_at
    assert b"submitted already" in signed_in.post(PAGE + "submit", follow=True).content
    assert Timesheet.objects.get().submitted_at == first


def test_suggested_rows_are_the_recent_ones_not_shown_yet(member):
    often = factories.EntryFactory(member=member, day=WEEK.previous.monday, minutes=600)
    seldom = factories.EntryFactory(member=member, day=WEEK.previous.monday, minutes=30)
    factories.EntryFactory(member=member, day=WEEK.plus(-9).monday, minutes=900)
    factories.EntryFactory(day=WEEK.previous.monday, minutes=900)
    shown = factories.EntryFactory(member=member, day=WEEK.previous.monday, minutes=700)
    factories.EntryFactory(member=member, day=WEEK.monday, platform=shown.platform, campaign=shown.campaign)
    sheet = grid.build(member=member, week=WEEK, today=WEEK.plus(2).monday)  # it takes over no rows by itself
    found = [(row.platform_id, row.campaign_id) for row in sheet.suggestions]
    assert found == [(one.platform_id, one.campaign_id) for one in (often, seldom)]


def test_a_row_added_by_htmx_comes_back_alone(signed_in, member, row):
    full_week(member, 2)
    answer = signed_in.post(PAGE + "add-row", row, headers={"HX-Request": "true"})
    assert answer.content.decode().count("<tr") == 1
    again = signed_in.post(PAGE + "add-row", row, headers={"HX-Request": "true"}).content.decode()
    assert "<tr" not in again
    assert "there already" in again


def test_a_row_of_something_not_in_use_is_not_added(signed_in, row):
    retired = factories.PlatformFactory(is_active=False)
    signed_in.post(PAGE + "add-row", row | {"platform": retired.pk})
    assert not Timesheet.objects.exists()


def test_the_page_speaks_french(client):
    member = factories.MemberFactory(language="fr")
    client.force_login(member)
    assert "novembre 2026" in client.get(PAGE).content.decode()


def test_a_row_to_add_is_asked_for_in_words(signed_in):
    page = signed_in.get(PAGE).content.decode()
    assert '<option value="" selected>Choose a platform</option>' in page
    assert '<option value="" selected>Choose a campaign</option>' in page
    assert "-----" not in page


def test_a_free_day_of_the_agency_stands_over_its_day_from_the_next_page_on(signed_in, monkeypatch):
    """The settings are remembered for a few seconds, and with them its own days."""
    monkeypatch.setattr("timesheets.middleware.REMEMBERED_SECONDS", 5.0)
    with time_machine.travel("2026-11-18T12:00Z"):
        assert "Summer party" not in signed_in.get(PAGE).content.decode()
        day = AgencyDay.objects.create(day=WEEK.days[2], name="Summer party")
        assert "Summer party" in signed_in.get(PAGE).content.decode()
        day.delete()
        assert "Summer party" not in signed_in.get(PAGE).content.decode()


def test_the_page_renders_few_parts_of_its_templates_anew(signed_in, member, monkeypatch):
    """Each takes some microseconds; what is the same for everybody, or in each row, is rendered once (ADR 45)."""
    rendered = []
    render = template.base.Node.render_annotated
    full_week(member, 14)
    signed_in.get(PAGE)
    monkeypatch.setattr(
        template.base.Node, "render_annotated", lambda node, context: rendered.append(node) or render(node, context)
    )
    signed_in.get(PAGE)
    assert len(rendered) < 150, f"{len(rendered)}: it was 380 once"
