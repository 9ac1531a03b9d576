"""PostgreSQL finds leads by parts of what is searched for, and without its index it finds the same."""

import logging
from functools import reduce
from operator import or_

import pytest
from django.db import connection
from django.db.models import Q

from campaigns import lead_search, search_indexes
from campaigns.models import Lead
from reports.pages.search import search
from tests import factories
from tests.reports.world import LAST

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ACCENTED = "Élodie Müller"
TEXTS = ["élodie", "ÉLODIE MÜ", "elodie@example", "CRM-77", "12", "Company 17", "100%", "_"]
TEXTS += ["lodie Mül", "pany 17", "17 pany", "+33 6", "@ e", "a b c", "p1@example.org", "somebody_1"]


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
    rows = Lead.objects.filter(lead_search.holds(text))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.order_by().explain()


def test_there_is_one_index():
    assert indexes() == {search_indexes.INDEX}
    search_indexes.install("default")  # and no second one
    assert indexes() == {search_indexes.INDEX}


def test_a_search_is_answered_by_the_index():
    many_leads()
    assert search_indexes.INDEX in plan("müller")
    assert "Seq Scan" not in plan("müller")
    for text in ("élodie müller", "+33 6 12"):
        assert search_indexes.INDEX in plan(text)


@pytest.mark.parametrize("field", search_indexes.SEARCHED)
def test_no_text_reaches_from_one_field_into_the_next(field):
    lead = factories.LeadFactory(name="nam", company="com", email="e@m.ail", phone="pho", external_id="ext")
    value = getattr(lead, field)
    assert Lead.objects.filter(lead_search.holds(value)).get() == lead
    for other in set(search_indexes.SEARCHED) - {field}:
        assert not Lead.objects.filter(lead_search.holds(value + getattr(lead, other))).exists()
    Lead.objects.update(external_id=None)
    assert Lead.objects.filter(lead_search.holds("nam")).get() == lead


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_found_is_the_same_without_it(director, text):
    many_leads(200)

    def found():
        groups = search(text, reader=director, week=LAST).groups
        rows = Lead.objects.filter(lead_search.holds(text)).values_list("pk", flat=True)
        return [(hit.path, hit.label) for group in groups for hit in group.hits], list(rows)

    plain = reduce(or_, (Q(**{f"{field}__icontains": text}) for field in search_indexes.SEARCHED))
    with_it = found()
    assert with_it[1] == list(Lead.objects.filter(plain).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {search_indexes.INDEX}")
    assert found() == with_it


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


def test_a_database_of_an_older_version_that_lacks_a_field_gets_no_index():
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {search_indexes.INDEX}")
        cursor.execute("ALTER TABLE campaigns_lead RENAME COLUMN phone TO telephone")
    search_indexes.install("default")
    assert indexes() == set()
