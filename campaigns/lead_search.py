"""Which leads hold a text: one question for both databases, and how far it reaches (docs/adr/0053)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import F, Func, Q, QuerySet, TextField
from django.utils.translation import gettext as _

from campaigns import trigram_index
from campaigns.models import Lead
from campaigns.models.funnel import LeadStatus
from campaigns.search_indexes import BETWEEN, SEARCHED
from core import money
from core.case_blind import CaseBlindContains
from core.list_asked import Asked

# So many letters are looked up in an index. Fewer are looked for in each lead, and that in no more than these.
LETTERS = 3
MOST_READ = 10_000


def _text_of_lead() -> Func:
    """All that is searched of a lead, as the index of PostgreSQL writes it."""
    fields = [Func(F(column), template="COALESCE(%(expressions)s, '')") for column in SEARCHED]
    return Func(*fields, template="(%(expressions)s)", arg_joiner=f" || '{BETWEEN}' || ", output_field=TextField())


TEXT_OF_LEAD = _text_of_lead()


def holds(text: str) -> Q:
    """The leads that hold a text in one of their fields."""
    if connection.vendor == "postgresql":
        return Q(CaseBlindContains(TEXT_OF_LEAD, text))
    return trigram_index.may_hold(text) & reduce(or_, (Q(**{f"{field}__icontains": text}) for field in SEARCHED))


def may_hold(text: str) -> Q:
    """What an index knows of every lead that holds a text; for who looks in some of the fields alone."""
    return holds(text) if connection.vendor == "postgresql" else trigram_index.may_hold(text)


def within_reach(rows: QuerySet, asked: Asked) -> QuerySet:
    """The leads in which a text is looked for: all, or of few letters the newest, and then a sentence says so."""
    if (near := in_reach(rows, asked.text)) is not rows:
        asked.problems.append(newest_alone())
    return near


def in_reach(rows: QuerySet, text: str) -> QuerySet:
    """These rows themselves where the text has letters enough for an index, or they are not too many to be read."""
    if sum(map(str.isalnum, text)) >= LETTERS:
        return rows
    newest = rows.order_by("-received_at").values_list("received_at", flat=True)
    since = next(iter(newest[MOST_READ : MOST_READ + 1]), None)
    return rows if since is None else rows.filter(received_at__gte=since)


def newest_alone() -> str:
    """What is said where a text is looked for in the newest leads alone."""
    sentence = _(
        "So few letters are looked for in the newest %(most)s leads alone. Type more of them to search all leads."
    )
    return sentence % {"most": money.format_number(MOST_READ)}


def sums_of(leads: Sequence[Lead]) -> Mapping[str, int]:
    """How many of these leads are voided, how many said how they heard of us, and how many have each status."""
    answered, voided = sum(bool(lead.how_heard) for lead in leads), sum(lead.is_void for lead in leads)
    by_status = Counter(lead.status for lead in leads)
    return {**dict.fromkeys(LeadStatus, 0), **by_status, "answered": answered, "voided": voided}
