"""Statements that are written once and asked often answer what the queryset would."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from core import history
from core.access import Role
from core.statements import GIVEN_WEEK, Given, Insert, Statement, Update
from reports.models import Flag, FlagKind
from tests import factories
from timesheets.models import Session, TimeEntry, User

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DAY = date(2026, 11, 18)


def test_rows_are_those_of_the_queryset_with_other_values_each_time():
    statement = Statement(
        lambda: TimeEntry.objects.filter(day__gte=Given("day"), member=Given("member")).order_by("pk")
    )
    entries = [factories.EntryFactory(day=DAY, minutes=number) for number in (30, 60)]
    for entry in entries:
        assert statement.rows(member=entry.member_id, day=DAY) == [entry]
        assert statement.rows(member=entry.member_id, day=date(2026, 11, 19)) == []


def test_values_and_related_rows_arrive_as_from_the_queryset():
    entry = factories.EntryFactory(day=DAY, minutes=30)
    values = Statement(lambda: TimeEntry.objects.filter(pk=Given("entry")).values("day", "minutes", "platform__name"))
    related = Statement(lambda: TimeEntry.objects.select_related("platform").filter(pk=Given("entry")))
    assert values.rows(entry=entry.pk) == [{"day": DAY, "minutes": 30, "platform__name": entry.platform.name}]
    found = related.first(entry=entry.pk)
    with CaptureQueriesContext(connection) as asked:
        assert found.platform == entry.platform
    assert not asked.captured_queries


def test_instants_are_compared_as_the_database_keeps_them():
    statement = Statement(lambda: Session.objects.filter(expire_date__gt=Given("now")).values_list("pk", flat=True))
    Session.objects.create(pk="a", session_data="", expire_date=datetime(2026, 11, 18, 12, tzinfo=UTC))
    assert statement.rows(now=datetime(2026, 11, 18, 11, 59, tzinfo=UTC)) == ["a"]
    assert statement.rows(now=datetime(2026, 11, 18, 12, tzinfo=UTC)) == []


def test_choices_are_bound_as_what_they_are_stored_as():
    member = factories.MemberFactory()
    assert member.role == Role.MEMBER
    statement = Statement(lambda: User.objects.filter(role=Given("role")))
    assert statement.rows(role=Role.MEMBER) == [member]
    assert statement.rows(role=Role.DIRECTOR) == []


def test_sums_and_json_arrive_as_from_the_queryset():
    entry = factories.EntryFactory(day=DAY, minutes=30)
    sums = Statement(lambda: TimeEntry.objects.filter(day=Given("day")).values_list("member").annotate(Sum("minutes")))
    flags = Statement(lambda: Flag.objects.standing_in(GIVEN_WEEK))
    flag = Flag.objects.create(kind=FlagKind.OWN_BRAND, raised_on=date(2026, 11, 16), figures={"share": [1, 2]})
    for _again in range(2):
        assert sums.rows(day=DAY) == [(entry.member_id, 30)]
        assert [each.figures for each in flags.rows(monday=flag.raised_on)] == [{"share": [1, 2]}]


def test_nothing_equals_nothing():
    factories.EntryFactory(day=DAY, minutes=30, note="")
    statement = Statement(lambda: TimeEntry.objects.filter(note=Given("note")).values_list("minutes", flat=True))
    assert (statement.rows(note=""), statement.rows(note=None)) == ([30], [])


def test_values_are_bound_and_never_part_of_the_sql():
    statement = Statement(lambda: User.objects.filter(email=Given("email")))
    factories.MemberFactory(email="a@example.com")
    assert statement.first(email="a@example.com")
    assert statement.first(email="' OR 1=1 --") is None
    assert statement.first(email="%s") is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_or_not_read_at_all():
    member = factories.MemberFactory()
    statement = Statement(lambda: User.objects.select_for_update().filter(pk=Given("member")))
    with transaction.atomic():
        assert statement.first(member=member.pk) == member
    with pytest.raises(TransactionManagementError, match="in a transaction"):
        statement.rows(member=member.pk)  # though it was written once already


def plans() -> dict[str, int]:
    """What PostgreSQL has prepared on this connection, and how often it ran it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements")
        return dict(cursor.fetchall())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_is_planned_once_is_prepared_on_a_connection_that_asks_it_often_and_nothing_else_is():
    connection.close()
    member = factories.MemberFactory()
    once = Statement(lambda: User.objects.filter(email=Given("email")), is_planned_once=True)
    each_time = Statement(lambda: User.objects.filter(pk=Given("member")))
    for _time in range(10):
        assert (once.first(email=member.email), each_time.first(member=member.pk)) == (member, member)
        assert (once.first(email="%s"), once.first(email=None)) == (None, None)
    assert [('"email" = $1' in statement, count > 10) for statement, count in plans().items()] == [(True, True)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_row_and_its_version_are_written_by_what_was_planned_once():
    connection.close()
    entry = factories.EntryFactory(day=DAY, minutes=30)
    update = Update(lambda: TimeEntry.objects.filter(pk=Given("entry")), "minutes", "hourly_cents", "note")
    for minutes in range(1, 21):
        update.execute(entry=entry.pk, minutes=minutes, hourly_cents=None if minutes % 2 else 6000, note=f"% {minutes}")
        history.record_versions(TimeEntry, [entry.pk], "~", reason=None if minutes % 2 else f"edit {minutes}")
    versions = entry.history.order_by("history_id").values_list(
        "minutes", "hourly_cents", "note", "history_change_reason"
    )
    assert list(versions)[-20:] == [
        (minutes, None, f"% {minutes}", None) if minutes % 2 else (minutes, 6000, f"% {minutes}", f"edit {minutes}")
        for minutes in range(1, 21)
    ]
    assert {statement.split(" ")[0] for statement in plans()} == {"UPDATE", "INSERT"}


def test_rows_that_are_sorted_by_what_they_do_not_hold_hold_nothing_else():
    entries = [factories.EntryFactory(day=DAY, minutes=minutes) for minutes in (30, 60)]
    by_hours = TimeEntry.objects.filter(day=Given("day")).values_list("pk").distinct().order_by("-minutes")
    assert Statement(lambda: by_hours).rows(day=DAY) == [(entries[1].pk,), (entries[0].pk,)]


def test_what_is_planned_once_answers_what_the_queryset_would():
    entry = factories.EntryFactory(day=DAY, minutes=30)
    statement = Statement(
        lambda: (
            TimeEntry.objects.filter(day=Given("day"), member=Given("member"))
            .values("day", "platform__name")
            .annotate(total=Sum("minutes"))
        ),
        is_planned_once=True,
    )
    for _time in range(10):
        assert statement.rows(day=DAY, member=entry.member_id) == [
            {"day": DAY, "platform__name": entry.platform.name, "total": 30}
        ]
        assert statement.rows(day=date(2026, 11, 19), member=entry.member_id) == []


# -- what is written --------------------------------------------------------------------------------------------------


def values_of(entry: TimeEntry) -> dict:
    return {field.attname: getattr(entry, field.attname) for field in TimeEntry._meta.concrete_fields}


def test_a_row_is_inserted_as_the_model_inserts_it():
    entry = factories.EntryFactory(day=DAY, minutes=30, note="100 % 'quoted'")
    values = values_of(entry)
    entry.delete()
    del values["id"]
    insert = Insert(TimeEntry)
    for minutes in (30, 45):
        key = insert.execute(**values | {"minutes": minutes})
        written = TimeEntry.objects.get(pk=key)
        assert values_of(written) == {**values, "id": key, "minutes": minutes}
        written.delete()


def test_rows_are_changed_where_they_are_asked_for_and_nowhere_else():
    entries = [factories.EntryFactory(day=DAY, minutes=30, note="as it was") for _each in range(2)]
    update = Update(lambda: TimeEntry.objects.filter(pk=Given("entry")), "minutes", "hourly_cents")
    for minutes, cents in ((45, 6000), (50, None)):
        assert update.execute(entry=entries[0].pk, minutes=minutes, hourly_cents=cents) == 1
        assert values_of(TimeEntry.objects.get(pk=entries[0].pk)) == {
            **values_of(entries[0]),
            "minutes": minutes,
            "hourly_cents": cents,
        }
    assert update.execute(entry=0, minutes=1, hourly_cents=None) == 0
    assert values_of(TimeEntry.objects.get(pk=entries[1].pk)) == values_of(entries[1])
