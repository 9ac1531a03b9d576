"""On SQLite an index of every three letters says which leads a search compares; what it finds stays the same."""

from functools import reduce
from operator import or_

import pytest
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection, transaction
from django.db.models import Q
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import erasure, trigram_index
from campaigns.models import Lead
from campaigns.search_indexes import SEARCHED
from campaigns.views.leads import LEADS
from reports.pages import search
from tests import factories
from tests.reports.world import LAST, NOW

pytestmark = [
    pytest.mark.database,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has indexes of its own"),
]

NASTY = [
    "é",
    "É",
    "e\u0301",
    "ß",
    "ẞ",
    "ı",
    "İ",
    "ſ",
    "Σ",
    "ς",
    "%",
    "_",
    "\\",
    '"',
    "'",
    "*",
    "😀",
    "👩\u200d💻",
    "\0",
    "\n",
]
LETTERS = st.lists(st.sampled_from([*"aAbB eE iI sS 12+-@.", *NASTY]), max_size=9).map("".join)
BENIGN = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def plain(text):
    """The filter that reads every lead."""
    return reduce(or_, (Q(**{f"{field}__icontains": text}) for field in SEARCHED))


def listed(text):
    query = QueryDict(mutable=True)
    query.update({"q": text, "show": "all"})
    return set(LEADS.every(Lead.objects.all(), query).values_list("pk", flat=True))


def many_leads(count=300):
    Lead.objects.bulk_create(
        Lead(
            name=f"Zoé Müller {number}",
            company="Atelier SARL",
            email=f"p{number}@example.org",
            phone=f"+33 6 12 34 {number:03}",
            external_id=f"CRM-{number}",
            received_at=NOW,
        )
        for number in range(count)
    )


def is_whole():
    """Whether the index holds what the leads do; SQLite itself compares the two."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {trigram_index.TABLE} ({trigram_index.TABLE}, rank) VALUES ('integrity-check', 1)")
    return True


@BENIGN
@given(st.lists(st.tuples(*[LETTERS] * 4), max_size=4), LETTERS)
def test_what_is_found_is_what_the_plain_filter_finds(fields, text):
    with transaction.atomic():
        text = text.replace("\0", "").strip()
        for number, (name, company, email, phone) in enumerate(fields):
            Lead.objects.create(
                name=name, company=company, email=email, phone=phone, external_id=f"x{number}{name}", received_at=NOW
            )
        everything = set(Lead.objects.values_list("pk", flat=True))
        expected = set(Lead.objects.filter(plain(text)).values_list("pk", flat=True)) if text else everything
        assert listed(text) == expected
        for part in {field[:size] for row in fields for field in row for size in (2, 3, 5)}:
            wanted = part.replace("\0", "").strip()
            if wanted:
                assert listed(part) == set(Lead.objects.filter(plain(wanted)).values_list("pk", flat=True))
        transaction.set_rollback(True)


@pytest.mark.parametrize("most_listed", [500, 0], ids=["by number", "as a condition"])
@pytest.mark.parametrize(
    "text", ["müller 17", "MüLLER", "CRM-19", "@example", "+33 6 12 34 017", "%%%", "___", '"""', "😀😀😀"]
)
def test_a_search_reads_no_lead_that_cannot_hold_the_text(text, most_listed, monkeypatch):
    monkeypatch.setattr(trigram_index, "MOST_LISTED", most_listed)
    many_leads(20)
    factories.LeadFactory(name='%%% ___ """ 😀😀😀')
    query = QueryDict(mutable=True)
    query.update({"q": text, "show": "all"})
    rows = LEADS.every(Lead.objects.all(), query)
    assert "SEARCH campaigns_lead USING INTEGER PRIMARY KEY" in rows.explain()
    assert "SCAN campaigns_lead\n" not in rows.explain() + "\n"
    assert set(rows) == set(Lead.objects.filter(plain(text))) != set()


def test_what_no_lead_holds_is_looked_for_in_the_index_alone(client, manager):
    """A number that is written with spaces, for one: a search compares letter by letter."""
    many_leads(20)
    client.force_login(manager)
    with connection.execute_wrapper(asked := Asked()):
        assert "No lead fits" in client.get("/leads/?q=33612").content.decode()
    assert [sql for sql in asked if 'FROM "campaigns_lead"' in sql] == []


def test_each_search_of_leads_asks_the_index(manager, client):
    many_leads(20)
    client.force_login(manager)
    found = search.search("müller 17", reader=manager, week=LAST).groups[0]
    assert [hit.label for hit in found.hits] == ["Zoé Müller 17"]
    for address in ("/leads/?q=müller+17", "/search/?q=müller+17", "/leads/options/?lead=müller+17"):
        with connection.execute_wrapper(asked := Asked()):
            assert "Müller 17" in client.get(address).content.decode()
        compared = [sql for sql in asked if "GLOB" in sql and 'FROM "campaigns_lead"' in sql]
        assert compared
        assert all('"campaigns_lead"."id" IN' in sql for sql in compared)


class Asked(list):
    def __call__(self, execute, sql, parameters, many, context):
        self.append(sql)
        return execute(sql, parameters, many, context)


def test_what_very_many_leads_hold_is_looked_for_in_the_leads_themselves(monkeypatch):
    monkeypatch.setattr(trigram_index, "MOST_CANDIDATES", 5)
    many_leads(20)
    assert trigram_index.may_hold("müller") == Q()
    assert len(listed("müller")) == 20
    assert len(listed("müller 17")) == 1


# -- it is kept -------------------------------------------------------------------------------------------------------


def test_the_index_follows_each_change():
    many_leads(20)
    lead = Lead.objects.get(name="Zoé Müller 7")
    lead.name = "Quentin"
    lead.save()
    Lead.objects.filter(name="Zoé Müller 8").delete()
    Lead.objects.filter(name="Zoé Müller 9").update(phone="0800 QUIXOTE", external_id=None)
    with transaction.atomic():
        Lead.objects.filter(name="Zoé Müller 10").update(company="Rolled back")
        transaction.set_rollback(True)
    assert (listed("Müller 7"), listed("quentin")) == (set(), {lead.pk})
    assert (len(listed("quixote")), listed("rolled"), listed("müller 8")) == (1, set(), set())
    assert is_whole()


def test_it_is_dropped_before_a_migration_and_made_of_all_leads_after_it():
    many_leads(20)
    emit_pre_migrate_signal(0, False, connection.alias)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE %s", [f"{trigram_index.TABLE}%"])
        assert cursor.fetchall() == []
    Lead.objects.filter(name="Zoé Müller 7").update(name="Migrated")
    assert len(listed("migrated")) == 1  # there is no index, and every lead is read
    emit_post_migrate_signal(0, False, connection.alias)
    assert is_whole()
    assert trigram_index.may_hold("migrated") != Q()
    assert len(listed("migrated")) == 1


def test_without_fts5_the_same_is_found(monkeypatch):
    many_leads(20)
    trigram_index.drop("default")
    monkeypatch.setattr(trigram_index, "CREATE", trigram_index.CREATE.replace("fts5", "no_such_module"))
    trigram_index.install("default")
    assert trigram_index.may_hold("müller 17") == Q()
    assert len(listed("müller 17")) == 1
    Lead.objects.filter(name="Zoé Müller 8").delete()


def test_a_database_of_an_older_version_has_no_index():
    trigram_index.drop("default")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_lead RENAME COLUMN phone TO telephone")
    trigram_index.install("default")
    assert trigram_index.may_hold("müller") == Q()


# -- what is erased ---------------------------------------------------------------------------------------------------


def letters_in_file(*texts):
    """Which of these the file of the database holds, free pages included; FTS5 leaves out how some texts begin."""
    file = connection.connection.serialize()
    return [text for text in texts if text[1:].encode() in file]


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_lead_that_was_erased_stays_in_the_file():
    """Letters of scripts that nobody else has: the index keeps three letters as they are."""
    many_leads(50)
    lead = factories.LeadFactory(name="ꙮꙮꙮ", company="ⴲⴲⴲ", email="", phone="ꔖꔖꔖ", external_id="ꕥꕥꕥ")
    lead.name = "ꗃꗃꗃ"
    lead.save()
    texts = ("ꙮꙮꙮ", "ⴲⴲⴲ", "ꔖꔖꔖ", "ꕥꕥꕥ", "ꗃꗃꗃ")
    assert letters_in_file(*texts) == list(texts)
    erasure.erase_now(lead, at=NOW)
    assert letters_in_file(*texts) == []
    assert is_whole()
    assert len(listed("müller 17")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_lead_that_was_deleted_is_gone_from_the_file_after_the_night():
    lead = factories.LeadFactory(name="ꙮꙮꙮ")
    Lead.objects.filter(pk=lead.pk).delete()
    erasure.replay()
    assert letters_in_file("ꙮꙮꙮ") == []
