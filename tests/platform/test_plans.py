"""What people wait for reads no big table from its beginning to its end, however much is stored.

The database is asked for its plan of each statement: PostgreSQL with tables so large that it would rather use an index,
SQLite with few rows, since it takes every table for a large one until it is told otherwise.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from campaigns import erasure, retention
from campaigns.capture import intake
from campaigns.fields import LeadField
from campaigns.imports.importers.leads_by_email import LeadsByEmail
from campaigns.models import Agency, Campaign, Lead, LoggedChange, Platform, Sale, Touch
from campaigns.views.leads import LEADS
from operations import erase_person, merge_platforms
from reports.attribution import rollups
from reports.figures.budgets import budget_uses
from reports.models import CampaignWeek, Credit
from tests import factories
from tests.reports.world import LAST, NOW
from timesheets import hours
from timesheets.models import TimeEntry, User

pytestmark = [pytest.mark.database, pytest.mark.django_db]

History: Any = TimeEntry.history.model
BIG = {table._meta.db_table for table in (TimeEntry, History, Lead, Touch, Sale, Credit, CampaignWeek, LoggedChange)}
PEOPLE, WEEKS = 60, 130


# -- tables that are big ----------------------------------------------------------------------------------------------


def copies(row: Any, numbers: str, **columns: str) -> None:
    """Copies of a row, one for each of the `numbers` (n), other in these columns; no trigger looks at them."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    values = ", ".join(columns.get(field.column, f'r."{field.column}"') for field in fields)
    names = ", ".join(f'"{field.column}"' for field in fields)
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} r, {numbers} "
            f"WHERE r.{row._meta.pk.column} = {row.pk}"
        )


@pytest.fixture
def stored(director: User) -> User:
    """Much on PostgreSQL, one of each on SQLite."""
    return much(director) if connection.vendor == "postgresql" else one_of_each(director)


def one_of_each(director: User) -> User:
    """And a platform that was entered twice."""
    Agency.current()
    entry = factories.EntryFactory(member__password=None, day=LAST.monday)
    touch = factories.TouchFactory(platform=entry.platform, campaign=entry.campaign)
    factories.SaleFactory(lead=touch.lead)
    twice = factories.PlatformFactory(name="Twice")
    factories.EntryFactory(member=entry.member, platform=twice, day=LAST.monday)
    rollups.drain()
    return director


def much(director: User) -> User:
    """Sixty people who worked for 130 weeks, 40,000 leads with what became of them, and the rollups of it all."""
    Agency.current()
    platforms, campaigns = factories.PlatformFactory.create_batch(8), factories.CampaignFactory.create_batch(40)
    people = [factories.MemberFactory(password=None) for _number in range(PEOPLE)]
    first = LAST.plus(1 - WEEKS).monday
    entry = factories.EntryFactory(member=people[0], platform=platforms[0], campaign=campaigns[0], day=first)
    touch = factories.TouchFactory(platform=platforms[0], campaign=campaigns[0])
    sale = factories.SaleFactory(lead=touch.lead)
    twice = factories.PlatformFactory(name="Twice")
    factories.EntryFactory(member=people[0], platform=twice, day=first)
    rollups.drain()
    credit, cell = (
        Credit.objects.filter(lead=touch.lead).get(),
        CampaignWeek.objects.filter(basis="cash", platform=platforms[0])[0],
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    week = f"(DATE '{first}' + 7 * (n % {WEEKS}))"
    place = {
        "platform_id": f"{platforms[0].pk} + n % 8",
        "campaign_id": f"{campaigns[0].pk} + n / 8 % 40",
    }
    hours = {
        "member_id": f"{people[0].pk} + n / {WEEKS} % {PEOPLE}",
        "day": f"{week} + n / {WEEKS * PEOPLE} % 5",
        "week": week,
    }
    copies(
        entry,
        "generate_series(1, 120000) n",
        **hours,
        platform_id=f"{platforms[0].pk} + n / 40000 % 8",
        campaign_id=place["campaign_id"],
    )
    history = entry.history.latest()
    copies(history, "generate_series(1, 60000) n", id="n", history_change_reason="n::text", **hours)
    at = "r.received_at - (n % 700) * INTERVAL '1 day'"
    address = "'name.' || n || CASE WHEN n % 20 = 0 THEN '@mail.example' ELSE '@mail.test' END"
    words = {"external_id": "'L' || n", "name": "'Name ' || n", "email": address}
    copies(touch.lead, "generate_series(1, 40000) n", received_at=at, **words)
    leads = f"(SELECT id::int AS n FROM campaigns_lead WHERE id <> {touch.lead_id}) leads"
    copies(touch, leads, lead_id="n", **place)
    copies(sale, leads, lead_id="n", external_id="'S' || n", sold_on="r.sold_on - (n % 700)::int")
    copies(credit, leads, lead_id="n", work_week=week, money_week=week, **place)
    weeks = {"week": f"DATE '{LAST.monday}' - 7 * (n / 80)", "campaign_id": f"{campaigns[20].pk} + n / 8 % 10"}
    copies(cell, "generate_series(0, 41599) n", **place | weeks)
    change = LoggedChange.objects.first()
    copies(change, "generate_series(1, 40000) n", object_id="n", position="n", shared_position="n")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        # As autovacuum does, which no test waits for.
        cursor.execute(
            "SELECT gin_clean_pending_list(indexname::regclass) FROM pg_indexes WHERE indexname LIKE 'lead%trigrams'"
        )
        cursor.execute("ANALYZE")
    return director


# -- plans ------------------------------------------------------------------------------------------------------------


@contextmanager
def plans() -> Iterator[list[tuple[str, str]]]:
    """The big tables that the statements of this block would read as a whole, each with its statement."""
    found: list[tuple[str, str]] = []
    whole = on_postgresql if connection.vendor == "postgresql" else on_sqlite

    def look(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")) and not many:
            found.extend((table, sql) for table in whole(sql, parameters) if table in BIG)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(look):
        yield found


def on_postgresql(sql: str, parameters: Any) -> Iterator[str]:
    (plan,) = connection.connection.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters).fetchone()
    return whole_tables((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


def on_sqlite(sql: str, parameters: Any) -> Iterator[str]:
    """Tables that are scanned, but for the first rows in the order of an index, or in that of the numbers."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        plan = [words for *_numbers, words in cursor.fetchall()]
    tables = defaultdict(list)  # of each alias, in the order in which the statement and its plan name them
    for table, alias in re.findall(r'\b([a-z]+_[a-z]+)"? (?:AS )?"?([A-Z]+\d+)\b', sql):
        tables[alias].append(table)
    one_row_is_enough = set(re.findall(r'FROM "(\w+)" LIMIT 1\)', sql))  # as for whether there is any
    is_cut = "LIMIT" in sql and not any("TEMP B-TREE" in words for words in plan)
    for way, name, index in re.findall(r"^(SCAN|SEARCH) (\w+)(.*)$", "\n".join(plan), re.MULTILINE):
        aliased = tables[name]
        table = (aliased.pop(0) if len(aliased) > 1 else aliased[0]) if aliased else name
        first_rows_only = is_cut and ("USING" in index or "WHERE" not in sql)
        if way == "SCAN" and not first_rows_only and table not in one_row_is_enough:
            yield table


def whole_tables(plan: dict[str, Any], parent: str = "") -> Iterator[str]:
    """Tables of sequential scans; not one of which the first row is enough, as for whether there is any."""
    first_row_only = "Filter" not in plan and (parent == "Limit" or plan.get("Parent Relationship") == "InitPlan")
    if plan["Node Type"] == "Seq Scan" and not first_row_only:
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from whole_tables(part, plan["Node Type"])


def change_an_entry(client: Client) -> None:
    TimeEntry.objects.filter(pk=TimeEntry.objects.latest("pk").pk).update(minutes=7)
    rollups.drain()


def change_a_lead(client: Client) -> None:
    Touch.objects.latest("pk").void(at=NOW)
    rollups.drain()


def save_an_entry(client: Client) -> None:
    entry = TimeEntry.objects.latest("pk")
    cell = hours.HoursCell(entry.day, entry.platform_id, entry.campaign_id)
    hours.log(member=entry.member, cell=cell, minutes=9, expected_version=entry.etag)


def merge(client: Client) -> None:
    """Of one that was entered twice, with few rows."""
    gone, into = Platform.objects.get(name="Twice"), Platform.objects.order_by("pk")[0]
    merge_platforms.merge(gone_id=gone.pk, into_id=into.pk, by=User.objects.first(), at=NOW)


def leave_and_be_erased(client: Client) -> None:
    person = TimeEntry.objects.latest("pk").member
    User.objects.filter(pk=person.pk).update(left_on=date(2026, 11, 1), is_active=False)
    person.refresh_from_db()
    erase_person.erase_now(person, at=NOW)


def weigh_budget(client: Client) -> None:
    """Of one campaign, all its weeks."""
    newest = CampaignWeek.objects.order_by("-pk").values_list("campaign", flat=True)[:50]
    campaigns = Campaign.objects.filter(pk=next(filter(None, newest)))
    campaigns.update(budget_minutes=60)
    assert budget_uses(campaigns, week=LAST, agency=Agency.current())


ACTS: dict[str, Callable[[Client], object]] = {
    "a drain of one entry": change_an_entry,
    "a drain of one lead": change_a_lead,
    "a save": save_an_entry,
    "the week": lambda client: client.get(f"/hours/{LAST}/"),
    "a submit": lambda client: client.post(f"/hours/{LAST}/submit", {"member": client.session["_auth_user_id"]}),
    "my hours": lambda client: client.get("/my-hours/"),
    "the team": lambda client: client.get("/team/"),
    "a person's week": lambda client: client.get(f"/team/{TimeEntry.objects.latest('pk').member_id}/{LAST}/"),
    "who is missing": lambda client: list(User.objects.at_work(LAST)),
    "hours without a rate": lambda client: TimeEntry.objects.without_rate().in_week(LAST).minutes(),
    "the dashboard": lambda client: client.get("/"),
    "exported figures": lambda client: client.get("/export/figures.csv"),
    "what hours cost": lambda client: client.get("/explain/?figure=cost"),
    "a platform": lambda client: client.get(f"/platforms/{Platform.objects.latest('pk').pk}/figures/"),
    "the campaigns": lambda client: client.get("/campaigns/?from=2025-01-01"),
    "a campaign": lambda client: client.get(f"/campaigns/{Campaign.objects.latest('pk').pk}/"),
    "a campaign's budget": weigh_budget,
    "the sales by amount": lambda client: client.get("/sales/?sort=-amount"),
    "the sales of a platform": lambda client: client.get(f"/sales/?platform={Platform.objects.latest('pk').pk}"),
    "a search of sales": lambda client: client.get("/sales/?q=31415"),
    "the leads": lambda client: client.get("/leads/"),
    "the leads by name": lambda client: list(LEADS._in_order(Lead.objects.live(), "name")[:50]),
    "a search of leads": lambda client: client.get("/leads/?q=Zebulon"),
    "two letters in leads": lambda client: client.get("/leads/?q=zq"),
    "what many leads hold": lambda client: client.get("/leads/?q=exa"),
    "the board": lambda client: client.get("/leads/board/"),
    "a search": lambda client: client.get("/search/?q=Zebulon"),
    "a lead": lambda client: client.get(f"/leads/{Lead.objects.latest('pk').pk}/"),
    "who may be the same person": lambda client: client.get(f"/leads/{Lead.objects.latest('pk').pk}/merge/"),
    "a lead that a sale names": lambda client: LeadField(required=False).clean(str(Lead.objects.latest("pk"))),
    "who writes again by a form": lambda client: intake.lead_of("Name.77@mail.test"),
    "leads of a file": lambda client: LeadsByEmail.of(["Name.78@mail.test", "name.79@mail.test"]),
    "one of the sales": lambda client: client.get(f"/sales/{Sale.objects.latest('pk').pk}/edit/"),
    "what changed": lambda client: list(LoggedChange.objects.filter(position__gt=39_900).order_by("position")[:100]),
    "what changed for others than directors": lambda client: list(
        LoggedChange.objects.filter(shared_position__gt=39_900).order_by("shared_position")[:100]
    ),
    "a person's data": lambda client: client.get(f"/team/people/{TimeEntry.objects.latest('pk').member_id}/data.json"),
    "erasing a person": leave_and_be_erased,
    "erasing a lead": lambda client: erasure.erase_now(Lead.objects.latest("pk"), at=NOW),
    "retention": lambda client: retention.purge(at=NOW),
    "a merge of platforms": merge,
}
# What may be read whole, and why.
READ_WHOLE = {
    "the leads": {"campaigns_lead"},  # they are counted; by an index alone, once autovacuum has been there
    "the board": {"campaigns_lead"},
    "the sales by amount": {"campaigns_sale"},  # they are added up, and their keys sorted; the leads are not read
    "the sales of a platform": {"campaigns_sale"},
    "a search of sales": {"campaigns_sale"},  # their own texts, beside what the index of leads finds
    "the campaigns": {"reports_campaignweek"},  # their hours since a day: the rollup, not the entries
    "a person's data": {"campaigns_lead"},  # a lead with the same address, asked for once
    "retention": {"campaigns_lead", "campaigns_loggedchange"},  # at night, once: how many leads there are, what is old
    "a merge of platforms": {"reports_campaignweek"},  # an index would be kept by each sum for what is rare
}


def test_what_people_wait_for_reads_no_big_table_whole(stored, client):
    assert whole_reads(stored, client) == {}


def whole_reads(director: User, client: Client) -> dict[str, set[str]]:
    """By the name of the act: the big tables that it would read whole; the statements are printed."""
    client.force_login(director)
    wrong: dict[str, set[str]] = {}
    with time_machine.travel(NOW, tick=False):
        for name, act in ACTS.items():
            with plans() as found:
                answer = act(client)
            assert getattr(answer, "status_code", 200) in (200, 302), name
            for table, sql in found:
                if table not in READ_WHOLE.get(name, ()):
                    wrong.setdefault(name, set()).add(table)
                    print(f"{name}: {table} in {sql}")
    return wrong


def test_a_save_looks_nothing_up_again_for_each_entry_of_the_week():
    factories.EntryFactory(member__password=None)
    lines: list[str] = []

    def look(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            lines.extend(lines_of_plan(sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(look):
        save_an_entry(Client())
    assert any("logged" in line for line in lines)  # the entries of the week were read
    assert [line for line in lines if re.search(r"\bSubPlan|CORRELATED", line)] == []


def lines_of_plan(sql: str, parameters: Any) -> list[str]:
    """Of PostgreSQL, or of SQLite, which says CORRELATED of what it asks for each row."""
    way = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{way} {sql}", parameters)
        return [str(row[-1]) for row in cursor.fetchall()]
