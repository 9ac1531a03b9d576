"""The external ids under which rows that have none go out, and by which they are known when they come back."""

import re
from collections.abc import Iterable
from typing import TypeVar

from django.db.models import QuerySet

from campaigns.models import Agency, Lead, Sale, Spend
from campaigns.models.erasures import erased_id

Identified = TypeVar("Identified", Lead, Sale, Spend)

_OWN_ID = re.compile(r"retour-(?P<mark>[0-9a-f]{8})-(?P<noun>[a-z]+)-(?P<number>[1-9][0-9]{0,17})")


def outward_id(row: Lead | Sale | Spend, agency: Agency) -> str:
    """The row's external id, or one made of this installation's mark and the row's number.

    The mark keeps lead 97 of one installation from being taken for lead 97 of another.
    """
    return outward_id_of(type(row), row.pk, row.external_id, agency)


def outward_id_of(noun: type[Lead | Sale | Spend], pk: int, external_id: str | None, agency: Agency) -> str:
    """The same of a row that was read as columns."""
    return external_id or f"retour-{agency.mark}-{noun._meta.model_name}-{pk}"


def is_own_id(text: str) -> bool:
    """Whether a text is an id under which an installation sent out a row that has none."""
    return _OWN_ID.fullmatch(text) is not None


def named(rows: QuerySet[Identified], texts: Iterable[str | None], agency: Agency) -> dict[str, Identified]:
    """Those of these rows that go by one of these external ids, or that went out under one; in three queries."""
    wanted = {text for text in texts if text}
    found = {str(row.external_id): row for row in rows.filter(external_id__in=wanted)}
    found |= _by_number(rows, wanted - found.keys(), agency)
    if rows.model is not Spend and (unknown := wanted - found.keys()):
        found |= _erased(rows, unknown, agency)
    return found


def _by_number(rows: QuerySet[Identified], texts: set[str], agency: Agency) -> dict[str, Identified]:
    """Those that went out under the number that one of these texts holds."""
    numbers = {text: number for text in texts if (number := _number(text, rows, agency))}
    by_number = rows.in_bulk(numbers.values()) if numbers else {}
    return {text: by_number[number] for text, number in numbers.items() if number in by_number}


def _erased(rows: QuerySet[Identified], texts: set[str], agency: Agency) -> dict[str, Identified]:
    """Those erased since: a file may name them again, and they must neither come back nor come twice."""
    erased = {erased_id(text, agency.mark): text for text in texts}
    return {erased[str(row.external_id)]: row for row in rows.filter(external_id__in=erased)}


def _number(text: str, rows: QuerySet[Identified], agency: Agency) -> int | None:
    match = _OWN_ID.fullmatch(text)
    if match is None or (match["mark"], match["noun"]) != (agency.mark, rows.model._meta.model_name):
        return None
    return int(match["number"])
