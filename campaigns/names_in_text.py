"""Find and replace what people are called in texts that others wrote."""

import re
from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet


def rows_naming(rows: "QuerySet[Any]", fields: Collection[str], names: Collection[str]) -> "QuerySet[Any]":
    """The rows of which one of these fields has one of these names in it, whatever its case."""
    wanted = Q(pk__in=[])
    for field in fields:
        for name in filter(None, names):
            wanted |= Q(**{f"{field}__icontains": name})
    return rows.filter(wanted)


def replace_names(rows: "QuerySet[Any]", fields: Collection[str], names: Collection[str], by: str) -> None:
    """Write `by` wherever one of these names stands by itself, whatever its case."""
    known = {name for name in names if name}
    if not known:
        return
    longest_first = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest_first), re.IGNORECASE)
    for row in rows.only(*fields).iterator(chunk_size=100):
        changes = {field: pattern.sub(lambda _found: by, getattr(row, field)) for field in fields}
        if any(getattr(row, field) != text for field, text in changes.items()):
            rows.model._base_manager.filter(pk=row.pk).update(**changes)
