"""Which leads hold a text: one question for both databases, and how far it reaches (docs/adr/0053)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_

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
from core.lists import holding

# So many letters are looked up in an index. Fewer are looked for in each lead, and that in no more than these.
LETTERS = 3
MOST_READ = 10_000


# All that is searched of a lead, as the index of PostgreSQL writes it.
TEXT_OF_LEAD = Func(
    *map(F, SEARCHED),
    template="(COALESCE(%(expressions)s, ''))",
    arg_joiner=f", '') || '{BETWEEN}' || COALESCE(",
    output_field=TextField(),
)
# The same text, and for PostgreSQL not that of the index: what is compared with it is looked up nowhere.
COMPARED_TEXT = Func(TEXT_OF_LEAD, template="(%(expressions)s || '')", output_field=TextField())
WORD = re.compile(r"[^\W_]{3,}")


def holds(text: str) -> Q:
    """The leads that hold a text in one of their fields."""
    if connection.vendor == "postgresql":
        return may_hold(text) & Q(CaseBlindContains(COMPARED_TEXT, text))
    return may_hold(text) & holding(SEARCHED, text)


def named(text: str) -> Q:
    """The leads of this name, in whatever case it is written."""
    return may_hold(text) & Q(name__iexact=text)


def may_hold(text: str) -> Q:
    """What an index knows of every lead that holds a text.

    PostgreSQL is asked for each word of it: what two words have between them, a third of the leads have too, and to
    look that up takes longer than to compare what is left.
    """
    if connection.vendor == "postgresql":
        return reduce(and_, (Q(CaseBlindContains(TEXT_OF_LEAD, word)) for word in WORD.findall(text) or [text]))
    return trigram_index.may_hold(text)


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
