"""PostgreSQL finds leads by parts of what is searched for, and without the extension it finds the same."""

import logging

import pytest
from django.db import connection

from campaigns import search_indexes
from campaigns.models import Lead
from reports.pages.search import search
from tests import factories
from tests.reports.world import LAST

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ACCENTED = "Élodie Müller"


def many_leads(count=1_000):
    elodie = factories.LeadFactory(name=ACCENTED, email="Elodie@Example.com", phone="+33 6 12", external_id="CRM-77")
    Lead.objects.bulk_create(
        Lead(
            name=f"Somebody {number}",
            company=f"Company {number}",
            email=f"p{number}@example.org",
            received_at=elodie.received_at,
        )
        for number in range(count)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE campaigns_lead")


def indexes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'campaigns_lead'")
        return {name for (name,) in cursor.fetchall() if name.endswith("_trigrams")}


def plan(text):
    """What PostgreSQL does where there are too many leads to read them all: so many take too long to make here."""
    rows = Lead.objects.filter(name__icontains=text) | Lead.objects.filter(email__icontains=text)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.order_by().explain()


def test_each_field_that_is_searched_has_its_index():
    assert indexes() == {f"lead_{field}_trigrams" for field in search_indexes.SEARCHED}
    search_indexes.install("default")  # and no second one


def test_a_search_is_answered_by_the_indexes():
    many_leads()
    assert "lead_name_trigrams" in plan("müller")
    assert "lead_email_trigrams" in plan("müller")
    assert "Seq Scan" not in plan("müller")


@pytest.mark.parametrize("text", ["élodie", "ÉLODIE MÜ", "elodie@example", "CRM-77", "12", "Company 17", "100%", "_"])
def test_what_is_found_is_the_same_without_them(director, text):
    many_leads(200)

    def found():
        groups = search(text, reader=director, week=LAST).groups
        rows = Lead.objects.filter(name__icontains=text).values_list("pk", flat=True)
        return [(hit.path, hit.label) for group in groups for hit in group.hits], list(rows)

    with_them = found()
    with connection.cursor() as cursor:
        for name in indexes():
            cursor.execute(f"DROP INDEX {name}")
    assert found() == with_them


def test_where_the_extension_cannot_be_installed_it_is_said_and_nothing_breaks(monkeypatch, caplog):
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
    monkeypatch.setattr(search_indexes, "EXTENSION", "no_such_extension")
    with caplog.at_level(logging.WARNING):
        search_indexes.install("default")
    assert "CREATE EXTENSION no_such_extension, then run migrate again" in caplog.text
    assert indexes() == set()
    monkeypatch.undo()
    search_indexes.install("default")
    assert indexes()


def test_a_database_of_an_older_version_gets_the_indexes_of_what_it_has():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_lead RENAME COLUMN phone TO telephone")
        cursor.execute("DROP INDEX lead_phone_trigrams, lead_name_trigrams")
    search_indexes.install("default")
    assert indexes() == {f"lead_{field}_trigrams" for field in search_indexes.SEARCHED if field != "phone"}
