"""Many rows at once are what one by one would be."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from campaigns.models import ImportedRow, ImportRun
from campaigns.models.imports import ImportKind
from core.bulk_insert import ROWS_AT_ONCE, insert_rows


@pytest.fixture
def run(db):
    return ImportRun.objects.create(kind="hours", file_name="hours.csv")


def stored(model):
    return list(model.objects.order_by("pk").values())


def imported_row(run, number, **values):
    return ImportedRow(run=run, line=number, kind=ImportKind.HOURS, source="toggl", **values)


def test_rows_have_keys_of_their_own_in_their_order(run):
    rows = insert_rows([imported_row(run, number) for number in range(2 * ROWS_AT_ONCE + 1)])
    assert [row.line for row in ImportedRow.objects.order_by("pk")] == [row.line for row in rows]
    assert [row.pk for row in rows] == list(ImportedRow.objects.order_by("pk").values_list("pk", flat=True))


def test_what_is_inserted_afterwards_gets_the_next_keys(run):
    first, last = insert_rows([imported_row(run, number) for number in (1, 2)])
    ImportedRow.objects.filter(pk=last.pk).delete()
    after = imported_row(run, 3)
    after.save()
    (more,) = insert_rows([imported_row(run, 4)])
    assert first.pk < last.pk < after.pk < more.pk


def test_values_are_those_that_one_by_one_are_stored(run):
    """Texts with what a COPY takes for its own, days, nothing at all, JSON, numbers that a trigger looks at."""
    values = {
        "day": date(2026, 11, 16),
        "natural_key": 'a\tb\\N\n"c" é',
        "before": {"was": None, "now": {"note": "“x”\t\\"}},
        "object_id": 2**40,
        "minutes": 0,
    }
    (at_once,) = insert_rows([imported_row(run, 7, **values)])
    imported_row(run, 7, **values).save()
    one, other = ({**row, "id": 0} for row in stored(ImportedRow))
    assert one == other
    assert at_once.before == ImportedRow.objects.get(pk=at_once.pk).before


def test_a_row_that_was_inserted_is_saved_as_a_stored_one(run):
    (row,) = insert_rows([imported_row(run, 1)])
    row.line = 2
    row.save()
    assert list(ImportedRow.objects.values_list("pk", "line")) == [(row.pk, 2)]


def test_a_row_that_may_not_be_leaves_none_of_the_others(run):
    twice = [imported_row(run, number, fingerprint="same") for number in (1, 2)]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(twice)
    assert not ImportedRow.objects.exists()


def test_fields_that_say_their_value_themselves_do(db):
    """Instants, one of which is stamped, whether something is so, the name of a file."""
    alive_at = datetime(2026, 11, 16, 9, 30, 1, 5, tzinfo=UTC)
    with time_machine.travel(alive_at, tick=False):
        insert_rows([ImportRun(kind="hours", file_name="a.csv", file="imports/a.csv", alive_at=alive_at)])
        ImportRun(kind="hours", file_name="a.csv", file="imports/a.csv", alive_at=alive_at).save()
    one, other = ({**row, "id": 0} for row in stored(ImportRun))
    assert one == other
    assert one["created_at"] == alive_at


def test_no_rows_ask_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert_rows([]) == []
