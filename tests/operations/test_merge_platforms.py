"""Making a platform part of another: everything moves, every sum stays, and the old name leads to the new place."""

import copy
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.db.models import Sum
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import platform_redirects
from campaigns.models import (
    ImportRun,
    JobRun,
    Outcome,
    Platform,
    RememberedOrigin,
    Sale,
    SavedView,
    Spend,
    StaleMark,
    Touch,
)
from core.weeks import Week
from operations import merge_platforms
from reports.attribution import rollups
from reports.models import CampaignWeek, Credit, Evaluation, Flag, PlatformWeek, Verdict
from reports.verdicts import evaluation
from tests import factories
from tests.campaigns.imports.conftest import own_uploads  # noqa: F401
from tests.campaigns.imports.importing import imported, undone, written
from tests.reports import world
from timesheets import hours, timers, week_rows
from timesheets.models import PinnedRow, TimeEntry, Timer, Timesheet, TimesheetRow

pytestmark = pytest.mark.django_db

NOW, LAST = world.NOW, world.LAST
DAY = LAST.monday


@pytest.fixture(scope="module")
def estate_of_the_module(rows_of_the_module):
    """The agency of world.py, with rows of every sort on both platforms, some of them in the same place."""
    places = world.rows()
    x, twitter = places.linkedin, places.facebook
    twitter.name, x.name = "Twitter", "X"
    twitter.save()
    x.save()
    twitter.aliases.create(text="twitter.com")
    x.aliases.create(text="x.com")
    bob = TimeEntry.objects.filter(platform=x, member__name="Bob").first().member
    # Bob has hours on both in two weeks, once with notes on both sides, and has handed one of them in.
    for week, note in ((LAST, "Answers"), (LAST.previous, "")):
        factories.EntryFactory(
            member=bob, platform=twitter, campaign=places.hiring, day=week.days[1], minutes=50, note=note
        )
        factories.EntryFactory(
            member=bob, platform=x, campaign=places.hiring, day=week.days[1], minutes=25, note="Posts"
        )
    factories.TimesheetFactory(member=bob, week=LAST.monday, submitted_at=NOW, approved_at=NOW)
    factories.SaleFactory(platform=twitter, sold_on=LAST.monday, amount_cents=3_003)
    for count, platform in ((12, twitter), (30, x)):
        factories.OutcomeFactory(platform=platform, campaign=places.shop, count=count, note=f"of {platform}")
    factories.OutcomeFactory(platform=twitter, campaign=places.shop, measure="Tickets")
    RememberedOrigin.objects.create(person=places.anna, platform=twitter)
    factories.TrackingLinkFactory(platform=twitter, campaign=places.shop)
    sheet = Timesheet.of(places.anna, LAST.next)
    for platform in (twitter, x):
        TimesheetRow.objects.create(timesheet=sheet, platform=platform, campaign=places.shop)
    PinnedRow.objects.create(member=places.anna, platform=twitter, campaign=places.shop, since=LAST.plus(-3).monday)
    PinnedRow.objects.create(member=places.anna, platform=x, campaign=places.shop, since=LAST.monday)
    PinnedRow.objects.create(member=bob, platform=twitter, campaign=places.shop, since=LAST.monday)
    PinnedRow.objects.create(member=bob, platform=twitter, campaign=places.general, since=LAST.plus(-1).monday)
    PinnedRow.objects.create(member=bob, platform=x, campaign=places.general, since=LAST.plus(-2).monday)
    Timer.objects.create(member=places.anna, platform=twitter, campaign=places.shop, started_at=NOW)
    factories.LimitTrialFactory(platform=twitter, first_week=LAST.plus(-10).monday)
    factories.DecisionFactory(platform=twitter, heading="Twitter")
    world.settle()
    if not twitter.flags.exists():
        Flag.objects.create(platform=twitter, kind="losing", raised_on=LAST.monday)
    if not twitter.evaluations.exists():
        Evaluation.objects.create(platform=twitter, week=LAST.monday, results={}, evaluated_at=NOW)
    return places


@pytest.fixture
def estate(estate_of_the_module, db):
    return copy.deepcopy(estate_of_the_module)


@pytest.fixture
def merge(estate, director):
    """Make what was Facebook, and is Twitter here, part of X."""

    def now() -> merge_platforms.MergeEffect:
        return merge_platforms.merge(gone_id=estate.facebook.pk, into_id=estate.linkedin.pk, by=director, at=NOW)

    return now


def tables_with_a_platform():
    """Every table with a foreign key to a platform, whatever it is called and whether or not it points back."""
    return {
        (model, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Platform
    }


def on(platform):
    """How many rows of each table name this platform."""
    return {model: model._base_manager.filter(**{name: platform}).count() for model, name in tables_with_a_platform()}


def sums():
    """All that may not change: minutes, cost, money and counts, as far as they do not name a platform."""
    entries = TimeEntry.objects.order_by("member", "day", "campaign")
    return {
        "hours": list(
            entries.values_list("member", "day", "campaign", "hourly_cents").annotate(minutes=Sum("minutes"))
        ),
        "spend": list(Spend.objects.order_by("pk").values_list("campaign", "starts_on", "ends_on", "amount_cents")),
        "touches": list(Touch.objects.order_by("pk").values_list("pk", "lead", "at", "campaign", "voided_at")),
        "sales": list(Sale.objects.order_by("pk").values_list("pk", "lead", "sold_on", "amount_cents")),
        "outcomes": list(
            Outcome.objects.live()
            .order_by("week", "campaign", "measure")
            .values_list("week", "campaign", "measure")
            .annotate(total=Sum("count"))
        ),
    }


NUMBERS = ("IntegerField", "BigIntegerField")


def figures():
    """Rollups by week, basis and campaign, and credits by lead, sale, campaign and week: every number of each."""
    key = ["lead", "sale", "campaign", "work_week", "money_week", "is_qualified"]
    return [
        _summed(CampaignWeek, ["week", "basis", "campaign"]),
        _summed(PlatformWeek, ["week", "basis"]),
        _summed(Credit, key),
    ]


def _summed(table, key):
    numbers = [field.name for field in table._meta.fields if field.get_internal_type() in NUMBERS]
    sums = {f"of_{name}": Sum(name) for name in numbers}
    rows = table.objects.order_by().values_list(*key).annotate(**sums)
    return sorted(rows, key=repr)


def rows_of(*tables):
    """What the tables hold, without the numbers of their rows."""
    return [
        sorted(
            table.objects.values_list(*(one.attname for one in table._meta.concrete_fields if not one.primary_key)),
            key=repr,
        )
        for table in tables
    ]


# -- nothing is lost --------------------------------------------------------------------------------------------------


def test_every_table_with_a_platform_has_a_way_to_move():
    assert {model for model, _name in tables_with_a_platform()} == set(merge_platforms.MOVES)
    assert {name for _model, name in tables_with_a_platform()} == {"platform"}


def test_what_a_merge_forgets_undoes_it_whole(estate, merge, monkeypatch):
    forgetful = {table: move for table, move in merge_platforms.MOVES.items() if table is not Spend}
    monkeypatch.setattr(merge_platforms, "MOVES", forgetful)
    spent = estate.facebook.spend.count()
    assert spent
    with pytest.raises(DatabaseError), transaction.atomic():  # noqa: PT012 (the end of a transaction, which a test is in)
        merge()
        connection.check_constraints()
    assert Spend.objects.filter(platform__name="Twitter").count() == spent


def test_every_row_moves_and_every_sum_stays(estate, merge):
    before, counted = sums(), figures()
    assert 0 not in on(estate.facebook).values(), "a table without a row proves nothing"
    merge()
    assert set(on(estate.facebook).values()) == {0}
    assert not Platform.objects.filter(name="Twitter").exists()
    assert sums() == before
    assert figures() == counted


def test_the_figures_are_right_at_once_and_a_drain_and_a_rebuild_find_the_same(estate, merge):
    merge()
    at_once = rows_of(CampaignWeek, PlatformWeek, Credit)
    rollups.drain()
    assert not StaleMark.objects.exists()
    assert rows_of(CampaignWeek, PlatformWeek, Credit) == at_once
    assert rollups.rebuild() == []


def test_what_nobody_has_counted_yet_is_counted_after_it(estate, merge):
    lead = factories.LeadFactory(received_at=NOW)
    factories.TouchFactory(lead=lead, platform=estate.facebook, campaign=estate.shop, at=NOW)
    factories.EntryFactory(member=estate.anna, platform=estate.facebook, campaign=estate.shop, day=LAST.days[3])
    merge()
    assert rollups.drain()
    assert rollups.rebuild() == []
    assert Credit.objects.get(lead=lead).platform == estate.linkedin


def test_hours_that_meet_are_added_up_with_both_notes_and_leave_their_versions(estate, merge, director):
    bob = Timesheet.objects.get(approved_at=NOW).member
    ours = TimeEntry.objects.get(member=bob, day=LAST.days[1], platform=estate.linkedin)
    theirs = TimeEntry.objects.get(member=bob, day=LAST.days[1], platform=estate.facebook)
    assert merge().met == 18  # 16 Mondays and two Tuesdays
    kept = TimeEntry.objects.get(member=bob, day=LAST.days[1])
    assert (kept.pk, kept.minutes, kept.note, kept.version) == (ours.pk, 75, "Posts; Answers", ours.version + 1)
    assert kept.hourly_cents == ours.hourly_cents == 3_333
    last = TimeEntry.history.filter(id=theirs.pk).order_by("history_id").last()
    assert (last.history_type, last.minutes, last.note, last.history_user) == ("-", 50, "Answers", director)
    changed = kept.history.order_by("history_id").last()
    assert (changed.history_type, changed.minutes, changed.history_user) == ("~", 75, director)


def test_a_day_that_is_full_stays_full(estate, merge):
    bob = Timesheet.objects.get(approved_at=NOW).member
    for platform, minutes in ((estate.facebook, 740), (estate.linkedin, 700)):
        factories.EntryFactory(member=bob, platform=platform, campaign=estate.shop, day=LAST.days[5], minutes=minutes)
    merge()
    assert TimeEntry.objects.get(member=bob, day=LAST.days[5]).minutes == 1440


def test_a_row_that_was_removed_on_one_of_the_platforms_is_shown_for_the_other(estate, merge):
    TimesheetRow.objects.filter(platform=estate.linkedin).update(is_removed=True)
    merge()
    assert not TimesheetRow.objects.get().is_removed


def test_counts_that_meet_are_added_up_and_the_one_that_went_is_voided(estate, merge):
    assert merge().met_outcomes == 1
    kept = Outcome.objects.live().get(measure="Followers gained")
    assert (kept.count, kept.note, kept.platform) == (42, "of X; of Twitter", estate.linkedin)
    assert "Twitter" in Outcome.objects.exclude(voided_at=None).get().void_reason
    assert Outcome.objects.live().get(measure="Tickets").platform == estate.linkedin


def test_of_two_rows_or_two_pins_one_stays_from_the_earlier_week(estate, merge):
    merge()
    assert TimesheetRow.objects.get().platform == estate.linkedin
    bob = Timesheet.objects.get(approved_at=NOW).member
    assert not PinnedRow.objects.exclude(platform=estate.linkedin).exists()
    pins = PinnedRow.objects.order_by("since").values_list("member", "campaign", "since")
    assert list(pins) == [
        (estate.anna.pk, estate.shop.pk, LAST.plus(-3).monday),
        (bob.pk, estate.general.pk, LAST.plus(-2).monday),
        (bob.pk, estate.shop.pk, LAST.monday),
    ]


def test_a_timer_runs_on_and_lands_on_the_other(estate, merge):
    merge()
    timer = timers.running(estate.anna)
    landed = timers.stop(member=estate.anna, pk=timer.pk, at=NOW + timedelta(minutes=20))
    assert (landed.cell.platform_id, landed.minutes) == (estate.linkedin.pk, 20)


# -- what is said of it -----------------------------------------------------------------------------------------------


def test_its_verdicts_go_and_the_other_is_judged_anew(estate, merge):
    spoken = Verdict.objects.filter(platform=estate.linkedin).count()
    assert spoken
    JobRun.objects.filter(name="evaluate").update(next_due=None)
    merge()
    assert not Verdict.objects.exclude(platform=estate.linkedin).exists()
    assert Verdict.objects.filter(platform=estate.linkedin).count() == spoken
    assert JobRun.objects.get(name="evaluate").next_due == NOW
    rollups.drain()
    evaluation.evaluate_due(at=NOW)
    verdict = Verdict.objects.get(platform=estate.linkedin, week=LAST.monday)
    assert verdict.figures["figures"]["minutes"] == _minutes_in_window()


def _minutes_in_window():
    window = TimeEntry.objects.in_weeks(LAST.plus(-12), LAST).filter(campaign__purpose="reach")
    return window.minutes()


def test_the_log_says_who_merged_what_into_what(estate, merge, director):
    merge()
    entry = LogEntry.objects.get(action_flag=CHANGE, object_id=str(estate.linkedin.pk))
    assert entry.user == director
    assert entry.change_message.startswith("Twitter became part of it:")
    assert [one.object_repr for one in platform_redirects.merged_into(estate.linkedin)] == ["Twitter"]


# -- names and files --------------------------------------------------------------------------------------------------


def test_its_names_find_the_other(estate, merge):
    merge()
    assert {alias.text for alias in estate.linkedin.aliases.all()} == {"twitter", "twitter.com", "x.com"}
    for name in ("TWITTER", "twitter.com", "x"):
        assert Platform.objects.named(name) == estate.linkedin


def test_a_saved_view_of_it_shows_the_other_and_an_old_address_does_too(estate, merge, director, client):
    gone, into = estate.facebook.pk, estate.linkedin.pk
    views = [
        SavedView.objects.create(member=director, list_name=name, name="Mine", query=f"platform={gone}&show=all")
        for name in ("leads", "sales", "spend", "outcomes")
    ]
    other = SavedView.objects.create(member=director, list_name="leads", name="Other", query=f"platform={gone}7")
    merge()
    client.force_login(director)
    for view in views:
        page = client.get(view.get_absolute_url(), follow=True)
        assert page.redirect_chain[-1][0].endswith(f"?platform={into}&show=all")
        assert str(page.context["view_menu"].current) == "Mine"
        old = client.get(reverse(f"campaigns:{view.list_name}"), {"platform": gone, "show": "all"})
        for listed in (page.context["listed"], old.context["listed"]):
            assert listed.problems == []
            assert {choice.name: choice.value for choice in listed.filters}["platform"] == str(into)
            assert listed.count
    other.refresh_from_db()
    assert other.query == f"platform={gone}7"
    nowhere = client.get(reverse("campaigns:leads"), {"platform": "99999"})
    assert "“99999” is not one of the choices" in nowhere.context["listed"].problems[0]


def test_the_next_file_that_names_it_is_for_the_other(estate, merge, tmp_path):
    merge()
    anna = estate.anna
    text = f"date,email,platform,campaign,hours\n2026-11-20,{anna.email},Twitter,Shop,1.5\n"
    imported(written(tmp_path, text), "hours")
    assert TimeEntry.objects.get(member=anna, day=date(2026, 11, 20)).platform == estate.linkedin
    assert not Platform.objects.filter(name__iexact="twitter").exists()


@pytest.mark.parametrize(
    ("kind", "text", "model"),
    [
        (
            "spend",
            "external_id,platform,campaign,starts_on,ends_on,amount\ns1,Twitter,Shop,2026-11-16,2026-11-17,5\n",
            Spend,
        ),
        ("outcomes", "week,platform,campaign,measure,count\n2026-W47,Twitter,Shop,Replies,7\n", Outcome),
        ("sales", "external_id,sold_on,amount,platform,campaign\nd1,2026-11-16,55,Twitter,Shop\n", Sale),
        ("hours", "date,email,platform,campaign,hours\n2026-11-20,{email},Twitter,Shop,1.5\n", TimeEntry),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_an_import_from_before_can_still_be_taken_back(estate, merge, tmp_path, kind, text, model):
    before = model.objects.count()
    run = imported(written(tmp_path, text.format(email=estate.anna.email)), kind)
    assert model.objects.count() == before + 1
    merge()
    moved = model.objects.count()
    assert undone(run).counts["kept"] == 0
    assert model.objects.count() == moved - 1


def test_minutes_that_an_import_added_are_taken_out_of_the_sum(estate, merge, tmp_path):
    for platform, minutes in ((estate.facebook, 30), (estate.linkedin, 45)):
        factories.EntryFactory(
            member=estate.anna, platform=platform, campaign=estate.shop, day=date(2026, 11, 20), minutes=minutes
        )
    text = (
        "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags\n"
        f"Anna,{estate.anna.email},Acme,Shop,Twitter,,No,2026-11-20,09:00:00,2026-11-20,10:30:00,01:30:00,\n"
    )
    run = imported(written(tmp_path, text), "hours")
    merge()
    assert TimeEntry.objects.get(member=estate.anna, day=date(2026, 11, 20)).minutes == 165
    assert undone(run).counts["kept"] == 0
    assert TimeEntry.objects.get(member=estate.anna, day=date(2026, 11, 20)).minutes == 75


def test_a_count_that_was_added_up_is_kept_when_its_import_is_taken_back(estate, merge, tmp_path):
    factories.OutcomeFactory(
        platform=estate.linkedin, campaign=estate.shop, week=date(2026, 11, 16), measure="Replies", count=4
    )
    text = "week,platform,campaign,measure,count\n2026-W47,Twitter,Shop,Replies,7\n"
    run = imported(written(tmp_path, text), "outcomes")
    merge()
    assert undone(run).counts["kept"] == 1
    assert Outcome.objects.live().get(measure="Replies").count == 11


def test_what_an_import_changed_is_given_back_under_the_other(estate, merge, tmp_path):
    spend = factories.SpendFactory(external_id="s1", platform=estate.facebook, campaign=estate.shop)
    other = factories.PlatformFactory(name="Mastodon")
    head = "external_id,platform,campaign,starts_on,ends_on,amount\n"
    run = imported(written(tmp_path, f"{head}s1,Mastodon,Shop,2026-11-16,2026-11-22,700\n"), "spend")
    assert Spend.objects.get(pk=spend.pk).platform == other
    merge()
    undone(run)
    connection.check_constraints()
    assert Spend.objects.get(pk=spend.pk).platform == estate.linkedin


# -- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [ImportRun.Status.IMPORTING, ImportRun.Status.UNDOING])
def test_it_waits_for_a_file_that_is_being_written(estate, merge, status):
    ImportRun.objects.create(kind="hours", file_name="hours.csv", status=status)
    before = on(estate.facebook)
    with pytest.raises(merge_platforms.MergeRefused, match="being imported"):
        merge()
    assert on(estate.facebook) == before


def test_platforms_of_two_kinds_are_not_merged(estate, merge):
    Platform.objects.filter(pk=estate.linkedin.pk).update(kind="newsletter")
    with pytest.raises(merge_platforms.MergeRefused, match="same kind first"):
        merge()


def test_a_platform_is_not_merged_into_itself_or_into_nothing(estate, director):
    for into in (estate.facebook.pk, 10**6):
        with pytest.raises(merge_platforms.MergeRefused):
            merge_platforms.merge(gone_id=estate.facebook.pk, into_id=into, by=director, at=NOW)
    assert on(estate.facebook)[TimeEntry]


@pytest.mark.parametrize("other", ["linkedin", None])
def test_a_touch_is_still_never_edited(estate, other):
    changed = Touch.objects.filter(platform=estate.facebook)
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        changed.update(platform=other and estate.linkedin)


def test_a_direct_touch_is_still_never_given_a_platform(estate):
    direct = Touch.objects.filter(platform=None)
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        direct.update(platform=estate.facebook)


# -- who still has the old page open ----------------------------------------------------------------------------------


def cell(estate, day, platform=None):
    return hours.HoursCell(day=day, platform_id=(platform or estate.facebook).pk, campaign_id=estate.shop.pk)


def test_a_save_from_an_old_page_lands_on_the_other(estate, merge):
    entry = TimeEntry.objects.get(member=estate.anna, day=DAY, platform=estate.facebook, campaign=estate.shop)
    merge()
    saved = hours.log(member=estate.anna, cell=cell(estate, DAY), minutes=300, expected_version=entry.etag)
    assert saved.minutes == 300
    assert TimeEntry.objects.get(pk=entry.pk).minutes == 300
    hours.log(member=estate.anna, cell=cell(estate, LAST.days[4]), minutes=15, expected_version="")
    assert TimeEntry.objects.get(member=estate.anna, day=LAST.days[4]).platform == estate.linkedin


def test_a_save_from_an_old_page_never_writes_over_a_sum(estate, merge):
    theirs, ours = (
        factories.EntryFactory(
            member=estate.anna, platform=one, campaign=estate.shop, day=LAST.days[4], minutes=minutes
        )
        for one, minutes in ((estate.facebook, 60), (estate.linkedin, 45))
    )
    merge()
    for page, tag in ((estate.facebook, theirs.etag), (estate.linkedin, ours.etag)):
        with pytest.raises(hours.Stale) as refused:
            hours.log(member=estate.anna, cell=cell(estate, LAST.days[4], page), minutes=90, expected_version=tag)
        assert refused.value.theirs.minutes == 105


def test_rows_pins_timers_and_removals_of_an_old_page_land_on_the_other(estate, merge):
    bob = Timesheet.objects.get(approved_at=NOW).member
    week = Week(LAST.next.monday)
    place = {"platform_id": estate.facebook.pk, "campaign_id": estate.hiring.pk}
    factories.EntryFactory(member=bob, day=week.monday, minutes=40, **place)
    removed = week_rows.remove_row(member=bob, week=week, with_hours=True, **place)
    gone = Platform.objects.get(pk=estate.facebook.pk)
    merge()
    week_rows.restore_row(member=bob, week=week, removed=removed)
    assert TimeEntry.objects.get(member=bob, day=week.monday).platform == estate.linkedin
    assert week_rows.add_row(
        member=bob, week=week, platform=gone, campaign=factories.CampaignFactory(), today=LAST.sunday
    )
    week_rows.pin(member=bob, week=week, platform=gone, campaign=estate.hiring)
    timers.start(member=bob, platform=gone, campaign=estate.hiring, at=NOW)
    assert Timer.objects.get(member=bob).platform == estate.linkedin
    assert set(PinnedRow.objects.of(bob).values_list("platform", flat=True)) == {estate.linkedin.pk}
    connection.check_constraints()


def test_a_chain_of_merges_leads_to_its_end(estate, merge, director):
    last = factories.PlatformFactory(name="Threads")
    merge()
    merge_platforms.merge(gone_id=estate.linkedin.pk, into_id=last.pk, by=director, at=NOW)
    assert platform_redirects.current(estate.facebook.pk) == platform_redirects.current(estate.linkedin.pk) == last.pk
    assert platform_redirects.current(10**6) is None
    hours.log(member=estate.anna, cell=cell(estate, LAST.days[4]), minutes=15, expected_version="")
    assert TimeEntry.objects.get(member=estate.anna, day=LAST.days[4]).platform == last


# -- how much it asks -------------------------------------------------------------------------------------------------


def test_it_asks_no_more_of_more_rows(estate, director):
    asked = []
    for days in (2, 40):
        gone, into = factories.PlatformFactory(), factories.PlatformFactory()
        _rows_on_both(estate, gone, into, days)
        rollups.drain()
        ContentType.objects.clear_cache()  # or the first of a run would look up what later ones remember
        with CaptureQueriesContext(connection) as queries:
            merge_platforms.merge(gone_id=gone.pk, into_id=into.pk, by=director, at=NOW)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def _rows_on_both(estate, gone, into, days):
    for number in range(days):
        day = date(2025, 1, 6) + timedelta(days=number)
        lead = factories.LeadFactory(received_at=datetime(2025, 3, 1, 9, tzinfo=UTC))
        for platform in (gone, into):
            factories.EntryFactory(member=estate.anna, platform=platform, campaign=estate.shop, day=day)
            factories.SpendFactory(platform=platform, starts_on=day, ends_on=day)
            at = datetime(2025, 2, 20, 9, tzinfo=UTC)
            factories.TouchFactory(lead=lead, platform=platform, campaign=estate.shop, at=at)
            monday = day - timedelta(days=day.weekday())
            factories.OutcomeFactory(platform=platform, campaign=estate.shop, week=monday, measure=f"M{number}")


def test_what_waited_to_be_summed_of_the_one_waits_for_the_other(director):
    """A lead of the platform that goes was deleted, and its credit with it: nothing but a mark tells of it."""
    gone, into = factories.PlatformFactory(), factories.PlatformFactory()
    touch = factories.TouchFactory(platform=gone)
    rollups.drain()
    lead = touch.lead
    touch.delete()
    lead.delete()
    merge_platforms.merge(gone_id=gone.pk, into_id=into.pk, by=director, at=NOW)
    rollups.drain()
    assert not PlatformWeek.objects.exists()
    assert rollups.rebuild() == []
