"""What changed since a cursor: nothing is missed, whatever the order in which transactions end."""

import threading
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Q

from campaigns import change_log, erasure, merge_leads, retention
from campaigns.models import (
    CapturedContact,
    ChangeCounter,
    Decision,
    Lead,
    LimitTrial,
    LinkClicks,
    LoggedChange,
    Platform,
    TrackingLink,
)
from operations import merge_platforms
from tests import factories
from tests.api.asking import Asker, is_problem, token_for
from timesheets.models import CostRate, TimeEntry

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


def read(program: Asker, cursor: str = "") -> tuple[list[tuple[str, int, str]], str]:
    """All entries after a cursor, page by page, and the cursor after them."""
    found = []
    while True:
        page = program.get(f"/changes?limit=2&cursor={cursor}").json()
        found += [(item["kind"], item["id"], item["event"]) for item in page["items"]]
        cursor = page["cursor"]
        if not page["has_more"]:
            return found, cursor


def latest(program: Asker) -> str:
    return str(program.get("/changes?cursor=latest").json()["cursor"])


def test_whatever_happens_to_a_row_is_an_entry(as_manager):
    cursor = latest(as_manager)
    lead = factories.LeadFactory(received_at=NOW)
    lead.move_to("qualified", at=NOW)
    lead.save()  # nothing changes
    lead.void(at=NOW)
    lead.restore()
    number = lead.pk
    erasure.erase([lead], at=NOW, why="request")
    Lead.objects.filter(pk=number).delete()
    found, after = read(as_manager, cursor)
    events = ["created", "changed", "voided", "restored", "erased", "deleted"]
    assert found == [("lead", number, event) for event in events]
    assert read(as_manager, after) == ([], after)


def test_merges_are_entries(as_manager, as_director):
    survivor, gone = factories.LeadFactory(received_at=NOW), factories.LeadFactory(received_at=NOW)
    touch = factories.TouchFactory(lead=gone)
    cursor = latest(as_manager)
    merge_leads.merge(survivor_id=survivor.pk, merged_id=gone.pk, by=None, at=NOW)
    found = read(as_manager, cursor)[0]
    assert ("lead", gone.pk, "merged") in found
    assert ("lead", gone.pk, "voided") in found
    assert ("touchpoint", touch.pk, "changed") in found
    assert ("lead", survivor.pk, "changed") not in found, "nothing of what it shows has changed"


def test_merging_platforms_is_a_deletion_and_a_change_of_all_that_moved(as_manager):
    kept, gone = factories.PlatformFactory(name="Facebook"), factories.PlatformFactory(name="FB")
    spend = factories.SpendFactory(platform=gone)
    by = factories.DirectorFactory()
    cursor, number = latest(as_manager), gone.pk
    merge_platforms.merge(gone_id=gone.pk, into_id=kept.pk, by=by, at=NOW)
    found = read(as_manager, cursor)[0]
    assert ("spend", spend.pk, "changed") in found
    assert ("platform", number, "deleted") in found


def test_what_many_rows_at_once_and_plain_statements_write_is_there_too(as_manager):
    cursor = latest(as_manager)
    made = Platform.objects.bulk_create([Platform(name=f"P{number}") for number in range(5)])
    Platform.objects.filter(pk__in=[row.pk for row in made]).update(is_active=False)
    found = read(as_manager, cursor)[0]
    assert [event for _kind, _id, event in found] == ["created"] * 5 + ["changed"] * 5


def test_each_token_hears_of_what_it_may_read(camille, as_member, as_manager):
    cursor = latest(as_manager)
    lead = factories.LeadFactory(received_at=NOW)
    own, other = factories.EntryFactory(member=camille), factories.EntryFactory()
    assert read(as_member, cursor)[0] == [("hours", own.pk, "created")]
    hours = {("hours", own.pk, "created"), ("hours", other.pk, "created")}
    assert {*hours, ("lead", lead.pk, "created")} <= set(read(as_manager, cursor)[0])
    only_leads = Asker(token_for(None, scopes=["leads:read"]))
    assert read(only_leads, cursor)[0] == [("lead", lead.pk, "created")]
    assert read(Asker(token_for(None, role="member")), cursor)[0] == []


def test_a_rate_that_changes_leaves_nothing(as_director, camille):
    entry = factories.EntryFactory(member=camille, day=date(2026, 11, 17))
    shown, cursor = as_director.get("/hours"), latest(as_director)
    CostRate(member=camille, starts_on=date(2026, 1, 1), hourly_cents=4000).save()
    assert TimeEntry.objects.get(pk=entry.pk).hourly_cents == 4000
    assert read(as_director, cursor) == ([], cursor)
    assert as_director.get("/hours")["ETag"] == shown["ETag"]


# -- what directors alone are told of ---------------------------------------------------------------------------------


def test_a_budget_of_cost_moves_nothing_that_others_read(as_director, as_manager):
    campaign = factories.CampaignFactory()
    address = f"/campaigns/{campaign.pk}"
    before = {program: latest(program) for program in (as_director, as_manager)}
    pages = [as_manager.get(path).content for path in ("/changes", address)]
    as_director.patch(address, {"budget_cost": "9000", "target_cost_per_lead": "120"}, If_Match="*")
    assert read(as_manager, before[as_manager]) == ([], before[as_manager])
    assert [as_manager.get(path).content for path in ("/changes", address)] == pages
    assert read(as_director, before[as_director])[0] == [("campaign", campaign.pk, "changed")]
    as_director.patch(address, {"budget_spend": "70"}, If_Match="*")
    found, after = read(as_manager, before[as_manager])
    assert found == [("campaign", campaign.pk, "changed")]
    assert int(after.partition("-")[2]) == int(before[as_manager].partition("-")[2]) + 1, "no gap tells of the other"


def test_values_and_trials_are_told_to_directors_alone(as_director, as_manager):
    platform = factories.PlatformFactory()
    before = {program: latest(program) for program in (as_director, as_manager)}
    body = {"measure": "Followers", "week": "2026-W46", "value": "0.50", "reason": "a guess"}
    value = as_director.post("/outcome-values", body).json()["id"]
    as_director.post(f"/outcome-values/{value}/void")
    trial = factories.LimitTrialFactory(platform=platform).pk
    LimitTrial.objects.filter(pk=trial).update(limit_minutes=60)
    assert read(as_manager, before[as_manager]) == ([], before[as_manager])
    assert read(as_director, before[as_director])[0] == [
        ("outcome_value", value, "created"),
        ("outcome_value", value, "voided"),
        ("trial", trial, "created"),
        ("trial", trial, "changed"),
    ]


def test_a_decision_is_told_while_it_is_published_and_then_to_directors(as_director, as_manager):
    before = {program: latest(program) for program in (as_director, as_manager)}
    number = as_director.post("/decisions", {"sentence": "At most ten hours a week."}).json()["id"]
    as_director.post(f"/decisions/{number}/withdraw")
    Decision.objects.filter(pk=number).update(sentence="…")
    Decision.objects.filter(pk=number).delete()
    told = [("decision", number, event) for event in ("created", "withdrawn", "changed", "deleted")]
    assert read(as_manager, before[as_manager])[0] == told[:2]
    assert read(as_director, before[as_director])[0] == told


def test_a_cursor_of_a_director_ends_with_the_role(as_manager):
    helene = factories.DirectorFactory(name="Helene")
    program = Asker(token_for(helene))
    cursor = latest(program)
    helene.role = "manager"
    helene.save()
    assert is_problem(program.get(f"/changes?cursor={cursor}"), 410)
    assert program.get(f"/changes?cursor={latest(program)}").status_code == 200
    assert is_problem(as_manager.get(f"/changes?cursor={cursor}"), 410)


# -- what else is told ------------------------------------------------------------------------------------------------


def test_rates_of_exchange_and_links_are_told_and_clicks_are_not(as_manager):
    cursor = latest(as_manager)
    body = {"currency": "USD", "day": "2026-11-16", "rate": "0.9"}
    rate = as_manager.post("/exchange-rates", body).json()["id"]
    as_manager.patch(f"/exchange-rates/{rate}", {"rate": "0.95"}, If_Match="*")
    as_manager.ask("DELETE", f"/exchange-rates/{rate}", If_Match="*")
    events = ("created", "changed", "deleted")
    assert read(as_manager, cursor)[0] == [("exchange_rate", rate, event) for event in events]
    link = factories.TrackingLinkFactory()
    cursor = latest(as_manager)
    LinkClicks.objects.create(link=link, day=NOW.date(), count=3)
    assert read(as_manager, cursor) == ([], cursor)
    TrackingLink.objects.filter(pk=link.pk).update(is_active=False)
    assert read(as_manager, cursor)[0] == [("link", link.pk, "changed")]


def test_weeks_and_absences_are_told_to_whose_they_are(camille, as_member, as_manager):
    cursor = latest(as_manager)
    own, other = factories.AbsenceFactory(member=camille), factories.AbsenceFactory()
    as_member.post("/weeks/2026-W47/submit")
    week = as_member.get("/weeks/2026-W47").json()["id"]
    own.delete()
    absence = [item for item in read(as_member, cursor)[0] if item[0] == "absence"]
    assert [event for _kind, _id, event in absence] == ["created", "deleted"]
    assert other.pk not in {number for _kind, number, _event in absence}
    assert ("absence", other.pk, "created") in read(as_manager, cursor)[0]
    assert ("week", week, "created") in read(as_member, cursor)[0]


def test_who_writes_again_by_a_form_changes_the_lead(as_manager):
    lead = factories.LeadFactory(received_at=NOW)
    cursor = latest(as_manager)
    contact = factories.CapturedContactFactory(kind="repeat", lead=lead, values={"message": "again"})
    factories.CapturedContactFactory(kind="spam", values={"message": "buy this"})
    CapturedContact.objects.filter(pk=contact.pk).update(values={})
    CapturedContact.objects.filter(pk=contact.pk).update(values={})
    assert read(as_manager, cursor)[0] == [("lead", lead.pk, "changed")] * 2


# -- cursors ----------------------------------------------------------------------------------------------------------


def test_a_cursor_that_is_none_or_too_old_is_said_in_words(as_manager):
    factories.PlatformFactory()
    cursor = read(as_manager)[1]
    assert is_problem(as_manager.get("/changes?cursor=x"), 422)
    assert is_problem(as_manager.get("/changes?cursor=abc-1"), 410)
    assert is_problem(as_manager.get(f"/changes?cursor={cursor}9"), 410)
    change_log.begin_again()
    assert is_problem(as_manager.get(f"/changes?cursor={cursor}"), 410)


def test_old_entries_go_and_who_is_behind_them_is_told(as_manager):
    first = factories.PlatformFactory()
    cursor = read(as_manager)[1]
    LoggedChange.objects.update(at=NOW - change_log.KEPT - timedelta(days=1))
    second = factories.PlatformFactory()
    LoggedChange.objects.filter(object_id=second.pk).update(at=NOW)
    retention.purge(at=NOW)
    assert not LoggedChange.objects.filter(object_id=first.pk).exists()
    assert read(as_manager, cursor)[0] == [("platform", second.pk, "created")]
    assert read(as_manager)[0] == [("platform", second.pk, "created")]
    epoch = ChangeCounter.objects.get().epoch
    assert is_problem(as_manager.get(f"/changes?cursor={epoch}-0"), 410)


def test_entries_that_nobody_read_before_they_go_are_missed_by_nobody(as_manager):
    cursor = latest(as_manager)
    factories.PlatformFactory()
    LoggedChange.objects.update(at=NOW - change_log.KEPT - timedelta(days=1))
    change_log.prune(at=NOW)
    assert is_problem(as_manager.get(f"/changes?cursor={cursor}"), 410)


def test_an_entry_holds_no_personal_data():
    names = {field.name for field in LoggedChange._meta.concrete_fields}
    assert names == {
        *("id", "position", "shared_position", "kind", "object_id", "event", "owner_id", "at", "is_for_directors"),
    }


# -- transactions that end in another order ---------------------------------------------------------------------------


@contextmanager
def somebody_writes(name: str):
    """Another connection writes a platform, and commits at the end of the block."""
    wrote, may_commit = threading.Event(), threading.Event()

    def write() -> None:
        with closing(connection), transaction.atomic():
            Platform.objects.create(name=name)
            wrote.set()
            assert may_commit.wait(30)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert wrote.wait(30)
        yield
    finally:
        may_commit.set()
        thread.join(30)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_began_first_and_ends_last_is_not_missed():
    """By the numbers of the rows, or by times, a reader in between would pass over what the slow writer writes."""
    program = Asker(token_for(None))
    cursor = latest(program)
    with somebody_writes("slow"):
        with somebody_writes("quick"):
            assert read(program, cursor) == ([], cursor)
        quick = Platform.objects.get(name="quick").pk
        found, between = read(program, cursor)
        assert found == [("platform", quick, "created")]
    slow = Platform.objects.get(name="slow").pk
    assert slow < quick
    assert read(program, between)[0] == [("platform", slow, "created")]
    assert read(program, cursor)[0] == [("platform", quick, "created"), ("platform", slow, "created")]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_readers_and_writers_side_by_side_see_each_entry_once():
    cursor = change_log.read(change_log.LATEST, wanted=Q(), limit=1).cursor
    seen: list[list[int]] = [[], []]
    is_over = threading.Event()

    def follow(into: list[int]) -> None:
        with closing(connection):
            at, is_last = cursor, False
            while not is_last:
                is_last = is_over.is_set()
                page = change_log.read(at, wanted=Q(), limit=7)
                into += [entry.object_id for entry in page.entries]
                at = page.cursor
                is_last = is_last and not page.has_more

    def write(writer: int) -> None:
        with closing(connection):
            for number in range(30):
                with transaction.atomic():
                    Platform.objects.create(name=f"{writer} {number} a")
                    Platform.objects.create(name=f"{writer} {number} b")

    readers = [threading.Thread(target=follow, args=(into,)) for into in seen]
    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join(60)
    is_over.set()
    for thread in readers:
        thread.join(60)
    made = sorted(Platform.objects.values_list("pk", flat=True))
    assert [sorted(into) for into in seen] == [made, made]
    assert seen[0] == seen[1]


def test_the_log_grows_only_by_what_is_shown(as_manager, django_assert_num_queries):
    """Reading where nothing is new writes nothing."""
    latest(as_manager)
    with django_assert_num_queries(3):
        change_log.read(change_log.LATEST, wanted=Q(), limit=1)
