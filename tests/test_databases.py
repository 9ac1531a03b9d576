"""What the tests' own emptying of a database leaves: nothing, whatever stood there before."""

import pytest
from django.db import connection, transaction

from tests import databases, factories


def rows_by_table() -> dict[str, int]:
    tables = set(connection.introspection.django_table_names(include_views=False)) - databases.ALWAYS_THERE
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(tables):
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return {table: number for table, number in found.items() if number}


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_nothing_is_left_of_rows_whose_going_is_noted():
    with transaction.atomic():
        factories.SaleFactory(lead=factories.LeadFactory())
    assert {"campaigns_loggedchange", "campaigns_stalemark"} <= set(rows_by_table())
    databases.empty()
    assert rows_by_table() == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL counts again by itself")
def test_no_plan_comes_of_what_an_earlier_test_counted():
    before = plan_of_refunds()
    factories.SaleFactory()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert plan_of_refunds() != before
    databases.empty()
    assert plan_of_refunds() == before


def plan_of_refunds() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM campaigns_sale r JOIN campaigns_sale s ON r.refund_of_id = s.id "
            "WHERE s.lead_id = 1 ORDER BY r.sold_on DESC"
        )
        return [words for *_numbers, words in cursor.fetchall()]
